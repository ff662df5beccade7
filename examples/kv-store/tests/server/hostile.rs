//! Input that means harm: answered by an error or a closed connection, at a bounded cost, and nobody else notices.

use std::io::{ErrorKind, Write};

use crate::client::{Client, request};
use crate::on_every_executor;
use crate::program::Program;

on_every_executor!(
    half_a_frame_holds_nobody_up,
    lengths_are_not_believed,
    nested_arrays_are_refused,
    binary_junk_is_refused,
    a_line_without_end_is_refused,
    a_client_that_stops_reading_costs_little_and_is_closed,
    small_requests_for_large_replies_cost_little,
);

/// What a server may use on top of what it used before, whatever is sent to it.
const MEMORY: u64 = 64 << 20;

/// Runs `attack` on a server with some keys, and sees to it that another client notices nothing and that memory stays
/// within bounds.
fn withstands(executor: &str, options: &[&str], attack: impl FnOnce(&Program)) {
    let program = Program::start(executor, options);
    let mut witness = program.client();
    assert_eq!(witness.ask("MSET a 1 b 2 c 3"), "OK");
    let before = program.peak_memory();
    attack(&program);
    assert_eq!(witness.ask("MGET a b c"), r#"["1" "2" "3"]"#);
    assert!(!witness.ask("INFO").contains("restarts=1"));
    let used = program.peak_memory() - before;
    assert!(used < MEMORY, "{used} bytes more than before");
}

fn half_a_frame_holds_nobody_up(executor: &str) {
    withstands(executor, &[], |program| {
        let whole = request("SET a 1");
        let clients: Vec<Client> = (0..whole.len())
            .map(|len| {
                let mut client = program.client();
                client.send(&whole[..len]);
                client
            })
            .collect();
        assert_eq!(program.client().ask("PING"), "PONG");
        drop(clients);
    });
}

fn lengths_are_not_believed(executor: &str) {
    let attacks: [(&[u8], &str); 6] = [
        (b"*1\r\n$10737418240\r\n", "-ERR Protocol error: invalid bulk length"),
        (b"*1\r\n$-1\r\n", "-ERR Protocol error: invalid bulk length"),
        (b"*1\r\n$99999999999999999999999\r\n", "-ERR Protocol error: invalid bulk length"),
        (b"*1073741824\r\n", "-ERR Protocol error: invalid multibulk length"),
        (b"*1\r\n$3\r\nGETxx", "-ERR Protocol error: expected CRLF after bulk"),
        (b"*1\r\n:1\r\n", "-ERR Protocol error: expected '$', got ':'"),
    ];
    withstands(executor, &[], |program| {
        for (bytes, error) in attacks {
            let mut client = program.client();
            client.send(bytes);
            assert_eq!(client.reply(), error);
            assert!(client.rest().is_empty());
        }
        // What is within the limits is believed, but costs nothing before it comes.
        let waiting: Vec<Client> = (0..200)
            .map(|_| {
                let mut client = program.client();
                client.send(b"*4000\r\n$1048576\r\n");
                client
            })
            .collect();
        assert_eq!(program.client().ask("PING"), "PONG");
        drop(waiting);
    });
}

fn nested_arrays_are_refused(executor: &str) {
    withstands(executor, &[], |program| {
        let mut client = program.client();
        // The server may have closed before all of it is sent.
        let _ = client.try_send(&b"*1\r\n".repeat(100_000));
        let rest = client.rest();
        assert!(rest.is_empty() || rest == b"-ERR Protocol error: expected '$', got '*'\r\n");
    });
}

fn binary_junk_is_refused(executor: &str) {
    withstands(executor, &[], |program| {
        let mut state = 1_u64;
        let mut random = || {
            state = state.wrapping_mul(6364136223846793005).wrapping_add(1442695040888963407);
            (state >> 56) as u8
        };
        for _ in 0..50 {
            let junk: Vec<u8> = (0..100_000).map(|_| random()).collect();
            let mut client = program.client();
            // As above.
            let _ = client.try_send(&junk);
            let _ = client.try_send(b"*x\r\n");
            client.rest();
        }
    });
}

fn a_line_without_end_is_refused(executor: &str) {
    withstands(executor, &[], |program| {
        let mut client = program.client();
        while client.try_send(&[b'x'; 16 << 10]).is_ok() {}
    });
}

fn a_client_that_stops_reading_costs_little_and_is_closed(executor: &str) {
    withstands(executor, &["--write-timeout", "1"], |program| {
        let mut client = program.client();
        let value = "v".repeat(1 << 20);
        assert_eq!(client.ask(&format!("SET big {value}")), "OK");
        let asked = request("GET big").repeat(1000);
        // A gigabyte of replies at each turn. The server stops reading, then loses its patience.
        let error = loop {
            if let Err(error) = client.try_send(&asked) {
                break error;
            }
        };
        assert!(matches!(error.kind(), ErrorKind::ConnectionReset | ErrorKind::BrokenPipe), "{error}");
    });
}

fn small_requests_for_large_replies_cost_little(executor: &str) {
    withstands(executor, &["--write-timeout", "1"], |program| {
        let mut client = program.client();
        let mut wire = Vec::new();
        for number in 0..10_000 {
            write!(wire, "SET key{number} 1\r\n").unwrap();
        }
        let mut sender = client.split();
        std::thread::scope(|scope| {
            scope.spawn(|| sender.send(&wire));
            (0..10_000).for_each(|_| assert_eq!(client.reply(), "OK"));
        });
        // As in the test above, with requests that name every key there is: 2000 of them in 14 kB.
        while client.try_send(&b"KEYS *\n".repeat(2000)).is_ok() {}
    });
}
