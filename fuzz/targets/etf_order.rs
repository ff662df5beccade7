//! The order of any three terms is one, and agrees with equality and hashes.

#![no_main]

use std::cmp::Ordering;
use std::hash::{BuildHasher, RandomState};

use libfuzzer_sys::fuzz_target;
use otp::etf::{Decoder, Limits, Term};

fuzz_target!(|bytes: &[u8]| {
    let Ok(mut decoder) = Decoder::new(bytes, &Limits::new()) else { return };
    let (Ok(a), Ok(b), Ok(c)) = (decoder.term(), decoder.term(), decoder.term()) else { return };
    for compare in [Term::cmp, Term::compare] {
        assert_eq!(compare(&a, &b), compare(&b, &a).reverse());
        let mut sorted = [&a, &b, &c];
        sorted.sort_by(|a, b| compare(a, b));
        assert_ne!(compare(sorted[0], sorted[2]), Ordering::Greater);
    }
    assert_eq!(a == b, a.cmp(&b) == Ordering::Equal);
    let hasher = RandomState::new();
    assert!(a != b || hasher.hash_one(&a) == hasher.hash_one(&b));
});
