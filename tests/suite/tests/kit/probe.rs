//! The kit's probe: what it expects of its mailbox, and what it says when that does not come.

use std::time::Duration;

use otp::prelude::*;
use otp::test::Probe;
use otp_suite::{failure, forever, obey};

#[otp::test]
async fn an_echo_comes_back_and_that_is_all(system: System) {
    let probe = Probe::start(&system).await;
    let to = probe.this();
    let echo = probe.spawn_link(async move |mut ctx: ProcessContext<&'static str>| {
        if let Message::User(text) = ctx.receive().await {
            to.send(text).await?;
        }
        Ok(())
    });

    echo.send("hello").await.unwrap();

    probe.expect("hello").await;
    assert_eq!(probe.expect_exit(echo.pid()).await, ExitReason::Normal);
    probe.expect_none(Duration::ZERO).await;
}

#[otp::test]
async fn a_probe_takes_the_message_it_expects_and_leaves_the_others(system: System) {
    let probe = Probe::start(&system).await;
    for n in [1, 2, 3] {
        probe.this().send(n).await.unwrap();
    }
    probe.expect(2).await;
    assert_eq!(probe.expect_match(|n| *n > 1).await, 3);
    assert_eq!(probe.next().await, Message::User(1));
    probe.expect_none(Duration::ZERO).await;
}

#[otp::test]
async fn a_probe_waits_for_a_message_that_is_still_to_come(system: System) {
    let probe = Probe::start(&system).await;
    system.send_after(Duration::from_millis(2), probe.this(), "late");
    probe.expect("late").await;
}

#[otp::test]
async fn a_probe_says_what_did_not_come_where_and_what_was_there_instead(system: System) {
    let probe = Probe::start(&system).await;
    probe.this().send("other").await.unwrap();
    probe.link(system.spawn(async |_: ProcessContext<()>| ExitReason::Shutdown).pid()).unwrap();
    while system.info(probe.pid()).unwrap().queue < 2 {
        otp::process::yield_now().await;
    }
    let text = failure(probe.expect("this").within(Duration::ZERO)).await;
    assert!(text.contains(r#"got no "this" within 0ns"#), "{text}");
    assert!(text.contains("tests/kit/probe.rs:"), "{text}");
    assert!(text.contains("its mailbox holds:\n"), "{text}");
    assert!(text.contains(r#""other""#) && text.contains("reason: "), "{text}");
    // Looking has taken nothing out.
    probe.expect("other").await;
}

#[otp::test]
async fn a_probe_hears_of_the_end_of_those_it_is_tied_to(system: System) {
    let probe = Probe::<()>::start(&system).await;
    let (linked, watched) = (probe.spawn_link(obey), system.spawn(obey));
    let monitor = probe.monitor(&watched);
    linked.send(ExitReason::Shutdown).await.unwrap();
    watched.send(ExitReason::other("done")).await.unwrap();
    assert_eq!(probe.expect_down(monitor).await, ExitReason::other("done"));
    assert_eq!(probe.expect_exit(linked.pid()).await, ExitReason::Shutdown);

    let text = failure(probe.expect_exit(watched.pid()).within(Duration::ZERO)).await;
    assert!(text.contains(&format!("got no exit of {}", watched.pid())), "{text}");
    let text = failure(probe.expect_down(monitor).within(Duration::ZERO)).await;
    assert!(text.contains("got no down of") && text.contains("its mailbox is empty"), "{text}");
}

#[otp::test]
async fn a_probe_expects_nothing_for_a_time_and_says_what_came(system: System) {
    let probe = Probe::start(&system).await;
    probe.expect_none(Duration::from_millis(1)).await;
    system.send_after(Duration::from_millis(1), probe.this(), 7);
    let text = failure(probe.expect_none(Duration::from_secs(60))).await;
    assert!(text.contains("expected no message for 60s") && text.contains("but got User(7)"), "{text}");
}

#[otp::test]
async fn what_a_probe_is_told_to_do_counts_as_its_own_act(system: System) {
    let (probe, other) = (Probe::<()>::start(&system).await, Probe::<()>::start(&system).await);
    let pid = other.pid();
    probe.run(move |ctx| ctx.system().exit(pid, ExitReason::other("hey"))).await;
    assert_eq!(other.expect_exit(probe.pid()).await, ExitReason::other("hey"));
}

#[otp::test]
async fn a_server_that_a_probe_starts_has_it_as_its_parent(system: System) {
    let probe = Probe::<()>::start(&system).await;
    let supervisor = Supervisor::new(Strategy::OneForOne).start_link(&probe).await.unwrap();
    let pid = supervisor.pid().unwrap();
    assert_eq!(system.info(pid).unwrap().parent, probe.pid());
    // Which traps exits, and ends only because it is its parent that says so.
    probe.run(move |ctx| ctx.system().exit(pid, ExitReason::Shutdown)).await;
    assert_eq!(probe.expect_exit(pid).await, ExitReason::Shutdown);
}

#[otp::test]
async fn a_dropped_probe_ends_with_what_is_linked_to_it(system: System) {
    let probe = Probe::<()>::start(&system).await;
    let own = probe.this().exited();
    let linked = probe.spawn_link(forever::<()>).exited();
    drop(probe);
    assert_eq!(own.await, ExitReason::Shutdown);
    assert_eq!(linked.await, ExitReason::Shutdown);
}

#[otp::test]
async fn a_probe_that_has_ended_says_why(system: System) {
    let probe = Probe::<()>::start(&system).await;
    probe.this().exit(ExitReason::Kill);
    let text = failure(probe.next()).await;
    assert_eq!(text, format!("the probe {} has ended: killed", probe.pid()));
}

#[otp::test]
async fn a_probe_goes_on_when_the_test_gives_up_waiting(system: System) {
    let probe = Probe::start(&system).await;
    assert!(system.timeout(Duration::ZERO, probe.expect("never").into_future()).await.is_err());
    probe.this().send("soon").await.unwrap();
    probe.expect("soon").await;
}
