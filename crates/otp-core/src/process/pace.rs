use std::time::Duration;

use crate::sync::atomic::{AtomicU32, Ordering};

/// Measures whether a server answers fast enough to be run by its callers, and to [hand over](super::hand_over).
///
/// A new server has to prove it: the executor's runs in which it receives something are timed, or those of a process that
/// is no behaviour, and after [`PROOF`] fast ones callers may run it; unless new servers of [its type](super::paces) have
/// proved it before. Their runs are timed, too. After a slow run the server is left to the executor for [`REST`] calls, and
/// for twice as many after each further slow run; then it has to prove itself again. [`FORGIVEN`] fast runs cancel one slow
/// run, so that a server that is slow now and then is hardly ever run by a caller.
///
/// To read the clock takes as long as a short run. When [`SEASONED`] runs in a row were fast, and no slow one is left to
/// forgive, one run of four is timed, at places that no period of a server follows.
#[derive(Default)]
pub(crate) struct Pace(AtomicU32);

/// The measurements of a server, packed into one word: if two threads change it at the same time, a count may be lost,
/// which does no harm.
#[derive(Clone, Copy)]
struct Record {
    standing: Standing,
    /// The number of slow runs, less those that are forgiven.
    strikes: u32,
    /// The number of fast runs so far, while it proves itself; of calls until its rest is over; of fast runs until a slow
    /// run is forgiven; or, if there is none, of those until not every run is timed.
    count: u32,
}

#[derive(Clone, Copy, PartialEq)]
enum Standing {
    Unproven,
    Trusted,
    Resting,
    /// Inline calls of this server are switched off.
    Never,
}

/// None in the models: they test inline calls.
const PROOF: u32 = if cfg!(otp_loom) { 0 } else { 8 };
const REST: u32 = 256;
const FORGIVEN: u32 = 256;
const SEASONED: u32 = 1024;
const MAX_STRIKES: u32 = 10;
/// Code is about ten times as slow in debug builds.
const SLOW: Duration = Duration::from_micros(if cfg!(debug_assertions) { 200 } else { 20 });

const STANDING_BITS: u32 = 2;
const STRIKES_BITS: u32 = 4;

impl Pace {
    /// For a server that no caller may run.
    pub(super) fn never() -> Pace {
        Pace(AtomicU32::new(Record { standing: Standing::Never, strikes: 0, count: 0 }.packed()))
    }

    /// Whether a caller may run the server; if not, the call counts as one of its rest.
    #[inline]
    pub(super) fn is_trusted(&self) -> bool {
        let record = self.get();
        match record.standing {
            Standing::Trusted => true,
            Standing::Unproven => PROOF == 0,
            Standing::Resting => {
                let (standing, count) = match record.count.saturating_sub(1) {
                    0 => (Standing::Unproven, 0),
                    left => (Standing::Resting, left),
                };
                self.set(Record { standing, count, ..record });
                false
            }
            Standing::Never => false,
        }
    }

    /// Whether the server has proved itself; unlike [`is_trusted`](Pace::is_trusted) it counts no call.
    #[inline]
    pub(super) fn has_proved(&self) -> bool {
        let standing = self.get().standing;
        standing == Standing::Trusted || PROOF == 0 && standing == Standing::Unproven
    }

    /// Whether it was slow, and is left to the executor.
    #[inline]
    pub(super) fn is_resting(&self) -> bool {
        self.get().standing == Standing::Resting
    }

    pub(super) fn is_never(&self) -> bool {
        self.get().standing == Standing::Never
    }

    /// Whether the executor's runs have to be timed.
    #[inline]
    pub(super) fn is_unproven(&self) -> bool {
        PROOF > 0 && self.get().standing == Standing::Unproven
    }

    /// Whether a run by a caller has to be timed; the runs are counted by `number`.
    #[inline]
    pub(super) fn is_to_be_timed(&self, number: u64) -> bool {
        !self.get().is_seasoned() || mixed(number).is_multiple_of(4)
    }

    /// Records how long one run took, or one message of a run that received several; true if the server was still to prove
    /// itself.
    #[inline]
    pub(super) fn ran(&self, took: Duration) -> bool {
        let record = self.get();
        if is_slow(took) {
            self.set(record.slow());
        } else if !record.is_seasoned() {
            self.set(record.fast());
        }
        record.standing == Standing::Unproven
    }

    #[inline]
    fn get(&self) -> Record {
        Record::of(self.0.load(Ordering::Relaxed))
    }

    fn set(&self, record: Record) {
        self.0.store(record.packed(), Ordering::Relaxed);
    }
}

/// Spreads counted numbers so that neither a sequence of them nor every n-th one shows a pattern: the end of the hash
/// `MurmurHash3`.
#[inline]
pub(super) fn mixed(number: u64) -> u64 {
    let number = (number ^ number >> 33).wrapping_mul(0xFF51_AFD7_ED55_8CCD);
    let number = (number ^ number >> 33).wrapping_mul(0xC4CE_B9FE_1A85_EC53);
    number ^ number >> 33
}

/// Whether this is too long for one message in the middle of something else.
#[inline]
pub(super) fn is_slow(took: Duration) -> bool {
    took > SLOW
}

impl Record {
    /// Whether it was fast for so long that not every run has to be timed.
    #[inline]
    fn is_seasoned(self) -> bool {
        self.standing == Standing::Trusted && self.strikes == 0 && self.count == 0
    }

    #[inline]
    fn of(word: u32) -> Record {
        let standing = match word & ((1 << STANDING_BITS) - 1) {
            0 => Standing::Unproven,
            1 => Standing::Trusted,
            2 => Standing::Resting,
            _ => Standing::Never,
        };
        let strikes = (word >> STANDING_BITS) & ((1 << STRIKES_BITS) - 1);
        Record { standing, strikes, count: word >> (STANDING_BITS + STRIKES_BITS) }
    }

    fn packed(self) -> u32 {
        let standing = match self.standing {
            Standing::Unproven => 0,
            Standing::Trusted => 1,
            Standing::Resting => 2,
            Standing::Never => 3,
        };
        standing | self.strikes << STANDING_BITS | self.count << (STANDING_BITS + STRIKES_BITS)
    }

    #[cold]
    fn slow(self) -> Record {
        match self.standing {
            Standing::Never | Standing::Resting => self,
            Standing::Unproven | Standing::Trusted => {
                let strikes = MAX_STRIKES.min(self.strikes + 1);
                Record { standing: Standing::Resting, strikes, count: REST << (strikes - 1) }
            }
        }
    }

    fn fast(self) -> Record {
        match self.standing {
            Standing::Never | Standing::Resting => self,
            Standing::Unproven if self.count + 1 < PROOF => Record { count: self.count + 1, ..self },
            Standing::Unproven => Record { standing: Standing::Trusted, ..self }.counting(),
            Standing::Trusted => match self.count.saturating_sub(1) {
                0 if self.strikes > 0 => Record { strikes: self.strikes - 1, ..self }.counting(),
                left => Record { count: left, ..self },
            },
        }
    }

    /// Counts fast runs anew.
    fn counting(self) -> Record {
        Record { count: if self.strikes > 0 { FORGIVEN } else { SEASONED }, ..self }
    }
}

#[cfg(all(test, not(otp_loom)))]
mod tests {
    use super::*;

    const FAST: Duration = Duration::from_micros(1);

    fn proven() -> Pace {
        let pace = Pace::default();
        for _ in 0..PROOF {
            pace.ran(FAST);
        }
        pace
    }

    /// For how many calls it is not trusted, if each run by the executor is fast: its rest, of which the last call is
    /// the first one of its proof.
    fn rest(pace: &Pace) -> u32 {
        let mut calls = 0;
        while !pace.is_trusted() {
            calls += 1;
            if pace.is_unproven() {
                pace.ran(FAST);
            }
        }
        calls
    }

    #[test]
    fn a_new_server_has_to_prove_that_it_is_fast() {
        let pace = Pace::default();
        for _ in 0..PROOF {
            assert!(!pace.is_trusted() && pace.is_unproven());
            pace.ran(FAST);
        }
        assert!(pace.is_trusted() && !pace.is_unproven());
    }

    #[test]
    fn one_slow_run_ends_it_and_each_further_one_for_longer() {
        let pace = proven();
        let mut before = 0;
        for _ in 0..MAX_STRIKES {
            pace.ran(SLOW + FAST);
            let rest = rest(&pace);
            assert!(rest >= 2 * before && rest >= REST, "{rest} after {before}");
            before = rest + 1 - PROOF;
        }
        pace.ran(SLOW + FAST);
        assert_eq!(rest(&pace), before + PROOF - 1, "it is not doubled for ever");
    }

    #[test]
    fn who_is_slow_while_it_proves_itself_rests_too() {
        let pace = Pace::default();
        pace.ran(SLOW + FAST);
        assert_eq!(rest(&pace), REST + PROOF - 1);
    }

    #[test]
    fn a_slow_run_is_forgiven_after_many_fast_ones() {
        let pace = proven();
        pace.ran(SLOW + FAST);
        rest(&pace);
        for _ in 0..FORGIVEN {
            pace.ran(FAST);
        }
        pace.ran(SLOW + FAST);
        assert_eq!(rest(&pace), REST + PROOF - 1);
    }

    #[test]
    fn a_server_that_is_slow_now_and_then_is_hardly_ever_run_by_a_caller() {
        let pace = proven();
        let mut slow_inline = 0;
        for call in 0..1_000_000 {
            let took = if call % 100 == 0 { 2 * SLOW } else { FAST };
            slow_inline += u32::from(run(&pace, call, took) && took > SLOW);
        }
        assert!(slow_inline <= 2 * MAX_STRIKES, "{slow_inline}");
    }

    /// Has it run by a caller, if that may; whether it may.
    fn run(pace: &Pace, number: u64, took: Duration) -> bool {
        if !pace.is_trusted() {
            if pace.is_unproven() {
                pace.ran(took);
            }
            return false;
        }
        if pace.is_to_be_timed(number) {
            pace.ran(took);
        }
        true
    }

    fn seasoned() -> Pace {
        let pace = proven();
        for number in 0..u64::from(SEASONED) {
            assert!(pace.is_to_be_timed(number) && run(&pace, number, FAST));
        }
        pace
    }

    #[test]
    fn of_a_server_that_was_fast_for_long_one_run_in_four_is_timed_until_one_is_slow() {
        let pace = seasoned();
        let timed = (0..100_000).filter(|number| pace.is_to_be_timed(*number)).count();
        assert!((24_000..26_000).contains(&timed), "{timed}");
        pace.ran(SLOW + FAST);
        rest(&pace);
        assert!((0..u64::from(FORGIVEN)).all(|number| pace.is_to_be_timed(number)));
    }

    #[test]
    fn a_server_that_was_fast_for_long_is_soon_found_to_be_slow_however_often_it_is() {
        for period in 1..300 {
            let pace = seasoned();
            let is_slow = |number: &u64| number.is_multiple_of(period);
            let took = |number| if is_slow(&number) { 2 * SLOW } else { FAST };
            let inline = (0..100_000).filter(|number| run(&pace, *number, took(*number)) && is_slow(number)).count();
            assert!(inline <= 50, "{inline} slow runs if each {period}th is slow");
        }
    }

    #[test]
    fn who_is_never_to_be_run_by_a_caller_is_not() {
        let pace = Pace::never();
        for _ in 0..2 * PROOF {
            pace.ran(FAST);
        }
        pace.ran(2 * SLOW);
        assert!(!pace.is_trusted() && !pace.is_unproven());
    }
}
