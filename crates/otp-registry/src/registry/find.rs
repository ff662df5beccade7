use std::borrow::Borrow;
use std::hash::Hash;

use otp_core::Pid;

use super::entry::Entry;
use super::handle::Registry;
use super::kinds::{Duplicate, Key, Keys, Unique};

impl<K, M, V> Registry<K, M, V, Unique>
where
    K: Key,
    M: Send + 'static,
    V: Send + Sync + 'static,
{
    /// Finds the entry with this key. Never returns an entry of a process whose end anybody has been notified of.
    #[inline]
    pub fn lookup<Q>(&self, key: &Q) -> Option<Entry<K, M, V>>
    where
        K: Borrow<Q>,
        Q: Hash + Eq + ?Sized,
    {
        self.table.find(key).map(Entry)
    }
}

impl<K, M, V> Registry<K, M, V, Duplicate>
where
    K: Key,
    M: Send + 'static,
    V: Send + Sync + 'static,
{
    /// Finds the entries with this key, in the order in which they were registered.
    pub fn lookup<Q>(&self, key: &Q) -> Vec<Entry<K, M, V>>
    where
        K: Borrow<Q>,
        Q: Hash + Eq + ?Sized,
    {
        self.entries(key)
    }
}

impl<K, M, V, T> Registry<K, M, V, T>
where
    K: Key,
    M: Send + 'static,
    V: Send + Sync + 'static,
    T: Keys,
{
    /// Calls `dispatch` once with all entries with this key, in the order in which they were registered, and returns its
    /// result; does not call it if there are none. It runs in the caller, under no lock: entries may be removed meanwhile.
    ///
    /// ```
    /// # otp::tokio::TokioExecutor::current_thread().run(async |system| {
    /// use otp::{Message, ProcessContext};
    /// use otp::registry::{Duplicate, Registry};
    ///
    /// let topics: Registry<&str, String, (), Duplicate> = Registry::new(&system);
    /// topics.start(&system).await.unwrap();
    /// let (subscribe, (ready, is_ready)) = (topics.clone(), futures::channel::oneshot::channel());
    /// let reader = system.spawn(async move |mut ctx: ProcessContext<String>| {
    ///     subscribe.register(&ctx, "rust", ()).unwrap();
    ///     ready.send(()).unwrap();
    ///     assert_eq!(ctx.receive().await, Message::User("1.0".to_owned()));
    /// });
    /// is_ready.await.unwrap();
    ///
    /// let sent = topics.dispatch("rust", |readers| {
    ///     readers.iter().filter(|reader| reader.process().try_send("1.0".to_owned()).is_ok()).count()
    /// });
    /// assert_eq!(sent, Some(1));
    /// assert_eq!(topics.dispatch("go", |readers| readers.len()), None);
    /// assert_eq!(reader.exited().await, otp::ExitReason::Normal);
    /// # }).unwrap();
    /// ```
    pub fn dispatch<Q, R>(&self, key: &Q, dispatch: impl FnOnce(&[Entry<K, M, V>]) -> R) -> Option<R>
    where
        K: Borrow<Q>,
        Q: Hash + Eq + ?Sized,
    {
        let entries = self.entries(key);
        if entries.is_empty() { None } else { Some(dispatch(&entries)) }
    }

    /// Returns the entries with this key whose value `matches` accepts; Elixir's `match`.
    pub fn matches<Q>(&self, key: &Q, mut matches: impl FnMut(&V) -> bool) -> Vec<Entry<K, M, V>>
    where
        K: Borrow<Q>,
        Q: Hash + Eq + ?Sized,
    {
        let mut entries = self.entries(key);
        entries.retain(|entry| matches(entry.value()));
        entries
    }

    /// Returns how many entries with this key have a value that `matches` accepts; Elixir's `count_match`.
    pub fn count_matches<Q>(&self, key: &Q, matches: impl FnMut(&V) -> bool) -> usize
    where
        K: Borrow<Q>,
        Q: Hash + Eq + ?Sized,
    {
        self.matches(key, matches).len()
    }

    /// Returns the keys of a process, in the order in which they were registered; a key with several entries of the process
    /// several times.
    pub fn keys(&self, pid: Pid) -> Vec<K> {
        let Some(owner) = self.table.owner(pid) else { return Vec::new() };
        let mut own = owner.lock().records.all();
        own.sort_unstable_by_key(|record| record.place.number);
        own.iter().map(|record| record.key.clone()).collect()
    }

    /// Returns the entries of a process with this key; Elixir's `values`.
    pub fn values<Q>(&self, key: &Q, pid: Pid) -> Vec<Entry<K, M, V>>
    where
        K: Borrow<Q>,
        Q: Hash + Eq + ?Sized,
    {
        let Some(owner) = self.table.owner(pid) else { return Vec::new() };
        let hash = self.table.hash(key);
        let own = owner.lock().records.with_hash(hash);
        own.into_iter().filter(|record| record.key.borrow() == key).map(Entry).collect()
    }

    pub(super) fn entries<Q>(&self, key: &Q) -> Vec<Entry<K, M, V>>
    where
        K: Borrow<Q>,
        Q: Hash + Eq + ?Sized,
    {
        let found = self.table.with_hash(self.table.hash(key));
        found.into_iter().filter(|record| record.key.borrow() == key).map(Entry).collect()
    }
}
