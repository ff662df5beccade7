use std::fmt;
use std::str::FromStr;

use crate::faults::{Fault, Kind};
use crate::policy::TaskId;

/// All decisions of one run, so that the run, or a similar one, can be repeated: its differences from the plainest run
/// of the seed.
///
/// In the plainest run a task runs until it waits, then the oldest one that can run; every call that may run inline
/// does; and there are no faults. A difference is identified by a step of its own task, so that one can be removed
/// without moving the others.
///
/// Its text is one word, for the environment variable `OTP_SIM_REPLAY`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Schedule {
    pub(crate) seed: u64,
    pub(crate) switches: Vec<Switch>,
    /// The moments at which a call, or code that could have continued inline, was scheduled instead.
    pub(crate) scheduled: Vec<Moment>,
    pub(crate) faults: Vec<Fault>,
}

/// A context switch: a task runs in place of another one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Switch {
    /// The task that would have run.
    pub(crate) task: TaskId,
    /// The number of the step that it would have taken.
    pub(crate) step: u64,
    /// The task that runs.
    pub(crate) to: TaskId,
}

/// A moment in a run: a step of a task, counted from 1, and the time after it until the next step of any task.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Moment {
    pub(crate) task: TaskId,
    pub(crate) step: u64,
    /// The number of the opportunity in the moment.
    pub(crate) nth: u32,
}

impl Schedule {
    pub(crate) fn new(seed: u64) -> Schedule {
        Schedule { seed, ..Schedule::default() }
    }

    /// The seed of the run.
    pub fn seed(&self) -> u64 {
        self.seed
    }

    /// The number of context switches that were a choice: how often a task ran although the previous one could have
    /// gone on, or an older one was ready.
    pub fn switches(&self) -> usize {
        self.switches.len()
    }

    /// The number of injected faults.
    pub fn faults(&self) -> usize {
        self.faults.len()
    }
}

/// Formats the schedule as one word, such as `42/0@3:2/2@5/kill:2@7=12-4`.
impl fmt::Display for Schedule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/", self.seed)?;
        for (index, switch) in self.switches.iter().enumerate() {
            write!(f, "{}{}@{}:{}", dot(index), switch.task.0, switch.step, switch.to.0)?;
        }
        f.write_str("/")?;
        for (index, moment) in self.scheduled.iter().enumerate() {
            write!(f, "{}{moment}", dot(index))?;
        }
        f.write_str("/")?;
        for (index, fault) in self.faults.iter().enumerate() {
            write!(f, "{}{}:{}={}", dot(index), fault.kind.name(), fault.at, fault.value)?;
            if let Some(victim) = fault.victim {
                write!(f, "-{victim}")?;
            }
        }
        Ok(())
    }
}

fn dot(index: usize) -> &'static str {
    if index == 0 { "" } else { "." }
}

impl fmt::Display for Moment {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}@{}", self.task.0, self.step)?;
        if self.nth > 0 { write!(f, "+{}", self.nth) } else { Ok(()) }
    }
}

/// The error of parsing a text that is not a schedule.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("no schedule: {text:?} is not {expected}")]
#[non_exhaustive]
pub struct ParseScheduleError {
    /// The part that could not be read.
    pub text: String,
    /// What was expected instead.
    pub expected: &'static str,
}

impl FromStr for Schedule {
    type Err = ParseScheduleError;

    fn from_str(text: &str) -> Result<Schedule, ParseScheduleError> {
        let parts: Vec<&str> = text.trim().split('/').collect();
        let [seed, switches, scheduled, faults] = parts[..] else {
            return Err(error(text, "of the form seed/switches/calls/faults"));
        };
        Ok(Schedule {
            seed: number(seed)?,
            switches: items(switches).map(switch).collect::<Result<_, _>>()?,
            scheduled: items(scheduled).map(moment).collect::<Result<_, _>>()?,
            faults: items(faults).map(fault).collect::<Result<_, _>>()?,
        })
    }
}

fn items(part: &str) -> impl Iterator<Item = &str> {
    part.split('.').filter(|item| !item.is_empty())
}

fn switch(text: &str) -> Result<Switch, ParseScheduleError> {
    let expected = || error(text, "a switch such as 3@7:1");
    let (place, to) = text.split_once(':').ok_or_else(expected)?;
    let (task, step) = place.split_once('@').ok_or_else(expected)?;
    Ok(Switch { task: TaskId(number(task)?), step: number(step)?, to: TaskId(number(to)?) })
}

fn moment(text: &str) -> Result<Moment, ParseScheduleError> {
    let (task, place) = text.split_once('@').ok_or_else(|| error(text, "a moment such as 3@7"))?;
    let (step, nth) = place.split_once('+').unwrap_or((place, "0"));
    let nth = u32::try_from(number(nth)?).map_err(|_| error(nth, "a small number"))?;
    Ok(Moment { task: TaskId(number(task)?), step: number(step)?, nth })
}

fn fault(text: &str) -> Result<Fault, ParseScheduleError> {
    let expected = || error(text, "a fault such as kill:3@7=12");
    let (kind, rest) = text.split_once(':').ok_or_else(expected)?;
    let (at, value) = rest.split_once('=').ok_or_else(expected)?;
    let (value, victim) = match value.split_once('-') {
        Some((value, victim)) => (value, Some(number(victim)?)),
        None => (value, None),
    };
    let kind = Kind::named(kind).ok_or_else(|| error(kind, "a kind of fault"))?;
    Ok(Fault { kind, at: moment(at)?, value: number(value)?, victim })
}

fn number(text: &str) -> Result<u64, ParseScheduleError> {
    text.parse().map_err(|_| error(text, "a number"))
}

fn error(text: &str, expected: &'static str) -> ParseScheduleError {
    ParseScheduleError { text: text.to_owned(), expected }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(task: u64, step: u64, nth: u32) -> Moment {
        Moment { task: TaskId(task), step, nth }
    }

    #[test]
    fn a_schedule_is_read_as_it_was_written() {
        let schedule = Schedule {
            seed: u64::MAX,
            switches: vec![
                Switch { task: TaskId(0), step: 3, to: TaskId(7) },
                Switch { task: TaskId(7), step: 1, to: TaskId(1) },
            ],
            scheduled: vec![at(1, 12, 0), at(7, 2, 3)],
            faults: vec![
                Fault { kind: Kind::Kill, at: at(0, 9, 0), value: 17, victim: Some(4) },
                Fault { kind: Kind::Delay, at: at(7, 1, 2), value: 0, victim: None },
            ],
        };
        let text = schedule.to_string();
        assert_eq!(text, format!("{}/0@3:7.7@1:1/1@12.7@2+3/kill:0@9=17-4.delay:7@1+2=0", u64::MAX));
        assert_eq!(text.parse(), Ok(schedule));
        assert_eq!("5///".parse(), Ok(Schedule::new(5)));
    }

    #[test]
    fn each_misshapen_schedule_says_what_is_wrong() {
        let cases = [
            ("", "\"\" is not of the form seed/switches/calls/faults"),
            ("a///", "\"a\" is not a number"),
            ("1/2//", "\"2\" is not a switch such as 3@7:1"),
            ("1//q3/", "\"q3\" is not a moment such as 3@7"),
            ("1///kill:4", "\"kill:4\" is not a fault such as kill:3@7=12"),
            ("1///eat:4@1=5", "\"eat\" is not a kind of fault"),
        ];
        for (text, why) in cases {
            assert_eq!(text.parse::<Schedule>().unwrap_err().to_string(), format!("no schedule: {why}"));
        }
    }
}
