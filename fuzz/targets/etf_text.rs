//! A text is a term or an error, and a term is the same after it was written and read again.

#![no_main]

use libfuzzer_sys::fuzz_target;
use otp::etf::Term;

fuzz_target!(|text: &str| {
    if let Ok(term) = text.parse::<Term>() {
        assert_eq!(term.to_string().parse().as_ref(), Ok(&term));
        let _ = format!("{term:.20}");
    }
});
