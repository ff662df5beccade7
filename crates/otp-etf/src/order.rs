//! Erlang's order of terms, for owned and borrowed ones.

use core::cmp::Ordering;
use core::hash::{Hash, Hasher};

use crate::term::{BigRef, Fun, Pid, Port, Reference};

/// What a term looks like, owned or borrowed.
pub(crate) trait View: Sized {
    fn shape(&self) -> Shape<'_, Self>;
}

pub(crate) enum Shape<'t, T> {
    Int(i64),
    Big(BigRef<'t>),
    Float(f64),
    Atom(&'t str),
    Reference(&'t Reference),
    Fun(&'t Fun),
    Port(&'t Port),
    Pid(&'t Pid),
    Tuple(&'t [T]),
    Map(&'t [(T, T)]),
    /// The elements, and the tail of an improper list.
    List(&'t [T], Option<&'t T>),
    /// The bytes, and how many bits of the last one count.
    Bits(&'t [u8], u8),
}

impl<T> Shape<'_, T> {
    /// Where the kinds stand in the order.
    fn rank(&self) -> u8 {
        match self {
            Shape::Int(_) | Shape::Big(_) | Shape::Float(_) => 0,
            Shape::Atom(_) => 1,
            Shape::Reference(_) => 2,
            Shape::Fun(_) => 3,
            Shape::Port(_) => 4,
            Shape::Pid(_) => 5,
            Shape::Tuple(_) => 6,
            Shape::Map(_) => 7,
            Shape::List([], None) => NIL,
            Shape::List(..) => LIST,
            Shape::Bits(..) => 10,
        }
    }
}

const NIL: u8 = 8;
const LIST: u8 = 9;

#[derive(Clone, Copy, PartialEq)]
pub(crate) enum Mode {
    /// `1` and `1.0` are equal, as by Erlang's `==`.
    Loose,
    /// Any integer is less than any float, as where the keys of maps are compared; equal is only what is `=:=`.
    Keys,
}

/// Erlang's order, and the order of keys where it says equal; so equal is only what is `=:=`.
pub(crate) fn compare_fully<T: View>(a: &T, b: &T) -> Ordering {
    compare(a, b, Mode::Loose).then_with(|| compare(a, b, Mode::Keys))
}

pub(crate) fn compare<T: View>(a: &T, b: &T, mode: Mode) -> Ordering {
    match (a.shape(), b.shape()) {
        (Shape::Int(a), Shape::Int(b)) => a.cmp(&b),
        (Shape::Atom(a), Shape::Atom(b)) => a.cmp(b),
        (Shape::Bits(a, last_a), Shape::Bits(b, last_b)) => bits((a, last_a), (b, last_b)),
        (Shape::Tuple(a), Shape::Tuple(b)) => a.len().cmp(&b.len()).then_with(|| elements(a, b, mode)),
        (Shape::List(a, tail_a), Shape::List(b, tail_b)) => lists((a, tail_a), (b, tail_b), mode),
        (Shape::Map(a), Shape::Map(b)) => maps(a, b, mode),
        (Shape::Pid(a), Shape::Pid(b)) => a.cmp(b),
        (Shape::Reference(a), Shape::Reference(b)) => a.cmp(b),
        (Shape::Port(a), Shape::Port(b)) => a.cmp(b),
        (Shape::Fun(a), Shape::Fun(b)) => a.cmp(b),
        (a, b) => match (a.rank(), b.rank()) {
            (0, 0) => numbers(&a, &b, mode),
            (a, b) => a.cmp(&b),
        },
    }
}

/// A term against an atom.
pub(crate) fn compare_atom<T: View>(term: &T, atom: &str) -> Ordering {
    match term.shape() {
        Shape::Atom(text) => text.cmp(atom),
        other => other.rank().cmp(&Shape::<T>::Atom(atom).rank()),
    }
}

fn elements<T: View>(a: &[T], b: &[T], mode: Mode) -> Ordering {
    let unequal = a.iter().zip(b).map(|(a, b)| compare(a, b, mode)).find(|order| order.is_ne());
    unequal.unwrap_or(Ordering::Equal)
}

fn lists<T: View>((a, tail_a): (&[T], Option<&T>), (b, tail_b): (&[T], Option<&T>), mode: Mode) -> Ordering {
    elements(a, b, mode).then_with(|| {
        let rest = |list: &[T], other: &[T], tail: Option<&T>| match tail {
            _ if list.len() > other.len() => LIST,
            Some(tail) => tail.shape().rank(),
            None => NIL,
        };
        match (tail_a, tail_b) {
            (Some(a_tail), Some(b_tail)) if a.len() == b.len() => compare(a_tail, b_tail, mode),
            _ => rest(a, b, tail_a).cmp(&rest(b, a, tail_b)),
        }
    })
}

/// By how many keys there are, then by the keys, then by the values. Keys are always compared as keys.
fn maps<T: View>(a: &[(T, T)], b: &[(T, T)], mode: Mode) -> Ordering {
    let keys = || a.iter().zip(b).map(|(a, b)| compare(&a.0, &b.0, Mode::Keys)).find(|order| order.is_ne());
    let values = || a.iter().zip(b).map(|(a, b)| compare(&a.1, &b.1, mode)).find(|order| order.is_ne());
    a.len().cmp(&b.len()).then_with(|| keys().or_else(values).unwrap_or(Ordering::Equal))
}

/// Bit by bit; what goes on is greater than what has ended.
fn bits((a, last_a): (&[u8], u8), (b, last_b): (&[u8], u8)) -> Ordering {
    // Unused bits are zero, so that whole bytes may be compared.
    a.cmp(b).then(last_a.cmp(&last_b))
}

fn numbers<T>(a: &Shape<'_, T>, b: &Shape<'_, T>, mode: Mode) -> Ordering {
    match (a, b) {
        (Shape::Float(a), Shape::Float(b)) => {
            let loose = a.partial_cmp(b).filter(|order| mode == Mode::Loose || order.is_ne());
            loose.unwrap_or_else(|| a.total_cmp(b))
        }
        (Shape::Float(_), _) if mode == Mode::Keys => Ordering::Greater,
        (_, Shape::Float(_)) if mode == Mode::Keys => Ordering::Less,
        (Shape::Float(float), _) => against_float(b, *float).reverse(),
        (_, Shape::Float(float)) => against_float(a, *float),
        (Shape::Big(a), Shape::Big(b)) => a.compare(*b),
        (Shape::Big(big), _) => {
            if big.is_negative() {
                Ordering::Less
            } else {
                Ordering::Greater
            }
        }
        (_, Shape::Big(big)) => {
            if big.is_negative() {
                Ordering::Greater
            } else {
                Ordering::Less
            }
        }
        (Shape::Int(a), Shape::Int(b)) => a.cmp(b),
        _ => Ordering::Equal,
    }
}

/// An integer against a float, by their exact values: what Erlang's rule comes to.
fn against_float<T>(integer: &Shape<'_, T>, float: f64) -> Ordering {
    const PAST: f64 = 9_223_372_036_854_775_808.0;
    match integer {
        Shape::Big(big) => big.compare_float(float),
        Shape::Int(_) if float >= PAST => Ordering::Less,
        Shape::Int(_) if float < -PAST => Ordering::Greater,
        Shape::Int(value) => {
            let whole = float as i64;
            let rest = float - whole as f64;
            value.cmp(&whole).then(0.0.partial_cmp(&rest).unwrap_or(Ordering::Equal))
        }
        _ => Ordering::Equal,
    }
}

/// Agrees with [`Mode::Keys`].
pub(crate) fn hash<T: View, H: Hasher>(term: &T, state: &mut H) {
    let shape = term.shape();
    shape.rank().hash(state);
    match shape {
        Shape::Int(value) => value.hash(state),
        Shape::Big(value) => value.hash(state),
        Shape::Float(value) => value.to_bits().hash(state),
        Shape::Atom(text) => text.hash(state),
        Shape::Reference(reference) => reference.hash(state),
        Shape::Fun(fun) => fun.hash(state),
        Shape::Port(port) => port.hash(state),
        Shape::Pid(pid) => pid.hash(state),
        Shape::Tuple(elements) => hash_all(elements, state),
        Shape::Map(pairs) => {
            pairs.len().hash(state);
            for (key, value) in pairs {
                hash(key, state);
                hash(value, state);
            }
        }
        Shape::List(elements, tail) => {
            hash_all(elements, state);
            if let Some(tail) = tail {
                hash(tail, state);
            }
        }
        Shape::Bits(bytes, last) => (bytes, last).hash(state),
    }
}

fn hash_all<T: View, H: Hasher>(elements: &[T], state: &mut H) {
    elements.len().hash(state);
    elements.iter().for_each(|element| hash(element, state));
}
