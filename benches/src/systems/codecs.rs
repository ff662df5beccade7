//! Codecs of Erlang's terms: ours and others. They are functions, on no executor.

use otp::etf::{Atom, Limits, Term};
use serde::{Deserialize, Serialize};

use super::LeftOut;
use crate::case::{Entrant, Id};
use crate::table::OURS;
use crate::workloads::etf::{self, Codec, Typed};

/// What the others take no part in, and why.
pub const LEFT_OUT: LeftOut = &[("", "a codec alone")];

pub fn entrants() -> Vec<Entrant> {
    [etf::entrants::<Otp>(), etf::typed::<Otp>(), etf::entrants::<Erltf>(), etf::entrants::<Eetf>()]
        .into_iter()
        .flatten()
        .collect()
}

struct Otp;

impl Codec for Otp {
    const ID: Id = OURS;
    type Term = Term;

    fn decode(bytes: &[u8]) -> Term {
        otp::etf::decode(bytes, &Limits::new()).expect("it is a term")
    }

    fn encode(term: &Term) -> Vec<u8> {
        otp::etf::encode(term).expect("it has an encoding")
    }
}

#[derive(Deserialize, Serialize)]
#[serde(rename_all = "snake_case")]
enum Message {
    Put(String, f64, Vec<u32>, (Unit, Atom), bool),
}

#[derive(Deserialize, Serialize)]
#[serde(rename_all = "snake_case")]
enum Unit {
    Unit,
}

impl Typed for Otp {
    const ID: Id = OURS;

    fn both(bytes: &[u8]) -> Vec<u8> {
        let message: Message = otp::etf::from_bytes(bytes).expect("it is a message");
        otp::etf::to_bytes(&message).expect("it has an encoding")
    }
}

struct Erltf;

impl Codec for Erltf {
    const ID: Id = Id { name: "erltf", backend: "none" };
    type Term = erltf::OwnedTerm;

    fn decode(bytes: &[u8]) -> erltf::OwnedTerm {
        erltf::decode(bytes).expect("it is a term")
    }

    fn encode(term: &erltf::OwnedTerm) -> Vec<u8> {
        erltf::encode(term).expect("it has an encoding")
    }
}

struct Eetf;

impl Codec for Eetf {
    const ID: Id = Id { name: "eetf", backend: "none" };
    type Term = eetf::Term;

    fn decode(bytes: &[u8]) -> eetf::Term {
        eetf::Term::decode(bytes).expect("it is a term")
    }

    fn encode(term: &eetf::Term) -> Vec<u8> {
        let mut bytes = Vec::with_capacity(64);
        term.encode(&mut bytes).expect("it has an encoding");
        bytes
    }
}
