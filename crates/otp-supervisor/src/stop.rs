//! Stops the children of a supervisor.

use futures::future::join_all;
use otp_core::behaviour::{exit_at_once, take_turn};
use otp_core::{ExitReason, Exited, Pid, System};
use otp_genserver::{Context, GenServer};

use crate::policy::Shutdown;

/// Stops one child while the supervisor keeps running. First it is unlinked, as in OTP, so that its end is no message. If
/// the child has ended by itself, its exit message is removed from the mailbox, so that it does not count again.
pub(crate) async fn stop_child<S: GenServer>(ctx: &mut Context<S>, pid: Pid, shutdown: Shutdown) {
    take_turn(ctx.system()).await;
    ctx.unlink(pid);
    ctx.take_exit(pid);
    let exited = exit_at_once(ctx.system(), pid, signal(shutdown));
    ended(ctx.system(), pid, shutdown, exited).await;
}

/// Stops children one after the other, at the end of the supervisor.
pub(crate) async fn stop_in_turn(system: &System, children: impl Iterator<Item = (Pid, Shutdown)>) {
    for (pid, shutdown) in children {
        take_turn(system).await;
        let exited = exit_at_once(system, pid, signal(shutdown));
        ended(system, pid, shutdown, exited).await;
    }
}

/// Stops children all at once, each within its own limit, at the end of the supervisor. They end on the executor: on this
/// thread they would end one after the other, and hold it for as long.
pub(crate) async fn stop_together(system: &System, children: impl Iterator<Item = (Pid, Shutdown)>) {
    let stop = |(pid, shutdown)| {
        let exited = system.exited(pid);
        system.exit(pid, signal(shutdown));
        ended(system, pid, shutdown, exited)
    };
    join_all(children.map(stop).collect::<Vec<_>>()).await;
}

/// The exit signal that ends a child.
fn signal(shutdown: Shutdown) -> ExitReason {
    match shutdown {
        Shutdown::BrutalKill => ExitReason::Kill,
        Shutdown::Timeout(_) | Shutdown::Infinity => ExitReason::Shutdown,
    }
}

/// Waits for the end of a process that was signalled now, and kills it after its time limit. The process is monitored, not
/// linked: a process that has removed its link cannot block its supervisor.
fn ended(system: &System, pid: Pid, shutdown: Shutdown, mut exited: Exited) -> impl Future<Output = ()> + Send + use<> {
    let deadline = match shutdown {
        // Most have ended by now, and need no limit.
        Shutdown::Timeout(limit) if !exited.was_over() => Some((system.clone(), system.now() + limit)),
        _ => None,
    };
    async move {
        if let Some((system, deadline)) = deadline {
            if exited.within(deadline - system.now()).await.is_ok() {
                return;
            }
            system.exit(pid, ExitReason::Kill);
        }
        exited.await;
    }
}
