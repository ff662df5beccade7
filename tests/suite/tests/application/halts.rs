//! What the end of an application means to its system.

use futures::FutureExt;
use otp::application::{self, App, AppState, ApplicationEvent, Halt, StartAppError, StartType};
use otp::event::Events;
use otp::prelude::*;

use crate::told::{Log, Told, texts, top};

async fn ended(events: &mut Events) {
    while !matches!(events.next().await.downcast_ref(), Some(ApplicationEvent::Ended { .. })) {}
}

// APP-6, APP-7
#[otp::test]
async fn the_end_of_a_temporary_one_is_only_reported(system: System) {
    let log = Log::default();
    application::start(&system, App::new(Told::new("a", &log))).await.unwrap();
    let mut events = system.subscribe();
    system.exit(top(&system, "a"), ExitReason::Kill);
    ended(&mut events).await;
    assert_eq!(log.take(), ["a start", "a prep_stop", "a stop"]);
    assert_eq!(application::applications(&system)[0].state, AppState::Ended(ExitReason::Killed));
    assert_eq!(application::halting(&system).now_or_never(), None);
    application::stop(&system, "a").await.unwrap();
    assert_eq!(application::applications(&system)[0].state, AppState::Stopped);
}

// APP-6, APP-12
#[otp::test]
async fn the_end_of_a_permanent_one_stops_all_the_latest_first(system: System) {
    let log = Log::default();
    let base = App::new(Told::new("base", &log));
    let user = Told::new("user", &log).depends_on(base);
    application::ensure_all_started(&system, user).start_type(StartType::Permanent).await.unwrap();
    application::start(&system, App::new(Told::new("other", &log))).await.unwrap();
    log.take();
    system.exit(top(&system, "user"), ExitReason::Kill);
    let halt = application::halting(&system).await;
    assert_eq!(halt.to_string(), "the application user has ended: killed");
    application::stop_all(&system).await;
    assert!(application::running(&system).is_empty());
    let order = ["user prep_stop", "user stop", "other prep_stop", "other stop", "base prep_stop", "base stop"];
    assert_eq!(log.take(), order);
    let error = application::start(&system, "base").await.unwrap_err();
    assert_eq!(error, StartAppError::Halting { app: "base".into() });
}

// APP-6
#[otp::test]
async fn a_transient_one_may_end_normally_only(system: System) {
    let quick = |name, reason: ExitReason| {
        let app = application::AppSpec::new(name);
        App::new(Ends { spec: app, reason })
    };
    let mut events = system.subscribe();
    application::start(&system, quick("fine", ExitReason::Normal)).start_type(StartType::Transient).await.unwrap();
    ended(&mut events).await;
    assert_eq!(application::halting(&system).now_or_never(), None);
    // It may have halted before it is told that it has started.
    let _ = application::start(&system, quick("bad", ExitReason::Shutdown)).start_type(StartType::Transient).await;
    let halt = application::halting(&system).await;
    assert!(
        matches!(halt, Halt::ApplicationTerminated { app, reason: ExitReason::Shutdown, .. } if app.as_str() == "bad")
    );
}

/// An application whose one process ends at once.
struct Ends {
    spec: application::AppSpec,
    reason: ExitReason,
}

impl application::Application for Ends {
    type State = ();
    type Config = ();

    fn spec(&self) -> application::AppSpec {
        self.spec.clone()
    }

    async fn start(&self, ctx: &application::AppContext<Self>) -> Result<application::Top, ExitReason> {
        let reason = self.reason.clone();
        Ok(application::Top::new(ctx.spawn_link(async move |_: ProcessContext<()>| reason)))
    }
}

// APP-12
#[otp::test]
async fn a_permanent_one_that_does_not_start_halts(system: System) {
    let log = Log::default();
    let app = Told::new("a", &log).on("start", async |_| Err(ExitReason::other("no")));
    let error = application::start(&system, App::new(app)).start_type(StartType::Permanent).await.unwrap_err();
    let halt = application::halting(&system).await;
    assert_eq!(halt.to_string(), error.to_string());
}

// APP-6
#[otp::test]
async fn a_stop_on_purpose_is_no_end(system: System) {
    let app = App::new(Told::new("a", &Log::default()));
    application::start(&system, app).start_type(StartType::Permanent).await.unwrap();
    application::stop(&system, "a").await.unwrap();
    assert_eq!(application::halting(&system).now_or_never(), None);
    application::start(&system, "a").await.unwrap();
    assert_eq!(texts(&application::running(&system)), ["a"]);
}

#[otp::test]
async fn an_application_whose_own_process_is_killed_has_ended(system: System) {
    let log = Log::default();
    application::start(&system, App::new(Told::new("a", &log))).start_type(StartType::Permanent).await.unwrap();
    let info = &application::applications(&system)[0];
    let tree = system.exited(info.top.unwrap());
    system.exit(info.master.unwrap(), ExitReason::Kill);
    assert_eq!(tree.await, ExitReason::Killed, "its tree ends with it");
    assert_eq!(application::halting(&system).await.to_string(), "the application a has ended: killed");
}
