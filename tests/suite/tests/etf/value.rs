//! Terms in the JSON form of the corpus.

use otp::etf::{Atom, Bitstring, Closure, Export, Fun, Pid, Port, Reference, Term};
use serde_json::Value;

pub(crate) fn value(json: &Value) -> Term {
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

pub(crate) fn text(json: &Value) -> &str {
    json.as_str().unwrap()
}

pub(crate) fn hex(json: &Value) -> Vec<u8> {
    let digits = text(json).as_bytes().chunks(2);
    digits.map(|pair| u8::from_str_radix(str::from_utf8(pair).unwrap(), 16).unwrap()).collect()
}
