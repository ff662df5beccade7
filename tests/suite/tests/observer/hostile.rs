//! Whom the observer does not answer, and what nobody can do to it.

use std::time::Duration;

use otp::System;
use otp::observer::Observer;
use otp::{ExitReason, ProcessContext};
use otp_suite::http::{Client, get};

use super::{json, observing};

async fn status(system: &System, observer: &otp::http::HttpServer, target: &str, headers: &str) -> u16 {
    let mut client = Client::connect(system, observer.address()).await;
    client.ask(&format!("GET {target} HTTP/1.1\r\n{headers}\r\n")).await.status
}

#[otp::test]
async fn a_page_of_another_site_is_not_answered_under_whatever_name(system: System) {
    let observer = Observer::on("127.0.0.1:0").host("Ops.example").start(&system).await.unwrap();
    let refused = [
        ("host: evil.example\r\n", 421),
        ("host: evil.example:80\r\norigin: http://evil.example:80\r\n", 421),
        ("host: localhost.evil.example\r\n", 421),
        ("host: 10.0.0.1\r\n", 421),
        ("host: \r\n", 421),
        ("", 421),
        ("host: localhost\r\nhost: evil.example\r\n", 421),
        ("host: localhost\r\norigin: http://evil.example\r\n", 403),
        ("host: localhost\r\norigin: null\r\n", 403),
        ("host: localhost:1\r\norigin: http://localhost:2\r\n", 403),
        ("host: localhost\r\norigin: http://localhost\r\norigin: http://evil.example\r\n", 403),
        ("host: localhost\r\nsec-fetch-site: cross-site\r\n", 403),
        ("host: localhost\r\nsec-fetch-site: same-site\r\n", 403),
    ];
    for (headers, expected) in refused {
        for target in ["/", "/api/system", "/api/events"] {
            let found = status(&system, &observer, target, headers).await;
            assert!(found == expected || found == 400, "{target} with {headers:?}: {found}");
        }
    }
    let let_in = [
        "host: localhost:9911\r\n",
        "host: 127.0.0.1:1\r\norigin: http://127.0.0.1:1\r\nsec-fetch-site: same-origin\r\n",
        "host: [::1]:1\r\n",
        "host: ops.EXAMPLE\r\norigin: https://ops.example\r\n",
        "host: localhost\r\nsec-fetch-site: none\r\n",
    ];
    for headers in let_in {
        assert_eq!(status(&system, &observer, "/api/crashes", headers).await, 200, "{headers:?}");
    }
}

#[otp::test]
async fn every_answer_tells_a_browser_to_load_and_run_nothing_else(system: System) {
    let observer = observing(&system).await;
    for target in ["/", "/observer.js", "/observer.css", "/icon.svg", "/api/system", "/nowhere"] {
        let answer = get(&system, observer.address(), target).await;
        let csp = answer.header("content-security-policy").unwrap();
        assert!(csp.starts_with("default-src 'none'; script-src 'self'") && !csp.contains("unsafe"), "{csp}");
        assert_eq!(answer.header("x-content-type-options"), Some("nosniff"));
        assert_eq!(answer.header("access-control-allow-origin"), None);
    }
    let page = get(&system, observer.address(), "/").await.body;
    for part in ["http://", "https://", " onclick", "<script>", "style="] {
        assert!(!page.contains(part), "the page has {part}");
    }
    let script = get(&system, observer.address(), "/observer.js").await.body;
    for part in ["innerHTML", "outerHTML", "insertAdjacentHTML", "document.write", "eval(", "new Function"] {
        assert!(!script.contains(part), "the script uses {part}, which would run what a label says");
    }
}

#[otp::test]
async fn there_is_nothing_but_what_is_meant_to_be_there(system: System) {
    let observer = observing(&system).await;
    let paths = [
        "/..",
        "/../Cargo.toml",
        "/%2e%2e/%2e%2e/etc/passwd",
        "//etc/passwd",
        "/page/index.html",
        "/api",
        "/api/",
        "/api/tree/",
        "/API/tree",
        "/index.html",
    ];
    for path in paths {
        assert_eq!(get(&system, observer.address(), path).await.status, 404, "{path}");
    }
    let mut client = Client::connect(&system, observer.address()).await;
    for (method, expected) in [("PUT", 404), ("DELETE", 404), ("OPTIONS", 404)] {
        let answer = client.ask(&format!("{method} /api/tree HTTP/1.1\r\nhost: localhost\r\n\r\n")).await;
        assert_eq!((answer.status, answer.header("access-control-allow-methods")), (expected, None));
    }
    assert_eq!(client.ask("POST / HTTP/1.1\r\nhost: localhost\r\ncontent-length: 0\r\n\r\n").await.status, 405);
}

#[otp::test]
async fn numbers_that_make_no_sense_are_refused_or_cut(system: System) {
    let observer = observing(&system).await;
    let bad = [
        "/api/tree?from=-1",
        "/api/tree?from=x",
        "/api/tree?limit=1e9",
        "/api/tree?from=99999999999999999999999",
        "/api/tree?pid=",
        "/api/tree?pid=1",
        "/api/tree?pid=%3C0.0.0%3E",
        "/api/tree?pid=1.2.3",
        "/api/process",
        "/api/process?pid=%00",
        "/api/search",
        "/api/search?q=",
        "/api/search?q=%20",
        "/api/search?q=a&limit=-1",
        "/api/top?by=",
    ];
    for target in bad {
        assert_eq!(get(&system, observer.address(), target).await.status, 400, "{target}");
    }
    let long = format!("/api/process?pid={}", "9".repeat(4000));
    let answer = get(&system, observer.address(), &long).await;
    assert!(answer.status == 400 && answer.body.len() < 300, "{}", answer.body);
    for target in ["/api/tree?from=18446744073709551615", "/api/tree?limit=18446744073709551615", "/api/tree?limit=0"] {
        let page = json(&system, &observer, target).await;
        assert!(page["rows"].as_array().unwrap().len() <= 200, "{target}");
    }
}

/// In a simulation, where a connection holds little, and half a minute is soon over.
#[otp::test(backends = [sim])]
async fn a_browser_that_never_reads_its_stream_is_cut_off_and_holds_up_nobody(system: System) {
    system.log_crashes(false);
    let observer = observing(&system).await;
    let (mut deaf, first) = watch(&system, &observer).await;
    assert_eq!(first, 200);
    // Each second it would hear of a hundred crashes with long reasons.
    let mut sent = 0;
    while sent < 3_000_000 {
        for _ in 0..100 {
            let crash = async |_: ProcessContext<()>| ExitReason::crash("x".repeat(3000));
            system.spawn(crash).exited().await;
            sent += 3000;
        }
        json(&system, &observer, "/api/system").await;
        system.sleep(Duration::from_secs(1)).await;
    }
    system.sleep(Duration::from_secs(31)).await;
    json(&system, &observer, "/api/system").await;
    let mut heard = 0;
    while let Ok(Some(event)) = deaf.chunk().await {
        heard += event.len();
    }
    assert!(heard < sent / 2, "{heard} bytes wait for one who does not read");
}

/// Opens a stream of events; returns it with the status of its answer.
async fn watch(system: &System, observer: &otp::http::HttpServer) -> (Client, u16) {
    let mut client = Client::connect(system, observer.address()).await;
    client.send("GET /api/events HTTP/1.1\r\nhost: localhost\r\n\r\n").await.unwrap();
    let status = client.head().await.unwrap().status;
    (client, status)
}

#[otp::test]
async fn there_are_only_so_many_streams_and_each_end_makes_room(system: System) {
    let observer = observing(&system).await;
    let open = async || watch(&system, &observer).await;
    let mut clients = Vec::new();
    for _ in 0..16 {
        let (client, status) = open().await;
        assert_eq!(status, 200);
        clients.push(client);
    }
    assert_eq!(open().await.1, 503);
    clients.pop();
    while open().await.1 != 200 {
        system.sleep(Duration::from_millis(1)).await;
    }
}
