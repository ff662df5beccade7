//! The observer: what its JSON says of a system, what it changes, and whom it does not answer.

mod acts;
mod ground;
mod hostile;
mod many;
mod reads;

use otp::http::HttpServer;
use otp::observer::Observer;
use otp::prelude::*;
use otp_suite::http::{Client, get};
use serde_json::Value;

const TOKEN: &str = "a token that nobody guesses";

/// A server that counts, and does what it is told.
struct Counter(u64);

#[gen_server]
impl Counter {
    const NAME: ServerName<Counter> = ServerName::new("counter <b>&\"'");

    #[init]
    fn init(start: u64) -> Self {
        Counter(start)
    }

    #[call]
    fn add(&mut self, n: u64) -> u64 {
        self.0 += n;
        self.0
    }

    #[call]
    async fn add_to(&mut self, other: ServerRef<Counter>, n: u64) -> u64 {
        self.0 += n;
        other.add(n).await.unwrap()
    }

    #[cast]
    fn boom(&mut self) {
        panic!("boom <script>alert(1)</script>");
    }

    #[cast]
    async fn wait_for_ever(&mut self) {
        std::future::pending().await
    }

    #[format_status]
    fn format_status(&self) -> String {
        format!("at {} </script>", self.0)
    }
}

async fn observing(system: &System) -> HttpServer {
    Observer::on("127.0.0.1:0").writable(TOKEN).start(system).await.unwrap()
}

async fn json(system: &System, observer: &HttpServer, target: &str) -> Value {
    let answer = get(system, observer.address(), target).await;
    assert_eq!(answer.status, 200, "{target}: {}", answer.body);
    serde_json::from_str(&answer.body).unwrap()
}

/// The pid in the form in which a request has it.
fn bare(pid: Pid) -> String {
    pid.to_string().trim_matches(['<', '>']).to_owned()
}

/// Sends a request to change something.
async fn post(system: &System, observer: &HttpServer, target: &str, token: Option<&str>) -> (u16, Value) {
    let token = token.map_or_else(String::new, |token| format!("authorization: Bearer {token}\r\n"));
    let request = format!("POST {target} HTTP/1.1\r\nhost: localhost\r\n{token}content-length: 0\r\n\r\n");
    let answer = Client::connect(system, observer.address()).await.ask(&request).await;
    (answer.status, serde_json::from_str(&answer.body).unwrap())
}
