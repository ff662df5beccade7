//! What real BEAMs have said to each other: OTP 25.2.3, and OTP 29.1.2 in the file of that name.

use std::collections::HashMap;

use otp::dist::Cookie;
use otp::dist::proto::{Flags, Inbound, Introduction, Limits, Message, Outbound, Status};
use otp::etf::{Term, encode_into};
use serde_json::Value;

use super::value::{hex, text, value};

const HANDSHAKES: &str = include_str!("captures/handshakes.jsonl");
const HIDDEN: &str = include_str!("captures/data_hidden.jsonl");
const MINIMAL: &str = include_str!("captures/data_minimal_flags.jsonl");
const INTERLEAVED: &str = include_str!("captures/data_interleaved.jsonl");
const TICKS: &str = include_str!("captures/data_ticks.jsonl");
const OTP_29: &str = include_str!("captures/otp29_data_no_atom_cache.jsonl");

/// A message that was received, and what another decoder has made of its last frame.
struct Received {
    message: Message,
    note: Value,
    is_cut: bool,
}

#[test]
fn every_step_of_a_handshake_is_understood_and_said_in_the_same_bytes() {
    let mut challenges = HashMap::new();
    let mut digests = 0;
    for record in records(HANDSHAKES).filter(|record| record["phase"] == "handshake") {
        let (bytes, note) = (hex(&record["hex"]), &record["note"]);
        let (conn, dir) = (record["conn"].as_u64(), text(&record["dir"]).to_owned());
        match note["msg"].as_str().unwrap_or("") {
            "name" if note["flags"].as_str().is_some_and(|flags| bits(flags) & Flags::NAME_ME.bits() == 0) => {
                let peer = Introduction::of_name_message(&bytes).unwrap();
                assert_eq!(peer.name.as_str(), note["name"]);
                assert_eq!(peer.name_message(), bytes);
            }
            "status" if !text(&note["status"]).starts_with("named") => {
                if let Ok(status) = Status::of_message(&bytes) {
                    assert_eq!(status.message(), bytes);
                }
            }
            "challenge" => {
                let (peer, challenge) = Introduction::of_challenge_message(&bytes).unwrap();
                assert_eq!(peer.challenge_message(challenge), bytes);
                challenges.insert((conn, dir), challenge);
            }
            kind @ ("challenge_reply" | "challenge_ack") => {
                let other = if dir == "I>A" { "A>I" } else { "I>A" };
                let asked = challenges[&(conn, other.to_owned())];
                if kind == "challenge_reply" {
                    challenges.insert((conn, dir), u32::from_be_bytes(bytes[1..5].try_into().unwrap()));
                }
                let digest = bytes[bytes.len() - 16..].try_into().unwrap();
                let known = Cookie::new("captures-cookie-0123456789").is_answered(asked, &digest);
                assert_eq!(known, record["step"] != "wrong_cookie", "{record}");
                digests += 1;
            }
            _ => {}
        }
    }
    assert!(digests > 10, "{digests} digests");
}

#[test]
fn every_message_with_a_header_an_atom_cache_or_without_either_is_understood() {
    let mut compared = 0;
    for file in [HANDSHAKES, HIDDEN, MINIMAL, OTP_29] {
        for Received { message, note, is_cut } in received(file) {
            // A signal that OTP 28 and later send, of several kinds, is known by what it asks for.
            let is_general = note["op"] == "ALTACT_SIG_SEND";
            if let Some(control) = note.get("control").map(value).filter(|_| !is_general) {
                assert_eq!(without_token(&control), without_token(&message.control.term()), "{note}");
            }
            if let (Some(payload), Some(expected), false) = (&message.payload, note.get("payload"), is_cut)
                && expected.get("bytes").is_none()
            {
                assert_eq!(payload.term().unwrap(), value(expected), "{note}");
                compared += 1;
            }
        }
    }
    assert!(compared > 120, "{compared} payloads");
}

#[test]
fn fragments_of_four_senders_are_put_together_while_small_messages_overtake_them() {
    let sizes: Vec<usize> =
        received(INTERLEAVED).filter_map(|received| Some(received.message.payload?.size())).collect();
    assert_eq!(sizes.iter().filter(|size| **size > 1_500_000).count(), 4, "{sizes:?}");
}

#[test]
fn a_tick_is_no_message() {
    assert_eq!(received(TICKS).count(), 0);
}

/// What this node sends is read again as the same; what a BEAM makes of it is tried with one.
#[test]
fn every_control_message_is_sent_as_it_was_received() {
    for file in [HIDDEN, MINIMAL] {
        for Received { message, .. } in received(file).filter(|received| !received.is_cut) {
            for agreed in [Flags::visible(), Flags::MANDATORY] {
                let payload = message.payload.as_ref().map(|payload| payload.term().unwrap());
                let encoded = Outbound::new(agreed).message(&message.control, |out| {
                    encode_into(out, payload.as_ref().unwrap()).unwrap();
                });
                let mut inbound = Inbound::new(agreed, Limits::default());
                let frames: Vec<_> = encoded.unwrap().into_frames(5).collect();
                let mut read =
                    frames.into_iter().filter_map(|frame| inbound.receive(frame[4..].to_vec().into()).unwrap());
                let again = read.next().unwrap();
                assert_eq!(again.control, message.control);
                assert_eq!(again.payload.map(|payload| payload.term().unwrap()), payload);
            }
        }
    }
}

/// All messages of a file, in order.
fn received(file: &str) -> impl Iterator<Item = Received> {
    let mut flags: HashMap<u64, Flags> = HashMap::new();
    let mut inbound: HashMap<(u64, String), Inbound> = HashMap::new();
    let mut all = Vec::new();
    for record in records(file) {
        let (conn, note) = (record["conn"].as_u64().unwrap(), &record["note"]);
        if let Some(announced) = note["flags"].as_str() {
            let announced = Flags::from_bits(bits(announced)).expanded();
            let agreed = flags.get(&conn).map_or(announced, |other| *other & announced);
            flags.insert(conn, agreed);
        }
        if record["phase"] != "data" {
            continue;
        }
        let is_cut = record.get("cut").is_some();
        let mut bytes = hex(&record["hex"]);
        // What is cut of a fragment is the middle of a binary.
        bytes.resize(record["bytes"].as_u64().unwrap() as usize, 0);
        let agreed = flags[&conn];
        let of = inbound.entry((conn, text(&record["dir"]).to_owned()));
        let of = of.or_insert_with(|| Inbound::new(agreed, Limits::default()));
        let message = match of.receive(bytes.into()) {
            // Its atoms are there, and count.
            Err(_) if is_cut && note["kind"] == "header" => continue,
            message => message.unwrap_or_else(|error| panic!("{error}: {record}")),
        };
        all.extend(message.map(|message| Received { message, note: note.clone(), is_cut }));
    }
    all.into_iter()
}

fn records(file: &str) -> impl Iterator<Item = Value> {
    file.lines().map(|line| serde_json::from_str(line).unwrap())
}

fn bits(hex: &str) -> u64 {
    u64::from_str_radix(hex, 16).unwrap()
}

/// The parts that a control message has with a token or without one.
fn without_token(control: &Term) -> Vec<Term> {
    let parts = control.as_tuple().unwrap();
    let operation = parts[0].as_int().unwrap();
    match operation {
        12 | 13 | 16 | 18 | 23 | 25 | 27 | 30 | 32 | 34 => {
            let plain = match operation {
                12 => 2,
                13 | 16 | 18 => operation - 10,
                other => other - 1,
            };
            // The token is the last but in messages that have the reason after it.
            let at = if matches!(operation, 13 | 18) { parts.len() - 2 } else { parts.len() - 1 };
            let mut parts = parts.to_vec();
            parts.remove(at);
            parts[0] = Term::Int(plain);
            parts
        }
        _ => parts.to_vec(),
    }
}
