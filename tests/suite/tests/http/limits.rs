//! What clients cannot take from a server, whatever they send, or do not send.

use std::pin::pin;
use std::time::Duration;

use futures::stream;
use otp::System;
use otp::http::{Http, HttpServer, Limits, Request, Response};
use otp_suite::http::{Client, get};

const MOMENT: Duration = Duration::from_millis(20);

async fn answer(request: Request) -> Response {
    match request.path() {
        "/endless" => Response::stream("text/plain", stream::repeat(vec![b'x'; 64 * 1024].into())),
        _ => Response::text(request.body().len().to_string()),
    }
}

async fn limited(system: &System, limits: Limits) -> HttpServer {
    Http::on("127.0.0.1:0", answer).limits(limits).start(system).await.unwrap()
}

/// What is refused before all of it was read may lose its answer, when the connection is closed; a simulation tries that.
async fn is_refused(system: &System, mut client: Client, status: u16, request: &str) {
    match client.answer().await {
        Ok(answer) => assert_eq!(answer.status, status, "{request:?}"),
        Err(error) => assert_eq!(system.runtime().name(), "sim", "{error}: {request:?}"),
    }
    client.closed().await;
}

#[otp::test]
async fn headers_that_are_too_large_or_too_many_are_refused(system: System) {
    let server = limited(&system, Limits::new().header(8 * 1024)).await;
    let large = format!("GET / HTTP/1.1\r\nhost: h\r\nx: {}\r\n\r\n", "x".repeat(9 * 1024));
    let many = format!("GET / HTTP/1.1\r\nhost: h\r\n{}\r\n", "x: y\r\n".repeat(1000));
    for request in [large, many] {
        let mut client = Client::connect(&system, server.address()).await;
        // The server may answer before it has read everything, and close.
        let _ = client.send(&request).await;
        is_refused(&system, client, 431, &request).await;
    }
    let path = format!("GET /{} HTTP/1.1\r\nhost: h\r\n\r\n", "x".repeat(7 * 1024));
    assert_eq!(Client::connect(&system, server.address()).await.ask(&path).await.status, 200, "within the limit");
}

#[otp::test]
async fn what_is_no_http_is_refused(system: System) {
    let server = limited(&system, Limits::new()).await;
    let requests = [
        "hello\r\n\r\n",
        "GET / HTTP/1.1\r\nhost h\r\n\r\n",
        "GET / HTTP/9.9\r\nhost: h\r\n\r\n",
        "\x16\x03\x01\x02\x00\x01\x00\x01\u{fc}\x03\x03\r\n\r\n",
        "POST / HTTP/1.1\r\nhost: h\r\ncontent-length: 1\r\ncontent-length: 2\r\n\r\nab",
        "POST / HTTP/1.1\r\nhost: h\r\ncontent-length: -1\r\n\r\n",
        "POST / HTTP/1.1\r\nhost: h\r\ntransfer-encoding: chunked\r\n\r\nffffffffffffffffff\r\n",
    ];
    for request in requests {
        let mut client = Client::connect(&system, server.address()).await;
        client.send(request).await.unwrap();
        is_refused(&system, client, 400, request).await;
    }
    assert_eq!(get(&system, server.address(), "/").await.status, 200);
}

#[otp::test]
async fn a_client_that_sends_its_headers_too_slowly_is_cut_off(system: System) {
    let server = limited(&system, Limits::new().header_time(MOMENT)).await;
    for begun in ["", "GET / HT", "GET / HTTP/1.1\r\nhost: h\r\nx: "] {
        let mut client = Client::connect(&system, server.address()).await;
        client.send(begun).await.unwrap();
        client.closed().await;
    }
    // And one that is idle after a request.
    let mut client = Client::connect(&system, server.address()).await;
    assert_eq!(client.get("/").await.status, 200);
    client.closed().await;
}

#[otp::test]
async fn a_client_that_sends_its_headers_byte_by_byte_has_no_more_time_than_others(system: System) {
    let server = limited(&system, Limits::new().header_time(MOMENT)).await;
    let mut client = Client::connect(&system, server.address()).await;
    client.send("GET / HTTP/1.1\r\n").await.unwrap();
    while client.send("x: y\r\n").await.is_ok() {
        system.sleep(MOMENT / 10).await;
    }
}

#[otp::test]
async fn a_body_that_is_too_large_is_refused_announced_or_not(system: System) {
    let server = limited(&system, Limits::new().body(4)).await;
    let announced = |length: u64| format!("POST / HTTP/1.1\r\nhost: h\r\ncontent-length: {length}\r\n\r\n");
    let mut client = Client::connect(&system, server.address()).await;
    assert_eq!(client.ask(&(announced(4) + "1234")).await.body, "4");
    // Refused before it is sent.
    assert_eq!(client.ask(&announced(5)).await.status, 413);
    client.closed().await;

    let mut client = Client::connect(&system, server.address()).await;
    assert_eq!(client.ask(&announced(1 << 60)).await.status, 413);
    let mut client = Client::connect(&system, server.address()).await;
    let chunked = "POST / HTTP/1.1\r\nhost: h\r\ntransfer-encoding: chunked\r\n\r\n3\r\n123\r\n2\r\n45\r\n";
    assert_eq!(client.ask(chunked).await.status, 413);
    client.closed().await;
}

#[otp::test]
async fn a_body_that_comes_too_slowly_is_refused(system: System) {
    let server = limited(&system, Limits::new().body_time(MOMENT)).await;
    let mut client = Client::connect(&system, server.address()).await;
    assert_eq!(client.ask("POST / HTTP/1.1\r\nhost: h\r\ncontent-length: 4\r\n\r\n123").await.status, 408);
    client.closed().await;
}

#[otp::test]
async fn a_client_that_never_reads_is_cut_off_and_holds_up_nobody_else(system: System) {
    let server = limited(&system, Limits::new().connections(2).write_time(MOMENT)).await;
    let mut idle = Client::connect(&system, server.address()).await;
    idle.send("GET /endless HTTP/1.1\r\nhost: h\r\n\r\n").await.unwrap();
    idle.head().await.unwrap();
    // From here on it does not read: others are served meanwhile, and afterwards there is room for two of them.
    let mut client = Client::connect(&system, server.address()).await;
    assert_eq!(client.get("/").await.status, 200);
    let mut third = Client::connect(&system, server.address()).await;
    assert_eq!(third.get("/").await.status, 200);
    drop(idle);
}

#[otp::test]
async fn no_more_clients_are_accepted_than_the_limit_and_the_others_wait(system: System) {
    let server = limited(&system, Limits::new().connections(2)).await;
    let mut first = Client::connect(&system, server.address()).await;
    let mut second = Client::connect(&system, server.address()).await;
    assert_eq!((first.get("/").await.status, second.get("/").await.status), (200, 200));
    let mut third = Client::connect(&system, server.address()).await;
    third.send("GET / HTTP/1.1\r\nhost: h\r\n\r\n").await.unwrap();
    for _ in 0..10 {
        assert_eq!((first.get("/").await.status, second.get("/").await.status), (200, 200));
    }
    {
        let answer = pin!(third.answer());
        assert!(futures::poll!(answer).is_pending(), "it is not let in yet");
    }
    drop(first);
    assert_eq!(third.answer().await.unwrap().status, 200);
    assert_eq!(second.get("/").await.status, 200);
}

#[otp::test]
async fn more_requests_of_a_client_than_the_limit_are_refused_and_those_of_others_are_not(system: System) {
    let server = limited(&system, Limits::new().requests_per_second(2)).await;
    let mut other = Client::connect(&system, server.address()).await;
    assert_eq!(other.get("/").await.status, 200);
    let mut greedy = Client::connect(&system, server.address()).await;
    let (mut answered, begun) = (0, system.now());
    while greedy.get("/").await.status == 200 {
        answered += 1;
    }
    // As many as at once, and what time has added meanwhile.
    let most = 2.0 + 2.0 * (system.now() - begun).as_secs_f64();
    assert!(answered >= 2 && f64::from(answered) <= most, "{answered} of {most}");
    assert_eq!(other.get("/").await.status, 200);
    greedy.closed().await;
}
