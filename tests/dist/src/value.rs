//! Terms as the harness writes them in JSON.

use md5::{Digest, Md5};
use otp::etf::{Atom, Bitstring, Closure, Export, Fun, Map, Pid, Port, Reference, Term};
use serde_json::{Value, json};

/// Larger binaries are written as their size and MD5.
const WHOLE: usize = 4096;

type Read<T> = Result<T, String>;

/// Reads a term.
pub(crate) fn term(value: &Value) -> Read<Term> {
    let (kind, inner) = value.as_object().and_then(|object| object.iter().next()).ok_or("no value")?;
    let all = |value: &Value| list(value)?.iter().map(term).collect::<Read<Vec<_>>>();
    Ok(match kind.as_str() {
        "int" => text(inner)?.parse().map_err(|error| format!("{error}"))?,
        "float" => Term::Float(f64::from_bits(u64::from_str_radix(text(inner)?, 16).map_err(|e| e.to_string())?)),
        "atom" => Term::Atom(atom(inner)?),
        "bin" => Term::Binary(hex(inner)?),
        "pat" => {
            let [len, seed] = [number(inner, 0)?, number(inner, 1)?];
            Term::Binary(pattern(len as usize, seed as usize))
        }
        "last" | "bits" => {
            let last = value["last"].as_u64().ok_or("no bits")? as u8;
            Bitstring::new(hex(&value["bits"])?, last).ok_or("no bits")?.into()
        }
        "bytelist" => Term::List(hex(inner)?.into_iter().map(Term::from).collect()),
        "list" | "tail" => {
            let tail = value.get("tail").map_or(Ok(Term::NIL), term)?;
            Term::list(all(&value["list"])?, tail)
        }
        "tuple" => Term::Tuple(all(inner)?),
        "map" => {
            let pairs = list(inner)?.iter().map(|pair| Ok((term(&pair[0])?, term(&pair[1])?)));
            Term::Map(pairs.collect::<Read<Map>>()?)
        }
        "pid" => pid(value)?.into(),
        "ref" => reference(value)?.into(),
        "port" => {
            let id = text(&inner[1])?.parse().map_err(|_| "no port")?;
            Port::new(atom(&inner[0])?, id, number(inner, 2)?).into()
        }
        "export" => {
            let export = Export::new(atom(&inner[0])?, atom(&inner[1])?, number(inner, 2)? as u8);
            Fun::Export(export.into()).into()
        }
        "fun" => {
            let small = |name: &str| inner[name].as_i64().ok_or("no number");
            let mut closure = Closure::new(atom(&inner["module"])?, small("arity")? as u8, pid(&inner["pid"])?);
            closure.index = small("index")? as u32;
            closure.uniq = hex(&inner["uniq"])?.try_into().map_err(|_| "no uniq")?;
            closure.old_index = small("old_index")? as i32;
            closure.old_uniq = small("old_uniq")? as i32;
            closure.free = all(&inner["free"])?;
            Fun::Closure(closure.into()).into()
        }
        other => return Err(format!("{other} is no kind of value")),
    })
}

/// Writes a term.
pub(crate) fn value(term: &Term) -> Value {
    let all = |terms: &[Term]| terms.iter().map(value).collect::<Value>();
    match term {
        Term::Int(int) => json!({ "int": int.to_string() }),
        Term::BigInt(big) => json!({ "int": decimal(big.is_negative(), big.magnitude()) }),
        Term::Float(float) => json!({ "float": format!("{:016x}", float.to_bits()) }),
        Term::Atom(atom) => json!({ "atom": atom.as_str() }),
        Term::Binary(bytes) if bytes.len() > WHOLE => json!({ "bigbin": [bytes.len(), to_hex(&Md5::digest(bytes))] }),
        Term::Binary(bytes) => json!({ "bin": to_hex(bytes) }),
        Term::Bitstring(bits) => json!({ "bits": to_hex(bits.bytes()), "last": bits.last() }),
        Term::Tuple(elements) => json!({ "tuple": all(elements) }),
        Term::List(elements) => {
            let bytes: Option<Vec<u8>> = elements.iter().map(|term| u8::try_from(term.as_int()?).ok()).collect();
            match bytes {
                Some(bytes) if !bytes.is_empty() => json!({ "bytelist": to_hex(&bytes) }),
                _ => json!({ "list": all(elements) }),
            }
        }
        Term::ImproperList(list) => json!({ "list": all(list.elements()), "tail": value(list.tail()) }),
        Term::Map(map) => {
            let pairs: Value = map.pairs().iter().map(|(key, of)| json!([value(key), value(of)])).collect();
            json!({ "map": pairs })
        }
        Term::Pid(pid) => of_pid(pid),
        Term::Reference(reference) => of_reference(reference),
        Term::Port(port) => json!({ "port": [port.node.as_str(), port.id.to_string(), port.creation] }),
        Term::Fun(Fun::Export(export)) => {
            json!({ "export": [export.module.as_str(), export.function.as_str(), export.arity] })
        }
        Term::Fun(Fun::Closure(closure)) => json!({ "fun": {
            "arity": closure.arity, "uniq": to_hex(&closure.uniq), "index": closure.index,
            "module": closure.module.as_str(), "old_index": closure.old_index, "old_uniq": closure.old_uniq,
            "pid": of_pid(&closure.pid), "free": all(&closure.free),
        } }),
        other => json!({ "unknown": other.to_string() }),
    }
}

pub(crate) fn of_pid(pid: &Pid) -> Value {
    json!({ "pid": [pid.node.as_str(), pid.id, pid.serial, pid.creation] })
}

pub(crate) fn of_reference(reference: &Reference) -> Value {
    json!({ "ref": [reference.node.as_str(), reference.creation, reference.words()] })
}

pub(crate) fn pid(value: &Value) -> Read<Pid> {
    let parts = &value["pid"];
    Ok(Pid::new(atom(&parts[0])?, number(parts, 1)?, number(parts, 2)?, number(parts, 3)?))
}

pub(crate) fn reference(value: &Value) -> Read<Reference> {
    let parts = &value["ref"];
    let words: Vec<u32> = (0..list(&parts[2])?.len()).map(|at| number(&parts[2], at)).collect::<Read<_>>()?;
    Ok(Reference::new(atom(&parts[0])?, number(parts, 1)?, &words).ok_or("no reference")?)
}

/// Byte `i` is `7 i + 13 (i div 256) + seed`, modulo 256.
pub(crate) fn pattern(len: usize, seed: usize) -> Vec<u8> {
    (0..len).map(|i| (7 * i + 13 * (i / 256) + seed) as u8).collect()
}

/// The decimal digits of an integer, whose lowest byte is first.
fn decimal(negative: bool, magnitude: &[u8]) -> String {
    const BASE: u64 = 1_000_000_000;
    let mut digits: Vec<u64> = vec![0];
    for byte in magnitude.iter().rev() {
        let mut carry = u64::from(*byte);
        for digit in &mut digits {
            let value = *digit * 256 + carry;
            (*digit, carry) = (value % BASE, value / BASE);
        }
        if carry > 0 {
            digits.push(carry);
        }
    }
    let first = digits.pop().unwrap_or(0).to_string();
    let rest: String = digits.iter().rev().map(|digit| format!("{digit:09}")).collect();
    format!("{}{first}{rest}", if negative { "-" } else { "" })
}

fn atom(value: &Value) -> Read<Atom> {
    Atom::new(text(value)?).map_err(|error| error.to_string())
}

pub(crate) fn text(value: &Value) -> Read<&str> {
    value.as_str().ok_or_else(|| format!("{value} is no text"))
}

fn list(value: &Value) -> Read<&Vec<Value>> {
    value.as_array().ok_or_else(|| format!("{value} is no list"))
}

fn number(value: &Value, at: usize) -> Read<u32> {
    value[at].as_u64().and_then(|number| u32::try_from(number).ok()).ok_or_else(|| format!("{value} has no number"))
}

fn hex(value: &Value) -> Read<Vec<u8>> {
    let digits = text(value)?.as_bytes().chunks(2);
    let byte = |pair: &[u8]| u8::from_str_radix(std::str::from_utf8(pair).ok()?, 16).ok();
    digits.map(byte).collect::<Option<_>>().ok_or_else(|| "no hex".to_owned())
}

fn to_hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
