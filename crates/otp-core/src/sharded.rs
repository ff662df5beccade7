use crate::sync::Mutex;

/// Data that is divided, so that threads which use different parts of it do not wait for each other: each shard has its
/// own lock, and its own cache lines.
pub(crate) struct Sharded<T> {
    shards: Box<[Line<Mutex<T>>]>,
}

/// A value that shares no cache line with its neighbours. Processors fetch lines in pairs, which makes it two.
#[repr(align(128))]
struct Line<T>(T);

/// More than a machine has threads, mostly. A power of two, so that it is cheap to choose one.
pub(crate) const SHARDS: usize = 64;

impl<T> Sharded<T> {
    /// The shard of what has this number, or hash; its low bits decide.
    pub(crate) fn of(&self, number: u64) -> &Mutex<T> {
        &self.shards[number as usize % SHARDS].0
    }

    pub(crate) fn all(&self) -> impl Iterator<Item = &Mutex<T>> {
        self.shards.iter().map(|Line(shard)| shard)
    }
}

impl<T: Default> Default for Sharded<T> {
    fn default() -> Sharded<T> {
        Sharded { shards: (0..SHARDS).map(|_| Line(Mutex::default())).collect() }
    }
}

#[cfg(all(test, not(otp_loom)))]
mod tests {
    use super::*;

    #[test]
    fn no_two_shards_are_on_one_cache_line() {
        let sharded: Sharded<u8> = Sharded::default();
        let places: Vec<usize> = sharded.all().map(|shard| std::ptr::from_ref(shard).addr() / 128).collect();
        assert_eq!(places.len(), SHARDS);
        assert!(places.windows(2).all(|two| two[0] < two[1]), "{places:?}");
    }
}
