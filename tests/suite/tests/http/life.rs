//! How a server starts, stops and is restarted.

use std::io::ErrorKind;
use std::time::Duration;

use futures::channel::mpsc;
use futures::{SinkExt, StreamExt, stream};
use otp::http::{Http, Limits, Request, Response, StartHttpError};
use otp::prelude::*;
use otp::process::Crash;
use otp::{ExitReason, System, sys};
use otp_suite::http::{Client, get};

const MOMENT: Duration = Duration::from_millis(20);

async fn page(_: Request) -> Response {
    Response::text("page")
}

fn crash(reason: Option<&ExitReason>) -> &Crash {
    match reason {
        Some(ExitReason::Error(crash)) => crash,
        other => panic!("{other:?}"),
    }
}

#[otp::test]
async fn a_server_listens_on_loopback_only_unless_it_is_told_otherwise(system: System) {
    for address in ["0.0.0.0:0", "[::]:0", "10.1.2.3:80", "[::ffff:10.1.2.3]:80"] {
        let error = Http::on(address, page).start(&system).await.unwrap_err();
        let crash = crash(error.reason());
        assert!(matches!(crash.error().unwrap().downcast_ref(), Some(StartHttpError::NotLoopback(_))), "{crash}");
        assert!(error.to_string().contains("is not on loopback"), "{error}");
    }
    let server = Http::on("0.0.0.0:0", page).beyond_loopback().start(&system).await.unwrap();
    let port = server.address().port().unwrap();
    assert_eq!(get(&system, &([127, 0, 0, 1], port).into(), "/").await.body, "page");
}

#[otp::test]
async fn a_start_fails_with_what_is_wrong_with_its_address(system: System) {
    let error = Http::on("localhost:80", page).start(&system).await.unwrap_err();
    assert!(error.to_string().contains("\"localhost:80\" is no address"), "{error}");

    let server = Http::on("127.0.0.1:0", page).start(&system).await.unwrap();
    let error = Http::on(server.address().clone(), page).start(&system).await.unwrap_err();
    let crash = crash(error.reason());
    let Some(StartHttpError::Listen(error)) = crash.error().unwrap().downcast_ref() else { panic!("{crash}") };
    assert_eq!(error.kind(), ErrorKind::AddrInUse);
}

#[otp::test]
async fn a_supervisor_restarts_a_server_on_its_address(system: System) {
    system.log_crashes(false);
    let address = {
        let server = Http::on("127.0.0.1:0", page).start(&system).await.unwrap();
        server.stop().await.unwrap();
        server.address().clone()
    };
    let supervisor = Supervisor::new(Strategy::OneForOne).start(&system).await.unwrap();
    let server = supervisor.start_child(Http::on(address.clone(), page).supervised("pages")).await.unwrap().unwrap();
    let mut client = Client::connect(&system, &address).await;
    assert_eq!(client.get("/").await.body, "page");
    sys::stop(&system, server.pid()).await.unwrap();
    // The connections of the server end with it.
    client.closed().await;
    // It is restarted before the supervisor answers.
    assert_eq!(supervisor.count_children().await.unwrap().active, 1);
    assert_eq!(get(&system, &address, "/").await.body, "page");
}

#[otp::test]
async fn a_server_that_is_killed_takes_its_connections_with_it(system: System) {
    let server = Http::on("127.0.0.1:0", page).start(&system).await.unwrap();
    let mut client = Client::connect(&system, server.address()).await;
    assert_eq!(client.get("/").await.body, "page");
    let before = system.process_count();
    let (address, exited) = (server.address().clone(), server.exited());
    system.exit(server.pid(), ExitReason::Kill);
    assert_eq!(exited.await, ExitReason::Killed);
    client.closed().await;
    let refused = system.net().unwrap().connect(&address).await.unwrap_err();
    assert_eq!(refused.kind(), ErrorKind::ConnectionRefused);
    assert!(system.process_count() < before);
}

#[otp::test]
async fn a_stop_lets_running_requests_finish_and_accepts_nobody_any_more(system: System) {
    let (enter, mut entered) = mpsc::channel(0);
    let (leave, leaves) = async_channel::bounded::<()>(1);
    let handler = move |_| {
        let (mut enter, leaves) = (enter.clone(), leaves.clone());
        async move {
            enter.send(()).await.unwrap();
            leaves.recv().await.unwrap();
            Response::text("finished")
        }
    };
    let server = Http::on("127.0.0.1:0", handler).start(&system).await.unwrap();
    let mut client = Client::connect(&system, server.address()).await;
    let mut idle = Client::connect(&system, server.address()).await;
    client.send("GET / HTTP/1.1\r\nhost: h\r\n\r\n").await.unwrap();
    entered.next().await.unwrap();
    idle.send("").await.unwrap();

    let stopping = server.clone();
    let stop = system.spawn(async move |_: ProcessContext<()>| stopping.stop().await.unwrap());
    let net = system.net().unwrap();
    while net.connect(server.address()).await.is_ok() {}
    idle.closed().await;
    leave.send(()).await.unwrap();
    let answer = client.answer().await.unwrap();
    assert_eq!((answer.body.as_str(), answer.header("connection")), ("finished", Some("close")));
    assert_eq!(stop.exited().await, ExitReason::Normal);
}

#[otp::test]
async fn a_stop_ends_streams_and_what_does_not_end_in_time_is_closed(system: System) {
    let limits = Limits::new().stop_time(MOMENT);
    let handler = async |request: Request| match request.path() {
        "/stream" => Response::stream("text/plain", stream::iter(["x".into()]).chain(stream::pending())),
        _ => std::future::pending().await,
    };
    let server = Http::on("127.0.0.1:0", handler).limits(limits).start(&system).await.unwrap();
    let mut reader = Client::connect(&system, server.address()).await;
    reader.send("GET /stream HTTP/1.1\r\nhost: h\r\n\r\n").await.unwrap();
    assert_eq!((reader.head().await.unwrap().status, reader.chunk().await.unwrap()), (200, Some("x".to_owned())));
    let mut stuck = Client::connect(&system, server.address()).await;
    stuck.send("GET / HTTP/1.1\r\nhost: h\r\n\r\n").await.unwrap();

    server.stop().await.unwrap();
    assert_eq!(reader.chunk().await.unwrap(), None, "the stream has ended, as if it were complete");
    stuck.closed().await;
}

#[otp::test]
async fn a_suspended_server_accepts_nobody_and_goes_on_with_its_connections(system: System) {
    let server = Http::on("127.0.0.1:0", page).start(&system).await.unwrap();
    let mut client = Client::connect(&system, server.address()).await;
    assert_eq!(client.get("/").await.body, "page");
    sys::suspend(&system, server.pid()).await.unwrap();
    let mut waits = Client::connect(&system, server.address()).await;
    waits.send("GET / HTTP/1.1\r\nhost: h\r\n\r\n").await.unwrap();
    assert_eq!(client.get("/").await.body, "page");
    let status = sys::status(&system, server.pid()).await.unwrap();
    assert_eq!(status.state.as_deref(), Some("1 of 64 connections"));
    sys::resume(&system, server.pid()).await.unwrap();
    assert_eq!(waits.answer().await.unwrap().body, "page");
}

#[otp::test]
async fn a_server_of_a_unix_socket_is_reached_by_its_path(system: System) {
    let folder = std::env::temp_dir().join(format!("otp-http-{}-{:x}", std::process::id(), system.random()));
    let address = format!("unix:{}", folder.display());
    let server = Http::on(address, page).start(&system).await.unwrap();
    assert_eq!(get(&system, server.address(), "/").await.body, "page");
    server.stop().await.unwrap();
    assert!(!folder.exists(), "the file is removed");
}
