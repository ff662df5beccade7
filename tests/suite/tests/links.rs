//! Links and exit signals: SPEC §2.

use otp::{ExitReason, Message, ProcessContext, System};

#[otp::test]
async fn a_linked_process_ends_with_the_reason_of_its_peer(system: System) {
    let outer = system.spawn(async |ctx: ProcessContext<()>| {
        ctx.spawn_link(async |_: ProcessContext<()>| ExitReason::other("boom"));
        std::future::pending::<()>().await;
    });
    assert_eq!(outer.exited().await, ExitReason::other("boom"));
}

#[otp::test]
async fn a_trapping_process_receives_the_exit_of_its_peer(system: System) {
    let outer = system.spawn(async |mut ctx: ProcessContext<()>| {
        ctx.trap_exit(true);
        let peer = ctx.spawn_link(async |_: ProcessContext<()>| ExitReason::other("boom"));
        let Message::Exit(exit) = ctx.receive().await else { return ExitReason::crash("no exit message") };
        assert_eq!((exit.from, exit.reason), (peer.pid(), ExitReason::other("boom")));
        ExitReason::Normal
    });
    assert_eq!(outer.exited().await, ExitReason::Normal);
}
