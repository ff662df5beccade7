//! All children of a type go to another one, or none.

use std::time::Duration;

use otp::prelude::*;
use otp::process::Term;
use otp::supervisor::UpgradeError;
use otp::sys::{self, CodeChangeError, Mode};
use otp_suite::servers::{Puppet, Script, boom, gate};
use otp_suite::versions::{Extra, Version, VersionCall, VersionCast};

const NAMES: [ServerName<Version<1>>; 5] =
    [ServerName::new("a"), ServerName::new("b"), ServerName::new("c"), ServerName::new("d"), ServerName::new("e")];

/// Five versions, whose numbers are their places.
async fn five(system: &System) -> SupervisorRef {
    let children = NAMES.into_iter().zip(0..).map(|(name, n)| Version::<1>::child(n).name(name));
    Supervisor::new(Strategy::OneForOne)
        .intensity(9, Duration::from_secs(5))
        .children(children)
        .start(system)
        .await
        .unwrap()
}

async fn which(system: &System) -> Vec<(u32, i64)> {
    let mut answers = Vec::new();
    for name in NAMES {
        answers.push(ServerRef::named(system, name).call(VersionCall::Which).await.unwrap());
    }
    answers
}

fn nothing() -> Term {
    Term::new(Extra::Nothing)
}

/// The arguments of the next version.
fn ten_times(number: &i64) -> i64 {
    number * 10
}

#[otp::test]
async fn all_children_of_the_type_are_upgraded_and_keep_their_pids(system: System) {
    let supervisor = five(&system).await;
    let (journal, _entries) = otp_suite::journal::journal(&system);
    let script = move |supervisor: Process| Puppet::start_link(&supervisor, Script::new(&journal));
    supervisor.start_child(ChildSpec::worker("puppet", script)).await.unwrap();
    let pids =
        |children: Vec<otp::supervisor::ChildInfo>| children.into_iter().map(|child| child.state).collect::<Vec<_>>();
    let before = pids(supervisor.which_children().await.unwrap());
    assert_eq!(supervisor.upgrade::<Version<1>, Version<2>>(nothing(), ten_times).await, Ok(5));
    assert_eq!(which(&system).await, [(2, 0), (2, 1), (2, 2), (2, 3), (2, 4)]);
    assert_eq!(pids(supervisor.which_children().await.unwrap()), before);
}

#[otp::test]
async fn a_restart_starts_the_new_version(system: System) {
    let supervisor = five(&system).await;
    supervisor.upgrade::<Version<1>, Version<2>>(nothing(), ten_times).await.unwrap();
    let server = ServerRef::named(&system, NAMES[3].clone());
    let old = server.pid().unwrap();
    system.exit(old, ExitReason::Kill);
    system.exited(old).await;
    let restarted = server.await_holder().await.unwrap();
    assert_ne!(restarted.pid(), Some(old));
    assert_eq!(restarted.call(VersionCall::Which).await, Ok((2, 30)));
    assert_eq!(supervisor.upgrade::<Version<2>, Version<3>>(nothing(), ten_times).await, Ok(5));
    assert_eq!(which(&system).await, [(3, 0), (3, 1), (3, 2), (3, 30), (3, 4)]);
    let old = restarted.pid().unwrap();
    system.exit(old, ExitReason::Kill);
    system.exited(old).await;
    assert_eq!(server.await_holder().await.unwrap().call(VersionCall::Which).await, Ok((3, 300)));
}

#[otp::test]
async fn if_one_refuses_or_panics_all_go_on_as_they_were(system: System) {
    let supervisor = five(&system).await;
    let refused = supervisor.upgrade::<Version<1>, Version<2>>(Term::new(Extra::Refuse(2)), ten_times).await;
    let Err(UpgradeError::Child { id, error: CodeChangeError::Refused { reason, .. } }) = refused else {
        panic!("{refused:?}")
    };
    assert_eq!((id.as_str(), reason), ("c", boom()));
    let panicked = supervisor.upgrade::<Version<1>, Version<2>>(Term::new(Extra::Panic(2)), ten_times).await;
    assert!(panicked.unwrap_err().to_string().contains("this number cannot be upgraded"));
    assert_eq!(which(&system).await, [(1, 0), (1, 1), (1, 2), (1, 3), (1, 4)]);
    // And so do their specs.
    let server = ServerRef::named(&system, NAMES[3].clone());
    let old = server.pid().unwrap();
    system.exit(old, ExitReason::Kill);
    system.exited(old).await;
    assert_eq!(server.await_holder().await.unwrap().call(VersionCall::Which).await, Ok((1, 3)));
}

#[otp::test]
async fn if_the_arguments_cannot_be_made_nothing_is_changed(system: System) {
    let supervisor = five(&system).await;
    let picky = |number: &i64| {
        assert_ne!(*number, 2, "no arguments for this one");
        *number
    };
    let failed = supervisor.upgrade::<Version<1>, Version<2>>(nothing(), picky).await;
    assert!(matches!(&failed, Err(UpgradeError::Args { id, .. }) if id.as_str() == "c"), "{failed:?}");
    assert_eq!(which(&system).await, [(1, 0), (1, 1), (1, 2), (1, 3), (1, 4)]);
}

#[otp::test]
async fn a_suspended_child_stays_suspended_and_the_others_run(system: System) {
    let supervisor = five(&system).await;
    sys::suspend(&system, &NAMES[1]).await.unwrap();
    supervisor.upgrade::<Version<1>, Version<2>>(Term::new(Extra::Refuse(4)), ten_times).await.unwrap_err();
    assert_eq!(sys::status(&system, &NAMES[1]).await.unwrap().mode, Mode::Suspended);
    supervisor.upgrade::<Version<1>, Version<2>>(nothing(), ten_times).await.unwrap();
    assert_eq!(sys::status(&system, &NAMES[1]).await.unwrap().mode, Mode::Suspended);
    assert_eq!(sys::status(&system, &NAMES[2]).await.unwrap().mode, Mode::Running);
    sys::resume(&system, &NAMES[1]).await.unwrap();
    assert_eq!(which(&system).await, [(2, 0), (2, 1), (2, 2), (2, 3), (2, 4)]);
}

#[otp::test]
async fn a_template_starts_the_new_version(system: System) {
    let supervisor = DynamicSupervisor::template(Version::<1>::child).start(&system).await.unwrap();
    let old = supervisor.start_child(7).await.unwrap().unwrap();
    assert_eq!(supervisor.upgrade::<Version<1>, Version<2>>(nothing(), ten_times).await, Ok(1));
    let new = supervisor.start_child(8).await.unwrap().unwrap();
    assert_eq!(old.call(VersionCall::Which).await, Ok((2, 7)));
    assert_eq!(new.call(VersionCall::Which).await, Ok((2, 80)));
}

#[otp::test]
async fn a_stopped_child_is_started_as_the_new_version(system: System) {
    let supervisor = five(&system).await;
    supervisor.terminate_child("b").await.unwrap();
    assert_eq!(supervisor.upgrade::<Version<1>, Version<2>>(nothing(), ten_times).await, Ok(5));
    supervisor.restart_child("b").await.unwrap();
    assert_eq!(which(&system).await, [(2, 0), (2, 10), (2, 2), (2, 3), (2, 4)]);
}

#[otp::test]
async fn a_child_that_is_killed_meanwhile_is_restarted_as_the_new_version(system: System) {
    let supervisor = five(&system).await;
    let server = ServerRef::named(&system, NAMES[1].clone());
    let (open, closed) = gate();
    server.cast(VersionCast::Hold(closed));
    let pid = server.pid().unwrap();
    let upgraded = {
        let supervisor = supervisor.clone();
        system.spawn(async move |_: ProcessContext<()>| {
            assert_eq!(supervisor.upgrade::<Version<1>, Version<2>>(nothing(), ten_times).await, Ok(5));
        })
    };
    system.exit(pid, ExitReason::Kill);
    assert_eq!(upgraded.exited().await, ExitReason::Normal);
    drop(open);
    let restarted = server.await_holder().await.unwrap();
    // It depends on who was first: the message of its end, or the request to upgrade.
    let (version, number) = restarted.call(VersionCall::Which).await.unwrap();
    assert!(matches!((version, number), (2, 10 | 1)), "{version} {number}");
}

#[otp::test(backends = [sim])]
async fn if_one_does_not_come_to_it_in_time_all_go_on_as_they_were(system: System) {
    let supervisor = five(&system).await;
    let (open, closed) = gate();
    ServerRef::named(&system, NAMES[2].clone()).cast(VersionCast::Hold(closed));
    let before = system.now();
    let failed = supervisor.upgrade::<Version<1>, Version<2>>(nothing(), ten_times).await;
    assert!(matches!(&failed, Err(UpgradeError::Child { id, .. }) if id.as_str() == "c"), "{failed:?}");
    assert_eq!((system.now() - before).as_secs(), 5);
    drop(open);
    assert_eq!(which(&system).await, [(1, 0), (1, 1), (1, 2), (1, 3), (1, 4)]);
}
