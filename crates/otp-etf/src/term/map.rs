use alloc::vec::Vec;
use core::cmp::Ordering;

use super::Term;
use crate::order::{self, Mode, View};

/// A map: keys, each with a value, in the order of the keys.
///
/// The keys differ by Erlang's `=:=`: `1` and `1.0` are two. The order is that in which Erlang compares maps: as
/// [`Ord`], but with all integers before all floats.
///
/// ```
/// use otp::etf::{Map, Term};
///
/// let map: Map = [(Term::atom("b"), Term::Int(2)), (Term::atom("a"), Term::Int(1))].into_iter().collect();
/// assert_eq!(map.find("a"), Some(&Term::Int(1)));
/// assert_eq!(Term::Map(map).to_string(), "#{a => 1,b => 2}");
/// ```
#[derive(Clone, Debug)]
pub struct Map<T = Term> {
    /// By key, each once.
    pairs: Vec<(T, T)>,
}

impl<T> Map<T> {
    /// An empty map.
    pub const fn new() -> Map<T> {
        Map { pairs: Vec::new() }
    }

    /// How many keys there are.
    pub fn len(&self) -> usize {
        self.pairs.len()
    }

    /// Whether there are no keys.
    pub fn is_empty(&self) -> bool {
        self.pairs.is_empty()
    }

    /// The keys with their values, in the order of the keys.
    pub fn pairs(&self) -> &[(T, T)] {
        &self.pairs
    }
}

#[expect(private_bounds, reason = "terms of this crate alone are in its maps")]
impl<T: View> Map<T> {
    /// The value of a key.
    pub fn value(&self, key: &T) -> Option<&T> {
        self.place(key).ok().map(|place| &self.pairs[place].1)
    }

    /// The value whose key is the atom of this text: the field of a struct, as it were.
    pub fn find(&self, key: &str) -> Option<&T> {
        let place = self.pairs.binary_search_by(|(other, _)| order::compare_atom(other, key));
        place.ok().map(|place| &self.pairs[place].1)
    }

    /// Gives a key a value, and the one back that it had.
    pub fn insert(&mut self, key: T, value: T) -> Option<T> {
        match self.place(&key) {
            Ok(place) => Some(core::mem::replace(&mut self.pairs[place].1, value)),
            Err(place) => {
                self.pairs.insert(place, (key, value));
                None
            }
        }
    }

    /// The map of these pairs, in any order; `None` if a key is there twice.
    pub(crate) fn of(mut pairs: Vec<(T, T)>) -> Option<Map<T>> {
        pairs.sort_by(|(a, _), (b, _)| order::compare(a, b, Mode::Keys));
        let twice = |pair: &[(T, T)]| order::compare(&pair[0].0, &pair[1].0, Mode::Keys) == Ordering::Equal;
        (!pairs.windows(2).any(twice)).then_some(Map { pairs })
    }

    fn place(&self, key: &T) -> Result<usize, usize> {
        self.pairs.binary_search_by(|(other, _)| order::compare(other, key, Mode::Keys))
    }
}

impl<T> Default for Map<T> {
    fn default() -> Map<T> {
        Map::new()
    }
}

/// Of several values for one key the last one stays.
impl FromIterator<(Term, Term)> for Map {
    fn from_iter<I: IntoIterator<Item = (Term, Term)>>(pairs: I) -> Map {
        let mut pairs: Vec<_> = pairs.into_iter().collect();
        // The sort is stable, so the last of equal keys stands last.
        pairs.sort_by(|(a, _), (b, _)| order::compare(a, b, Mode::Keys));
        pairs.dedup_by(|later, earlier| {
            let twice = order::compare(&later.0, &earlier.0, Mode::Keys) == Ordering::Equal;
            if twice {
                core::mem::swap(later, earlier);
            }
            twice
        });
        Map { pairs }
    }
}

impl<T> IntoIterator for Map<T> {
    type Item = (T, T);
    type IntoIter = alloc::vec::IntoIter<(T, T)>;

    fn into_iter(self) -> Self::IntoIter {
        self.pairs.into_iter()
    }
}

impl<'a, T> IntoIterator for &'a Map<T> {
    type Item = &'a (T, T);
    type IntoIter = core::slice::Iter<'a, (T, T)>;

    fn into_iter(self) -> Self::IntoIter {
        self.pairs.iter()
    }
}
