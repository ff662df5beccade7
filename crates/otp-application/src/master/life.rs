use std::sync::Arc;
use std::time::Duration;

use futures::FutureExt;
use futures::future::BoxFuture;
use otp_behaviour::{contain, contain_future};
use otp_core::{Crash, ExitReason, ProcessContext};

use super::Seat;
use super::inbox::{Inbox, Notice};
use super::starting::{Begun, load, reported, start};
use crate::application::Application;
use crate::config::ConfigSource;
use crate::context::AppContext;
use crate::end::AppEnd;
use crate::family::Family;
use crate::reload::ReloadError;
use crate::start::StartAppError;

/// How long what a failed or stopped start has started may take to end, before it is killed.
const WIND_DOWN: Duration = Duration::from_secs(5);

/// Runs an application from its start to its end.
pub(crate) async fn run<A, S>(app: Arc<A>, source: Arc<S>, ctx: ProcessContext<()>, mut seat: Seat) -> ExitReason
where
    A: Application,
    S: ConfigSource<Config = A::Config>,
{
    let (stop, reloads) = seat.take_requests();
    let mut inbox = Inbox::new(ctx, stop, reloads);
    let (process, spec) = (inbox.process().clone(), seat.spec().clone());
    let starting = start(&*app, &*source, process.clone(), &spec, seat.start_type());
    let begun = match inbox.during(None, starting).await {
        Ok(Ok(begun)) => begun,
        failed => {
            let asked = process.system().now();
            let mut family = Family::of(process.system(), process.pid());
            family.wind_down(WIND_DOWN).await;
            let mut end = AppEnd::of(spec.name.clone());
            end.strays = family.kill().await;
            end.took = process.system().now() - asked;
            let error = match failed {
                Ok(Err(error)) => error,
                _ => StartAppError::Stopped { app: spec.name.clone() },
            };
            seat.failed(error, end);
            return ExitReason::Normal;
        }
    };
    seat.started(begun.top);
    Life { app, source, inbox, begun, seat }.run().await
}

/// An application that runs.
struct Life<A: Application, S> {
    app: Arc<A>,
    source: Arc<S>,
    inbox: Inbox,
    begun: Begun<A>,
    seat: Seat,
}

impl<A: Application, S: ConfigSource<Config = A::Config>> Life<A, S> {
    async fn run(mut self) -> ExitReason {
        let last = loop {
            match self.inbox.next(self.begun.top).await {
                Notice::Reload(answer) => {
                    let outcome = self.reload().await;
                    let last = match outcome {
                        Ok(outcome) => {
                            self.seat.reloaded(&outcome);
                            // Who has asked may be gone.
                            let _ = answer.send(outcome);
                            continue;
                        }
                        Err(last) => last,
                    };
                    let _ = answer.send(Err(ReloadError::NotRunning { app: self.seat.name().clone() }));
                    break last;
                }
                last => break last,
            }
        };
        match last {
            Notice::Ended(reason) => self.end(Some(reason)).await,
            Notice::Stop | Notice::Reload(_) => self.end(None).await,
        }
    }

    /// Ends the application: by itself, if there is a reason already.
    async fn end(self, ended: Option<ExitReason>) -> ExitReason {
        let Life { app, mut inbox, begun, seat, .. } = self;
        let Begun { top, mut state, ctx } = begun;
        let (process, system) = (inbox.process().clone(), inbox.process().system().clone());
        let began = system.now();
        let mut family = Family::of(&system, process.pid());
        if let Err(crash) = contain_future(|| app.prep_stop(&mut state, &ctx)).await {
            reported(&process, crash);
        }
        let is_own = ended.is_some();
        let reason = match ended {
            Some(reason) => reason,
            None => {
                // What was started meanwhile belongs to it, too.
                family.alive();
                system.exit(top, ExitReason::Shutdown);
                inbox.end_of(top).await
            }
        };
        if let Err(crash) = contain_future(|| app.stop(state, &ctx)).await {
            reported(&process, crash);
        }
        let mut end = AppEnd::of(seat.name().clone());
        (end.reason, end.strays) = (Some(reason.clone()), family.kill().await);
        end.took = system.now() - began;
        if is_own {
            seat.ended(reason, end)
        } else {
            seat.stopped(end)
        }
        ExitReason::Normal
    }

    /// Loads the configuration again, unless the application ends meanwhile.
    async fn reload(&mut self) -> Result<Result<bool, ReloadError>, Notice> {
        let Life { app, source, inbox, begun, seat } = self;
        let (process, name) = (inbox.process().clone(), seat.name().clone());
        let new = match inbox.during(Some(begun.top), load(&**source, &process)).await? {
            Ok(new) => Arc::new(new),
            Err(error) => return Ok(Err(ReloadError::Load { app: name, error })),
        };
        let refused = |reason| Ok(Err(ReloadError::Refused { app: name.clone(), reason }));
        let old = begun.ctx.config().clone();
        match contain(|| *old == *new) {
            Ok(true) => return Ok(Ok(false)),
            Ok(false) => {}
            Err(crash) => return refused(ExitReason::Error(reported(&process, crash))),
        }
        let (top, state, ctx) = (begun.top, &mut begun.state, &begun.ctx);
        match inbox.during(Some(top), change(&**app, &old, &new, state, ctx)).await? {
            Ok(Ok(())) => {}
            Ok(Err(reason)) => return refused(reason),
            Err(crash) => return refused(ExitReason::Error(reported(&process, crash))),
        }
        begun.ctx.set_config(new);
        Ok(Ok(true))
    }
}

/// Calls `config_change`. It is a function of its own for the sake of the lifetimes: they are one here.
fn change<'a, A: Application>(
    app: &'a A,
    old: &'a A::Config,
    new: &'a A::Config,
    state: &'a mut A::State,
    ctx: &'a AppContext<A>,
) -> BoxFuture<'a, Result<Result<(), ExitReason>, Crash>> {
    contain_future(|| async { app.config_change(old, new, state, ctx).await }).boxed()
}
