use std::fmt;
use std::time::Duration;

use crate::system::System;

/// One line of the table: a workload, or a variant of it.
#[derive(Debug, PartialEq)]
pub struct Row {
    pub workload: &'static str,
    pub variant: &'static str,
    /// What is measured, for the page.
    pub what: &'static str,
    pub unit: Unit,
}

impl Row {
    pub fn name(&self) -> String {
        match self.variant {
            "" => self.workload.to_owned(),
            variant => format!("{}/{variant}", self.workload),
        }
    }
}

/// What the figures of a row are; less is better, always.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Unit {
    Nanoseconds,
    Bytes,
    Number,
}

impl fmt::Display for Unit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Unit::Nanoseconds => "ns",
            Unit::Bytes => "B",
            Unit::Number => "",
        })
    }
}

/// What is measured together, in one round: usually one row, sometimes several.
pub struct Case {
    pub rows: &'static [Row],
    /// How many operations a round has: as many as fit into its time, within these.
    pub least: u64,
    pub most: u64,
    /// How many rounds are enough, where one hardly differs from the next.
    pub rounds: usize,
}

/// A system that takes part in a case.
pub struct Entrant {
    pub system: Id,
    pub case: &'static Case,
    pub start: Box<dyn Fn() -> Rounds>,
    /// What a fresh process measures of it, where one is needed.
    pub child: Option<fn(u64) -> f64>,
}

/// A system that has been started. Each call is a round with so many operations, and gives a figure for each row.
pub type Rounds = Box<dyn FnMut(u64) -> Vec<f64>>;

/// A system and the executor that it is on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Id {
    pub name: &'static str,
    pub backend: &'static str,
}

impl fmt::Display for Id {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.name, self.backend)
    }
}

impl Case {
    /// A system of which every round runs as a client.
    pub fn of<S, Fut>(&'static self, round: impl Fn(S, u64) -> Fut + Copy + 'static) -> Entrant
    where
        S: System,
        Fut: Future<Output: Figures> + Send + 'static,
    {
        let start = move || -> Rounds {
            let (executor, system) = S::start();
            Box::new(move |ops| system.run(&executor, round(system.clone(), ops)).figures())
        };
        Entrant { system: S::ID, case: self, start: Box::new(start), child: None }
    }
}

/// What a round says: a figure for each row of its case.
pub trait Figures: Send + 'static {
    fn figures(self) -> Vec<f64>;
}

impl Figures for f64 {
    fn figures(self) -> Vec<f64> {
        vec![self]
    }
}

impl Figures for Vec<f64> {
    fn figures(self) -> Vec<f64> {
        self
    }
}

impl<const N: usize> Figures for [f64; N] {
    fn figures(self) -> Vec<f64> {
        self.to_vec()
    }
}

/// Nanoseconds for each of `ops` operations.
pub fn per_op(time: Duration, ops: u64) -> f64 {
    time.as_nanos() as f64 / ops as f64
}
