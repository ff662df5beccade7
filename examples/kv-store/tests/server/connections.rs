//! Many clients, and odd ones.

use std::time::{Duration, Instant};

use crate::client::Client;
use crate::on_every_executor;
use crate::program::Program;

on_every_executor!(
    a_thousand_clients_are_served_at_once,
    one_client_too_many_is_told_so_and_closed,
    a_half_closed_client_gets_its_replies,
    clients_that_vanish_leave_nothing_behind,
    clients_wait_without_harm_while_there_are_no_file_descriptors,
);

fn a_thousand_clients_are_served_at_once(executor: &str) {
    let program = Program::start(executor, &["--max-connections", "1000"]);
    let mut clients: Vec<Client> = (0..1000).map(|_| program.client()).collect();
    for (number, client) in clients.iter_mut().enumerate() {
        client.send(format!("SET key{number} {number}\r\nGET key{number}\r\n").as_bytes());
    }
    for (number, client) in clients.iter_mut().enumerate() {
        assert_eq!([client.reply(), client.reply()], ["OK".to_owned(), format!("\"{number}\"")]);
    }
    assert_eq!(clients[0].ask("DBSIZE"), "1000");
    assert!(clients[0].ask("INFO").contains("connected_clients:1000"));
}

fn one_client_too_many_is_told_so_and_closed(executor: &str) {
    let program = Program::start(executor, &["--max-connections", "2"]);
    let mut clients = [program.client(), program.client()];
    for client in &mut clients {
        assert_eq!(client.ask("PING"), "PONG");
    }
    let mut third = program.client();
    assert_eq!(third.reply(), "-ERR max number of clients reached");
    assert!(third.rest().is_empty());
    // The others have noticed nothing, and when one leaves there is room again.
    let [mut first, second] = clients;
    assert_eq!(first.ask("PING"), "PONG");
    drop(second);
    while program.client().try_ask("PING").ok().as_deref() != Some("PONG") {}
}

fn a_half_closed_client_gets_its_replies(executor: &str) {
    let program = Program::start(executor, &[]);
    let mut client = program.client();
    client.send(b"SET a 1\r\nINCR a\r\nGET a\r\nGET unfinis");
    client.finish();
    assert_eq!(client.rest(), b"+OK\r\n:2\r\n$1\r\n2\r\n");
}

fn clients_that_vanish_leave_nothing_behind(executor: &str) {
    let program = Program::start(executor, &[]);
    for _ in 0..100 {
        program.client().send(b"*2\r\n$3\r\nGET\r\n$5\r\nab");
    }
    let mut client = program.client();
    while !client.ask("INFO").contains("connected_clients:1\\r\\n") {}
}

fn clients_wait_without_harm_while_there_are_no_file_descriptors(executor: &str) {
    let program = Program::start(executor, &[]);
    let mut first = program.client();
    assert_eq!(first.ask("PING"), "PONG");
    let since = Instant::now();
    program.limit_files(4);
    let mut clients: Vec<Client> = (0..12).map(|_| program.client()).collect();
    for client in &mut clients {
        client.send(b"PING\n");
    }
    while !program.log().contains("cannot accept connections") {
        assert_eq!(first.ask("PING"), "PONG");
    }
    // Each that leaves makes room for one that waits in the kernel.
    for mut client in clients {
        assert_eq!(client.reply(), "PONG");
    }
    let attempts = program.log().matches("cannot accept connections").count();
    let pauses = since.elapsed().div_duration_f64(Duration::from_millis(100));
    assert!(attempts as f64 <= pauses + 1.0, "{attempts} attempts in {:?}", since.elapsed());
}
