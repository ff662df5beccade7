use otp_core::Label;

/// Which application's start or stop waits for that of which other one, so that a circle is an error at once.
#[derive(Debug, Default)]
pub(crate) struct Waits(Vec<(Label, Label)>);

impl Waits {
    /// Notes that `waiter` waits for `other`.
    ///
    /// # Errors
    ///
    /// The circle that this would close, from `waiter` to itself; nothing is noted then.
    pub(crate) fn add(&mut self, waiter: &Label, other: &Label) -> Result<(), Vec<Label>> {
        let mut path = vec![waiter.clone()];
        if self.leads(other, waiter, &mut path) {
            return Err(path);
        }
        self.0.push((waiter.clone(), other.clone()));
        Ok(())
    }

    pub(crate) fn remove(&mut self, waiter: &Label, other: &Label) {
        if let Some(place) = self.0.iter().position(|(a, b)| (a, b) == (waiter, other)) {
            self.0.swap_remove(place);
        }
    }

    /// Looks for a way from `from` to `to`, and leaves it on `path`.
    fn leads(&self, from: &Label, to: &Label, path: &mut Vec<Label>) -> bool {
        path.push(from.clone());
        if from == to {
            return true;
        }
        // There is no circle yet, and so this ends.
        for (_, next) in self.0.iter().filter(|(waiter, _)| waiter == from) {
            if self.leads(next, to, path) {
                return true;
            }
        }
        path.pop();
        false
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn label(name: &'static str) -> Label {
        Label::from_static(name)
    }

    #[test]
    fn who_waits_for_itself_is_a_circle() {
        assert_eq!(Waits::default().add(&label("a"), &label("a")), Err(vec![label("a"), label("a")]));
    }

    #[test]
    fn circle_is_named_in_its_order() {
        let mut waits = Waits::default();
        for (waiter, other) in [("a", "b"), ("a", "x"), ("b", "y"), ("b", "c")] {
            waits.add(&label(waiter), &label(other)).unwrap();
        }
        assert_eq!(waits.add(&label("c"), &label("a")), Err(["c", "a", "b", "c"].map(label).to_vec()));
        waits.remove(&label("b"), &label("c"));
        assert_eq!(waits.add(&label("c"), &label("a")), Ok(()));
    }
}
