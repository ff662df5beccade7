//! All children of a type go to another one, or none.

use std::sync::Arc;
use std::time::Duration;

use otp::gen_server::{Start, Upgrade};
use otp::prelude::*;
use otp::process::Term;
use otp::supervisor::UpgradeError;
use otp::sys::{self, CodeChangeError, Mode};
use otp::test::eventually;
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

/// A version that holds what it was started with.
struct Holder<const N: u32>(Arc<u32>);

impl<const N: u32> GenServer for Holder<N> {
    type Args = Arc<u32>;
    type Call = ReplyTo<(u32, u32)>;
    type Cast = NoMessage;
    type Info = NoMessage;
    type Continue = NoMessage;

    async fn init(held: Arc<u32>, _: &mut Context<Self>) -> Result<Init<Self>, ExitReason> {
        Ok(Init::Ok(Holder(held)))
    }

    async fn handle_call(&mut self, from: Self::Call, _: &mut Context<Self>) -> Result<Next<Self>, ExitReason> {
        from.reply((N, *self.0));
        Ok(Next::Receive)
    }
}

impl<const N: u32> Supervised for Holder<N> {}

impl Upgrade<Holder<1>> for Holder<2> {
    fn upgrade(_: &Holder<1>, extra: &Term) -> Result<Holder<2>, ExitReason> {
        Ok(Holder(extra.downcast_ref::<Arc<u32>>().unwrap().clone()))
    }
}

// What is kept of the old version could be its code.
#[otp::test]
async fn nothing_of_the_old_version_is_kept(system: System) {
    const NAME: ServerName<Holder<1>> = ServerName::new("holder");
    let (old, new) = (Arc::new(1), Arc::new(2));
    let options = |start: Start<Holder<1>>| start.label("a holder");
    let child = Holder::<1>::child(old.clone()).name(NAME).with(options);
    let supervisor = Supervisor::new(Strategy::OneForOne).child(child).start(&system).await.unwrap();
    let next = new.clone();
    supervisor.upgrade::<Holder<1>, Holder<2>>(Term::new(new.clone()), move |_| next.clone()).await.unwrap();
    eventually(&system, async || Arc::strong_count(&old) == 1).await;
    // That of the test, of the state, and of the child's spec.
    eventually(&system, async || Arc::strong_count(&new) == 3).await;
    // It is still started under the name and with the options of the old version.
    let holder = ServerRef::named(&system, NAME);
    let first = holder.pid().unwrap();
    system.exit(first, ExitReason::Kill);
    assert_eq!(eventually(&system, async || holder.call(|from| from).await).await, (2, 2));
    let second = holder.pid().unwrap();
    assert_ne!(second, first);
    assert_eq!(system.info(second).unwrap().label, Some("a holder".into()));
}

#[otp::test]
async fn a_template_keeps_no_extra_of_an_upgrade(system: System) {
    let supervisor = DynamicSupervisor::template(Holder::<1>::child).start(&system).await.unwrap();
    let (old, new, extra) = (Arc::new(1), Arc::new(2), Arc::new(3_u32));
    let child = supervisor.start_child(old.clone()).await.unwrap().unwrap().pid().unwrap();
    let next = new.clone();
    let upgraded = supervisor.upgrade::<Holder<1>, Holder<2>>(Term::new(extra.clone()), move |_| next.clone()).await;
    assert_eq!(upgraded, Ok(1));
    eventually(&system, async || Arc::strong_count(&old) == 1).await;
    supervisor.terminate_child(child).await.unwrap();
    eventually(&system, async || Arc::strong_count(&extra) == 1).await;
}
