use serde_json::Value;

/// Random choices from a seed.
pub(super) struct Dice {
    rng: fastrand::Rng,
}

impl Dice {
    pub(super) fn new(seed: u64) -> Dice {
        Dice { rng: fastrand::Rng::with_seed(seed) }
    }

    /// True in so many of a hundred cases.
    pub(super) fn percent(&mut self, percent: u32) -> bool {
        self.rng.u32(..100) < percent
    }

    /// A number below `limit`.
    pub(super) fn below(&mut self, limit: usize) -> usize {
        self.rng.usize(..limit)
    }

    /// A number of the range, its end included.
    pub(super) fn between(&mut self, first: usize, last: usize) -> usize {
        self.rng.usize(first..=last)
    }

    /// One of several values.
    pub(super) fn pick<T: Clone>(&mut self, from: &[T]) -> T {
        from[self.below(from.len())].clone()
    }

    /// One of several values; none if there is none.
    pub(super) fn maybe_pick<T: Clone>(&mut self, from: &[T]) -> Option<T> {
        if from.is_empty() { None } else { Some(self.pick(from)) }
    }

    /// One of several values, by weight.
    pub(super) fn weighted<T: Copy>(&mut self, from: &[(u32, T)]) -> T {
        let all: u32 = from.iter().map(|(weight, _)| weight).sum();
        let mut left = self.rng.u32(..all);
        for (weight, value) in from {
            if left < *weight {
                return *value;
            }
            left -= weight;
        }
        from[0].1
    }
}

/// Puts a value under a key of an object.
pub(super) fn put(object: &mut Value, key: &str, value: impl Into<Value>) {
    if let Some(object) = object.as_object_mut() {
        object.insert(key.to_owned(), value.into());
    }
}
