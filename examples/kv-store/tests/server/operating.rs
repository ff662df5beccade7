//! What those who run the server do: change its file, ask for its health.

use std::fs;
use std::io::{Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};

use rustix::process::Signal;

use crate::on_every_executor;
use crate::program::{Dir, Program};

on_every_executor!(
    a_file_that_is_changed_is_read_again_at_sighup,
    a_file_that_is_broken_is_told_and_changes_nothing,
    health_is_told_over_http_from_start_to_stop,
);

/// A server with a file.
fn start(executor: &str, text: &str) -> (Program, std::path::PathBuf) {
    let dir = Dir::new();
    let file = dir.path().join("kv.toml");
    fs::write(&file, text).unwrap();
    (Program::start_in(&dir, executor, &["--config", file.to_str().unwrap()]), file)
}

/// Sends SIGHUP, and waits until the log has the text once more.
fn hang_up(program: &Program, text: &str) {
    let before = program.log().matches(text).count();
    program.signal(Signal::HUP);
    while program.log().matches(text).count() == before {
        std::thread::yield_now();
    }
}

fn a_file_that_is_changed_is_read_again_at_sighup(executor: &str) {
    let (program, file) = start(executor, "write_timeout = 86400\n");
    let mut deaf = program.client();
    let value = "v".repeat(1 << 20);
    assert_eq!(deaf.ask(&format!("SET big {value}")), "OK");
    fs::write(&file, "write_timeout = 1\n").unwrap();
    hang_up(&program, "of an application has changed");
    // With the timeout of the start the server would wait for a day.
    while deaf.try_send(&b"GET big\n".repeat(1000)).is_ok() {}
    assert_eq!(program.end_by(Signal::TERM).code, Some(0));
}

fn a_file_that_is_broken_is_told_and_changes_nothing(executor: &str) {
    let (program, file) = start(executor, "write_timeout = 7\n");
    let mut client = program.client();
    for (text, told) in [
        ("write_timeout = 0\n", "kv.toml:1:17: `write_timeout`: expected a number from 1 to 86400, found 0"),
        ("write_timeout =\n", "kv.toml:1:"),
        ("shards = 9\n", "only write_timeout can be changed while the server runs"),
    ] {
        fs::write(&file, text).unwrap();
        hang_up(&program, told);
        assert_eq!(client.ask("PING"), "PONG");
    }
    fs::write(&file, "write_timeout = 8\n").unwrap();
    hang_up(&program, "of an application has changed");
    assert_eq!(program.end_by(Signal::TERM).code, Some(0));
}

fn health_is_told_over_http_from_start_to_stop(executor: &str) {
    // Somebody else may take it meanwhile: then the start fails, and says so.
    let address = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let program = Program::start(executor, &["--health", &address.to_string()]);
    assert!(ask(address, "/livez").starts_with("HTTP/1.1 200 "));
    let ready = ask(address, "/readyz");
    assert!(ready.starts_with("HTTP/1.1 200 ") && ready.contains(r#""name":"shard-3""#), "{ready}");
    assert!(ask(address, "/").starts_with("HTTP/1.1 404 "));
    assert_eq!(program.end_by(Signal::TERM).code, Some(0));
    assert!(TcpStream::connect(address).is_err());
}

fn ask(address: SocketAddr, path: &str) -> String {
    let mut stream = TcpStream::connect(address).unwrap();
    write!(stream, "GET {path} HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n").unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    answer
}
