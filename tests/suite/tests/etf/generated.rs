//! Terms and bytes that nobody thought of.

use std::cmp::Ordering;

use otp::etf::{
    Atom, Bitstring, Closure, Export, Fun, Limits, Pid, Port, Reference, Term, decode, decode_ref, encode, from_term,
    to_term,
};
use proptest::collection::vec;
use proptest::prelude::*;

fn atom() -> impl Strategy<Value = Atom> {
    prop_oneof!["[a-z]{0,6}", "\\PC{0,12}", "[é-ÿ]{1,255}"].prop_map(|text| Atom::new(text).unwrap())
}

fn leaf() -> impl Strategy<Value = Term> {
    prop_oneof![
        any::<i64>().prop_map(Term::Int),
        (-300_i64..300).prop_map(Term::Int),
        any::<i128>().prop_map(Term::from),
        (any::<bool>(), vec(any::<u8>(), 0..300)).prop_map(|(negative, bytes)| Term::integer(negative, &bytes)),
        prop::num::f64::NORMAL.prop_map(Term::Float),
        (-100_i32..100).prop_map(|value| Term::Float(value.into())),
        atom().prop_map(Term::Atom),
        vec(any::<u8>(), 0..20).prop_map(Term::Binary),
        "\\PC{0,8}".prop_map(Term::from),
        (vec(any::<u8>(), 1..8), 1_u8..8).prop_map(|(bytes, last)| Bitstring::new(bytes, last).unwrap().into()),
        (atom(), any::<[u32; 3]>()).prop_map(|(node, [a, b, c])| Pid::new(node, a, b, c).into()),
        (atom(), any::<u64>(), any::<u32>()).prop_map(|(node, id, creation)| Port::new(node, id, creation).into()),
        (atom(), any::<u32>(), vec(any::<u32>(), 1..6)).prop_map(|(node, creation, words)| Reference::new(
            node, creation, &words
        )
        .unwrap()
        .into()),
        (atom(), atom(), any::<u8>())
            .prop_map(|(module, name, arity)| Fun::Export(Export::new(module, name, arity).into()).into()),
    ]
}

fn term() -> impl Strategy<Value = Term> {
    leaf().prop_recursive(5, 60, 8, |inner| {
        let inner = move || inner.clone();
        prop_oneof![
            vec(inner(), 0..8).prop_map(Term::Tuple),
            vec(inner(), 0..8).prop_map(Term::List),
            vec(any::<u8>(), 0..8).prop_map(|bytes| Term::List(bytes.into_iter().map(Term::from).collect())),
            (vec(inner(), 0..8), inner()).prop_map(|(elements, tail)| Term::list(elements, tail)),
            vec((inner(), inner()), 0..8).prop_map(|pairs| Term::Map(pairs.into_iter().collect())),
            (atom(), any::<u8>(), vec(inner(), 0..4)).prop_map(|(module, arity, free)| {
                let mut closure = Closure::new(module, arity, Pid::new(Atom::from_static("a@h"), 1, 2, 3));
                closure.free = free;
                Fun::Closure(closure.into()).into()
            }),
        ]
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(512))]

    #[test]
    fn a_term_is_the_same_after_it_was_encoded(term in term()) {
        let bytes = encode(&term).unwrap();
        prop_assert_eq!(&decode(&bytes, &Limits::new()).unwrap(), &term);
        let borrowed = decode_ref(&bytes, &Limits::new()).unwrap();
        prop_assert_eq!(&borrowed.to_term(), &term);
        prop_assert_eq!(encode(&borrowed).unwrap(), bytes);
    }

    #[test]
    fn a_term_is_the_same_after_it_was_written_as_text(term in term()) {
        let text = term.to_string();
        let read: Term = text.parse().unwrap();
        // Its module is all that the text of a closure shows of it.
        prop_assert_eq!(&read, &term, "{}", text);
    }

    #[test]
    fn a_term_is_the_same_after_it_went_through_serde(term in term()) {
        prop_assert_eq!(&to_term(&term).unwrap(), &term);
        prop_assert_eq!(&from_term::<Term>(&term).unwrap(), &term);
    }

    #[test]
    fn the_order_of_terms_is_one(a in term(), b in term(), c in term()) {
        for compare in [Term::cmp, Term::compare] {
            prop_assert_eq!(compare(&a, &b), compare(&b, &a).reverse());
            prop_assert_eq!(compare(&a, &a), Ordering::Equal);
            let mut sorted = [&a, &b, &c];
            sorted.sort_by(|a, b| compare(a, b));
            prop_assert_ne!(compare(sorted[0], sorted[2]), Ordering::Greater);
        }
    }

    #[test]
    fn a_term_that_was_cut_is_refused(term in term(), cut in any::<prop::sample::Index>()) {
        let bytes = encode(&term).unwrap();
        prop_assert!(decode(&bytes[..cut.index(bytes.len())], &Limits::new()).is_err());
    }

    /// Whatever one changed byte makes of a term, it is one that is encoded again, or an error.
    #[test]
    fn a_changed_byte_does_no_harm(term in term(), at in any::<prop::sample::Index>(), byte in any::<u8>()) {
        let mut bytes = encode(&term).unwrap();
        let at = at.index(bytes.len());
        bytes[at] = byte;
        if let Ok(term) = decode(&bytes, &Limits::new()) {
            prop_assert_eq!(decode(&encode(&term).unwrap(), &Limits::new()), Ok(term));
        }
    }

    #[test]
    fn any_bytes_are_a_term_or_an_error(bytes in vec(any::<u8>(), 0..200)) {
        let bytes = [&[131], &bytes[..]].concat();
        prop_assert_eq!(decode(&bytes, &Limits::new()).is_ok(), decode_ref(&bytes, &Limits::new()).is_ok());
    }

    #[test]
    fn any_text_is_a_term_or_an_error(text in "[ \\PC{}\\[\\]<>#|,:/.'\"\\\\$0-9a-z]{0,60}") {
        if let Ok(term) = text.parse::<Term>() {
            prop_assert_eq!(term.to_string().parse(), Ok(term));
        }
    }
}
