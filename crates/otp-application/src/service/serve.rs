use std::future::pending;
use std::pin::pin;

use futures::future::{Either, Fuse, FusedFuture, FutureExt, join, select};
use futures::select_biased;
use otp_core::runtime::{OsSignal, OsSignals, SignalsError};
use otp_core::{ShutdownReport, System};

use super::notify::Notifier;
use super::report::{ServiceReport, StopCause};
use super::service::Service;
use super::watchdog::watch;
use crate::controller::Controller;
use crate::ensure::{EnsureError, ensure_all_started};
use crate::halt::{Halt, halting};
use crate::info::running;
use crate::reload::reload_all;
use crate::start::{StartAppError, StartType};
use crate::stop_all::stop_all;

/// Runs a service from its start to its end.
pub(super) async fn serve(service: Service, system: &System) -> ServiceReport {
    // It stops everything itself, and reports it.
    Controller::of(system).lock().is_served = true;
    let mut signals = listen(system);
    let notifier = Notifier::new(system, service.notifies);
    let watchdog = pin!(watch(system, &service.checks, &notifier));
    let life = pin!(async {
        let cause = run(&service, system, &mut signals, &notifier).await;
        stop(&service, system, &mut signals, &notifier, cause).await
    });
    match select(life, watchdog).await {
        Either::Left((report, _)) => report,
        Either::Right((never, _)) => match never {},
    }
}

fn listen(system: &System) -> Option<OsSignals> {
    match system.signals() {
        Ok(signals) => Some(signals),
        Err(SignalsError::NoSignals { .. }) => None,
        Err(error) => {
            tracing::error!(target: "otp::application", %error, "the service hears no signals");
            None
        }
    }
}

async fn next(signals: &mut Option<OsSignals>) -> OsSignal {
    match signals {
        Some(signals) => signals.next().await,
        None => pending().await,
    }
}

/// Starts the service and waits for what ends it.
async fn run(service: &Service, system: &System, signals: &mut Option<OsSignals>, notifier: &Notifier) -> StopCause {
    let mut start =
        pin!(ensure_all_started(system, &service.app).start_type(StartType::Permanent).into_future().fuse());
    let mut halt = pin!(halting(system).fuse());
    let (mut failure, mut rolled_back) = (None, pin!(Fuse::terminated()));
    let mut again = false;
    loop {
        // First the halt: what follows from it is not the cause.
        select_biased! {
            halt = halt => match halt {
                // Most often of the start, which stops what it has started, and then says so.
                Halt::ApplicationStartFailure { .. } => {
                    failure = Some(StopCause::Halt(halt));
                    rolled_back.set(system.sleep(service.limit).fuse());
                }
                halt => return StopCause::Halt(halt),
            },
            started = start => match (started, failure) {
                (Ok(_), None) => break,
                // Of one that a callback has started, and does without: everything stops all the same.
                (Ok(_), Some(failure)) => return failure,
                (Err(EnsureError::Failed { error: StartAppError::Halting { .. }, .. }), Some(failure)) => return failure,
                (Err(error), _) => return StopCause::NotStarted(error),
            },
            signal = pin!(next(signals).fuse()) => match signal {
                // The configuration may have been loaded before that.
                OsSignal::Hangup => again = true,
                signal => return failure.unwrap_or(StopCause::Signal(signal)),
            },
            () = rolled_back => return failure.expect("its limit begins with it"),
        }
    }
    notifier.ready().await;
    let mut reloading = pin!(Fuse::terminated());
    loop {
        if again && reloading.is_terminated() {
            again = false;
            reloading.set(reload(system, notifier).fuse());
        }
        select_biased! {
            halt = halt => return StopCause::Halt(halt),
            signal = pin!(next(signals).fuse()) => match signal {
                OsSignal::Hangup => again = true,
                signal => return StopCause::Signal(signal),
            },
            () = reloading => {}
        }
    }
}

/// Reads all configurations again. What comes of each is logged.
async fn reload(system: &System, notifier: &Notifier) {
    notifier.reloading().await;
    drop(reload_all(system).await);
    notifier.ready().await;
}

/// Stops everything, unless a second signal comes.
async fn stop(
    service: &Service,
    system: &System,
    signals: &mut Option<OsSignals>,
    notifier: &Notifier,
    cause: StopCause,
) -> ServiceReport {
    tracing::info!(target: "otp::application", cause = %cause.to_string(), "the service stops");
    let began = system.now();
    let deadline = began + service.limit;
    let mut apps = Vec::new();
    let stopping = async {
        let mut stopping = stop_all(system).within(deadline - system.now()).begin();
        while let Some(end) = stopping.next().await {
            apps.push(end);
        }
        system.shutdown(deadline - system.now()).await
    };
    // Beside the stop, which must not wait for a thread that may block. If there is none in time, nobody is told.
    let stopping = async { join(system.timeout(service.limit, notifier.stopping()), stopping).await.1 };
    let impatience = async {
        loop {
            match next(signals).await {
                OsSignal::Hangup => {}
                signal => return signal,
            }
        }
    };
    let (shutdown, cut_by) = match select(pin!(stopping), pin!(impatience)).await {
        Either::Left((shutdown, _)) => (shutdown, None),
        Either::Right((signal, _)) => (ShutdownReport::default(), Some(signal)),
    };
    let unfinished = running(system);
    ServiceReport { cause, apps, shutdown, took: system.now() - began, cut_by, unfinished }
}
