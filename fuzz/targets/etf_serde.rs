//! Bytes are a value of a type or an error, and a value is the same after it was written again.

#![no_main]

use std::collections::BTreeMap;

use libfuzzer_sys::fuzz_target;
use otp::etf::{Atom, Pid, Term, from_bytes, to_bytes};
use serde::{Deserialize, Serialize};

#[derive(Debug, Deserialize, PartialEq, Serialize)]
enum Any {
    Unit,
    Int(i64),
    Wide(u128),
    Float(f64),
    Text(String),
    Char(char),
    Atom(Atom),
    Maybe(Option<Box<Any>>),
    Tuple(u8, bool, Vec<u8>),
    Fields { a: Vec<Any>, b: BTreeMap<String, Any>, c: Result<(), String> },
    Pid(Pid),
    Term(Term),
    Untagged(Either),
}

#[derive(Debug, Deserialize, PartialEq, Serialize)]
#[serde(untagged)]
enum Either {
    Int(i32),
    Text(String),
    Fields { pid: Pid },
    List(Vec<Either>),
}

fuzz_target!(|bytes: &[u8]| {
    if let Ok(value) = from_bytes::<Any>(bytes) {
        let again = to_bytes(&value).expect("what was read can be written");
        assert_eq!(from_bytes::<Any>(&again).as_ref(), Ok(&value));
    }
});
