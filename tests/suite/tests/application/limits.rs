//! Stops with a deadline.

use std::future::pending;
use std::sync::{Mutex, mpsc};
use std::time::Duration;

use otp::application::{self, App, Killed};
use otp::prelude::*;
use otp::process::SpawnOptions;
use otp_suite::forever;

use crate::told::{Log, Told, texts};

const MOMENT: Duration = Duration::from_millis(20);

fn labels(killed: &[Killed]) -> Vec<&str> {
    killed.iter().map(|killed| killed.label.as_ref().unwrap().as_str()).collect()
}

#[otp::test]
async fn what_has_not_stopped_at_the_deadline_is_killed_and_named(system: System) {
    let log = Log::default();
    let app = Told::new("a", &log).on("prep_stop", async |_| pending().await);
    application::start(&system, App::new(app)).await.unwrap();
    let end = application::stop(&system, "a").within(MOMENT).await.unwrap();
    assert_eq!(labels(&end.killed), ["application a", "a"]);
    assert!(end.took >= MOMENT, "{end}");
    assert_eq!(log.take(), ["a start", "a prep_stop"]);
    application::start(&system, "a").await.unwrap();
    assert_eq!(texts(&application::running(&system)), ["a"], "it can be started again");
    application::stop(&system, "a").within(Duration::ZERO).await.unwrap();
}

// On tokio, the timers wait if the held thread was to drive them.
#[otp::test(backends = [smol])]
async fn one_whose_callback_holds_its_thread_is_left_behind_and_named(system: System) {
    let (release, released) = mpsc::channel::<()>();
    let released = Mutex::new(released);
    let app = Told::new("a", &Log::default()).on("stop", move |_| {
        released.lock().unwrap().recv().unwrap();
        async { Ok(()) }
    });
    application::start(&system, App::new(app)).await.unwrap();
    let end = application::stop(&system, "a").within(MOMENT).await.unwrap();
    assert_eq!((labels(&end.killed), end.reason), (vec!["application a"], None));
    release.send(()).unwrap();
}

#[otp::test]
async fn one_that_hangs_does_not_keep_the_others_from_their_stop(system: System) {
    let log = Log::default();
    let base = App::new(Told::new("base", &log));
    let hangs = Told::new("hangs", &log).depends_on(&base).on("stop", async |_| pending().await);
    let last = Told::new("last", &log).depends_on(App::new(hangs));
    application::ensure_all_started(&system, last).await.unwrap();
    let ends = application::stop_all(&system).within(MOMENT).await;
    let killed: Vec<_> = ends.iter().map(|end| (end.app.as_str(), end.killed.len())).collect();
    assert_eq!(killed[..2], [("last", 0), ("hangs", 1)]);
    assert_eq!(ends.len(), 3);
    assert!(application::running(&system).is_empty());
}

#[otp::test]
async fn a_stop_in_time_tells_how_the_application_ended(system: System) {
    let app = Told::new("a", &Log::default()).on("start", async |system| {
        // Outside of the tree.
        system.spawn_with(SpawnOptions::new().label("stray"), forever::<()>).unwrap();
        Ok(())
    });
    let app = app.on("prep_stop", async |system| {
        system.sleep(MOMENT).await;
        Ok(())
    });
    application::start(&system, App::new(app)).await.unwrap();
    let end = application::stop(&system, "a").within(Duration::from_secs(60)).await.unwrap();
    assert_eq!(end.reason, Some(ExitReason::Shutdown));
    assert!(end.took >= MOMENT, "{end}");
    assert_eq!((labels(&end.killed), labels(&end.strays)), (vec![], vec!["stray"]));
}
