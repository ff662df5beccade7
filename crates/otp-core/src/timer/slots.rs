use std::ops::{Index, IndexMut};

use slab::Slab;

/// Values in fixed slots. A page without values is freed, and growth moves no more than a page.
pub(super) struct Slots<T> {
    pages: Vec<Slab<T>>,
    /// The pages that are not full. Only the last one may be empty and hold memory, so that a single value that comes
    /// and goes does not allocate.
    roomy: Vec<usize>,
}

/// The number of values in a page.
const PAGE: usize = 1024;

impl<T> Slots<T> {
    pub(super) fn insert(&mut self, value: T) -> usize {
        let page = self.roomy.last().copied().unwrap_or_else(|| self.add_page());
        let place = self.pages[page].insert(value);
        if self.pages[page].len() == PAGE {
            self.roomy.pop();
        }
        page * PAGE + place
    }

    pub(super) fn remove(&mut self, slot: usize) -> Option<T> {
        let page = slot / PAGE;
        let removed = self.pages.get_mut(page)?.try_remove(slot % PAGE)?;
        let left = self.pages[page].len();
        if left == PAGE - 1 {
            self.free_if_empty(self.roomy.last().copied());
            self.roomy.push(page);
        } else if self.roomy.last() != Some(&page) {
            self.free_if_empty(Some(page));
        }
        Some(removed)
    }

    pub(super) fn get(&self, slot: usize) -> Option<&T> {
        self.pages.get(slot / PAGE)?.get(slot % PAGE)
    }

    pub(super) fn get_mut(&mut self, slot: usize) -> Option<&mut T> {
        self.pages.get_mut(slot / PAGE)?.get_mut(slot % PAGE)
    }

    pub(super) fn into_iter(self) -> impl Iterator<Item = T> {
        self.pages.into_iter().flatten().map(|(_, value)| value)
    }

    fn add_page(&mut self) -> usize {
        self.pages.push(Slab::new());
        self.roomy.push(self.pages.len() - 1);
        self.pages.len() - 1
    }

    fn free_if_empty(&mut self, page: Option<usize>) {
        if let Some(page) = page
            && self.pages[page].is_empty()
        {
            self.pages[page] = Slab::new();
        }
    }
}

impl<T> Default for Slots<T> {
    fn default() -> Slots<T> {
        Slots { pages: Vec::new(), roomy: Vec::new() }
    }
}

/// Returns the value at a slot that is taken.
impl<T> Index<usize> for Slots<T> {
    type Output = T;

    fn index(&self, slot: usize) -> &T {
        &self.pages[slot / PAGE][slot % PAGE]
    }
}

impl<T> IndexMut<usize> for Slots<T> {
    fn index_mut(&mut self, slot: usize) -> &mut T {
        &mut self.pages[slot / PAGE][slot % PAGE]
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashMap;

    use proptest::prelude::*;

    use super::*;

    impl<T> Slots<T> {
        /// The number of values for which memory is allocated.
        fn capacity(&self) -> usize {
            self.pages.iter().map(Slab::capacity).sum()
        }
    }

    proptest! {
        #[test]
        fn a_value_is_found_at_its_slot_until_it_is_removed(
            steps in prop::collection::vec((any::<bool>(), any::<prop::sample::Index>(), 1..2 * PAGE), 0..12),
        ) {
            let mut slots = Slots::default();
            let mut expected: HashMap<usize, usize> = HashMap::new();
            for (made, (adds, from, count)) in steps.into_iter().enumerate() {
                if adds {
                    for n in 0..count {
                        let value = made * 2 * PAGE + n;
                        prop_assert_eq!(expected.insert(slots.insert(value), value), None);
                    }
                } else {
                    let mut all: Vec<usize> = expected.keys().copied().collect();
                    all.sort_unstable();
                    for slot in all.into_iter().skip(from.index(2 * PAGE)).take(count) {
                        prop_assert_eq!(slots.remove(slot), expected.remove(&slot));
                        prop_assert_eq!(slots.remove(slot), None);
                    }
                }
                prop_assert!(expected.iter().all(|(slot, value)| slots.get(*slot) == Some(value)));
            }
        }
    }

    #[test]
    fn the_memory_of_values_that_have_gone_is_given_back() {
        let mut slots = Slots::default();
        let all: Vec<usize> = (0..20 * PAGE).map(|n| slots.insert(n)).collect();
        let (stays, goes) = all.split_at(PAGE / 2);
        for orders in [goes.to_vec(), goes.iter().rev().copied().collect()] {
            for slot in orders {
                slots.remove(slot).expect("it is there");
            }
            assert!(slots.capacity() <= 2 * PAGE, "{}", slots.capacity());
            for n in PAGE / 2..20 * PAGE {
                slots.insert(n);
            }
        }
        assert!(stays.iter().all(|slot| slots.get(*slot) == Some(slot)));
        assert_eq!(slots.pages.len(), 20, "slots are used again");
    }
}
