use std::collections::BTreeMap;
use std::task::Waker;

use crate::label::Label;

/// Those who wait for somebody to hold a name, each under a number that is used once. If nobody waits, it has no memory,
/// and a look at it is one at a pointer.
#[derive(Default)]
pub(super) struct Awaited {
    by_name: BTreeMap<Label, Waiting>,
    next: u64,
}

pub(super) type Waiting = BTreeMap<u64, Waker>;

impl Awaited {
    pub(super) fn add(&mut self, name: &Label, waker: Waker) -> u64 {
        let number = self.next;
        self.next += 1;
        self.by_name.entry(name.clone()).or_default().insert(number, waker);
        number
    }

    /// Those who wait for `name`. They are to be woken without a lock, and no longer wait here.
    #[inline]
    pub(super) fn take(&mut self, name: &Label) -> Option<Waiting> {
        self.by_name.remove(name)
    }

    /// Forgets one of them, unless it was taken.
    pub(super) fn remove(&mut self, name: &Label, number: u64) -> Option<Waker> {
        let waiting = self.by_name.get_mut(name)?;
        let waker = waiting.remove(&number);
        if waiting.is_empty() {
            self.by_name.remove(name);
        }
        waker
    }
}

#[cfg(all(test, not(otp_loom)))]
mod tests {
    use super::*;

    #[test]
    fn nothing_is_left_of_those_who_wait_no_longer() {
        let mut awaited = Awaited::default();
        let (one, other) = (Label::from_static("one"), Label::from_static("other"));
        let waker = || Waker::noop().clone();
        let [first, second, third] = [&one, &one, &other].map(|name| awaited.add(name, waker()));
        assert!(awaited.remove(&one, first).is_some() && awaited.remove(&one, first).is_none());
        assert!(awaited.remove(&other, third).is_some());
        assert_eq!(awaited.by_name.len(), 1);
        assert_eq!(awaited.take(&one).map(|waiting| waiting.into_keys().collect()), Some(vec![second]));
        assert!(awaited.by_name.is_empty() && awaited.take(&one).is_none());
        // A number is not used again: whoever was taken takes nobody out.
        let fourth = awaited.add(&one, waker());
        assert!(awaited.remove(&one, second).is_none() && awaited.remove(&one, fourth).is_some());
        assert!(awaited.by_name.is_empty());
    }
}
