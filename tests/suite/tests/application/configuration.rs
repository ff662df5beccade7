//! A typed configuration: loaded at the start, and again.

use std::io;
use std::sync::{Arc, Mutex};

use otp::application::{self, App, AppContext, AppSpec, Application, ConfigSource, ReloadError, Top};
use otp::prelude::*;

use crate::told::Log;

/// A source that the test changes; without a value it fails.
#[derive(Clone, Default)]
struct File(Arc<Mutex<Option<u32>>>);

impl File {
    fn write(&self, value: Option<u32>) {
        *self.0.lock().unwrap() = value;
    }
}

impl ConfigSource for File {
    type Config = u32;
    type Error = io::Error;

    async fn load(&self, system: &System) -> Result<u32, io::Error> {
        let file = self.clone();
        let read = system.spawn_blocking(move || *file.0.lock().unwrap()).await;
        read.ok().flatten().ok_or_else(|| io::Error::other("line 3: no number"))
    }
}

struct Web(Log);

impl Application for Web {
    type State = ();
    type Config = u32;

    fn spec(&self) -> AppSpec {
        AppSpec::new("web")
    }

    async fn start(&self, ctx: &AppContext<Self>) -> Result<Top, ExitReason> {
        self.0.add(format_args!("start with {}", ctx.config()));
        Ok(Top::new(Supervisor::new(Strategy::OneForOne).start_link(ctx).await?))
    }

    async fn config_change(&self, old: &u32, new: &u32, (): &mut (), ctx: &AppContext<Self>) -> Result<(), ExitReason> {
        self.0.add(format_args!("{old} to {new}, has {}", ctx.config()));
        match new {
            13 => Err(ExitReason::other("unlucky")),
            14 => panic!("worse"),
            _ => Ok(()),
        }
    }
}

#[otp::test]
async fn a_changed_configuration_is_told_and_a_bad_one_changes_nothing(system: System) {
    system.log_crashes(false);
    let (log, file) = (Log::default(), File::default());
    let web = App::configured_by(Web(log.clone()), file.clone());
    let error = application::start(&system, &web).await.unwrap_err();
    assert_eq!(error.to_string(), "the application web did not start: no configuration: line 3: no number");

    file.write(Some(1));
    application::start(&system, &web).await.unwrap();
    assert_eq!(application::reload(&system, "web").await, Ok(false), "it is the same");
    file.write(Some(2));
    assert_eq!(application::reload(&system, "web").await, Ok(true));
    file.write(None);
    let error = application::reload(&system, "web").await.unwrap_err();
    assert_eq!(error.to_string(), "the application web keeps its configuration: line 3: no number");
    for (value, text) in [(13, "\"unlucky\""), (14, "crash: worse")] {
        file.write(Some(value));
        let error = application::reload(&system, "web").await.unwrap_err();
        let expected = format!("the application web keeps its configuration: it refuses the changed one: {text}");
        assert_eq!(error.to_string(), expected);
    }
    file.write(Some(3));
    assert_eq!(application::reload_all(&system).await, [("web".into(), Ok(true))]);
    let told = ["start with 1", "1 to 2, has 1", "2 to 13, has 2", "2 to 14, has 2", "2 to 3, has 2"];
    assert_eq!(log.take(), told);
}

#[otp::test]
async fn only_what_runs_is_reloaded(system: System) {
    let not_running = || Err(ReloadError::NotRunning { app: "web".into() });
    assert_eq!(application::reload(&system, "web").await, not_running());
    application::start(&system, App::with_config(Web(Log::default()), 7)).await.unwrap();
    assert_eq!(application::reload(&system, "web").await, Ok(false));
    application::stop(&system, "web").await.unwrap();
    assert_eq!(application::reload(&system, "web").await, not_running());
}
