use std::sync::Arc;

use otp_behaviour::{StartError, contain_future, report_crash};
use otp_core::{Crash, ExitReason, Pid, Process};

use crate::application::Application;
use crate::config::ConfigSource;
use crate::context::AppContext;
use crate::spec::AppSpec;
use crate::start::{StartAppError, StartType};

/// An application that has started.
pub(super) struct Begun<A: Application> {
    pub(super) top: Pid,
    pub(super) state: A::State,
    pub(super) ctx: AppContext<A>,
}

/// Starts an application: its configuration, its tree, its phases.
pub(super) async fn start<A: Application>(
    app: &A,
    source: &impl ConfigSource<Config = A::Config>,
    process: Process,
    spec: &AppSpec,
    start_type: StartType,
) -> Result<Begun<A>, StartAppError> {
    let name = || spec.name.clone();
    let config = load(source, &process).await.map_err(|error| StartAppError::Config { app: name(), error })?;
    let ctx = AppContext::new(process.clone(), name(), start_type, Arc::new(config));
    let failed = |error| StartAppError::Failed { app: name(), error };
    let started = contain_future(|| app.start(&ctx)).await;
    let top = match started {
        Ok(started) => started.map_err(|reason| failed(StartError::from(reason)))?,
        Err(crash) => return Err(StartAppError::Crashed { app: name(), crash: reported(&process, crash) }),
    };
    let Some(pid) = top.pid else { return Err(failed(StartError::failed(ExitReason::NoProc))) };
    StartError::check_link(&process, pid).map_err(failed)?;
    let mut state = top.state;
    for phase in &spec.phases {
        let (app_name, label) = (name(), phase.label().clone());
        match contain_future(|| app.start_phase(phase, &mut state, &ctx)).await {
            Ok(Ok(())) => {}
            Ok(Err(reason)) => return Err(StartAppError::PhaseFailed { app: app_name, phase: label, reason }),
            Err(crash) => {
                let crash = reported(&process, crash);
                return Err(StartAppError::PhaseCrashed { app: app_name, phase: label, crash });
            }
        }
    }
    Ok(Begun { top: pid, state, ctx })
}

/// Loads a configuration.
pub(super) async fn load<S: ConfigSource>(source: &S, process: &Process) -> Result<S::Config, Crash> {
    match contain_future(|| source.load(process.system())).await {
        Ok(Ok(config)) => Ok(config),
        Ok(Err(error)) => match ExitReason::from(error) {
            ExitReason::Error(error) => Err(error),
            other => Err(Crash::new(other.to_string())),
        },
        Err(crash) => Err(reported(process, crash)),
    }
}

/// A panic of a callback is logged, whatever becomes of it.
pub(super) fn reported(process: &Process, crash: Crash) -> Crash {
    report_crash(process, &crash);
    crash
}
