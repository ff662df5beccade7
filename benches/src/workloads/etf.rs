//! A message of 67 bytes, from bytes to a term and back.

use std::hint::black_box;
use std::time::Instant;

use crate::case::{Case, Entrant, Id, Rounds, Row, Unit, per_op};

/// What a codec of terms has to offer.
pub trait Codec: 'static {
    const ID: Id;
    type Term;

    fn decode(bytes: &[u8]) -> Self::Term;
    fn encode(term: &Self::Term) -> Vec<u8>;
}

/// The same for a typed message.
pub trait Typed: 'static {
    const ID: Id;

    /// From the bytes to a value of the message's type, and back.
    fn both(bytes: &[u8]) -> Vec<u8>;
}

/// `{put,<<"sensor-0017">>,21.5,[1000,2000],{unit,'C1'},true}`
pub const MESSAGE: [u8; 67] =
    *b"\x83h\x06w\x03putm\0\0\0\x0bsensor-0017F\x40\x35\x80\0\0\0\0\0l\0\0\0\x02b\0\0\x03\xe8\
    b\0\0\x07\xd0jh\x02w\x04unitw\x02C1w\x04true";

static TERMS: Case = Case {
    rows: &[
        Row {
            workload: "etf",
            variant: "decode",
            what: "a message of 67 bytes, decoded to a term",
            unit: Unit::Nanoseconds,
        },
        Row { workload: "etf", variant: "encode", what: "the same, encoded", unit: Unit::Nanoseconds },
    ],
    least: 10_000,
    most: u64::MAX,
    rounds: usize::MAX,
};

static TYPED: Case = Case {
    rows: &[Row {
        workload: "etf",
        variant: "serde",
        what: "the same, decoded to an enum of Rust and encoded again",
        unit: Unit::Nanoseconds,
    }],
    least: 10_000,
    most: u64::MAX,
    rounds: usize::MAX,
};

pub fn entrants<C: Codec>() -> Vec<Entrant> {
    let start = || -> Rounds {
        let term = C::decode(&MESSAGE);
        // Not all of them write what a BEAM writes, but what they write they read.
        let bytes = C::encode(&term);
        assert_eq!(C::encode(&C::decode(&bytes)), bytes, "{} makes something else of it", C::ID);
        Box::new(move |ops| {
            let begin = Instant::now();
            for _ in 0..ops {
                black_box(C::decode(black_box(&MESSAGE)));
            }
            let decode = per_op(begin.elapsed(), ops);
            let begin = Instant::now();
            for _ in 0..ops {
                black_box(C::encode(black_box(&term)));
            }
            vec![decode, per_op(begin.elapsed(), ops)]
        })
    };
    vec![Entrant { system: C::ID, case: &TERMS, start: Box::new(start), child: None }]
}

pub fn typed<C: Typed>() -> Vec<Entrant> {
    let start = || -> Rounds {
        assert_eq!(C::both(&MESSAGE), MESSAGE, "{} makes something else of it", C::ID);
        Box::new(|ops| {
            let begin = Instant::now();
            for _ in 0..ops {
                black_box(C::both(black_box(&MESSAGE)));
            }
            vec![per_op(begin.elapsed(), ops)]
        })
    };
    vec![Entrant { system: C::ID, case: &TYPED, start: Box::new(start), child: None }]
}
