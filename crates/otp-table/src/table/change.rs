use std::error::Error;
use std::fmt;

use otp_core::Label;

use super::gone::Gone;
use super::handle::Table;
use super::right::Writes;
use super::step::{Counter, Step};
use crate::rows::{Change, Single};

impl<S: Single, R: Writes> Table<S, R> {
    /// Changes the value of a key in one step, and returns whether there is a row: nothing of what others write at the same
    /// time is lost. `change` gets a copy of the value, and is called again with a new one if somebody else was faster.
    ///
    /// If `change` panics, the row stays as it was.
    ///
    /// # Errors
    ///
    /// [`Gone`] if the table has ended before.
    pub fn update_element(&self, key: S::Key, mut change: impl FnMut(&mut S::Value)) -> Result<bool, Gone>
    where
        S::Value: Clone,
    {
        let changing = |found: Option<&S::Value>| {
            let Some(mut value) = found.cloned() else { return Change::Leave(()) };
            change(&mut value);
            Change::Put(value)
        };
        Ok(self.shared.with(|rows| rows.change(key, changing))?.is_none())
    }

    /// Adds to the counter that a value is, in one step, and returns the new number. [`Step`] says what is added; a number
    /// is also one.
    ///
    /// # Errors
    ///
    /// [`CounterError`] if there is no row, and the step says of nothing to begin with; if the type has no such number; if
    /// the table has ended.
    pub fn update_counter(&self, key: S::Key, step: impl Into<Step<S::Value>>) -> Result<S::Value, CounterError>
    where
        S::Value: Counter,
    {
        let step = step.into();
        self.count(key, |found| {
            let next = step.next(found.copied().or(step.first).ok_or(NoNumber::NoRow)?).ok_or(NoNumber::OutOfRange)?;
            Ok((next, next))
        })
    }

    /// Adds to a counter in a value, in one step, and returns the new number: `counter` returns it. `first` is the value to
    /// begin with if there is no row.
    ///
    /// ```
    /// # otp::tokio::TokioExecutor::current_thread().run(async |system| {
    /// # use otp::{ProcessContext, table::{Set, Step}};
    /// #[derive(Clone, Default)]
    /// struct Page {
    ///     title: String,
    ///     hits: u64,
    /// }
    ///
    /// # let owner = system.spawn(async |ctx: ProcessContext<()>| {
    /// let pages: Set<&str, Page> = Set::new(&ctx);
    /// let hits = pages.update_counter_in("home", Some(Page::default()), |page| &mut page.hits, 1);
    /// assert_eq!(hits.unwrap(), 1);
    /// # });
    /// # assert_eq!(owner.exited().await, otp::ExitReason::Normal);
    /// # }).unwrap();
    /// ```
    ///
    /// # Errors
    ///
    /// As [`update_counter`](Table::update_counter).
    pub fn update_counter_in<N: Counter>(
        &self,
        key: S::Key,
        first: Option<S::Value>,
        mut counter: impl FnMut(&mut S::Value) -> &mut N,
        step: impl Into<Step<N>>,
    ) -> Result<N, CounterError>
    where
        S::Value: Clone,
    {
        let step = step.into();
        self.count(key, |found| {
            let mut value = found.or(first.as_ref()).cloned().ok_or(NoNumber::NoRow)?;
            let number = counter(&mut value);
            let next = step.next(*number).ok_or(NoNumber::OutOfRange)?;
            *number = next;
            Ok((value, next))
        })
    }

    /// Changes a counter by a function that returns the new value, and the number in it.
    fn count<N>(
        &self,
        key: S::Key,
        mut next: impl FnMut(Option<&S::Value>) -> Result<(S::Value, N), NoNumber>,
    ) -> Result<N, CounterError> {
        let mut counted = None;
        let changing = |found: Option<&S::Value>| match next(found) {
            Ok((value, number)) => {
                counted = Some(number);
                Change::Put(value)
            }
            Err(none) => Change::Leave(none),
        };
        match self.shared.with(|rows| rows.change(key, changing)).map_err(CounterError::Gone)? {
            None => Ok(counted.expect("it was changed")),
            Some(NoNumber::NoRow) => Err(CounterError::NoRow { table: self.label() }),
            Some(NoNumber::OutOfRange) => Err(CounterError::OutOfRange { table: self.label() }),
        }
    }
}

enum NoNumber {
    NoRow,
    OutOfRange,
}

/// The error of updating a counter. Nothing has changed.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum CounterError {
    /// There is no row with this key, and nothing to begin with.
    NoRow {
        /// The table.
        table: Label,
    },
    /// The new number is not one of the type of the counter.
    OutOfRange {
        /// The table.
        table: Label,
    },
    /// The table has ended.
    Gone(Gone),
}

impl fmt::Display for CounterError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            CounterError::NoRow { table } => write!(f, "cannot count in {table}: no row has the key"),
            CounterError::OutOfRange { table } => {
                write!(f, "cannot count in {table}: the type of the counter has no such number")
            }
            CounterError::Gone(gone) => write!(f, "cannot count: {gone}"),
        }
    }
}

impl Error for CounterError {}
