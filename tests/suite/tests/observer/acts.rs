//! What the observer changes, and for whom.

use otp::observer::{Observer, StartObserverError};
use otp::prelude::*;
use otp::{ExitReason, System, sys};
use otp_suite::http::Client;
use serde_json::Value;

use super::{Counter, CounterClient, TOKEN, bare, json, observing, post};

#[otp::test]
async fn a_process_is_suspended_resumed_and_killed_by_those_who_know_the_token(system: System) {
    let observer = observing(&system).await;
    let counter = Counter::start(&system, 1).await.unwrap();
    let pid = counter.pid().unwrap();
    let act = async |what: &str| {
        post(&system, &observer, &format!("/api/act?pid={}&do={what}", bare(pid)), Some(TOKEN)).await
    };

    assert_eq!(act("suspend").await.0, 200);
    let page = json(&system, &observer, &format!("/api/process?pid={}", bare(pid))).await;
    assert_eq!(page["said"]["suspended"], true);
    assert_eq!(act("resume").await.0, 200);
    assert_eq!(counter.add(1).await, Ok(2));
    assert_eq!(act("log").await.0, 200);
    assert_eq!(sys::log(&system, pid).await, Ok(Some(Vec::new())));
    assert_eq!(act("no_debug").await.0, 200);
    assert_eq!(sys::log(&system, pid).await, Ok(None));
    assert_eq!(act("dance").await.0, 400);
    assert_eq!(act("kill").await.0, 200);
    assert_eq!(counter.exited().await, ExitReason::Killed);
    assert_eq!(act("kill").await.0, 404);
}

#[otp::test]
async fn a_plain_process_cannot_be_suspended_which_is_said(system: System) {
    let observer = observing(&system).await;
    let plain = system.spawn(async |_: ProcessContext<()>| std::future::pending::<()>().await);
    let target = format!("/api/act?pid={}&do=suspend", bare(plain.pid()));
    let (status, body) = post(&system, &observer, &target, Some(TOKEN)).await;
    assert_eq!(status, 409);
    assert!(body["error"].as_str().unwrap().contains("it is no server that supports this"), "{body}");
}

#[otp::test]
async fn nothing_is_changed_without_the_token(system: System) {
    let counter = Counter::start(&system, 1).await.unwrap();
    let targets = [
        format!("/api/act?pid={}&do=kill", bare(counter.pid().unwrap())),
        format!("/api/trace?pid={}", bare(counter.pid().unwrap())),
    ];
    let writable = observing(&system).await;
    let readable = Observer::on("127.0.0.1:0").start(&system).await.unwrap();
    for target in &targets {
        let prefix = &TOKEN[..TOKEN.len() - 1];
        for token in [None, Some(""), Some("x"), Some(prefix), Some("a token that nobody guesses!")] {
            assert_eq!(post(&system, &writable, target, token).await.0, 401);
        }
        for token in [None, Some(TOKEN), Some("")] {
            assert_eq!(post(&system, &readable, target, token).await.0, 403);
        }
        // Nor by what a link, or an image, of another page can do.
        let mut client = Client::connect(&system, writable.address()).await;
        let link = format!("GET {target} HTTP/1.1\r\nhost: localhost\r\nauthorization: Bearer {TOKEN}\r\n\r\n");
        assert_eq!(client.ask(&link).await.status, 405);
    }
    assert_eq!(counter.add(1).await, Ok(2), "it still runs");
}

#[otp::test]
async fn a_token_that_can_be_guessed_fails_the_start(system: System) {
    for token in ["", "secret", "fifteen bytes.."] {
        let error = Observer::on("127.0.0.1:0").writable(token).start(&system).await.unwrap_err();
        let Some(ExitReason::Error(crash)) = error.reason() else { panic!("{error}") };
        assert!(matches!(crash.error().unwrap().downcast_ref(), Some(StartObserverError::WeakToken { .. })), "{error}");
    }
    let shown = format!("{:?}", Observer::on("127.0.0.1:0").writable(TOKEN));
    assert!(!shown.contains(TOKEN), "{shown}");
}

#[otp::test]
async fn a_trace_shows_a_call_across_two_processes_in_order(system: System) {
    let observer = observing(&system).await;
    let (one, two) = (Counter::start(&system, 1).await.unwrap(), Counter::start(&system, 2).await.unwrap());
    let (first, second) = (bare(one.pid().unwrap()), bare(two.pid().unwrap()));
    let mut browser = Client::connect(&system, observer.address()).await;
    let target = format!("/api/trace?pid={first}&pid={second}&events=3");
    let request = format!(
        "POST {target} HTTP/1.1\r\nhost: localhost\r\nauthorization: Bearer {TOKEN}\r\ncontent-length: 0\r\n\r\n"
    );
    browser.send(&request).await.unwrap();
    assert_eq!(browser.head().await.unwrap().status, 200);
    assert_eq!(one.add_to(two, 5).await, Ok(7));

    let mut seen = Vec::new();
    while let Some(event) = browser.chunk().await.unwrap() {
        let event: Value = serde_json::from_str(event.strip_prefix("data: ").unwrap()).unwrap();
        seen.push((
            event["at"].as_u64().unwrap(),
            event["pid"].as_str().unwrap().to_owned(),
            event["what"].as_str().unwrap().to_owned(),
        ));
    }
    let of = |pid: &str| {
        seen.iter()
            .filter(|(_, of, _)| bare(of.parse().unwrap()) == pid)
            .map(|(_, _, what)| what.as_str())
            .collect::<Vec<_>>()
    };
    // Each has had its three events: the trace has ended by itself.
    assert_eq!((of(&first), of(&second)), (vec!["in", "out", "state"], vec!["in", "out", "state"]));
    let at = |pid: &str, what: &str| {
        seen.iter().find(|(_, of, kind)| bare(of.parse().unwrap()) == pid && kind == what).unwrap().0
    };
    assert!(at(&first, "in") <= at(&second, "in") && at(&second, "out") <= at(&first, "out"), "{seen:?}");
}

#[otp::test]
async fn a_trace_ends_with_its_browser(system: System) {
    let observer = observing(&system).await;
    let counter = Counter::start(&system, 1).await.unwrap();
    let pid = counter.pid().unwrap();
    let mut browser = Client::connect(&system, observer.address()).await;
    let request = format!(
        "POST /api/trace?pid={} HTTP/1.1\r\nhost: localhost\r\nauthorization: Bearer {TOKEN}\r\ncontent-length: 0\r\n\r\n",
        bare(pid)
    );
    browser.send(&request).await.unwrap();
    assert_eq!(browser.head().await.unwrap().status, 200);
    assert!(sys::status(&system, pid).await.unwrap().debug);
    drop(browser);
    // It is noticed with a message.
    while sys::status(&system, pid).await.unwrap().debug {
        counter.add(1).await.unwrap();
    }
}
