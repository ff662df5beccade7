//! Applications that depend on each other: in order, in circles, and when one fails.

use otp::application::{self, App, AppContext, AppSpec, Application, EnsureError, StartAppError, Top};
use otp::prelude::*;

use crate::told::{Log, Told, texts, top};

// APP-1
#[otp::test]
async fn dependencies_that_are_values_are_loaded_and_started_first(system: System) {
    let log = Log::default();
    let base = App::new(Told::new("base", &log));
    let left = App::new(Told::new("left", &log).depends_on(&base));
    let right = App::new(Told::new("right", &log).depends_on(&base));
    let top = Told::new("top", &log).depends_on(left).depends_on(right);
    let started = application::ensure_all_started(&system, top).await.unwrap();
    assert_eq!(texts(&started), ["base", "left", "right", "top"]);
    assert_eq!(log.take(), ["base start", "left start", "right start", "top start"]);
    let ends = application::stop_all(&system).await;
    assert_eq!(ends.iter().map(|end| end.app.as_str()).collect::<Vec<_>>(), ["top", "right", "left", "base"]);
}

// APP-1
#[otp::test]
async fn when_one_fails_those_that_were_started_for_it_are_stopped(system: System) {
    let log = Log::default();
    let before = App::new(Told::new("before", &log));
    application::start(&system, &before).await.unwrap();
    let base = App::new(Told::new("base", &log).depends_on(&before));
    let top = Told::new("top", &log).depends_on(base).on("start", async |_| Err(ExitReason::other("full")));
    log.take();
    let error = application::ensure_all_started(&system, top).await.unwrap_err();
    assert_eq!(error.to_string(), "the application top did not start: not started: \"full\"");
    assert_eq!(log.take(), ["base start", "top start", "base prep_stop", "base stop"]);
    assert_eq!(texts(&application::running(&system)), ["before"]);
}

/// Two applications, as values, that depend on each other.
struct Chicken;
struct Egg;

impl Application for Chicken {
    type State = ();
    type Config = ();
    fn spec(&self) -> AppSpec {
        AppSpec::new("chicken").depends_on(Egg)
    }
    async fn start(&self, _: &AppContext<Self>) -> Result<Top, ExitReason> {
        panic!("it must not start")
    }
}

impl Application for Egg {
    type State = ();
    type Config = ();
    fn spec(&self) -> AppSpec {
        AppSpec::new("egg").depends_on(Chicken)
    }
    async fn start(&self, _: &AppContext<Self>) -> Result<Top, ExitReason> {
        panic!("it must not start")
    }
}

#[otp::test]
async fn a_circle_is_named_before_anything_starts(system: System) {
    let log = Log::default();
    let farm = Told::new("farm", &log).depends_on(App::new(Told::new("barn", &log))).depends_on(Chicken);
    let error = application::ensure_all_started(&system, farm).await.unwrap_err();
    assert_eq!(error.to_string(), "applications depend on each other in a circle: chicken > egg > chicken");
    assert_eq!(log.take(), [""; 0], "the barn was not started, either");
    assert!(application::running(&system).is_empty());
}

#[otp::test]
async fn a_circle_of_names_is_found_too(system: System) {
    for (name, other) in [("a", "b"), ("b", "c"), ("c", "a")] {
        application::load(&system, App::library(AppSpec::new(name).depends_on(other))).unwrap();
    }
    let error = application::ensure_all_started(&system, "b").await.unwrap_err();
    assert_eq!(error, EnsureError::Circle { circle: ["b", "c", "a", "b"].map(Into::into).to_vec() });
    application::load(&system, App::library(AppSpec::new("own").depends_on("own"))).unwrap();
    let error = application::ensure_all_started(&system, "own").await.unwrap_err();
    assert_eq!(error.to_string(), "applications depend on each other in a circle: own > own");
}

// APP-1
#[otp::test]
async fn errors_tell_one_that_never_ran_from_one_that_has_ended(system: System) {
    let log = Log::default();
    let base = App::new(Told::new("base", &log));
    let user = App::new(Told::new("user", &log).depends_on(&base));
    let error = application::start(&system, &user).await.unwrap_err();
    assert_eq!(error.to_string(), "the application user cannot start: it depends on base, which is not started");
    application::start(&system, &base).await.unwrap();
    let (pid, mut ends) = (top(&system, "base"), system.subscribe());
    system.exit(pid, ExitReason::Kill);
    while !matches!(ends.next().await.downcast_ref(), Some(application::ApplicationEvent::Ended { .. })) {}
    let error = application::start(&system, &user).await.unwrap_err();
    assert_eq!(error.to_string(), "the application user cannot start: it depends on base, which has ended: killed");
    let library = App::library(AppSpec::new("library").depends_on(&base));
    assert_eq!(application::start(&system, library).await, Ok(()), "it has no processes that would need it");
    let started = application::ensure_all_started(&system, &user).await.unwrap();
    assert_eq!(texts(&started), ["base", "user"]);
}

#[otp::test]
async fn a_dependency_that_does_not_keep_running_is_not_started_for_ever(system: System) {
    let log = Log::default();
    let base = App::new(Told::new("base", &log));
    // Its phase ends the one that it depends on, so that the application finds it ended again and again.
    let user = Told::new("user", &log).depends_on("nobody");
    application::load(&system, base).unwrap();
    let error = application::ensure_all_started(&system, user).await.unwrap_err();
    let unknown = StartAppError::Unknown { app: "nobody".into() };
    assert_eq!(error, EnsureError::Failed { app: "nobody".into(), error: unknown });
}

#[otp::test]
async fn two_who_start_an_application_get_the_outcome_of_one_start(system: System) {
    let log = Log::default();
    let app = App::new(Told::new("a", &log).on("start", async |system| {
        system.sleep(std::time::Duration::from_millis(20)).await;
        Ok(())
    }));
    let (one, two) = futures::join!(
        application::ensure_started(&system, &app).into_future(),
        application::ensure_started(&system, &app).into_future()
    );
    assert_eq!((one, two), (Ok(()), Ok(())));
    assert_eq!(log.take(), ["a start"]);
}
