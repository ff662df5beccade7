//! What the commands answer.

use crate::client::request;
use crate::on_every_executor;
use crate::program::Program;

on_every_executor!(
    every_command_answers_as_redis_does,
    a_pipeline_is_answered_in_order,
    commands_can_be_typed,
    keys_expire,
    quit_ends_the_connection_and_what_follows_is_ignored,
    info_shows_the_tree,
);

fn every_command_answers_as_redis_does(executor: &str) {
    let program = Program::start(executor, &[]);
    let mut client = program.client();
    let session = [
        ("PING", "PONG"),
        ("PING hello", r#""hello""#),
        ("ECHO hello", r#""hello""#),
        ("GET a", "nil"),
        ("SET a 1", "OK"),
        ("GET a", r#""1""#),
        ("SET a 2 NX", "nil"),
        ("SET a 2 XX", "OK"),
        ("SET b 2 XX", "nil"),
        ("SET b 2 NX", "OK"),
        ("INCR a", "3"),
        ("INCRBY a -10", "-7"),
        ("INCR counter", "1"),
        ("MSET c 3 d 4 e 5 f 6", "OK"),
        ("MGET a b c missing d e f", r#"["-7" "2" "3" nil "4" "5" "6"]"#),
        ("EXISTS a b missing a", "3"),
        ("DBSIZE", "7"),
        ("DEL a b missing", "2"),
        ("TTL a", "-2"),
        ("TTL c", "-1"),
        ("EXPIRE c 100", "1"),
        ("TTL c", "100"),
        ("EXPIRE missing 100", "0"),
        ("SET d 4 EX 50", "OK"),
        ("TTL d", "50"),
        ("SET e 5 PX 70000", "OK"),
        ("TTL e", "70"),
        ("KEYS counte?", r#"["counter"]"#),
        ("COMMAND", "[]"),
        ("CONFIG GET save", r#"["save" ""]"#),
        ("SET c text", "OK"),
        ("INCR c", "-ERR value is not an integer or out of range"),
        ("SET", "-ERR wrong number of arguments for 'set' command"),
        ("SET c 1 EX 0", "-ERR invalid expire time in 'set' command"),
        ("SET c 1 NX XX", "-ERR syntax error"),
        ("NONSENSE x", "-ERR unknown command 'NONSENSE', with args beginning with: 'x' "),
        ("FLUSHALL", "OK"),
        ("DBSIZE", "0"),
        ("KEYS *", "[]"),
        ("QUIT", "OK"),
    ];
    for (line, reply) in session {
        assert_eq!(client.ask(line), reply.trim_end(), "{line}");
    }
    assert!(client.rest().is_empty());
}

fn a_pipeline_is_answered_in_order(executor: &str) {
    let program = Program::start(executor, &[]);
    let count = 20_000;
    let wire: Vec<u8> = (0..count)
        .flat_map(|number| {
            let key = number % 100;
            [
                request(&format!("SET key{key} {number}")),
                request(&format!("GET key{key}")),
                request(&format!("ECHO {number}")),
            ]
            .concat()
        })
        .collect();
    std::thread::scope(|scope| {
        // The server reads on only as fast as its replies are read.
        let mut sender = program.client();
        let mut replies = sender.split();
        scope.spawn(move || sender.send(&wire));
        for number in 0..count {
            let quoted = format!("{:?}", number.to_string());
            assert_eq!([replies.reply(), replies.reply(), replies.reply()], ["OK", &quoted, &quoted]);
        }
    });
}

fn commands_can_be_typed(executor: &str) {
    let program = Program::start(executor, &[]);
    let mut client = program.client();
    client.send(b"set greeting \"hello world\"\r\n\r\nget greeting\n");
    assert_eq!(client.reply(), "OK");
    assert_eq!(client.reply(), r#""hello world""#);
}

fn keys_expire(executor: &str) {
    let program = Program::start(executor, &[]);
    let mut client = program.client();
    assert_eq!(client.ask("SET a 1 PX 1"), "OK");
    client.ask_until("GET a", "nil");
    assert_eq!(client.ask("SET b 1"), "OK");
    assert_eq!(client.ask("EXPIRE b 1"), "1");
    // Freed by nobody but the sweep, since nobody asks for it.
    client.ask_until("DBSIZE", "0");
}

fn quit_ends_the_connection_and_what_follows_is_ignored(executor: &str) {
    let program = Program::start(executor, &[]);
    let mut client = program.client();
    client.send(b"SET a 1\r\nQUIT\r\nSET a 2\r\n");
    assert_eq!(client.reply(), "OK");
    assert_eq!(client.reply(), "OK");
    assert!(client.rest().is_empty());
    assert_eq!(program.client().ask("GET a"), r#""1""#);
}

fn info_shows_the_tree(executor: &str) {
    let program = Program::start(executor, &["--shards", "3"]);
    let mut client = program.client();
    client.ask("DEBUG PANIC a");
    client.ask_until("GET a", "nil");
    let info = client.ask("INFO");
    assert!(info.contains(&format!("executor:{executor}")), "{info}");
    assert!(info.contains("connected_clients:1"), "{info}");
    let tree: Vec<_> = info.split("\\r\\n").skip_while(|line| *line != "# Supervision").skip(1).collect();
    let names: Vec<_> = tree.iter().filter_map(|line| line.split_once(':')).map(|(name, _)| name).collect();
    assert_eq!(names, ["kv", "  store", "    shard-0", "    shard-1", "    shard-2", "  connections", "  acceptor"]);
    assert_eq!(tree.iter().filter(|line| line.ends_with("restarts=1")).count(), 1, "{info}");
}
