//! The configuration of an application: at its start, and when it is loaded again.

use std::sync::Arc;
use std::sync::Mutex;

use otp::System;
use otp::application::{self, App, AppContext, AppSpec, Application, ReloadError, Top};
use otp::prelude::*;

use crate::{Dir, Options, config};

/// Notes the ports that it gets. It refuses the port 0.
#[derive(Clone, Default)]
struct Web(Arc<Mutex<Vec<u16>>>);

impl Application for Web {
    type State = ();
    type Config = Options;

    fn spec(&self) -> AppSpec {
        AppSpec::new("web")
    }

    async fn start(&self, ctx: &AppContext<Self>) -> Result<Top, ExitReason> {
        self.0.lock().unwrap().push(ctx.config().port);
        Ok(Top::new(Supervisor::new(Strategy::OneForOne).start_link(ctx).await?))
    }

    async fn config_change(
        &self,
        _: &Options,
        new: &Options,
        (): &mut (),
        _: &AppContext<Self>,
    ) -> Result<(), ExitReason> {
        if new.port == 0 {
            return Err(ExitReason::other("no port"));
        }
        self.0.lock().unwrap().push(new.port);
        Ok(())
    }
}

#[otp::test]
async fn an_application_starts_with_its_configuration_and_is_told_of_another(system: System) {
    let (web, dir) = (Web::default(), Dir::with("port = 1"));
    application::start(&system, App::configured_by(web.clone(), config().file(dir.file()))).await.unwrap();
    assert_eq!(application::reload(&system, "web").await, Ok(false), "nothing has changed");
    dir.write("port = 2");
    assert_eq!(application::reload(&system, "web").await, Ok(true));
    assert_eq!(*web.0.lock().unwrap(), [1, 2]);
}

#[otp::test]
async fn a_file_that_is_broken_or_refused_at_a_reload_leaves_the_old_configuration(system: System) {
    let (web, dir) = (Web::default(), Dir::with("port = 1"));
    application::start(&system, App::configured_by(web.clone(), config().file(dir.file()))).await.unwrap();
    for text in ["port = ", "port = 'x'", "prot = 2"] {
        dir.write(text);
        let error = application::reload(&system, "web").await.unwrap_err();
        assert!(matches!(error, ReloadError::Load { .. }), "{error}");
        assert!(error.to_string().contains(&format!("{}:1:", dir.file().display())), "{error}");
    }
    std::fs::remove_file(dir.file()).unwrap();
    assert!(matches!(application::reload(&system, "web").await, Err(ReloadError::Load { .. })));
    dir.write("port = 0");
    assert!(matches!(application::reload(&system, "web").await, Err(ReloadError::Refused { .. })));
    assert_eq!(application::running(&system).len(), 1, "the service goes on");
    dir.write("port = 3");
    assert_eq!(application::reload(&system, "web").await, Ok(true));
    assert_eq!(*web.0.lock().unwrap(), [1, 3]);
}

#[otp::test]
async fn an_application_does_not_start_with_a_broken_configuration(system: System) {
    system.log_crashes(false);
    let (web, dir) = (Web::default(), Dir::with("port = 'x'"));
    let app = App::configured_by(web.clone(), config().file(dir.file()));
    let error = application::start(&system, &app).await.unwrap_err();
    assert!(error.to_string().contains("`port`: expected u16, found \"x\""), "{error}");
    dir.write("port = 1");
    application::start(&system, &app).await.unwrap();
    assert_eq!(*web.0.lock().unwrap(), [1]);
}
