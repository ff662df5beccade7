//! The corpus: terms with what a BEAM makes of them, and bytes that are no term.

use otp::etf::{
    Atom, Bitstring, Closure, DecodeErrorKind, Export, Fun, Limits, Pid, Port, Reference, Term, decode, decode_ref,
    encode,
};
use serde::Deserialize;
use serde_json::Value;

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

fn value(json: &Value) -> Term {
    let (kind, inner) = json.as_object().unwrap().iter().next().unwrap();
    let all = |json: &Value| json.as_array().unwrap().iter().map(value).collect::<Vec<_>>();
    let number = |json: &Value| u32::try_from(json.as_u64().unwrap()).unwrap();
    match kind.as_str() {
        "int" => integer(text(inner)),
        "float" => Term::Float(f64::from_bits(u64::from_str_radix(text(inner), 16).unwrap())),
        "atom" => Term::Atom(atom(inner)),
        "bin" => Term::Binary(hex(inner)),
        "bits" => Bitstring::new(hex(inner), number(&json["last"]) as u8).unwrap().into(),
        "bytelist" => Term::List(hex(inner).into_iter().map(Term::from).collect()),
        "list" => Term::list(all(inner), json.get("tail").map_or(Term::NIL, value)),
        "tuple" => Term::Tuple(all(inner)),
        "map" => Term::Map(inner.as_array().unwrap().iter().map(|pair| (value(&pair[0]), value(&pair[1]))).collect()),
        "pid" => pid(json).into(),
        "ref" => {
            let words: Vec<_> = inner[2].as_array().unwrap().iter().map(number).collect();
            Reference::new(atom(&inner[0]), number(&inner[1]), &words).unwrap().into()
        }
        "port" => Port::new(atom(&inner[0]), text(&inner[1]).parse().unwrap(), number(&inner[2])).into(),
        "export" => {
            let export = Export::new(atom(&inner[0]), atom(&inner[1]), number(&inner[2]) as u8);
            Fun::Export(export.into()).into()
        }
        "fun" => {
            let mut closure = Closure::new(atom(&inner["module"]), number(&inner["arity"]) as u8, pid(&inner["pid"]));
            closure.index = number(&inner["index"]);
            closure.uniq = hex(&inner["uniq"]).try_into().unwrap();
            closure.old_index = number(&inner["old_index"]) as i32;
            closure.old_uniq = number(&inner["old_uniq"]) as i32;
            closure.free = all(&inner["free"]);
            Fun::Closure(closure.into()).into()
        }
        other => panic!("{other} is no kind of value"),
    }
}

/// Not by our own reader of decimals, which is tried by this.
fn integer(text: &str) -> Term {
    let (negative, digits) = text.strip_prefix('-').map_or((false, text), |digits| (true, digits));
    let mut bytes: Vec<u8> = Vec::new();
    for digit in digits.bytes() {
        let mut carry = u16::from(digit - b'0');
        for byte in &mut bytes {
            let value = u16::from(*byte) * 10 + carry;
            *byte = value as u8;
            carry = value >> 8;
        }
        if carry > 0 {
            bytes.push(carry as u8);
        }
    }
    Term::integer(negative, &bytes)
}

fn pid(json: &Value) -> Pid {
    let parts = &json["pid"];
    let number = |place: usize| u32::try_from(parts[place].as_u64().unwrap()).unwrap();
    Pid::new(atom(&parts[0]), number(1), number(2), number(3))
}

fn atom(json: &Value) -> Atom {
    Atom::new(text(json)).unwrap()
}

fn text(json: &Value) -> &str {
    json.as_str().unwrap()
}

fn hex(json: &Value) -> Vec<u8> {
    let digits = text(json).as_bytes().chunks(2);
    digits.map(|pair| u8::from_str_radix(str::from_utf8(pair).unwrap(), 16).unwrap()).collect()
}
