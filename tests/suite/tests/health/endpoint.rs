//! The endpoint of a service's health: what a client of HTTP gets.

use futures::{AsyncReadExt, AsyncWriteExt};
use otp::System;
use otp::health::{Check, Health, HealthEndpoint};
use otp::http::HttpServer;
use otp::prelude::*;

/// The status of the answer, and its body.
async fn ask(system: &System, server: &HttpServer, line: &str) -> (u16, String) {
    let mut client = system.net().unwrap().connect(server.address()).await.unwrap();
    client.write_all(format!("{line} HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n").as_bytes()).await.unwrap();
    let mut response = String::new();
    client.read_to_string(&mut response).await.unwrap();
    let (head, body) = response.split_once("\r\n\r\n").unwrap();
    (head[9..12].parse().unwrap(), body.to_owned())
}

#[otp::test]
async fn the_endpoint_answers_for_the_service_and_nothing_else(system: System) {
    let health = Health::new().ready(Check::new("disk", async |_| Err("full")));
    let endpoint = HealthEndpoint::on(([127, 0, 0, 1], 0)).health(health.clone()).supervised();
    let tree = Supervisor::new(Strategy::OneForOne).start(&system).await.unwrap();
    let server = tree.start_child(endpoint).await.unwrap().unwrap();

    assert_eq!(ask(&system, &server, "GET /livez").await, (200, r#"{"checks":[],"status":"pass"}"#.to_owned()));
    let (status, body) = ask(&system, &server, "GET /readyz?verbose").await;
    assert!(status == 503 && body.contains(r#""reason":"full""#), "{body}");
    assert_eq!(ask(&system, &server, "HEAD /livez").await, (200, String::new()));
    assert_eq!(ask(&system, &server, "POST /livez").await.0, 405);
    assert_eq!(ask(&system, &server, "GET /").await.0, 404);
    health.withdraw("it stops");
    assert!(ask(&system, &server, "GET /readyz").await.1.contains(r#""reason":"it stops""#));
}

#[otp::test]
async fn an_endpoint_without_an_address_or_beyond_loopback_does_not_start(system: System) {
    system.log_crashes(false);
    for endpoint in [HealthEndpoint::on("nowhere"), HealthEndpoint::on("0.0.0.0:0")] {
        assert!(Supervisor::new(Strategy::OneForOne).child(endpoint).start(&system).await.is_err());
    }
    let open = HealthEndpoint::on(([127, 0, 0, 1], 0)).beyond_loopback();
    assert!(Supervisor::new(Strategy::OneForOne).child(open).start(&system).await.is_ok());
}
