//! What a handler gets, and what its client gets of it.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use futures::channel::{mpsc, oneshot};
use futures::{FutureExt, StreamExt, stream};
use otp::event::Event;
use otp::http::{HeaderValue, Http, HttpServer, Request, Response, ServerSentEvent, StatusCode, header};
use otp::{ExitReason, System, sys};
use otp_suite::http::{Client, get};

/// Starts a server on any port.
async fn serving<F>(system: &System, handler: impl Fn(Request) -> F + Send + Sync + 'static) -> HttpServer
where
    F: Future<Output = Response> + Send + 'static,
{
    Http::on("127.0.0.1:0", handler).start(system).await.unwrap()
}

async fn echo(request: Request) -> Response {
    let queries: Vec<_> = request.queries().collect();
    let lines = [
        format!("{} {}", request.method(), request.path()),
        format!("{queries:?} {:?}", request.query("b")),
        format!("{:?} {:?}", request.header("x-one"), request.header("x-two")),
        String::from_utf8_lossy(request.body()).into_owned(),
    ];
    Response::text(lines.join("\n")).header(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"))
}

#[otp::test]
async fn a_request_reaches_the_handler_with_all_its_parts(system: System) {
    let server = serving(&system, echo).await;
    let mut client = Client::connect(&system, server.address()).await;
    let request = "POST /a%20b/../c?a=1&b=%C3%BC+%26&b=2 HTTP/1.1\r\nHost: h\r\nX-One: 1\r\nX-Two: 1\r\nx-two: 2\r\n\
                   Content-Length: 4\r\n\r\nbody";
    let answer = client.ask(request).await;
    let expected =
        "POST /a%20b/../c\n[(\"a\", \"1\"), (\"b\", \"ü &\"), (\"b\", \"2\")] Some(\"ü &\")\nSome(\"1\") None\nbody";
    assert_eq!((answer.status, answer.body.as_str()), (200, expected));
    assert_eq!(answer.header("content-type"), Some("text/plain; charset=utf-8"));
    assert_eq!(answer.header("x-content-type-options"), Some("nosniff"));
    assert_eq!(answer.header("date"), None, "the wall clock is not the system's");
}

#[otp::test]
async fn a_client_sends_several_requests_over_one_connection(system: System) {
    let server = serving(&system, echo).await;
    let mut client = Client::connect(&system, server.address()).await;
    for path in ["/1", "/2", "/3"] {
        assert!(client.get(path).await.body.starts_with(&format!("GET {path}\n")));
    }
    let chunked = "PUT / HTTP/1.1\r\nhost: h\r\ntransfer-encoding: chunked\r\n\r\n2\r\nbo\r\n2\r\ndy\r\n0\r\n\r\n";
    assert!(client.ask(chunked).await.body.ends_with("\nbody"));
    // Those that were not waited for are answered in order.
    client.send(&"GET /4 HTTP/1.1\r\nhost: h\r\n\r\nGET /5 HTTP/1.1\r\nhost: h\r\n\r\n".repeat(2)).await.unwrap();
    for path in ["/4", "/5", "/4", "/5"] {
        assert!(client.answer().await.unwrap().body.starts_with(&format!("GET {path}\n")));
    }
}

#[otp::test]
async fn the_answer_to_a_head_has_no_body(system: System) {
    let server = serving(&system, async |_| Response::text("body")).await;
    let mut client = Client::connect(&system, server.address()).await;
    client.send("HEAD / HTTP/1.1\r\nhost: h\r\n\r\n").await.unwrap();
    assert_eq!(client.head().await.unwrap().header("content-length"), Some("4"));
    assert_eq!(client.get("/").await.body, "body", "the next answer follows");
}

#[otp::test]
async fn what_a_handler_returns_may_be_a_text_a_status_or_a_result(system: System) {
    let handler = async |request: Request| match request.path() {
        "/text" => Ok("text"),
        "/error" => Err(StatusCode::CONFLICT),
        _ => Err(StatusCode::NOT_FOUND),
    };
    let server = Http::on(([127, 0, 0, 1], 0), handler).start(&system).await.unwrap();
    for (path, expected) in [("/text", (200, "text")), ("/error", (409, "Conflict")), ("/", (404, "Not Found"))] {
        let answer = get(&system, server.address(), path).await;
        assert_eq!((answer.status, answer.body.as_str()), expected);
    }
}

#[otp::test]
async fn a_panic_in_a_handler_is_a_crash_that_is_answered_with_500_and_the_connection_goes_on(system: System) {
    system.log_crashes(false);
    let mut events = system.subscribe();
    let server = serving(&system, async |request| match request.path() {
        "/panic" => panic!("no page"),
        _ => Response::text("page"),
    })
    .await;
    let mut client = Client::connect(&system, server.address()).await;
    let answer = client.get("/panic").await;
    assert_eq!((answer.status, answer.body.as_str()), (500, "Internal Server Error"), "it tells the client nothing");
    assert_eq!(client.get("/").await.body, "page");
    loop {
        if let Event::Crashed(report) = events.next().await {
            assert!(matches!(&report.reason, ExitReason::Error(crash) if crash.message() == "no page"));
            assert_eq!(report.parent, Some(server.pid()));
            break;
        }
    }
}

#[otp::test]
async fn a_handler_is_dropped_when_its_client_goes_away(system: System) {
    let (tell, told) = oneshot::channel::<()>();
    let tell = std::sync::Mutex::new(Some(tell));
    let (entered, mut enters) = mpsc::unbounded();
    let server = serving(&system, move |_| {
        let tell = tell.lock().unwrap().take();
        entered.unbounded_send(()).unwrap();
        async move {
            let _tell = tell;
            std::future::pending().await
        }
    })
    .await;
    let mut client = Client::connect(&system, server.address()).await;
    client.send("GET / HTTP/1.1\r\nhost: h\r\n\r\n").await.unwrap();
    enters.next().await.unwrap();
    drop(client);
    assert!(told.await.is_err(), "dropped");
}

#[otp::test]
async fn a_stream_is_sent_as_it_comes(system: System) {
    let (send, events) = mpsc::unbounded();
    let events = std::sync::Mutex::new(Some(events));
    let server = serving(&system, move |_| {
        let events = events.lock().unwrap().take().unwrap();
        async move { Response::events(events.map(|n: u32| ServerSentEvent::new(n.to_string()))) }
    })
    .await;
    let mut client = Client::connect(&system, server.address()).await;
    client.send("GET / HTTP/1.1\r\nhost: h\r\n\r\n").await.unwrap();
    let head = client.head().await.unwrap();
    assert_eq!(
        (head.header("content-type"), head.header("cache-control")),
        (Some("text/event-stream"), Some("no-store"))
    );
    for n in 1..=3 {
        send.unbounded_send(n).unwrap();
        assert_eq!(client.chunk().await.unwrap(), Some(format!("data: {n}\n\n")));
    }
    drop(send);
    assert_eq!(client.chunk().await.unwrap(), None, "the end of the stream");
}

#[otp::test]
async fn a_stream_is_polled_no_further_than_its_client_reads(system: System) {
    let polled = Arc::new(AtomicUsize::new(0));
    let (count, (tell, told)) = (polled.clone(), oneshot::channel::<()>());
    let tell = std::sync::Mutex::new(Some(tell));
    let server = serving(&system, move |_| {
        let (count, tell) = (count.clone(), tell.lock().unwrap().take());
        let pieces = stream::repeat_with(move || {
            count.fetch_add(1, Ordering::Relaxed);
            let _tell = &tell;
            vec![b'x'; 64 * 1024].into()
        });
        async move { Response::stream("application/octet-stream", pieces) }
    })
    .await;
    let mut client = Client::connect(&system, server.address()).await;
    client.send("GET / HTTP/1.1\r\nhost: h\r\n\r\n").await.unwrap();
    client.head().await.unwrap();
    client.chunk().await.unwrap();
    // Another client is served meanwhile, and a system request is answered.
    assert!(sys::status(&system, server.pid()).await.is_ok());
    let count = polled.load(Ordering::Relaxed);
    assert!(count < 1024, "{count} pieces: what the sockets hold, and no more");
    drop(client);
    assert!(told.await.is_err(), "the stream is dropped when its client goes away");
}

#[otp::test]
async fn a_panic_in_a_stream_breaks_the_answer_off(system: System) {
    system.log_crashes(false);
    let server = serving(&system, async |_| {
        let pieces = stream::iter([1, 2]).map(|n| if n == 1 { "one".into() } else { panic!("no two") });
        Response::stream("text/plain", pieces)
    })
    .await;
    let mut client = Client::connect(&system, server.address()).await;
    client.send("GET / HTTP/1.1\r\nhost: h\r\n\r\n").await.unwrap();
    // What came before may be lost with it.
    assert!(client.answer().await.is_err(), "it does not look complete");
    assert!(server.exited().now_or_never().is_none(), "the server goes on");
}
