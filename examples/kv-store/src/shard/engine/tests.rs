use super::*;
use crate::command::Command;

const NOW: Timestamp = Timestamp::from_millis(1_700_000_000_000);

/// An engine with a clock, driven by command lines.
#[derive(Default)]
struct Session {
    engine: Engine,
    batch: Batch,
    elapsed: Duration,
}

impl Session {
    fn now(&self) -> Timestamp {
        NOW.after(self.elapsed)
    }

    fn wait(&mut self, millis: u64) {
        self.elapsed += Duration::from_millis(millis);
    }

    fn run(&mut self, line: &'static str) -> Reply {
        let arguments = line.split(' ').map(Bytes::from).collect();
        let Ok(Command::Data(op)) = Command::parse(arguments) else { panic!("{line}") };
        let now = self.now();
        self.engine.apply(op, now, &mut self.batch)
    }
}

fn bulk(text: &'static str) -> Reply {
    Reply::Bulk(text.into())
}

#[test]
fn a_value_is_what_was_set_last() {
    let mut session = Session::default();
    assert_eq!(session.run("GET a"), Reply::Null);
    assert_eq!(session.run("SET a 1"), Reply::OK);
    assert_eq!(session.run("SET a 2"), Reply::OK);
    assert_eq!(session.run("GET a"), bulk("2"));
    assert_eq!(session.run("MSET a 3 b 4 a 5"), Reply::OK);
    assert_eq!(session.run("MGET a x b"), Reply::Array(vec![bulk("5"), Reply::Null, bulk("4")]));
}

#[test]
fn set_with_a_condition_answers_null_when_it_does_not_hold() {
    let mut session = Session::default();
    assert_eq!(session.run("SET a 1 XX"), Reply::Null);
    assert_eq!(session.run("SET a 1 NX"), Reply::OK);
    assert_eq!(session.run("SET a 2 NX"), Reply::Null);
    assert_eq!(session.run("GET a"), bulk("1"));
    assert_eq!(session.run("SET a 2 XX PX 100"), Reply::OK);
    session.wait(100);
    assert_eq!(session.run("SET a 3 XX"), Reply::Null);
    assert_eq!(session.run("SET a 3 NX"), Reply::OK);
}

#[test]
fn keys_are_counted_as_often_as_they_are_named_but_deleted_once() {
    let mut session = Session::default();
    session.run("MSET a 1 b 2 c 3");
    assert_eq!(session.run("EXISTS a a b x"), Reply::Integer(3));
    assert_eq!(session.run("DEL a a b x"), Reply::Integer(2));
    assert_eq!(session.run("DBSIZE"), Reply::Integer(1));
    assert_eq!(session.run("FLUSHALL"), Reply::OK);
    assert_eq!(session.run("DBSIZE"), Reply::Integer(0));
}

#[test]
fn counters_begin_at_zero_and_do_not_overflow() {
    let mut session = Session::default();
    assert_eq!(session.run("INCR a"), Reply::Integer(1));
    assert_eq!(session.run("INCRBY a -3"), Reply::Integer(-2));
    assert_eq!(session.run("GET a"), bulk("-2"));
    session.run("SET a 9223372036854775807");
    let overflow = Reply::error("ERR increment or decrement would overflow");
    assert_eq!(session.run("INCR a"), overflow);
    assert_eq!(session.run("GET a"), bulk("9223372036854775807"));
    session.run("SET a -9223372036854775808");
    assert_eq!(session.run("INCRBY a -1"), overflow);
    session.run("SET a 1.5");
    assert_eq!(session.run("INCR a"), Reply::error("ERR value is not an integer or out of range"));
}

#[test]
fn a_counter_keeps_its_expiry_and_a_set_drops_it() {
    let mut session = Session::default();
    session.run("SET a 1 EX 10");
    session.run("INCR a");
    assert_eq!(session.run("TTL a"), Reply::Integer(10));
    session.run("SET a 1");
    assert_eq!(session.run("TTL a"), Reply::Integer(-1));
}

#[test]
fn ttl_is_rounded_and_tells_no_expiry_from_no_key() {
    let mut session = Session::default();
    assert_eq!(session.run("TTL a"), Reply::Integer(-2));
    session.run("SET a 1");
    assert_eq!(session.run("TTL a"), Reply::Integer(-1));
    assert_eq!(session.run("EXPIRE a 10"), Reply::Integer(1));
    session.wait(400);
    assert_eq!(session.run("TTL a"), Reply::Integer(10));
    session.wait(200);
    assert_eq!(session.run("TTL a"), Reply::Integer(9));
    session.wait(9_399);
    assert_eq!(session.run("EXISTS a"), Reply::Integer(1));
    session.wait(1);
    assert_eq!(session.run("TTL a"), Reply::Integer(-2));
    assert_eq!(session.run("EXPIRE a 10"), Reply::Integer(0));
}

#[test]
fn expire_with_no_time_or_less_deletes() {
    let mut session = Session::default();
    for line in ["EXPIRE a 0", "EXPIRE a -5"] {
        session.run("SET a 1");
        assert_eq!(session.run(line), Reply::Integer(1));
        assert_eq!(session.run("EXISTS a"), Reply::Integer(0));
        assert_eq!(session.run(line), Reply::Integer(0));
    }
}

#[test]
fn what_has_expired_is_nowhere_to_be_seen() {
    let mut session = Session::default();
    for line in ["SET a1 1 PX 10", "SET a2 1 PX 10", "SET a3 1 PX 10", "SET a4 1 PX 10", "SET a5 1 PX 10", "SET b 1"] {
        session.run(line);
    }
    session.wait(10);
    assert_eq!(session.run("DBSIZE"), Reply::Integer(1));
    assert_eq!(session.run("KEYS *"), Reply::Array(vec![bulk("b")]));
    assert_eq!(session.run("DEL a5"), Reply::Integer(0));
    assert_eq!(session.run("INCR a5"), Reply::Integer(1));
    assert_eq!(session.run("TTL a5"), Reply::Integer(-1));
}

#[test]
fn operations_free_expired_keys_in_passing() {
    let mut session = Session::default();
    session.run("SET a1 1 PX 10");
    session.run("SET a2 1 PX 10");
    session.wait(10);
    session.run("GET x");
    assert_eq!(session.engine.table().iter().count(), 0);
}

#[test]
fn keys_match_a_glob() {
    let mut session = Session::default();
    session.run("MSET user:1 a user:2 b other c");
    assert_eq!(session.run("KEYS user:[2-9]"), Reply::Array(vec![bulk("user:2")]));
    assert_eq!(session.run("KEYS nothing*"), Reply::Array(vec![]));
}

#[test]
fn stored_keys_and_values_do_not_hold_on_to_the_buffer_they_came_in() {
    let buffer = Bytes::from(vec![b'x'; 1 << 20]);
    let mut engine = Engine::new();
    let op = Op::MSet(vec![(buffer.slice(..3), buffer.slice(3..6))]);
    engine.apply(op, NOW, &mut Batch::default());
    assert!(buffer.is_unique());
}

#[test]
#[should_panic(expected = "asked to by DEBUG PANIC 'a'")]
fn debug_panic_panics() {
    Session::default().run("DEBUG PANIC a");
}
