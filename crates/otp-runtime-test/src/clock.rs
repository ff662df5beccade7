//! Tests of the clock and of random numbers.

use std::io::ErrorKind;
use std::sync::{Arc, Mutex};
use std::thread;

use crate::Backend;
use crate::harness::inside;

/// The clock never goes backwards, on any thread, and it does advance.
pub fn clock_never_goes_back(backend: &dyn Backend) {
    inside(backend, async |system| {
        let start = system.now();
        let last = Arc::new(Mutex::new(start));
        let readers: Vec<_> = (0..4)
            .map(|_| {
                let (system, last) = (system.clone(), last.clone());
                thread::spawn(move || {
                    for _ in 0..10_000 {
                        let mut last = last.lock().expect("the clock went back");
                        let now = system.now();
                        assert!(now >= *last, "the clock went back by {:?}", *last - now);
                        *last = now;
                    }
                })
            })
            .collect();
        for reader in readers {
            reader.join().expect("the clock went back");
        }
        while system.now() == start {
            otp_core::yield_now().await;
        }
    });
}

/// Random numbers are not all the same.
pub fn random_numbers_vary(backend: &dyn Backend) {
    inside(backend, async |system| {
        let first = system.random();
        let varies = (0..16).any(|_| system.random() != first);
        assert!(varies, "sixteen random numbers in a row were the same");
    });
}

/// Secure random bytes fill the whole buffer, and are not the same twice; a runtime that has none says so.
pub fn secure_random_bytes_vary(backend: &dyn Backend) {
    inside(backend, async |system| {
        let (mut one, mut other) = ([0; 61], [0; 61]);
        match system.secure_random(&mut one).and_then(|()| system.secure_random(&mut other)) {
            Ok(()) => {
                assert_ne!(one, other, "secure random bytes were the same twice");
                // The chance that eight random bytes are all zero is one in 2^64.
                let is_filled = |bytes: [u8; 61]| bytes.rchunks(8).all(|piece| piece.len() < 8 || piece != [0; 8]);
                assert!(is_filled(one) && is_filled(other), "secure random bytes did not fill their buffer");
            }
            Err(error) => assert_eq!(error.kind(), ErrorKind::Unsupported, "secure random bytes fail: {error}"),
        }
    });
}
