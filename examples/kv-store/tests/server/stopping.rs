//! SIGTERM and SIGINT.

use std::collections::HashMap;
use std::time::Duration;

use rustix::process::Signal;

use crate::on_every_executor;
use crate::program::Program;

on_every_executor!(
    a_signal_stops_an_idle_server,
    a_signal_under_load_loses_nothing_that_was_acknowledged,
    a_client_that_does_not_read_does_not_hold_the_stop_up,
    a_second_signal_ends_the_server_at_once,
);

/// What an orderly stop may take.
const LIMIT: Duration = Duration::from_secs(5);

fn a_signal_stops_an_idle_server(executor: &str) {
    for signal in [Signal::TERM, Signal::INT] {
        let program = Program::start(executor, &[]);
        let mut idle = program.client();
        assert_eq!(idle.ask("PING"), "PONG");
        let ended = program.end_by(signal);
        assert_eq!(ended.code, Some(0), "{}", ended.log);
        assert!(ended.after < LIMIT, "{:?}", ended.after);
        assert!(idle.rest().is_empty());
    }
}

fn a_signal_under_load_loses_nothing_that_was_acknowledged(executor: &str) {
    let program = Program::start(executor, &[]);
    let dir = program.dir().clone();
    let (address, mut probe) = (program.address(), program.client());
    let writers: Vec<_> = (0..8)
        .map(|writer| {
            std::thread::spawn(move || {
                let mut client = crate::client::Client::connect(address);
                let mut acknowledged = 0;
                while client.try_ask(&format!("SET w{writer} {}", acknowledged + 1)).is_ok_and(|reply| reply == "OK") {
                    acknowledged += 1;
                }
                acknowledged
            })
        })
        .collect();
    while probe.ask("EXISTS w0 w1 w2 w3 w4 w5 w6 w7") != "8" {}
    let ended = program.end_by(Signal::TERM);
    assert_eq!(ended.code, Some(0), "{}", ended.log);
    assert!(ended.after < LIMIT, "{:?}", ended.after);
    let acknowledged: HashMap<usize, u64> =
        writers.into_iter().map(|writer| writer.join().unwrap()).enumerate().collect();
    let program = Program::start_in(&dir, executor, &[]);
    let mut client = program.client();
    for (writer, acknowledged) in acknowledged {
        let kept: u64 = client.ask(&format!("GET w{writer}")).trim_matches('"').parse().unwrap();
        // The last write may have been done without its reply getting through.
        assert!((acknowledged..=acknowledged + 1).contains(&kept), "{kept} kept, {acknowledged} acknowledged");
    }
    assert!(!ended.log.contains("was not written whole"));
}

fn a_client_that_does_not_read_does_not_hold_the_stop_up(executor: &str) {
    let program = Program::start(executor, &[]);
    let _deaf = deaf_client(&program);
    let ended = program.end_by(Signal::TERM);
    assert_eq!(ended.code, Some(0), "{}", ended.log);
    assert!(ended.after < LIMIT, "{:?}", ended.after);
}

fn a_second_signal_ends_the_server_at_once(executor: &str) {
    let program = Program::start(executor, &[]);
    let _deaf = deaf_client(&program);
    let mut idle = program.client();
    assert_eq!(idle.ask("PING"), "PONG");
    program.signal(Signal::TERM);
    // Closed: so the first signal has been heard, and only the deaf client is waited for.
    assert!(idle.rest().is_empty());
    let ended = program.end_by(Signal::TERM);
    assert_eq!(ended.code, Some(143), "{}", ended.log);
}

/// A client with more replies on their way than it, and the network, have room for.
fn deaf_client(program: &Program) -> crate::client::Client {
    let mut client = program.client();
    let value = "v".repeat(1 << 20);
    assert_eq!(client.ask(&format!("SET big {value}")), "OK");
    client.send(&b"GET big\n".repeat(100));
    // The first bytes are there, so the server is writing.
    client.peek();
    client
}
