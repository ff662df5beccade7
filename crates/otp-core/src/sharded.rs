/// Data that is divided, so that threads which use different parts of it do not wait for each other: each shard, a lock, has
/// its own cache lines.
pub(crate) struct Sharded<L> {
    shards: Box<[Line<L>]>,
}

/// A value that shares no cache line with its neighbours. Processors fetch lines in pairs, which makes it two.
#[repr(align(128))]
struct Line<T>(T);

/// More than a machine has threads, mostly. A power of two, so that it is cheap to choose one.
pub(crate) const SHARDS: usize = 64;

impl<L> Sharded<L> {
    /// The shard of what has this number, or hash; its low bits decide.
    pub(crate) fn of(&self, number: u64) -> &L {
        &self.shards[number as usize % SHARDS].0
    }

    pub(crate) fn all(&self) -> impl Iterator<Item = &L> {
        self.shards.iter().map(|Line(shard)| shard)
    }
}

impl<L: Default> Default for Sharded<L> {
    fn default() -> Sharded<L> {
        Sharded { shards: (0..SHARDS).map(|_| Line(L::default())).collect() }
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
