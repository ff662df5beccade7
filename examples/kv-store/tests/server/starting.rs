//! Starts that fail, and say why.

use std::fs;
use std::net::TcpListener;

use crate::on_every_executor;
use crate::program::{Dir, Program, run};

on_every_executor!(
    a_port_that_is_taken_is_a_clear_error,
    a_directory_that_is_in_use_is_a_clear_error,
    a_corrupt_file_is_named_with_the_shard,
    a_shard_that_cannot_recover_ends_the_program,
    a_command_line_that_makes_no_sense_is_refused_with_all_that_is_wrong,
);

fn a_port_that_is_taken_is_a_clear_error(executor: &str) {
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = taken.local_addr().unwrap();
    let ended = run(&Dir::new(), executor, &["--port", &address.port().to_string()]);
    assert_eq!(ended.code, Some(1));
    assert!(ended.log.contains(&format!("cannot listen on {address}: Address already in use")), "{}", ended.log);
}

fn a_directory_that_is_in_use_is_a_clear_error(executor: &str) {
    let program = Program::start(executor, &[]);
    let ended = run(program.dir(), executor, &[]);
    assert_eq!(ended.code, Some(1));
    assert!(ended.log.contains("is in use by another server"), "{}", ended.log);
}

fn a_corrupt_file_is_named_with_the_shard(executor: &str) {
    let dir = Dir::new();
    fs::create_dir(dir.data()).unwrap();
    fs::write(dir.data().join("shard-001.aof"), "*1\r\n$4\r\nFOOL\r\n").unwrap();
    let ended = run(&dir, executor, &[]);
    assert_eq!(ended.code, Some(1));
    assert!(ended.log.contains("failed to start store > shard-1: "), "{}", ended.log);
    assert!(ended.log.contains("shard-001.aof' is corrupt at offset 0"), "{}", ended.log);
}

fn a_shard_that_cannot_recover_ends_the_program(executor: &str) {
    let program = Program::start(executor, &["--shards", "1"]);
    let mut client = program.client();
    assert_eq!(client.ask("SET a 1"), "OK");
    fs::write(program.dir().data().join("shard-000.aof"), "*1\r\n$4\r\nFOOL\r\n").unwrap();
    assert_eq!(client.ask("DEBUG PANIC a"), "-ERR shard 0 crashed while it did this");
    let ended = program.wait();
    assert_eq!(ended.code, Some(2));
    assert!(ended.log.contains("stopped: the application kv-store has ended: shutdown"), "{}", ended.log);
}

fn a_command_line_that_makes_no_sense_is_refused_with_all_that_is_wrong(executor: &str) {
    let ended = run(&Dir::new(), executor, &["--shards", "0", "--colour", "--max-conections=3"]);
    assert_eq!(ended.code, Some(2));
    assert_eq!(
        ended.log,
        "kv-store: unknown option --colour\n\
         kv-store: unknown option --max-conections; did you mean `--max-connections`?\n\
         kv-store: option --shards: expected a number from 1 to 256, found 0\n"
    );
}
