use std::borrow::Cow;
use std::collections::HashSet;

/// What stands for all values of a label beyond the limit.
pub(super) const OTHER: &str = "(other)";

/// The values of one label, of which there are at most as many as the limit says. Otherwise a label that is made of what
/// users send would fill the memory of the recorder.
#[derive(Default)]
pub(super) struct Bounded(HashSet<Box<str>>);

impl Bounded {
    /// The value, unless it is one too many.
    pub(super) fn admit<'a>(&mut self, value: Cow<'a, str>, limit: usize) -> Option<Cow<'a, str>> {
        if !self.0.contains(&*value) {
            if self.0.len() >= limit {
                return None;
            }
            self.0.insert((*value).into());
        }
        Some(value)
    }
}
