use std::time::Duration;

use otp_core::runtime::Instant;

/// Decides when to send a tick, and when a peer that is silent is given up.
///
/// Both nodes have to use the same time: `net_ticktime` of the kernel, a minute by default. A peer that is silent for it
/// is given up after at most a quarter more.
///
/// ```
/// use std::time::Duration;
/// use otp::dist::proto::{Tick, Ticker};
/// use otp::runtime::Instant;
///
/// let start = Instant::ORIGIN;
/// let after = |seconds| start + Duration::from_secs(seconds);
/// let mut ticker = Ticker::new(Duration::from_secs(4), start);
/// assert_eq!(ticker.poll(start), Tick::Wait(after(1)));
/// assert_eq!(ticker.poll(after(1)), Tick::Send);
/// ticker.wrote();
/// ticker.read();
/// assert_eq!(ticker.poll(after(2)), Tick::Wait(after(3)), "something was written");
/// assert!((3..=6).any(|seconds| ticker.poll(after(seconds)) == Tick::Dead));
/// ```
#[derive(Debug)]
pub struct Ticker {
    interval: Duration,
    next: Instant,
    has_read: bool,
    has_written: bool,
    silent: u32,
}

/// What is to be done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Tick {
    /// Nothing, until then.
    Wait(Instant),
    /// Send an empty frame, and poll again.
    Send,
    /// Close the connection: the peer is silent.
    Dead,
}

/// How many ticks there are in the time after which a silent peer is given up.
const INTENSITY: u32 = 4;

impl Ticker {
    /// Begins now; a peer that is silent for `ticktime` is given up.
    pub fn new(ticktime: Duration, now: Instant) -> Ticker {
        let interval = ticktime / INTENSITY;
        Ticker { interval, next: now + interval, has_read: false, has_written: false, silent: 0 }
    }

    /// Something was read.
    pub fn read(&mut self) {
        self.has_read = true;
    }

    /// Something was written, or waits to be.
    pub fn wrote(&mut self) {
        self.has_written = true;
    }

    /// Returns what is to be done now.
    pub fn poll(&mut self, now: Instant) -> Tick {
        if now < self.next {
            return Tick::Wait(self.next);
        }
        // Of a clock that has jumped, as after a suspended machine, only one tick counts: nothing could be read meanwhile.
        self.next = now + self.interval;
        self.silent = if std::mem::take(&mut self.has_read) { 0 } else { self.silent + 1 };
        if self.silent >= INTENSITY {
            return Tick::Dead;
        }
        if std::mem::take(&mut self.has_written) { Tick::Wait(self.next) } else { Tick::Send }
    }
}
