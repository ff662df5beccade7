use std::fmt;
use std::str::FromStr;

use crate::faults::{Fault, Kind};
use crate::policy::TaskId;

/// All decisions of one run, so that the run, or a similar one, can be repeated: the seed, which task ran for how many
/// steps, which calls ran inline, which faults were injected.
///
/// Its text is one word, for the environment variable `OTP_SIM_REPLAY`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Schedule {
    pub(crate) seed: u64,
    pub(crate) turns: Vec<Turn>,
    pub(crate) inline: Vec<bool>,
    pub(crate) faults: Vec<Fault>,
}

/// A task runs for some steps, or until it cannot go on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Turn {
    pub(crate) task: TaskId,
    pub(crate) steps: u32,
}

impl Schedule {
    pub(crate) fn new(seed: u64) -> Schedule {
        Schedule { seed, ..Schedule::default() }
    }

    /// The seed of the run.
    pub fn seed(&self) -> u64 {
        self.seed
    }

    /// The number of context switches: how often another task ran than before.
    pub fn switches(&self) -> usize {
        self.turns.len().saturating_sub(1)
    }

    /// The number of injected faults.
    pub fn faults(&self) -> usize {
        self.faults.len()
    }

    /// Notes that a task was polled.
    pub(crate) fn ran(&mut self, task: TaskId) {
        match self.turns.last_mut() {
            Some(last) if last.task == task => last.steps += 1,
            _ => self.turns.push(Turn { task, steps: 1 }),
        }
    }
}

/// `42/0x3.1x2/y3n1/kill:7=12`
impl fmt::Display for Schedule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/", self.seed)?;
        for (index, turn) in self.turns.iter().enumerate() {
            write!(f, "{}{}x{}", if index == 0 { "" } else { "." }, turn.task.0, turn.steps)?;
        }
        f.write_str("/")?;
        for group in self.inline.chunk_by(|a, b| a == b) {
            write!(f, "{}{}", if group[0] { 'y' } else { 'n' }, group.len())?;
        }
        f.write_str("/")?;
        for (index, fault) in self.faults.iter().enumerate() {
            let dot = if index == 0 { "" } else { "." };
            write!(f, "{dot}{}:{}={}", fault.kind.name(), fault.at, fault.value)?;
        }
        Ok(())
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
        let error = |text: &str, expected| ParseScheduleError { text: text.to_owned(), expected };
        let parts: Vec<&str> = text.trim().split('/').collect();
        let [seed, turns, inline, faults] = parts[..] else {
            return Err(error(text, "of the form seed/turns/calls/faults"));
        };
        let number = |text: &str| text.parse::<u64>().map_err(|_| error(text, "a number"));
        let mut schedule = Schedule::new(number(seed)?);
        for turn in turns.split('.').filter(|turn| !turn.is_empty()) {
            let (task, steps) = turn.split_once('x').ok_or_else(|| error(turn, "a turn such as 3x7"))?;
            let steps = u32::try_from(number(steps)?).map_err(|_| error(steps, "a number of steps"))?;
            schedule.turns.push(Turn { task: TaskId(number(task)?), steps });
        }
        for group in inline.split_inclusive(|letter: char| letter.is_ascii_digit()).fold(Vec::new(), groups) {
            let (answer, count) = group.split_at(1);
            let answer = match answer {
                "y" => true,
                "n" => false,
                other => return Err(error(other, "y or n")),
            };
            let count = usize::try_from(number(count)?).map_err(|_| error(count, "a number of calls"))?;
            schedule.inline.extend(std::iter::repeat_n(answer, count));
        }
        for fault in faults.split('.').filter(|fault| !fault.is_empty()) {
            let (kind, rest) = fault.split_once(':').ok_or_else(|| error(fault, "a fault such as kill:7=12"))?;
            let (at, value) = rest.split_once('=').ok_or_else(|| error(fault, "a fault such as kill:7=12"))?;
            let kind = Kind::named(kind).ok_or_else(|| error(kind, "a kind of fault"))?;
            schedule.faults.push(Fault { kind, at: number(at)?, value: number(value)? });
        }
        Ok(schedule)
    }
}

/// Joins the digits that follow each letter.
fn groups(mut groups: Vec<String>, piece: &str) -> Vec<String> {
    match groups.last_mut() {
        Some(last) if piece.chars().all(|digit| digit.is_ascii_digit()) => last.push_str(piece),
        _ => groups.push(piece.to_owned()),
    }
    groups
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_schedule_is_read_as_it_was_written() {
        let mut schedule = Schedule::new(u64::MAX);
        for task in [0, 0, 0, 7, 1, 1] {
            schedule.ran(TaskId(task));
        }
        schedule.inline = [vec![true; 12], vec![false; 3], vec![true]].concat();
        schedule.faults =
            vec![Fault { kind: Kind::Kill, at: 9, value: 17 }, Fault { kind: Kind::Delay, at: 1, value: 0 }];
        let text = schedule.to_string();
        assert_eq!(text, format!("{}/0x3.7x1.1x2/y12n3y1/kill:9=17.delay:1=0", u64::MAX));
        assert_eq!(text.parse(), Ok(schedule));
        assert_eq!("5///".parse(), Ok(Schedule::new(5)));
    }

    #[test]
    fn each_misshapen_schedule_says_what_is_wrong() {
        let cases = [
            ("", "\"\" is not of the form seed/turns/calls/faults"),
            ("a///", "\"a\" is not a number"),
            ("1/2//", "\"2\" is not a turn such as 3x7"),
            ("1//q3/", "\"q\" is not y or n"),
            ("1///kill:4", "\"kill:4\" is not a fault such as kill:7=12"),
            ("1///eat:4=5", "\"eat\" is not a kind of fault"),
        ];
        for (text, why) in cases {
            assert_eq!(text.parse::<Schedule>().unwrap_err().to_string(), format!("no schedule: {why}"));
        }
    }
}
