use std::sync::Arc;

use super::gone::Gone;
use super::handle::Table;
use super::keys::Keys;
use super::right::{Right, Writes};
use crate::rows::{Pair, Rows};

/// What all kinds of tables can be asked. Rows that others insert or delete meanwhile may be seen or not; no row is seen
/// twice, and an ordered set is seen as it is at one moment, in its order.
impl<S: Rows, R: Right> Table<S, R> {
    /// Returns the number of rows.
    ///
    /// # Errors
    ///
    /// [`Gone`] if the table has ended.
    pub fn len(&self) -> Result<usize, Gone> {
        self.shared.with(S::len)
    }

    /// Returns whether there are no rows.
    ///
    /// # Errors
    ///
    /// [`Gone`] if the table has ended.
    pub fn is_empty(&self) -> Result<bool, Gone> {
        Ok(self.len()? == 0)
    }

    /// Returns all rows that `select` accepts, as what it returns for them; ETS's `select` and `match`.
    ///
    /// ```
    /// # otp::tokio::TokioExecutor::current_thread().run(async |system| {
    /// # use otp::{ProcessContext, table::OrderedSet};
    /// # let owner = system.spawn(async |ctx: ProcessContext<()>| {
    /// let ages: OrderedSet<&str, u8> = OrderedSet::new(&ctx);
    /// ages.insert_all([("Ada", 36), ("Alan", 41), ("Grace", 85)]).unwrap();
    /// assert_eq!(ages.select(|name, age| (*age < 50).then_some(*name)), Ok(vec!["Ada", "Alan"]));
    /// assert_eq!(ages.select_count(|_, age| *age < 50), Ok(2));
    /// assert_eq!(ages.fold(0, |sum, _, age| sum + u32::from(*age)), Ok(162));
    /// # });
    /// # assert_eq!(owner.exited().await, otp::ExitReason::Normal);
    /// # }).unwrap();
    /// ```
    ///
    /// # Errors
    ///
    /// [`Gone`] if the table has ended before.
    pub fn select<T>(&self, mut select: impl FnMut(&S::Key, &S::Value) -> Option<T>) -> Result<Vec<T>, Gone> {
        let mut selected = Vec::new();
        self.shared.with(|rows| rows.each(&mut |key, value| selected.extend(select(key, value))))?;
        Ok(selected)
    }

    /// Returns how many rows `wanted` accepts; ETS's `select_count`.
    ///
    /// # Errors
    ///
    /// [`Gone`] if the table has ended before.
    pub fn select_count(&self, mut wanted: impl FnMut(&S::Key, &S::Value) -> bool) -> Result<usize, Gone> {
        let mut count = 0;
        self.shared.with(|rows| rows.each(&mut |key, value| count += usize::from(wanted(key, value))))?;
        Ok(count)
    }

    /// Calls `fold` for all rows, with what it returned for the row before; ETS's `foldl`.
    ///
    /// # Errors
    ///
    /// [`Gone`] if the table has ended before.
    pub fn fold<T>(&self, first: T, mut fold: impl FnMut(T, &S::Key, &S::Value) -> T) -> Result<T, Gone> {
        let mut result = Some(first);
        self.shared.with(|rows| {
            rows.each(&mut |key, value| result = result.take().map(|before| fold(before, key, value)));
        })?;
        Ok(result.expect("a fold that panics does not return"))
    }

    /// Returns copies of all rows; ETS's `tab2list`.
    ///
    /// # Errors
    ///
    /// [`Gone`] if the table has ended before.
    #[doc(alias = "tab2list")]
    pub fn to_vec(&self) -> Result<Vec<Pair<S>>, Gone>
    where
        S::Key: Clone,
        S::Value: Clone,
    {
        self.select(|key, value| Some((key.clone(), value.clone())))
    }

    /// Walks over the keys, while anybody, also the loop itself, writes and deletes rows; ETS's `first` and `next` under
    /// `safe_fixtable`.
    ///
    /// The walk has each key that was there when it began once, except those that are deleted before it comes to them.
    /// Keys that are inserted meanwhile do not come. It may be kept over an await.
    ///
    /// ```
    /// # otp::tokio::TokioExecutor::current_thread().run(async |system| {
    /// # use otp::{ProcessContext, table::Set};
    /// # let owner = system.spawn(async |ctx: ProcessContext<()>| {
    /// let jobs: Set<u32, &str> = Set::new(&ctx);
    /// jobs.insert_all([(1, "wash"), (2, "dry"), (3, "iron")]).unwrap();
    /// for job in jobs.keys().unwrap() {
    ///     let job = job.unwrap();
    ///     otp::process::yield_now().await;
    ///     jobs.delete(&job).unwrap();
    /// }
    /// assert_eq!(jobs.len(), Ok(0));
    /// # });
    /// # assert_eq!(owner.exited().await, otp::ExitReason::Normal);
    /// # }).unwrap();
    /// ```
    ///
    /// # Errors
    ///
    /// [`Gone`] if the table has ended before. If it ends during the walk, the next item is that error, and the last one.
    #[doc(alias("safe_fixtable", "first", "next"))]
    pub fn keys(&self) -> Result<Keys<S::Key>, Gone>
    where
        S::Key: Clone,
    {
        let mut keys = Vec::new();
        self.shared.with(|rows| rows.each_key(&mut |key| keys.push(key.clone())))?;
        Ok(Keys::new(Arc::clone(&self.shared), keys))
    }
}

impl<S: Rows, R: Writes> Table<S, R> {
    /// Deletes all rows; ETS's `delete_all_objects`. Rows that others insert meanwhile may stay.
    ///
    /// # Errors
    ///
    /// [`Gone`] if the table has ended.
    #[doc(alias = "delete_all_objects")]
    pub fn clear(&self) -> Result<(), Gone> {
        self.shared.with(S::clear)
    }

    /// Deletes all rows that `wanted` accepts, and returns their number; ETS's `select_delete`. A row that is replaced
    /// between that and its deletion stays.
    ///
    /// # Errors
    ///
    /// [`Gone`] if the table has ended before.
    pub fn select_delete(&self, mut wanted: impl FnMut(&S::Key, &S::Value) -> bool) -> Result<usize, Gone> {
        self.shared.with(|rows| rows.remove_where(&mut wanted))
    }
}
