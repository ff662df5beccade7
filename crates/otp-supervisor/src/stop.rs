//! Stops the children of a supervisor.

use futures::future::join_all;
use otp_core::behaviour::{exit_at_once, take_turn};
use otp_core::{ExitReason, Pid, Process, System};
use otp_genserver::{Context, GenServer};

use crate::policy::Shutdown;

/// Stops one child while the supervisor keeps running. First it is unlinked, as in OTP, so that its end is no message. If
/// the child has ended by itself, its exit message is removed from the mailbox, so that it does not count again.
pub(crate) async fn stop_child<S: GenServer>(ctx: &mut Context<S>, pid: Pid, shutdown: Shutdown) {
    take_turn(ctx.system()).await;
    ctx.unlink(pid);
    ctx.take_exit(pid);
    stop(ctx, pid, shutdown, exit_at_once).await;
}

/// Stops children one after the other, at the end of the supervisor.
pub(crate) async fn stop_in_turn(supervisor: &Process, children: impl Iterator<Item = (Pid, Shutdown)>) {
    for (pid, shutdown) in children {
        take_turn(supervisor.system()).await;
        stop(supervisor, pid, shutdown, exit_at_once).await;
    }
}

/// Stops children all at once, each within its own limit, at the end of the supervisor. They end on the executor: on this
/// thread they would end one after the other, and hold it for as long.
pub(crate) async fn stop_together(supervisor: &Process, children: impl Iterator<Item = (Pid, Shutdown)>) {
    let stopping: Vec<_> = children.map(|(pid, shutdown)| stop(supervisor, pid, shutdown, System::exit)).collect();
    join_all(stopping).await;
}

/// Signals a process to end, now, by `exit`, and waits for it within its time limit. The process is monitored, not linked: a
/// process that has removed its link cannot block its supervisor.
fn stop(
    supervisor: &Process,
    pid: Pid,
    shutdown: Shutdown,
    exit: fn(&System, Pid, ExitReason),
) -> impl Future<Output = ()> + Send + use<> {
    let system = supervisor.system().clone();
    let mut exited = system.exited(pid);
    let signal = match shutdown {
        Shutdown::BrutalKill => ExitReason::Kill,
        Shutdown::Timeout(_) | Shutdown::Infinity => ExitReason::Shutdown,
    };
    exit(&system, pid, signal);
    let deadline = match shutdown {
        // Most have ended by now, and need no limit.
        Shutdown::Timeout(limit) if system.is_alive(pid) => Some(system.now() + limit),
        _ => None,
    };
    async move {
        if let Some(deadline) = deadline
            && exited.within(deadline - system.now()).await.is_ok()
        {
            return;
        }
        if deadline.is_some() {
            system.exit(pid, ExitReason::Kill);
        }
        exited.await;
    }
}
