use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use otp_core::event::{CallEnd, CallSeen, Seen, Spectator};

use super::kinds::Kinds;
use super::sink::recording;

/// Counts what processes do.
pub(super) struct Counting {
    kinds: Arc<Kinds>,
    /// One message in so many is timed; none, if it is zero.
    one_in: u32,
    sent: AtomicU32,
}

impl Counting {
    pub(super) fn new(kinds: Arc<Kinds>, one_in: u32) -> Counting {
        Counting { kinds, one_in, sent: AtomicU32::new(0) }
    }
}

impl Spectator for Counting {
    fn times(&self) -> bool {
        self.one_in > 0 && self.sent.fetch_add(1, Ordering::Relaxed).is_multiple_of(self.one_in)
    }

    fn waited(&self, process: &Seen<'_>, time: Duration) {
        recording(|| self.kinds.with_seen(process, |kind| kind.wait_time(&self.kinds.sink).record(time)));
    }

    fn ran(&self, process: &Seen<'_>, received: u64, took: Duration) {
        recording(|| {
            self.kinds.with_seen(process, |kind| {
                kind.runs.increment(1);
                kind.messages.increment(received);
                kind.run_time.increment(u64::try_from(took.as_nanos()).unwrap_or(u64::MAX));
            });
        });
    }

    fn called(&self, call: &CallSeen<'_>) {
        let count = |kind: &super::kind::Kind| {
            kind.calls(&self.kinds.sink, &call.end).increment(1);
            if let CallEnd::Answered = call.end {
                kind.call_time(&self.kinds.sink).record(call.took);
            }
        };
        recording(|| match &call.callee {
            Some(callee) => self.kinds.with_seen(callee, count),
            None => self.kinds.with_nobody(count),
        });
    }
}
