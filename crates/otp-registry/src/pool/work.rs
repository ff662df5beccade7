//! What a pool has done by tasks of its own, so that it can serve others meanwhile. They end with the pool.

use std::sync::Arc;
use std::time::Duration;

use futures::FutureExt;
use futures::future::BoxFuture;
use otp_behaviour::{StartError, contain_future, sys};
use otp_core::behaviour::is_behaviour;
use otp_core::{Crash, ExitReason, Pid, ProcessContext, ProcessRef, System};
use otp_supervisor::{Dynamic, Shutdown, SupervisorRef};

use super::message::{PoolMessage, Request};
use super::options::{Check, StartWorker, Worker, start_worker};

/// Starts a worker, and tells the pool.
pub(super) fn start<W: Worker>(
    ctx: &ProcessContext<PoolMessage<W>>,
    starts: &Arc<StartWorker<W>>,
    supervisor: &SupervisorRef<Dynamic>,
) {
    let (starts, supervisor) = (starts.clone(), supervisor.clone());
    let report = Report::new(ctx.this(), Request::Started(Err(StartError::failed(never()))));
    ctx.scope().spawn(async move {
        let started = contain_future(|| start_worker(&*starts, &supervisor)).await;
        let crashed = |crash| Err(StartError::failed(ExitReason::Error(crash)));
        report.with(Request::Started(started.unwrap_or_else(crashed)));
    });
}

/// Checks the health of a worker, and tells the pool.
pub(super) fn check<W: Worker>(
    ctx: &ProcessContext<PoolMessage<W>>,
    check: &Arc<Check<W>>,
    limit: Duration,
    pid: Pid,
    worker: W,
) {
    let (system, check) = (ctx.system().clone(), check.clone());
    let report = Report::new(ctx.this(), Request::Checked(pid, Err(never())));
    ctx.scope().spawn(async move {
        let checked = system.timeout(limit, examine(check, worker)).await;
        let health = match checked {
            Ok(Ok(health)) => health,
            Ok(Err(crash)) => Err(ExitReason::Error(crash)),
            Err(elapsed) => Err(ExitReason::error(elapsed)),
        };
        report.with(Request::Checked(pid, health));
    });
}

/// Runs a check and catches its panic. Boxed, as the compiler cannot tell that the combined future is `Send`.
fn examine<W: Worker>(check: Arc<Check<W>>, worker: W) -> BoxFuture<'static, Result<Result<(), ExitReason>, Crash>> {
    async move { contain_future(|| check(worker)).await }.boxed()
}

/// Ends a worker as its spec says; its monitor tells when it has ended.
pub(super) fn retire<W: Worker>(ctx: &ProcessContext<PoolMessage<W>>, pid: Pid, shutdown: Shutdown) {
    let system = ctx.system().clone();
    ctx.scope().spawn(async move { end(&system, pid, shutdown).await });
}

async fn end(system: &System, pid: Pid, shutdown: Shutdown) {
    if shutdown != Shutdown::BrutalKill && !is_behaviour(system, pid) {
        // It may wait for something else than its mail, and not come to the request. A behaviour does, after the requests
        // that its borrower has left behind.
        system.exit(pid, ExitReason::Shutdown);
    }
    let stop = sys::stop(system, pid).reason(ExitReason::Shutdown);
    let stopped = match shutdown {
        Shutdown::Timeout(limit) => stop.timeout(limit).await,
        Shutdown::Infinity => stop.await,
        _ => return system.exit(pid, ExitReason::Kill),
    };
    if stopped.is_err() {
        // Unless it has ended with another reason.
        system.exit(pid, ExitReason::Kill);
    }
}

fn never() -> ExitReason {
    ExitReason::crash("it was given up: its task was dropped")
}

/// What a task tells the pool at its end, also if it does not come to it.
struct Report<W: Worker> {
    to: ProcessRef<PoolMessage<W>>,
    message: Option<Request<W>>,
}

impl<W: Worker> Report<W> {
    fn new(to: ProcessRef<PoolMessage<W>>, otherwise: Request<W>) -> Report<W> {
        Report { to, message: Some(otherwise) }
    }

    fn with(mut self, message: Request<W>) {
        self.message = Some(message);
    }
}

impl<W: Worker> Drop for Report<W> {
    fn drop(&mut self) {
        if let Some(message) = self.message.take() {
            // The pool may have ended: then its workers end, too.
            let _ = self.to.try_send(PoolMessage(message));
        }
    }
}
