use std::fmt;

use crate::attempt::Attempt;
use crate::check::Checked;
use crate::failure::Failure;
use crate::schedule::Schedule;

/// The report of a failed run, with all that is needed to repeat and to understand it. `Display` formats it for people.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Failed {
    /// The reason of the failure.
    pub failure: Failure,
    /// The simplest schedule that was found; it contains the seed.
    pub schedule: Schedule,
    /// Whether the schedule is simpler than that of the seed.
    pub simplified: bool,
    /// The number of context switches before the simplification, as [`Schedule::switches`] counts them.
    pub switches_before: usize,
    /// The number of faults before the simplification.
    pub faults_before: usize,
    /// The number of runs that the simplification took.
    pub shrink_runs: u32,
    /// Whether the seed alone decides the run; false for [`explore`](crate::explore).
    pub by_seed: bool,
    /// The crashes and the injected faults of the run, in words, the first ones if there are many.
    pub troubles: Vec<String>,
    /// The last lines of the trace, in words. Repeated lines are folded.
    pub trace: Vec<String>,
    /// Whether the trace begins in the middle of the run.
    pub cut: bool,
    /// False if the same seed gave another result the second time: the run depends on something that is not simulated.
    pub repeatable: bool,
    /// Statistics of all runs up to this one.
    pub checked: Checked,
    /// The name of the test, if the thread has one.
    pub test: Option<String>,
}

impl Failed {
    pub(crate) fn of(run: &Attempt, failure: Failure, checked: Checked) -> Failed {
        let (schedule, troubles, (trace, cut)) = match &run.recording {
            Some(recording) => (recording.schedule.clone(), recording.troubles(), recording.lines()),
            None => Default::default(),
        };
        Failed {
            failure,
            switches_before: schedule.switches(),
            faults_before: schedule.faults(),
            schedule,
            simplified: false,
            shrink_runs: 0,
            by_seed: true,
            troubles,
            trace,
            cut,
            repeatable: true,
            checked,
            test: std::thread::current().name().filter(|name| *name != "main").map(ToOwned::to_owned),
        }
    }
}

impl std::error::Error for Failed {}

/// A longer schedule does not fit on a line to copy; the seed does.
const LINE: usize = 2_000;

impl fmt::Display for Failed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Failed { failure, schedule, checked, .. } = self;
        let seed = schedule.seed();
        writeln!(f, "seed {seed} fails: {failure}")?;
        writeln!(f, "({checked}, with this one)")?;
        f.write_str(match self.troubles.is_empty() {
            true => "\nno process crashed, and no fault was injected\n",
            false => "\ncrashes and faults:\n",
        })?;
        self.troubles.iter().try_for_each(|line| writeln!(f, "{line}"))?;
        if !self.trace.is_empty() {
            let lines = self.trace.len();
            match self.cut {
                true => {
                    writeln!(f, "\nthe last {lines} lines of the trace (OTP_SIM_TRACE={} shows more):", 10 * lines)?
                }
                false => writeln!(f, "\nthe trace:")?,
            }
            self.trace.iter().try_for_each(|line| writeln!(f, "{line}"))?;
        }
        if !self.repeatable {
            return write!(
                f,
                "\nthe same seed gave another run the second time, which is the one above: something that no seed decides \
                 takes part, such as the real clock, the order of a HashMap, or state that outlives a run"
            );
        }
        let test = self.test.as_deref().map_or_else(String::new, |test| format!(" {test}"));
        if self.by_seed {
            write!(f, "\nto repeat it:    OTP_SIM_SEED={seed} cargo test{test}")?;
        }
        if self.shrink_runs > 0 {
            let (switches, faults) = (schedule.switches(), schedule.faults());
            write!(
                f,
                "\nas simple as was found in {} runs: {switches} of {} context switches, {faults} of {} faults",
                self.shrink_runs, self.switches_before, self.faults_before
            )?;
        }
        let line = schedule.to_string();
        if (self.simplified || !self.by_seed) && line.len() <= LINE {
            write!(f, "\nto repeat that:  OTP_SIM_REPLAY={line} cargo test{test}")?;
        }
        Ok(())
    }
}
