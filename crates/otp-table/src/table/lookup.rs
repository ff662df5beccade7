use super::gone::Gone;
use super::handle::Table;
use super::right::{Right, Writes};
use crate::rows::{FoundBy, Single};

/// Rows by their keys, in a set and an ordered set.
impl<S: Single, R: Right> Table<S, R> {
    /// Returns a copy of the value of a key; `None` if there is no row.
    ///
    /// # Errors
    ///
    /// [`Gone`] if the table has ended.
    #[inline]
    pub fn lookup<Q: ?Sized>(&self, key: &Q) -> Result<Option<S::Value>, Gone>
    where
        S: FoundBy<Q>,
        S::Value: Clone,
    {
        self.read(key, S::Value::clone)
    }

    /// Calls `read` with the value of a key, which is not copied; `None` if there is no row.
    ///
    /// `read` sees the row as it is, whatever happens to the table and the row meanwhile.
    ///
    /// ```
    /// # otp::tokio::TokioExecutor::current_thread().run(async |system| {
    /// # use otp::{ProcessContext, table::Set};
    /// # let owner = system.spawn(async |ctx: ProcessContext<()>| {
    /// let pages: Set<String, Vec<u8>> = Set::new(&ctx);
    /// pages.insert("index".to_owned(), vec![0; 4096]).unwrap();
    /// assert_eq!(pages.read("index", |page| page.len()), Ok(Some(4096)));
    /// assert_eq!(pages.read("other", |page| page.len()), Ok(None));
    /// # });
    /// # assert_eq!(owner.exited().await, otp::ExitReason::Normal);
    /// # }).unwrap();
    /// ```
    ///
    /// # Errors
    ///
    /// [`Gone`] if the table has ended before.
    #[inline]
    pub fn read<Q: ?Sized, T>(&self, key: &Q, read: impl FnOnce(&S::Value) -> T) -> Result<Option<T>, Gone>
    where
        S: FoundBy<Q>,
    {
        self.shared.with(|rows| rows.with(key, |_, value| read(value)))
    }

    /// Returns whether there is a row with this key.
    ///
    /// # Errors
    ///
    /// [`Gone`] if the table has ended.
    pub fn member<Q: ?Sized>(&self, key: &Q) -> Result<bool, Gone>
    where
        S: FoundBy<Q>,
    {
        Ok(self.read(key, |_| ())?.is_some())
    }
}

impl<S: Single, R: Writes> Table<S, R> {
    /// Deletes the row of a key and returns a copy of its value, in one step; `None` if there is no row.
    ///
    /// # Errors
    ///
    /// [`Gone`] if the table has ended.
    pub fn take<Q: ?Sized>(&self, key: &Q) -> Result<Option<S::Value>, Gone>
    where
        S: FoundBy<Q>,
        S::Value: Clone,
    {
        self.shared.with(|rows| rows.remove_if(key, |_| true, S::Value::clone))
    }

    /// Deletes the row of a key, and returns whether there was one.
    ///
    /// # Errors
    ///
    /// [`Gone`] if the table has ended.
    pub fn delete<Q: ?Sized>(&self, key: &Q) -> Result<bool, Gone>
    where
        S: FoundBy<Q>,
    {
        Ok(self.shared.with(|rows| rows.remove_if(key, |_| true, |_| ()))?.is_some())
    }

    /// Deletes the row of a key if it has this value, and returns whether it did.
    ///
    /// # Errors
    ///
    /// [`Gone`] if the table has ended.
    pub fn delete_object<Q: ?Sized>(&self, key: &Q, value: &S::Value) -> Result<bool, Gone>
    where
        S: FoundBy<Q>,
        S::Value: PartialEq,
    {
        Ok(self.shared.with(|rows| rows.remove_if(key, |found| found == value, |_| ()))?.is_some())
    }
}
