//! Stops with a deadline.

use std::future::pending;
use std::time::Duration;

use otp::application::{self, App};
use otp::prelude::*;

use crate::told::{Log, Told, texts};

const MOMENT: Duration = Duration::from_millis(20);

#[otp::test]
async fn what_has_not_stopped_at_the_deadline_is_killed_and_named(system: System) {
    let log = Log::default();
    let app = Told::new("a", &log).on("prep_stop", async |_| pending().await);
    application::start(&system, App::new(app)).await.unwrap();
    let end = application::stop(&system, "a").within(MOMENT).await.unwrap();
    let killed: Vec<_> = end.killed.iter().map(|killed| killed.label.as_ref().unwrap().as_str()).collect();
    assert_eq!(killed, ["application a", "a"]);
    assert_eq!(log.take(), ["a start", "a prep_stop"]);
    application::start(&system, "a").await.unwrap();
    assert_eq!(texts(&application::running(&system)), ["a"], "it can be started again");
    application::stop(&system, "a").within(Duration::ZERO).await.unwrap();
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
