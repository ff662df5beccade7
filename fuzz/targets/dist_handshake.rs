//! What somebody says in a handshake, on both sides of it.

#![no_main]

use libfuzzer_sys::fuzz_target;
use otp::dist::Cookie;
use otp::dist::proto::{Acceptor, Flags, Initiator, Introduction, Step};

fuzz_target!(|messages: Vec<&[u8]>| {
    let own = || Introduction::new("a@h".parse().unwrap(), Flags::visible(), 7);
    let mut acceptor = Acceptor::new(own(), Cookie::new("secret"), 1);
    let mut initiator = Initiator::new(own(), "b@h".parse().unwrap(), Cookie::new("secret"), 2);
    for message in messages {
        if let Ok(introduction) = acceptor.name(message) {
            assert!(introduction.name.as_str().contains('@'));
        }
        let _ = acceptor.still_wanted(message);
        assert!(acceptor.reply(message).is_err(), "nobody guesses the cookie");
        assert!(!matches!(initiator.receive(message), Ok(Step::Done(_))), "nobody guesses the cookie");
    }
});
