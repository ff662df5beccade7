//! Callbacks that fail, panic, hang, and call back.

use std::future::pending;

use otp::application::{self, App, StartAppError};
use otp::prelude::*;

use crate::told::{Log, Told, texts};

// APP-5
#[otp::test]
async fn a_start_that_panics_is_an_error_and_leaves_nothing(system: System) {
    system.log_crashes(false);
    let app = App::new(Told::new("a", &Log::default()).on("start", async |_| panic!("no disk")));
    let processes = system.process_count();
    let error = application::start(&system, &app).await.unwrap_err();
    assert_eq!(error.to_string(), "the application a did not start: its start callback panicked: no disk");
    // The supervisor that it had started already is gone; the application's own process is about to end.
    while system.process_count() > processes {
        otp::process::yield_now().await;
    }
    let again = application::start(&system, &app).await.unwrap_err();
    assert_eq!(again, error, "it may be tried again");
}

// APP-8, with the tree stopped
#[otp::test]
async fn a_phase_that_fails_stops_the_tree(system: System) {
    system.log_crashes(false);
    let log = Log::default();
    let fails = Told::new("a", &log).phase("warm").phase("open").phase("never");
    let fails = fails.on("open", async |_| Err(ExitReason::other("locked")));
    let error = application::start(&system, App::new(fails)).await.unwrap_err();
    assert_eq!(error.to_string(), "the application a did not start: its start phase open failed: \"locked\"");
    assert_eq!(log.take(), ["a start", "a warm", "a open"]);
    let panics = Told::new("b", &log).phase("open").on("open", async |_| panic!("jammed"));
    let error = application::start(&system, App::new(panics)).await.unwrap_err();
    assert_eq!(error.to_string(), "the application b did not start: its start phase open panicked: jammed");
    let left = system.processes().into_iter().filter_map(|pid| system.info(pid)?.label);
    assert!(left.into_iter().all(|label| !["a", "b"].contains(&label.as_str())), "no tree is left");
}

// APP-4
#[otp::test]
async fn panics_at_the_end_have_no_effect(system: System) {
    system.log_crashes(false);
    let log = Log::default();
    let app = Told::new("a", &log).on("prep_stop", async |_| panic!("one")).on("stop", async |_| panic!("two"));
    application::start(&system, App::new(app)).await.unwrap();
    let end = application::stop(&system, "a").await.unwrap();
    assert_eq!(end.reason, Some(ExitReason::Shutdown));
    assert_eq!(log.take(), ["a start", "a prep_stop", "a stop"]);
}

#[otp::test]
async fn callbacks_may_start_and_stop_other_applications(system: System) {
    let log = Log::default();
    let helper = App::new(Told::new("helper", &log));
    let (starts, stops) = (helper.clone(), helper.clone());
    let app = Told::new("a", &log)
        .on("start", move |system| {
            let helper = starts.clone();
            async move { Ok(application::start(&system, helper).await?) }
        })
        .on("prep_stop", move |system| {
            let helper = stops.clone();
            async move { Ok(application::stop(&system, helper).await.map(drop)?) }
        });
    application::start(&system, App::new(app)).await.unwrap();
    assert_eq!(texts(&application::running(&system)), ["a", "helper"]);
    application::stop(&system, "a").await.unwrap();
    let told = ["a start", "helper start", "a prep_stop", "helper prep_stop", "helper stop", "a stop"];
    assert_eq!(log.take(), told);
}

#[otp::test]
async fn a_start_that_hangs_can_be_stopped(system: System) {
    let log = Log::default();
    let (here, is_here) = async_channel::bounded(1);
    let app = Told::new("a", &log).on("start", move |_| {
        let here = here.clone();
        async move {
            here.send(()).await.unwrap();
            pending().await
        }
    });
    let starting = application::start(&system, App::new(app)).into_future();
    let stopping = async {
        is_here.recv().await.unwrap();
        application::stop(&system, "a").await
    };
    let (started, stopped) = futures::join!(starting, stopping);
    assert_eq!(started, Err(StartAppError::Stopped { app: "a".into() }));
    assert_eq!(stopped.unwrap().app.as_str(), "a");
    assert_eq!(log.take(), ["a start"], "what never ran is not stopped");
}

#[otp::test]
async fn an_application_that_starts_while_it_stops_is_started_after_that(system: System) {
    let log = Log::default();
    let app = App::new(Told::new("a", &log));
    application::start(&system, &app).await.unwrap();
    let (stopped, started) = futures::join!(
        application::stop(&system, "a").into_future(),
        application::ensure_started(&system, "a").into_future()
    );
    assert_eq!((stopped.is_ok(), started), (true, Ok(())));
    // The start may have come first: then it ran already.
    if texts(&application::running(&system)) == ["a"] {
        assert_eq!(log.take(), ["a start", "a prep_stop", "a stop", "a start"]);
    }
}
