//! Bytes are a term or an error, for both decoders; and a term is the same after it was encoded again.

#![no_main]

use libfuzzer_sys::fuzz_target;
use otp::etf::{Decoder, Limits, decode, decode_ref, encode};

fuzz_target!(|bytes: &[u8]| {
    let limits = Limits::new();
    let owned = decode(bytes, &limits);
    let borrowed = decode_ref(bytes, &limits);
    match (&owned, &borrowed) {
        (Ok(term), Ok(borrowed)) => {
            assert_eq!(&borrowed.to_term(), term);
            let again = encode(term).expect("what was decoded has an encoding");
            assert_eq!(encode(borrowed).as_ref(), Ok(&again));
            assert_eq!(decode(&again, &limits).as_ref(), Ok(term));
            assert_eq!(term.cmp(term), std::cmp::Ordering::Equal);
        }
        (Err(error), Err(other)) => assert_eq!(error, other),
        _ => panic!("{owned:?} and {borrowed:?}"),
    }
    // What is skipped is what is decoded, but for keys that are there twice.
    if let Ok(mut decoder) = Decoder::new(bytes, &limits)
        && decoder.version().is_ok()
    {
        let skipped = decoder.skip().is_ok() && decoder.finish().is_ok();
        assert!(skipped || owned.is_err());
    }
});
