//! The corpus: terms with what a BEAM makes of them, and bytes that are no term.

use otp::etf::{DecodeErrorKind, Limits, Term, decode, decode_ref, encode};
use serde::Deserialize;
use serde_json::Value;

use super::value::{hex, value};

/// One term of the corpus.
pub(crate) struct Entry {
    pub(crate) id: String,
    pub(crate) value: Term,
    /// What a BEAM writes between nodes.
    pub(crate) written: Vec<u8>,
    /// All encodings that a BEAM reads as this term, that one too, without the compressed ones.
    pub(crate) read: Vec<Vec<u8>>,
    pub(crate) compressed: Vec<Vec<u8>>,
}

pub(crate) fn entries() -> Vec<Entry> {
    let entries: Vec<_> = include_str!("corpus/terms.jsonl").lines().map(entry).collect();
    assert_eq!(entries.len(), 474);
    entries
}

#[test]
fn every_encoding_of_a_beam_is_decoded_to_its_value() {
    let mut tried = 0;
    for entry in entries() {
        for bytes in &entry.read {
            let term = decode(bytes, &Limits::new()).unwrap_or_else(|error| panic!("{}: {error}", entry.id));
            assert_eq!(term, entry.value, "{}", entry.id);
            let borrowed = decode_ref(bytes, &Limits::new()).unwrap_or_else(|error| panic!("{}: {error}", entry.id));
            assert_eq!(borrowed.to_term(), entry.value, "{}", entry.id);
            assert_eq!(borrowed.to_string(), term.to_string(), "{}", entry.id);
            tried += 1;
        }
    }
    assert!(tried > 700, "{tried} encodings");
}

#[test]
fn every_value_is_encoded_as_by_a_beam() {
    for entry in entries() {
        let bytes = encode(&entry.value).unwrap_or_else(|error| panic!("{}: {error}", entry.id));
        // Maps of more than 32 keys are in the order of their hashes there.
        if bytes != entry.written {
            assert_eq!(bytes.len(), entry.written.len(), "{}", entry.id);
            assert!(entry.value.to_string().contains("#{"), "{} has no map: {}", entry.id, entry.value);
            assert_eq!(decode(&bytes, &Limits::new()).as_ref(), Ok(&entry.value), "{}", entry.id);
        }
        let borrowed = decode_ref(&entry.written, &Limits::new()).unwrap();
        assert_eq!(encode(&borrowed), encode(&entry.value), "{}", entry.id);
    }
}

#[test]
fn compressed_terms_are_refused() {
    let mut tried = 0;
    for bytes in entries().iter().flat_map(|entry| &entry.compressed) {
        assert_eq!(decode(bytes, &Limits::new()).unwrap_err().kind(), &DecodeErrorKind::Compressed);
        tried += 1;
    }
    assert!(tried > 50, "{tried} encodings");
}

#[test]
fn every_proper_beginning_of_an_encoding_is_refused() {
    for entry in entries() {
        for bytes in entry.read.iter().chain(&entry.compressed).filter(|bytes| bytes.len() < 2048) {
            for end in 0..bytes.len() {
                let error = decode(&bytes[..end], &Limits::new()).expect_err(&entry.id);
                assert!(error.offset() <= end, "{}: {error} in {end} bytes", entry.id);
                assert!(decode_ref(&bytes[..end], &Limits::new()).is_err(), "{}", entry.id);
            }
        }
    }
}

#[test]
fn every_value_is_its_text_again() {
    for entry in entries() {
        let text = entry.value.to_string();
        let read: Term = text.parse().unwrap_or_else(|error| panic!("{}: {error} in {text}", entry.id));
        assert_eq!(read, entry.value, "{}: {text}", entry.id);
        assert_eq!(encode(&read), encode(&entry.value), "{}", entry.id);
    }
}

/// Also what `binary_to_term` lets pass though it is wrong.
#[test]
fn what_is_no_term_is_refused() {
    let mut tried = 0;
    for line in include_str!("corpus/invalid.jsonl").lines() {
        let case: Value = serde_json::from_str(line).unwrap();
        let bytes = hex(&case["hex"]);
        let name = case["name"].as_str().unwrap();
        let error = decode(&bytes, &Limits::new()).expect_err(name);
        assert!(error.offset() <= bytes.len(), "{name}: {error}");
        assert_eq!(decode_ref(&bytes, &Limits::new()).expect_err(name), error);
        tried += 1;
    }
    assert_eq!(tried, 59);
}

fn entry(line: &str) -> Entry {
    let mut reader = serde_json::Deserializer::from_str(line);
    reader.disable_recursion_limit();
    let json = Value::deserialize(&mut reader).unwrap();
    let encodings = json["enc"].as_object().unwrap();
    let all = || encodings.iter().map(|(name, bytes)| (name, hex(bytes)));
    // Compressed ones are among those called `other`, too.
    let (compressed, read): (Vec<_>, Vec<_>) = all().map(|(_, bytes)| bytes).partition(|bytes| bytes[1] == 80);
    let id = json["id"].as_str().unwrap().to_owned();
    Entry { id, value: value(&json["value"]), written: hex(&encodings["minor2"]), read, compressed }
}
