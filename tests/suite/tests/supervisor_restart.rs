//! When and with whom a child is started again: SPEC §10.

use otp::prelude::*;
use otp::{ProcessContext, Term};

/// A child that does what it is told.
fn puppet(supervisor: &Process) -> std::future::Ready<Result<ProcessRef<ExitReason>, StartError>> {
    let body = async |mut ctx: ProcessContext<ExitReason>| match ctx.receive().await {
        Message::User(reason) => reason,
        other => ExitReason::Other(Term::new(format!("{other:?}"))),
    };
    std::future::ready(Ok(supervisor.spawn_link(body)))
}

async fn running(supervisor: &SupervisorRef) -> Vec<Option<Pid>> {
    let children = supervisor.which_children().await.unwrap();
    children.iter().rev().map(|child| child.state.running()).collect()
}

// SUP-37
#[otp::test]
async fn one_for_all_starts_every_child_again(system: System) {
    let supervisor = Supervisor::new(Strategy::OneForAll)
        .child(ChildSpec::worker("a", puppet))
        .child(ChildSpec::worker("b", puppet))
        .start(&system)
        .await
        .unwrap();
    let before = running(&supervisor).await;
    let mut events = system.subscribe();
    system.exit(before[0].unwrap(), ExitReason::other("boom"));
    while !matches!(events.next().await, otp::event::Event::Restarted { child, .. } if child.as_str() == "b") {}
    let after = running(&supervisor).await;
    assert!(after.iter().zip(&before).all(|(after, before)| after.is_some() && after != before));
    supervisor.stop().await.unwrap();
}
