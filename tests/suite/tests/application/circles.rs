//! Callbacks that would wait for themselves: an error at once.

use otp::application::{self, App, StartAppError, StopAppError};
use otp::prelude::*;

use crate::told::{Log, Told};

#[otp::test]
async fn a_start_that_starts_its_own_application_gets_an_error(system: System) {
    let log = Log::default();
    let tells = log.clone();
    let app = Told::new("a", &log).on("start", move |system| {
        let log = tells.clone();
        async move {
            log.add(application::start(&system, "a").await.unwrap_err());
            Ok(())
        }
    });
    application::start(&system, App::new(app)).await.unwrap();
    assert_eq!(log.take(), ["a start", "a would wait for itself: a > a"]);
}

#[otp::test]
async fn starts_that_wait_for_each_other_get_an_error(system: System) {
    let log = Log::default();
    let starts = |name, other: &'static str| {
        Told::new(name, &log)
            .on("start", move |system| async move { Ok(application::ensure_started(&system, other).await?) })
    };
    application::load(&system, App::new(starts("a", "b"))).unwrap();
    application::load(&system, App::new(starts("b", "a"))).unwrap();
    let error = application::start(&system, "a").await.unwrap_err();
    // What b got, as the reason why a did not start.
    let text = "b would wait for itself: b > a > b";
    assert!(error.to_string().contains(text), "{error}");
    assert!(matches!(error, StartAppError::Failed { .. }));
}

#[otp::test]
async fn a_child_that_starts_its_own_application_in_its_init_gets_an_error(system: System) {
    struct Eager;
    #[gen_server]
    impl Eager {
        #[init]
        async fn init(log: Log, ctx: &mut Context<Self>) -> Self {
            let system = ctx.system().clone();
            log.add(application::start(&system, "a").await.unwrap_err());
            Eager
        }
    }
    let log = Log::default();
    let tells = log.clone();
    let app = App::tree(application::AppSpec::new("a"), move |_| {
        Ok(Supervisor::new(Strategy::OneForOne).child(Eager::child(tells.clone())))
    });
    application::start(&system, app).await.unwrap();
    assert_eq!(log.take(), ["a would wait for itself: a > a"]);
}

#[otp::test]
async fn a_stop_that_stops_its_own_application_gets_an_error(system: System) {
    let log = Log::default();
    let tells = log.clone();
    let app = Told::new("a", &log).on("prep_stop", move |system| {
        let log = tells.clone();
        async move {
            let error = application::stop(&system, "a").await.unwrap_err();
            assert!(matches!(error, StopAppError::Circle { .. }));
            log.add(error);
            Ok(())
        }
    });
    application::start(&system, App::new(app)).await.unwrap();
    application::stop(&system, "a").await.unwrap();
    assert_eq!(log.take(), ["a start", "a prep_stop", "a would wait for itself: a > a", "a stop"]);
}
