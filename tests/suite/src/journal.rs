//! What happened, in order, as short sentences.

use otp::System;
use otp::event::Event;
pub use otp::test::{Journal, Recorder};

/// An empty journal. The system notes in it the end of each process that has a label: `a ended shutdown`.
pub fn journal(system: &System) -> (Journal, Recorder) {
    let recorder = Recorder::of(system, |event| match event {
        Event::Exited { label: Some(label), reason, .. } => Some(format!("{label} ended {reason}")),
        _ => None,
    });
    (recorder.journal(), recorder)
}
