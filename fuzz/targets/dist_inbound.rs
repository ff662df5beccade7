//! What a peer sends after its login: any bytes are messages, or an error.

#![no_main]

use libfuzzer_sys::fuzz_target;
use otp::dist::proto::{Flags, Frames, Inbound, Limits, Prefix};

fuzz_target!(|bytes: (u8, &[u8])| {
    let (choice, bytes) = bytes;
    let flags = [Flags::visible(), Flags::MANDATORY, Flags::MANDATORY | Flags::FRAGMENTS][usize::from(choice % 3)];
    let limits = Limits::new().frame(4096).message(16 << 10).sequences(4);
    let (mut frames, mut inbound) = (Frames::new(Prefix::Four, 4096), Inbound::new(flags, limits));
    for piece in bytes.chunks(usize::from(choice).max(1)) {
        frames.push(piece);
        loop {
            match frames.next() {
                Ok(Some(frame)) => match inbound.receive(frame) {
                    Ok(Some(message)) => {
                        let _ = message.control.term();
                        let _ = message.payload.map(|payload| payload.term());
                    }
                    Ok(None) => {}
                    Err(_) => return,
                },
                Ok(None) => break,
                Err(_) => return,
            }
        }
    }
});
