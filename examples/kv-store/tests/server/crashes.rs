//! Shards that crash, and programs that are killed.

use std::sync::atomic::{AtomicBool, Ordering};

use rustix::process::Signal;

use crate::client::Client;
use crate::on_every_executor;
use crate::program::Program;

on_every_executor!(
    a_crashed_shard_comes_back_with_its_keys,
    a_crash_in_the_middle_of_a_pipeline_undoes_nothing_that_was_acknowledged,
    crashes_under_load_are_noticed_by_nobody_else,
    a_time_to_live_survives_a_restart,
    a_shard_that_crashes_too_often_takes_the_store_down_and_up_again,
);

/// A key on each of four shards.
fn keys() -> [String; 4] {
    std::array::from_fn(|shard| {
        let mut names = (0..).map(|number| format!("key:{number}"));
        names.find(|name| kv_store::route::route(name.as_bytes(), 4) == shard).unwrap()
    })
}

fn a_crashed_shard_comes_back_with_its_keys(executor: &str) {
    for fsync in ["never", "everysec", "always"] {
        crash_each_shard(&Program::start(executor, &["--fsync", fsync]));
    }
}

fn crash_each_shard(program: &Program) {
    let mut client = program.client();
    for (shard, key) in keys().into_iter().enumerate() {
        assert_eq!(client.ask(&format!("SET {key} {shard}")), "OK");
        assert_eq!(client.ask(&format!("DEBUG PANIC {key}")), format!("-ERR shard {shard} crashed while it did this"));
        client.ask_until(&format!("GET {key}"), &format!("\"{shard}\""));
    }
    assert_eq!(client.ask(&format!("MGET {}", keys().join(" "))), r#"["0" "1" "2" "3"]"#);
    assert_eq!(client.ask("INFO").matches("restarts=1").count(), 4);
}

fn a_crash_in_the_middle_of_a_pipeline_undoes_nothing_that_was_acknowledged(executor: &str) {
    let program = Program::start(executor, &[]);
    let mut client = program.client();
    assert_eq!(client.ask("SET a before"), "OK");
    client.send(b"SET a during\nSET b other\nDEBUG PANIC a\nPING\n");
    // One batch for each shard: all of the one that crashed, nothing of the others.
    let crashed = "-ERR shard 3 crashed while it did this";
    assert_eq!([(); 4].map(|()| client.reply()), [crashed, "OK", crashed, "PONG"]);
    client.ask_until("GET a", r#""before""#);
    assert_eq!(client.ask("GET b"), r#""other""#);
}

fn crashes_under_load_are_noticed_by_nobody_else(executor: &str) {
    let program = Program::start(executor, &[]);
    let dir = program.dir().clone();
    let address = program.address();
    let done = AtomicBool::new(false);
    // Each writer has keys of its own, on all shards, and writes numbers that only grow.
    let acknowledged: Vec<Vec<u64>> = std::thread::scope(|scope| {
        let writers: Vec<_> = (0..8)
            .map(|writer| {
                let done = &done;
                scope.spawn(move || write(&mut Client::connect(address), writer, done))
            })
            .collect();
        let mut storm = program.client();
        for round in 1..=5 {
            for key in keys() {
                storm.ask(&format!("DEBUG PANIC {key}"));
            }
            let restarts = format!("restarts={round}");
            while storm.ask("INFO").matches(&restarts).count() < 4 {}
        }
        done.store(true, Ordering::Relaxed);
        writers.into_iter().map(|writer| writer.join().unwrap()).collect()
    });
    check(&mut program.client(), &acknowledged);
    assert_eq!(program.end_by(Signal::KILL).code, None);
    check(&mut Program::start_in(&dir, executor, &[]).client(), &acknowledged);
}

const KEYS: usize = 16;

/// Writes until it is done; returns the last number that was acknowledged for each key.
fn write(client: &mut Client, writer: usize, done: &AtomicBool) -> Vec<u64> {
    let mut acknowledged = vec![0; KEYS];
    for number in 1.. {
        if done.load(Ordering::Relaxed) {
            break;
        }
        let key = number as usize % KEYS;
        // Not even a refusal: a shard that crashes before it gets to a write leaves it to its successor.
        assert_eq!(client.ask(&format!("SET w{writer}:{key} {number}")), "OK");
        acknowledged[key] = number;
    }
    acknowledged
}

fn check(client: &mut Client, acknowledged: &[Vec<u64>]) {
    for (writer, numbers) in acknowledged.iter().enumerate() {
        for (key, number) in numbers.iter().enumerate() {
            let kept = client.ask(&format!("GET w{writer}:{key}"));
            let kept = if kept == "nil" { 0 } else { kept.trim_matches('"').parse::<u64>().unwrap() };
            assert!(kept == *number, "w{writer}:{key} is {kept}, but {number} was acknowledged");
        }
    }
}

fn a_time_to_live_survives_a_restart(executor: &str) {
    let program = Program::start(executor, &[]);
    let dir = program.dir().clone();
    let mut client = program.client();
    assert_eq!(client.ask("SET long 1 EX 1000"), "OK");
    assert_eq!(client.ask("SET short 1 PX 1"), "OK");
    assert_eq!(client.ask("MSET later 1 never 1"), "OK");
    assert_eq!(client.ask("EXPIRE later 1000"), "1");
    program.end_by(Signal::KILL);
    let program = Program::start_in(&dir, executor, &[]);
    let mut client = program.client();
    for key in ["long", "later"] {
        let left: u64 = client.ask(&format!("TTL {key}")).parse().unwrap();
        assert!((900..=1000).contains(&left), "{key}: {left}");
    }
    assert_eq!(client.ask("TTL never"), "-1");
    client.ask_until("TTL short", "-2");
}

fn a_shard_that_crashes_too_often_takes_the_store_down_and_up_again(executor: &str) {
    let program = Program::start(executor, &[]);
    let mut client = program.client();
    assert_eq!(client.ask("SET a 1"), "OK");
    let restarted =
        |info: String| info.split("\\r\\n").any(|line| line.starts_with("  store:") && line.ends_with("=1"));
    while !restarted(client.ask("INFO")) {
        client.ask("DEBUG PANIC a");
    }
    client.ask_until("GET a", r#""1""#);
}
