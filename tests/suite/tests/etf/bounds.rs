//! Bytes of an enemy: nothing that they announce is believed.

use otp::etf::{DecodeErrorKind, Limits, MAX_DEPTH, Term, decode, decode_ref, encode};

#[test]
fn a_term_is_not_deeper_than_its_limit() {
    for (limit, depth) in [(0, 0), (1, 1), (256, 256), (MAX_DEPTH, MAX_DEPTH)] {
        let limits = Limits::new().depth(limit);
        for (open, end) in [(&b"h\x01"[..], &b"a\x01"[..]), (b"l\0\0\0\x01", b"a\x01"), (b"t\0\0\0\x01a\x01", b"a\x01")]
        {
            let nested = |depth| {
                let tails = if open[0] == b'l' { vec![b'j'; depth] } else { Vec::new() };
                [b"\x83", &open.repeat(depth)[..], end, &tails].concat()
            };
            assert!(decode(&nested(depth), &limits).is_ok(), "{depth} within {limit}");
            let error = decode(&nested(depth + 1), &limits).unwrap_err();
            assert!(matches!(error.kind(), DecodeErrorKind::TooDeep { limit: at, .. } if *at == limit), "{error}");
            assert_eq!(error.offset(), 1 + depth * open.len());
            assert_eq!(decode_ref(&nested(depth + 1), &limits).unwrap_err(), error);
        }
    }
}

#[test]
fn no_limit_is_larger_than_the_greatest_depth() {
    let bytes = [b"\x83", &b"h\x01".repeat(MAX_DEPTH + 1)[..], b"j"].concat();
    assert!(decode(&bytes, &Limits::new().depth(usize::MAX)).is_err());
}

/// `[1|[2|[3|…]]]`, which is one list, not many in each other.
#[test]
fn a_list_whose_tails_are_lists_is_not_deep() {
    let cells = b"l\0\0\0\x01a\x07".repeat(100_000);
    let term = decode(&[b"\x83", &cells[..], b"j"].concat(), &Limits::new()).unwrap();
    assert_eq!(term.as_list().unwrap().len(), 100_000);
    let term = decode(&[b"\x83", &cells[..], b"a\x01"].concat(), &Limits::new()).unwrap();
    let Term::ImproperList(list) = term else { panic!("{term:.50}") };
    assert_eq!((list.elements().len(), list.tail()), (100_000, &Term::Int(1)));
}

#[test]
fn input_above_the_limit_is_not_looked_at() {
    let limits = Limits::new().size(10);
    let bytes = encode(&Term::binary([7; 4])).unwrap();
    assert_eq!(decode(&bytes, &limits), Ok(Term::binary([7; 4])));
    let error = decode(&encode(&Term::binary([7; 5])).unwrap(), &limits).unwrap_err();
    assert_eq!(error.to_string(), "at byte 0: 11 bytes, where 10 are the limit");
}

#[test]
fn a_term_that_is_too_deep_is_not_encoded() {
    let mut term = Term::NIL;
    for _ in 0..MAX_DEPTH {
        term = Term::tuple([term]);
    }
    let bytes = encode(&term).unwrap();
    assert_eq!(decode(&bytes, &Limits::new().depth(MAX_DEPTH)), Ok(term.clone()));
    assert!(encode(&Term::tuple([term])).is_err());
}
