//! Order and equality, against those of a BEAM: `corpus/order.txt` is its word.

use std::cmp::Ordering;
use std::collections::{BTreeMap, HashMap};
use std::hash::{BuildHasher, RandomState};

use otp::etf::{Limits, Map, Term, decode, decode_ref};

/// The terms, with their ranks by `<` and `==`, and by the order of keys.
fn ranked() -> Vec<(usize, usize, Term, Vec<u8>)> {
    let lines = include_str!("corpus/order.txt").lines();
    let ranked: Vec<_> = lines
        .map(|line| {
            let [loose, exact, hex] = line.split(' ').collect::<Vec<_>>()[..] else { panic!("{line}") };
            let bytes: Vec<u8> =
                (0..hex.len()).step_by(2).map(|at| u8::from_str_radix(&hex[at..at + 2], 16).unwrap()).collect();
            (loose.parse().unwrap(), exact.parse().unwrap(), decode(&bytes, &Limits::new()).unwrap(), bytes)
        })
        .collect();
    assert!(ranked.len() > 500, "{} terms", ranked.len());
    ranked
}

#[test]
fn any_two_terms_are_ordered_as_by_erlang() {
    let ranked = ranked();
    for (loose_a, _, a, bytes) in &ranked {
        let borrowed = decode_ref(bytes, &Limits::new()).unwrap();
        assert_eq!(borrowed.compare(&borrowed), Ordering::Equal);
        for (loose_b, _, b, _) in &ranked {
            assert_eq!(a.compare(b), loose_a.cmp(loose_b), "{a} and {b}");
            if loose_a != loose_b {
                assert_eq!(a.cmp(b), loose_a.cmp(loose_b), "{a} and {b}");
            }
        }
    }
}

/// Apart from 0.0 and -0.0, which OTP 27 and later tell apart, and OTP 25 does not.
#[test]
fn two_terms_are_equal_if_erlang_says_that_they_are_the_same() {
    let ranked = ranked();
    let hasher = RandomState::new();
    for (_, exact_a, a, _) in &ranked {
        for (_, exact_b, b, _) in &ranked {
            assert_eq!(a == b, exact_a == exact_b && !is_zero_of_either_sign(a, b), "{a} and {b}");
            assert_eq!(a == b, a.cmp(b) == Ordering::Equal, "{a} and {b}");
            if a == b {
                assert_eq!(hasher.hash_one(a), hasher.hash_one(b), "{a} and {b}");
            }
        }
    }
}

fn is_zero_of_either_sign(a: &Term, b: &Term) -> bool {
    let bits = |term: &Term| if let Term::Float(value) = term { Some((value.to_bits(), *value)) } else { None };
    matches!((bits(a), bits(b)), (Some((a, 0.0)), Some((b, 0.0))) if a != b)
}

#[test]
fn the_keys_of_a_map_are_in_the_order_in_which_erlang_compares_them() {
    let mut by_rank = BTreeMap::new();
    for (_, exact, term, _) in ranked() {
        by_rank.entry(exact).or_insert(term);
    }
    let map: Map = by_rank.values().rev().map(|key| (key.clone(), Term::NIL)).collect();
    assert_eq!(map.len(), by_rank.len());
    let keys: Vec<_> = map.pairs().iter().map(|(key, _)| key).collect();
    let zeros = |key: &&Term| !matches!(key, Term::Float(value) if *value == 0.0);
    assert!(keys.iter().copied().filter(zeros).eq(by_rank.values().filter(zeros)));
    for key in by_rank.values() {
        assert!(map.value(key).is_some(), "{key}");
    }
}

#[test]
fn a_sorted_list_is_sorted_as_by_lists_sort() {
    let mut terms: Vec<Term> =
        "[#{}, [], [a], 1.0, 1, <<>>, {}, a, {b}, {a,a}, 3, 2.5]".parse::<Term>().unwrap().as_list().unwrap().to_vec();
    terms.sort();
    assert_eq!(Term::List(terms).to_string(), "[1,1.0,2.5,3,a,{},{b},{a,a},#{},[],[a],<<>>]");
}

#[test]
fn a_key_is_found_by_what_it_is_and_not_by_what_it_equals() {
    let mut map = Map::new();
    assert_eq!(map.insert(Term::Int(1), Term::atom("int")), None);
    assert_eq!(map.insert(Term::Float(1.0), Term::atom("float")), None);
    assert_eq!(map.insert(Term::Int(1), Term::atom("again")), Some(Term::atom("int")));
    assert_eq!(Term::Map(map).to_string(), "#{1 => again,1.0 => float}");

    let twice: Map = [(Term::Int(1), Term::Int(1)), (Term::Int(1), Term::Int(2))].into_iter().collect();
    assert_eq!(twice.value(&Term::Int(1)), Some(&Term::Int(2)));
    let hashed: HashMap<Term, u8> = [(Term::Int(1), 1), (Term::Float(1.0), 2)].into();
    assert_eq!(hashed[&Term::Float(1.0)], 2);
}
