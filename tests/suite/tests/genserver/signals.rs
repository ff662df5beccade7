//! How exit signals, and the end of its parent, end a server: SPEC §9.

use otp::prelude::*;
use otp_suite::journal::journal;
use otp_suite::servers::{Act, Ask, Puppet, Script, boom, inside};

use super::end::{plain, start, trapping, until_ended};

// GS-38
#[otp::test]
async fn kill_ends_any_server_without_terminate(system: System) {
    for kind in [plain, trapping] {
        let (server, _journal, mut entries) = start(&system, kind).await;
        server.exit(ExitReason::Kill);
        assert_eq!(until_ended(&mut entries, &ExitReason::Killed).await, ["puppet ended killed"]);
    }
}

// GS-38
#[otp::test]
async fn an_exit_signal_ends_a_plain_server_without_terminate(system: System) {
    for reason in [ExitReason::Shutdown, boom()] {
        // From a stranger, and from outside any process, which is the parent of this server.
        let (server, _journal, mut entries) = start(&system, plain).await;
        let (pid, sent) = (server.pid().unwrap(), reason.clone());
        inside(&system, async move |ctx| ctx.system().exit(pid, sent)).await;
        assert_eq!(until_ended(&mut entries, &reason).await, [format!("puppet ended {reason}")]);

        let (server, _journal, mut entries) = start(&system, plain).await;
        server.exit(reason.clone());
        assert_eq!(until_ended(&mut entries, &reason).await, [format!("puppet ended {reason}")]);
    }
}

// GS-38
#[otp::test]
async fn an_exit_signal_ends_a_plain_server_in_the_middle_of_a_callback(system: System) {
    let (server, _journal, mut entries) = start(&system, plain).await;
    server.cast(Act::Hang);
    entries.until("hangs").await;
    server.exit(ExitReason::Shutdown);
    assert_eq!(until_ended(&mut entries, &ExitReason::Shutdown).await, ["puppet ended shutdown"]);
}

// GS-38
#[otp::test]
async fn an_exit_signal_normal_does_nothing_to_a_plain_server(system: System) {
    let (server, _journal, _entries) = start(&system, plain).await;
    server.exit(ExitReason::Normal);
    assert_eq!(server.call(|from| Ask::Echo("alive", from)).await, Ok("alive"));
}

// GS-40, GS-37
#[otp::test]
async fn the_exit_of_its_parent_ends_a_trapping_server_with_the_same_reason_after_terminate(system: System) {
    for reason in [ExitReason::Normal, ExitReason::Shutdown, boom()] {
        let (journal, mut entries) = journal(&system);
        let end = reason.clone();
        let parent = system.spawn(async move |ctx: ProcessContext<()>| {
            Puppet::start_link(&ctx, Script::trapping(&journal)).label("puppet").await.unwrap();
            end
        });
        assert_eq!(parent.exited().await, reason);
        let seen = until_ended(&mut entries, &reason).await;
        assert_eq!(seen, ["starts".to_owned(), format!("terminate {reason}"), format!("puppet ended {reason}")]);
    }
}

// GS-40
#[otp::test]
async fn an_exit_signal_of_its_parent_ends_a_trapping_server_which_goes_on_until_then(system: System) {
    for reason in [ExitReason::Normal, ExitReason::Shutdown, boom()] {
        let (journal, mut entries) = journal(&system);
        let sent = reason.clone();
        inside(&system, async move |ctx| {
            let server = Puppet::start_link(&ctx, Script::trapping(&journal)).label("puppet").await.unwrap();
            // A parent that traps survives the end of its child.
            ctx.trap_exit(true);
            // ORD-1, ORD-5: the signal takes its turn.
            server.cast(Act::Note("before"));
            server.exit(sent);
            server.cast(Act::Note("behind"));
            ctx.system().exited(server.pid().unwrap()).await;
        })
        .await;
        let (terminate, end) = (format!("terminate {reason}"), format!("puppet ended {reason}"));
        assert_eq!(entries.so_far(), ["starts", "before", &terminate, &end]);
    }
}

// GS-40
#[otp::test]
async fn a_server_that_was_started_from_outside_obeys_the_system(system: System) {
    let (server, _journal, mut entries) = start(&system, trapping).await;
    server.exit(ExitReason::Shutdown);
    let seen = until_ended(&mut entries, &ExitReason::Shutdown).await;
    assert_eq!(seen, ["terminate shutdown", "puppet ended shutdown"]);
}

// GS-41
#[otp::test]
async fn the_exit_of_anybody_else_is_a_message_to_a_trapping_server(system: System) {
    let (server, journal, mut entries) = start(&system, trapping).await;
    let pid = server.pid().unwrap();
    inside(&system, async move |ctx| {
        ctx.system().exit(pid, ExitReason::Normal);
        ctx.system().exit(pid, ExitReason::Shutdown);
    })
    .await;
    let peer = Puppet::start(&system, Script::new(&journal)).await.unwrap();
    let link = Act::Link(peer.pid().unwrap());
    server.call(|from| Ask::Do(link, from)).await.unwrap();
    peer.exit(ExitReason::Kill);
    entries.until("exit killed").await;
    assert_eq!(server.call(|from| Ask::Echo("alive", from)).await, Ok("alive"));
}

// GS-41
#[otp::test]
async fn the_exits_of_strangers_are_seen_in_order(system: System) {
    let (server, _journal, mut entries) = start(&system, trapping).await;
    let pid = server.pid().unwrap();
    inside(&system, async move |ctx| {
        ctx.system().exit(pid, ExitReason::Normal);
        ctx.system().exit(pid, ExitReason::Shutdown);
        ctx.system().exit(pid, boom());
    })
    .await;
    assert_eq!(entries.until("exit Boom").await, ["exit normal", "exit shutdown", "exit Boom"]);
}

// GS-42
#[otp::test]
async fn the_abnormal_end_of_its_parent_or_peer_ends_a_plain_server_without_terminate(system: System) {
    let (journal, mut entries) = journal(&system);
    let theirs = journal.clone();
    let parent = system.spawn(async move |ctx: ProcessContext<()>| {
        Puppet::start_link(&ctx, Script::new(&theirs)).label("puppet").await.unwrap();
        boom()
    });
    assert_eq!(parent.exited().await, boom());
    assert_eq!(until_ended(&mut entries, &boom()).await, ["starts", "puppet ended Boom"]);

    let (server, _journal, mut entries) = start(&system, plain).await;
    let peer = Puppet::start(&system, Script::new(&journal)).await.unwrap();
    let link = Act::Link(peer.pid().unwrap());
    server.call(|from| Ask::Do(link, from)).await.unwrap();
    peer.stop().reason(boom()).await.unwrap();
    let seen = until_ended(&mut entries, &boom()).await;
    assert!(seen.iter().all(|entry| !entry.starts_with("terminate")), "{seen:?}");
}

// GS-42
#[otp::test]
async fn the_normal_end_of_its_parent_or_peer_does_nothing_to_a_plain_server(system: System) {
    let (journal, _entries) = journal(&system);
    let theirs = journal.clone();
    let server = inside(&system, async move |ctx| Puppet::start_link(&ctx, Script::new(&theirs)).await.unwrap()).await;
    assert_eq!(server.call(|from| Ask::Echo("alive", from)).await, Ok("alive"));

    let peer = Puppet::start(&system, Script::new(&journal)).await.unwrap();
    let link = Act::Link(peer.pid().unwrap());
    server.call(|from| Ask::Do(link, from)).await.unwrap();
    peer.stop().await.unwrap();
    assert_eq!(server.call(|from| Ask::Echo("alive", from)).await, Ok("alive"));
}
