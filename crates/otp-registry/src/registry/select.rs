use super::entry::Entry;
use super::handle::Registry;
use super::kinds::{Key, Keys};

impl<K, M, V, T> Registry<K, M, V, T>
where
    K: Key,
    M: Send + 'static,
    V: Send + Sync + 'static,
    T: Keys,
{
    /// Returns what `select` returns for the entries, in the order in which they were registered; Elixir's `select`.
    ///
    /// All entries are copied first, and `select` runs under no lock. Entries that are registered or removed meanwhile may
    /// be among them or not.
    ///
    /// ```
    /// # otp::tokio::TokioExecutor::current_thread().run(async |system| {
    /// use otp::ProcessContext;
    /// use otp::registry::Registry;
    ///
    /// let rooms: Registry<&str, (), u32> = Registry::new(&system);
    /// rooms.start(&system).await.unwrap();
    /// let all = rooms.clone();
    /// let house = system.spawn(async move |ctx: ProcessContext<()>| {
    ///     all.register(&ctx, "hall", 300).unwrap();
    ///     all.register(&ctx, "attic", 4).unwrap();
    ///     assert_eq!(all.select(|room| (*room.value() > 100).then(|| *room.key())), ["hall"]);
    ///     assert_eq!(all.count_select(|room| room.pid() == ctx.pid()), 2);
    /// });
    /// assert_eq!(house.exited().await, otp::ExitReason::Normal);
    /// # }).unwrap();
    /// ```
    pub fn select<R>(&self, select: impl FnMut(Entry<K, M, V>) -> Option<R>) -> Vec<R> {
        self.table.all().into_iter().map(Entry).filter_map(select).collect()
    }

    /// Returns how many entries `wanted` accepts; Elixir's `count_select`.
    pub fn count_select(&self, mut wanted: impl FnMut(&Entry<K, M, V>) -> bool) -> usize {
        self.table.all().into_iter().map(Entry).filter(|entry| wanted(entry)).count()
    }
}
