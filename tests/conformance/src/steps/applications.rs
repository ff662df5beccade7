use std::sync::Arc;

use otp::Process;
use otp::application::{self, EnsureError, Halt, LoadError, StartAppError, StopAppError, UnloadError};
use otp::behaviour::StartError;
use otp::process::Label;
use serde_json::{Map, Value, json};

use super::unfit;
use crate::actors::{Exits, app, env_key};
use crate::language::Applying;
use crate::trace::{Shape, start_error};
use crate::world::World;

pub(super) async fn perform(applying: &Applying, world: &Arc<World>, own: &Process) -> Shape {
    let system = &world.system;
    match applying {
        Applying::Load(plan) => returned(application::load(system, app(world, plan)).map_err(|error| load(&error))),
        Applying::Unload(id) => returned(application::unload(system, id.as_str()).map_err(|error| match error {
            UnloadError::NotLoaded { app } => about("not_loaded", &app),
            UnloadError::Running { app } => about("running", &app),
            other => unfit(&other.to_string()),
        })),
        Applying::Start { app, start_type } => {
            let started = application::start(system, app.as_str()).start_type(*start_type).await;
            returned(started.map_err(|error| start(&error)))
        }
        Applying::EnsureStarted { app, start_type } => {
            let started = application::ensure_started(system, app.as_str()).start_type(*start_type).await;
            returned(started.map_err(|error| start(&error)))
        }
        Applying::EnsureAllStarted { app, start_type } => {
            match application::ensure_all_started(system, app.as_str()).start_type(*start_type).await {
                Ok(started) => Shape::ok(names(&started)),
                Err(EnsureError::Failed { app, error }) => {
                    let parts = vec![("app", Shape::word(app.as_str())), ("reason", start(&error))];
                    Shape::error(Shape::Object(parts))
                }
                Err(other) => unfit(&other.to_string()),
            }
        }
        Applying::Stop(id) => match application::stop(system, id.as_str()).await {
            Ok(_) => Shape::done(),
            Err(StopAppError::NotStarted { app }) => Shape::error(about("not_started", &app)),
            Err(other) => unfit(&other.to_string()),
        },
        Applying::Running => names(&application::running(system)),
        Applying::Loaded => names(&application::loaded(system)),
        Applying::Env { app, key, default } => match application::env(system, app.as_str(), &env_key(key)) {
            Ok(value) => value.or_else(|| default.clone()).map_or(Shape::Json(Value::Null), Shape::ok),
            Err(error) => unfit(&error.to_string()),
        },
        Applying::SetEnv { app, key, value } => {
            application::set_env(system, app.as_str(), &env_key(key), value.clone());
            Shape::done()
        }
        Applying::UnsetEnv { app, key } => {
            application::unset_env(system, app.as_str(), &env_key(key));
            Shape::done()
        }
        Applying::AllEnv(app) => {
            let all = application::all_env(system, app.as_str());
            let entry = |(key, value): (Label, otp::process::Term)| {
                (key.as_str().to_owned(), value.downcast_ref::<Value>().cloned().unwrap_or_default())
            };
            Shape::Json(Value::Object(all.into_iter().map(entry).collect::<Map<_, _>>()))
        }
        Applying::Of(label) => {
            let pid = world.resolve(label, own.pid()).and_then(|actor| actor.pid());
            let found = pid.and_then(|pid| application::application_of(system, pid));
            found.map_or(Shape::Json(Value::Null), |app| Shape::word(app.as_str()))
        }
    }
}

/// Why everything stops, in OTP's words.
pub(crate) fn halted(halt: &Halt) -> Shape {
    match halt {
        Halt::ApplicationTerminated { app, reason, .. } => {
            let parts = vec![("app", Shape::word(app.as_str())), ("reason", Shape::Reason(reason.clone()))];
            Shape::tagged("application_terminated", Shape::Object(parts))
        }
        Halt::ApplicationStartFailure { app, error, .. } => {
            let parts = vec![("app", Shape::word(app.as_str())), ("reason", start(error))];
            Shape::tagged("application_start_failure", Shape::Object(parts))
        }
        other => unfit(&other.to_string()),
    }
}

fn returned(outcome: Result<(), Shape>) -> Shape {
    outcome.map_or_else(Shape::error, |()| Shape::done())
}

fn load(error: &LoadError) -> Shape {
    match error {
        LoadError::AlreadyLoaded { app } => about("already_loaded", app),
        other => unfit(&other.to_string()),
    }
}

fn start(error: &StartAppError) -> Shape {
    match error {
        StartAppError::Unknown { .. } => Shape::word("unknown_app"),
        StartAppError::Load(error) => load(error),
        StartAppError::AlreadyStarted { app } => about("already_started", app),
        StartAppError::NotStarted { dependency, .. } => about("not_started", dependency),
        StartAppError::NotRunning { dependency, .. } => about("not_running", dependency),
        StartAppError::Failed { error, .. } => match exits(error) {
            Some(Exits(reason)) => Shape::tagged("start_crashed", reason.clone()),
            None => Shape::tagged("start_failed", start_error(error)),
        },
        StartAppError::Crashed { crash, .. } => Shape::tagged("start_crashed", otp::ExitReason::Error(crash.clone())),
        StartAppError::PhaseFailed { reason, .. } => Shape::tagged("phase_failed", reason.clone()),
        StartAppError::PhaseCrashed { crash, .. } => {
            Shape::tagged("phase_crashed", otp::ExitReason::Error(crash.clone()))
        }
        other => unfit(&other.to_string()),
    }
}

fn exits(error: &StartError) -> Option<&Exits> {
    match error.reason()? {
        otp::ExitReason::Other(term) => term.downcast_ref(),
        _ => None,
    }
}

fn about(what: &'static str, app: &Label) -> Shape {
    Shape::tagged(what, Shape::word(app.as_str()))
}

fn names(apps: &[Label]) -> Shape {
    Shape::Json(json!(apps.iter().map(Label::as_str).collect::<Vec<_>>()))
}
