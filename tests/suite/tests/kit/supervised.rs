//! The kit's supervisor for tests: what it starts has ended before the test is over.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use otp::prelude::*;
use otp::supervisor::{ChildError, ChildState, StartChildError};
use otp::test::{eventually, run_supervised, start_supervised, stop_supervised, test_supervisor};
use otp_suite::forever;
use otp_suite::journal::{Journal, journal};
use otp_suite::servers::{Act, Ask, Puppet, Script, boom};

/// A puppet under the test's supervisor, which traps exits and notes something when it is shut down.
async fn supervised(system: &System, name: &'static str, journal: &Journal) -> ServerRef<Puppet> {
    let journal = journal.clone();
    let start = async move |supervisor: Process| {
        let script = Script { name, terminate: Act::Note("left"), ..Script::trapping(&journal) };
        Puppet::start_link(&supervisor, script).label(name).await
    };
    start_supervised(system, ChildSpec::worker(name, start)).await.unwrap()
}

const SHUT_DOWN: [&str; 6] =
    ["b terminate shutdown", "b left", "b ended shutdown", "a terminate shutdown", "a left", "a ended shutdown"];

#[otp::test]
async fn children_are_shut_down_in_reverse_order_and_to_their_end_before_the_test_is_over(system: System) {
    let (notes, mut entries) = journal(&system);
    run_supervised(system.clone(), async |system| {
        supervised(&system, "a", &notes).await;
        supervised(&system, "b", &notes).await;
        assert_eq!(entries.so_far(), ["a starts", "b starts"]);
    })
    .await;
    assert_eq!(entries.so_far()[..6], SHUT_DOWN);
    assert_eq!(system.processes(), []);
}

#[otp::test]
async fn a_test_that_fails_shuts_down_its_children_too_and_keeps_its_panic(system: System) {
    let (notes, mut entries) = journal(&system);
    let body = async |system: System| {
        supervised(&system, "a", &notes).await;
        supervised(&system, "b", &notes).await;
        panic!("the test fails");
    };
    let text = otp_suite::failure::<()>(run_supervised(system.clone(), body)).await;
    assert_eq!(text, "the test fails");
    assert_eq!(entries.so_far()[2..8], SHUT_DOWN);
    assert_eq!(system.processes(), []);
}

/// Seen from outside the test: its runner waits for the child.
#[test]
fn otp_test_shuts_down_what_was_supervised() {
    let left = Arc::new(AtomicBool::new(false));
    let told = left.clone();
    otp::tokio::test_current_thread(async |system| {
        let child = move |sup: Process| {
            let told = told.clone();
            let process = sup.spawn_link(async move |mut ctx: ProcessContext<()>| {
                ctx.trap_exit(true);
                ctx.receive().await;
                // A child that is not waited for does not come to this.
                ctx.system().sleep(Duration::from_millis(20)).await;
                told.store(true, Ordering::Relaxed);
            });
            std::future::ready(process)
        };
        start_supervised(&system, ChildSpec::worker("child", child)).await.unwrap();
    });
    assert!(left.load(Ordering::Relaxed));
}

#[otp::test]
async fn a_child_that_ends_is_started_again_however_often_it_does(system: System) {
    let name = ServerName::<Puppet>::new("phoenix");
    let (journal, _entries) = journal(&system);
    let spec = ChildSpec::worker("phoenix", move |supervisor: Process| {
        Puppet::start_link(&supervisor, Script::new(&journal)).name(ServerName::new("phoenix"))
    });
    start_supervised(&system, spec).await.unwrap();
    let phoenix = ServerRef::named(&system, name);
    for _ in 0..50 {
        let pid = phoenix.pid().unwrap();
        phoenix.cast(Act::Stop(boom()));
        eventually(&system, async || phoenix.pid().filter(|new| *new != pid)).await;
    }
}

#[otp::test]
async fn a_child_that_is_stopped_has_ended_and_its_id_is_free(system: System) {
    let (notes, mut entries) = journal(&system);
    let first = supervised(&system, "a", &notes).await;
    stop_supervised(&system, "a").await.unwrap();
    assert_eq!(entries.so_far(), ["a starts", "a terminate shutdown", "a left", "a ended shutdown"]);
    let second = supervised(&system, "a", &notes).await;
    assert_ne!(first.pid(), second.pid());
    assert_eq!(second.call(|from| Ask::Echo("hi", from)).await, Ok("hi"));

    let unknown = stop_supervised(&system, "b").await.unwrap_err();
    assert_eq!(unknown, ChildError::NotFound { child: "b".into() });
}

#[otp::test]
async fn an_id_is_given_once(system: System) {
    let (notes, _entries) = journal(&system);
    let pid = supervised(&system, "a", &notes).await.pid().unwrap();
    let again = ChildSpec::worker("a", async |supervisor: Process| supervisor.spawn_link(forever::<()>));
    assert_eq!(
        start_supervised(&system, again).await.unwrap_err(),
        StartChildError::AlreadyStarted { id: "a".into(), pid }
    );
}

#[otp::test]
async fn a_child_that_does_not_start_is_an_error_that_says_why(system: System) {
    let failing = |_: Process| std::future::ready(Err::<Pid, _>(StartError::failed(boom())));
    let error = start_supervised(&system, ChildSpec::worker("a", failing)).await.unwrap_err();
    assert_eq!(error, StartChildError::Failed { id: "a".into(), error: StartError::failed(boom()).of("a") });
    let ignoring = |_: Process| std::future::ready(Err::<Pid, _>(StartError::Ignore("b".into())));
    let error = start_supervised(&system, ChildSpec::worker("a", ignoring)).await.unwrap_err();
    assert_eq!(error, StartChildError::Failed { id: "a".into(), error: StartError::Ignore("a".into()) });
}

#[otp::test]
async fn a_child_is_started_again_as_its_spec_says_and_temporary_ones_can_be_stopped_too(system: System) {
    let spec = ChildSpec::worker("once", async |supervisor: Process| supervisor.spawn_link(forever::<()>));
    let once = start_supervised(&system, spec.restart(Restart::Temporary)).await.unwrap();
    stop_supervised(&system, "once").await.unwrap();
    assert!(!once.is_alive());

    let ended =
        ChildSpec::worker("ended", async |supervisor: Process| supervisor.spawn_link(async |_: ProcessContext<()>| {}));
    let ended = start_supervised(&system, ended.restart(Restart::Transient)).await.unwrap();
    assert_eq!(ended.exited().await, ExitReason::Normal);
    let children = test_supervisor(&system).await.which_children().await.unwrap();
    assert_eq!(children[0].state, ChildState::Stopped);
}

#[otp::test]
async fn there_is_one_test_supervisor_also_when_several_ask_for_it_at_once(system: System) {
    let (tell, mut told) = futures::channel::mpsc::unbounded();
    for _ in 0..8 {
        let tell = tell.clone();
        system.spawn(async move |ctx: ProcessContext<()>| {
            tell.unbounded_send(test_supervisor(ctx.system()).await.pid().unwrap()).unwrap();
        });
    }
    drop(tell);
    let first = futures::StreamExt::next(&mut told).await.unwrap();
    while let Some(pid) = futures::StreamExt::next(&mut told).await {
        assert_eq!(pid, first);
    }
}
