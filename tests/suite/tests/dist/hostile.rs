//! What hostile peers send after their login, given to the protocol alone. The whole node is tried with the same by
//! `tests/dist/hostile/play.py`.

use otp::dist::Cookie;
use otp::dist::proto::{Acceptor, Flags, Frames, Inbound, Introduction, Limits, Prefix, ProtocolError};
use otp::etf::{Atom, Pid, Reference, Term, encode};
use serde_json::Value;

const CASES: &str = include_str!("../../../dist/hostile/hostile.jsonl");

#[test]
fn a_peer_that_breaks_the_protocol_is_refused_and_nothing_that_it_sends_panics_or_is_kept_for_ever() {
    let mut refused = 0;
    for case in cases("post") {
        let id = case["id"].as_str().unwrap();
        let Some(sent) = sent(&case) else { continue };
        let flags = case["flags"]
            .as_str()
            .map_or(Flags::hidden(), |flags| Flags::from_bits(u64::from_str_radix(flags, 16).unwrap()));
        let outcome = receive(&sent, flags.expanded() & Flags::visible());
        // What the node looks at, and not the protocol, is not seen here.
        let is_protocol = ["frame_", "header_", "ctl_", "frag_"].iter().any(|of| id.starts_with(of));
        if is_protocol && must_close(&case["expect"]) {
            assert!(outcome.is_err(), "{id}: {outcome:?}");
            refused += 1;
        }
        if case["expect"] == "keep" {
            assert!(outcome.is_ok(), "{id}: {outcome:?}");
        }
    }
    assert!(refused > 20, "{refused} refused");
}

#[test]
fn nothing_that_is_sent_before_a_login_is_taken_for_a_name_unless_it_is_one() {
    let mut refused = 0;
    for case in cases("pre").filter(|case| case.get("connections").is_none()) {
        let Some(sent) = sent(&case) else { continue };
        let mut frames = Frames::new(Prefix::Two, 1024);
        frames.push(&sent);
        let mut acceptor =
            Acceptor::new(Introduction::new("b@h".parse().unwrap(), Flags::visible(), 1), Cookie::new("c"), 1);
        let name = match frames.next() {
            Ok(Some(message)) => acceptor.name(&message).map(|introduction| introduction.name.clone()).ok(),
            Ok(None) | Err(_) => None,
        };
        let claims = name.is_some_and(|name| name.host() == "127.0.0.1");
        refused += u32::from(!claims);
    }
    assert!(refused > 18, "{refused} refused");
}

fn receive(sent: &[u8], agreed: Flags) -> Result<usize, ProtocolError> {
    let (mut frames, mut inbound) = (Frames::new(Prefix::Four, 1 << 20), Inbound::new(agreed, Limits::default()));
    let mut messages = 0;
    for piece in sent.chunks(64 << 10) {
        frames.push(piece);
        while let Some(frame) = frames.next()? {
            if let Some(message) = inbound.receive(frame)? {
                messages += 1;
                drop(message.payload.map(|payload| payload.term()));
            }
        }
    }
    Ok(messages)
}

fn cases(stage: &'static str) -> impl Iterator<Item = Value> {
    let all = CASES.lines().map(|line| serde_json::from_str::<Value>(line).unwrap());
    all.filter(move |case| case["stage"] == stage)
}

fn must_close(expect: &Value) -> bool {
    expect == "close" || *expect == serde_json::json!(["close"])
}

/// The bytes of a case; `None` if it needs what is not made here.
fn sent(case: &Value) -> Option<Vec<u8>> {
    let mut all = Vec::new();
    for step in case["steps"].as_array()? {
        let times = step["times"].as_u64().unwrap_or(1).min(1000);
        for i in 0..times {
            if let Some(frame) = step.get("frame").and_then(Value::as_str) {
                let bytes = expand(&frame.replace("<i>", &format!("{i:08x}")))?;
                all.extend(u32::try_from(bytes.len()).unwrap().to_be_bytes());
                all.extend(bytes);
            } else if let Some(raw) = step.get("raw").or(step.get("send")).or(step.get("drip")).and_then(Value::as_str)
            {
                all.extend(expand(raw)?);
            }
        }
    }
    Some(all)
}

fn expand(template: &str) -> Option<Vec<u8>> {
    let mut out = Vec::new();
    let mut rest = template;
    while let Some((before, after)) = rest.split_once('<') {
        out.extend(hex(before));
        let (word, next) = after.split_once('>')?;
        rest = next;
        let parts: Vec<&str> = word.split(':').collect();
        let number = |at: usize| parts[at].parse::<u64>().unwrap();
        let node = |name: &'static str| Atom::from_static(name);
        let pid = |name, id: u64, creation| Term::from(Pid::new(node(name), id as u32, 0, creation));
        let reference = |name, creation| Term::from(Reference::new(node(name), creation, &[1, 2, 3]).unwrap());
        let term = match parts[0] {
            "me" => Term::Atom(node("me@h")),
            "you" => Term::Atom(node("you@h")),
            "mypid" => pid("me@h", 5, 5),
            "mypid2" => pid("me@h", 6, 5),
            "yourpid" => pid("you@h", number(1), 1),
            "yourpid_old" => pid("you@h", number(1), 2),
            "otherpid" => pid("victim@h", 9, 9),
            "myref" => reference("me@h", 5),
            "yourref" => reference("you@h", 1),
            "rep" => {
                let times = usize::try_from(number(2)).unwrap();
                out.extend(hex(parts[1]).repeat(times));
                continue;
            }
            "u64" => {
                out.extend(number(1).to_be_bytes());
                continue;
            }
            "u32" => {
                out.extend((number(1) as u32).to_be_bytes());
                continue;
            }
            _ => return None,
        };
        out.extend(&encode(&term).unwrap()[1..]);
    }
    out.extend(hex(rest));
    Some(out)
}

fn hex(text: &str) -> Vec<u8> {
    let digits: Vec<u8> = text.bytes().filter(|byte| !byte.is_ascii_whitespace()).collect();
    digits.chunks(2).map(|pair| u8::from_str_radix(str::from_utf8(pair).unwrap(), 16).unwrap()).collect()
}
