//! The service behind its shell: real requests over real connections.

#![allow(clippy::disallowed_types, reason = "the shell takes a socket of the standard library")]

use std::net::{Ipv4Addr, SocketAddr, TcpListener};

use futures::{AsyncReadExt, AsyncWriteExt};
use otp::prelude::*;
use otp::test::eventually;
use serde_json::{Value, json};
use worker_pool::service::{Limits, Service};
use worker_pool::{http, tree};

#[otp::test(backends = [tokio, tokio_current])]
async fn jobs_are_taken_tried_refused_and_found(system: System) {
    let client = start(&system, Limits { open: 2, ..Limits::default() }).await;

    let (head, body) = client.post("/jobs", r#"{"kind":"flaky","failures":1}"#).await;
    assert!(head.starts_with("HTTP/1.1 202 ") && head.contains("location: /jobs/1"), "{head}");
    assert_eq!(body, json!({ "id": 1 }));
    let done = json!({ "status": "done", "result": 1 });
    eventually(&system, async || client.get("/jobs/1").await.1 == done).await;

    client.post("/jobs", r#"{"kind":"sleep","ms":60000}"#).await;
    client.post("/jobs", r#"{"kind":"sleep","ms":60000}"#).await;
    let (head, body) = client.post("/jobs", r#"{"kind":"primes","below":10}"#).await;
    assert!(head.starts_with("HTTP/1.1 429 ") && head.contains("retry-after: 1"), "{head}");
    assert_eq!(body, json!({ "error": "there are 2 unfinished jobs already" }));
    assert_eq!(client.get("/counts").await.1, json!({ "accepted": 3, "done": 1, "dead": 0 }));
}

#[otp::test(backends = [tokio])]
async fn what_makes_no_sense_is_the_clients_error(system: System) {
    let client = start(&system, Limits::default()).await;
    let status = async |body: &str| client.post("/jobs", body).await.0[9..12].to_owned();
    assert_eq!(status("{").await, "400");
    assert_eq!(status(r#"{"kind":"unknown"}"#).await, "422");
    assert_eq!(status(r#"{"kind":"sleep","ms":-1}"#).await, "422");
    assert_eq!(status(r#"{"kind":"sleep","ms":1,"more":1}"#).await, "422");
    assert_eq!(status(r#"{"kind":"sleep","ms":3600000}"#).await, "422");
    assert_eq!(status(&format!(r#"{{"kind":"fail","reason":"{}"}}"#, "x".repeat(5000))).await, "413");
    assert!(client.get("/jobs/7").await.0.starts_with("HTTP/1.1 404 "));
    assert!(client.get("/jobs/seven").await.0.starts_with("HTTP/1.1 400 "));
    assert_eq!(client.get("/dead-letters").await.1, json!({}));
}

#[otp::test(backends = [tokio])]
async fn a_server_that_crashes_is_back_on_its_port(system: System) {
    system.log_crashes(false);
    let client = start(&system, Limits::default()).await;
    assert_eq!(client.get("/counts").await.1["accepted"], 0);
    let children = SupervisorRef::named(&system, tree::ROOT).which_children().await.unwrap();
    let http = children.into_iter().find(|child| child.id.as_str() == "http").and_then(|child| child.state.running());
    system.exit(http.unwrap(), ExitReason::Kill);
    system.exited(http.unwrap()).await;
    assert_eq!(client.get("/counts").await.1["accepted"], 0);
}

async fn start(system: &System, limits: Limits) -> Client {
    let socket = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
    socket.set_nonblocking(true).unwrap();
    let client = Client { system: system.clone(), address: socket.local_addr().unwrap() };
    let service = Service::new(system, limits);
    let http = http::child(service.clone(), socket, 10);
    service.tree().child(http).start(system).name(tree::ROOT).await.unwrap();
    client
}

struct Client {
    system: System,
    address: SocketAddr,
}

impl Client {
    async fn get(&self, path: &str) -> (String, Value) {
        self.ask(&format!("GET {path} HTTP/1.1\r\nhost: test\r\nconnection: close\r\n\r\n")).await
    }

    async fn post(&self, path: &str, body: &str) -> (String, Value) {
        let head = format!("POST {path} HTTP/1.1\r\nhost: test\r\nconnection: close\r\ncontent-type: application/json");
        self.ask(&format!("{head}\r\ncontent-length: {}\r\n\r\n{body}", body.len())).await
    }

    /// The head of the answer, and its body.
    async fn ask(&self, request: &str) -> (String, Value) {
        let mut stream = self.system.net().unwrap().connect(self.address).await.unwrap();
        stream.write_all(request.as_bytes()).await.unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).await.unwrap();
        let (head, body) = answer.split_once("\r\n\r\n").unwrap();
        (head.to_owned(), serde_json::from_str(body).unwrap_or_default())
    }
}
