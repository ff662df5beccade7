use std::any::Any;

use super::Pid;
use crate::exit::ExitReason;
use crate::system::System;

/// Cleans up when its owner process ends: for an entry in a registry, a table, or a membership in a group.
///
/// [`Process::keep`](super::Process::keep) attaches a belonging to its owner. The scope, the timers and the registered
/// name of a process are belongings, too.
pub trait Belonging: Any + Send {
    /// Called when the owner has ended: its state is dropped, but no link, monitor or
    /// [event](crate::event::Event::Exited) has reported the end yet. Code that is notified of the end can therefore
    /// rely on the effects of this method.
    ///
    /// This method is called once, on the thread on which the owner ends, under no lock. It must not block. A panic in
    /// it is reported as a crash and has no other effect.
    fn owner_ended(self: Box<Self>, end: &End<'_>);
}

/// The end of a process, the argument of [`Belonging::owner_ended`].
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub struct End<'a> {
    /// The process.
    pub pid: Pid,
    /// The system of the process.
    pub system: &'a System,
    /// The exit reason.
    pub reason: &'a ExitReason,
    /// True if the process is a behaviour that did not start, by its own decision or because its `init` failed. False if
    /// it was ended by a signal before it had decided that, and for a belonging that was attached after the end had begun.
    pub not_started: bool,
}

/// The belongings of one process, oldest first. Most processes that have any have one, for instance a name.
#[derive(Default)]
pub(crate) struct Belongings {
    first: Option<Entry>,
    others: Vec<Entry>,
}

struct Entry {
    key: u32,
    belonging: Box<dyn Belonging>,
}

impl Belongings {
    pub(super) fn add(&mut self, belonging: Box<dyn Belonging>) -> u32 {
        // A key is reused only after its belonging has been removed, through the only `Kept` that refers to it.
        let key = self.others.last().or(self.first.as_ref()).map_or(0, |last| last.key + 1);
        let entry = Entry { key, belonging };
        if self.is_empty() {
            self.first = Some(entry);
        } else {
            self.others.push(entry);
        }
        key
    }

    pub(super) fn remove(&mut self, key: u32) -> Option<Box<dyn Belonging>> {
        if let Some(first) = self.first.take_if(|first| first.key == key) {
            return Some(first.belonging);
        }
        let place = self.others.binary_search_by_key(&key, |entry| entry.key).ok()?;
        Some(self.others.remove(place).belonging)
    }

    /// Finds the belonging of type `T`, for types of which there is at most one.
    pub(crate) fn find<T: Belonging>(&self) -> Option<&T> {
        self.first.iter().chain(&self.others).find_map(|entry| (&*entry.belonging as &dyn Any).downcast_ref())
    }

    pub(crate) fn find_mut<T: Belonging>(&mut self) -> Option<&mut T> {
        let mut all = self.first.iter_mut().chain(&mut self.others);
        all.find_map(|entry| (&mut *entry.belonging as &mut dyn Any).downcast_mut())
    }

    /// Removes the belonging of type `T`.
    pub(crate) fn take<T: Belonging>(&mut self) -> Option<Box<dyn Belonging>> {
        let mut all = self.first.iter().chain(&self.others);
        let key = all.find(|entry| (&*entry.belonging as &dyn Any).is::<T>())?.key;
        self.remove(key)
    }

    pub(super) fn is_empty(&self) -> bool {
        self.first.is_none() && self.others.is_empty()
    }

    pub(super) fn into_iter(self) -> impl Iterator<Item = Box<dyn Belonging>> {
        self.first.into_iter().chain(self.others).map(|entry| entry.belonging)
    }
}

#[cfg(all(test, not(otp_loom)))]
mod tests {
    use super::*;

    struct Numbered(u32);

    impl Belonging for Numbered {
        fn owner_ended(self: Box<Self>, _: &End<'_>) {}
    }

    fn numbers(belongings: Belongings) -> Vec<u32> {
        let number = |belonging: Box<dyn Belonging>| (belonging as Box<dyn Any>).downcast::<Numbered>().unwrap().0;
        belongings.into_iter().map(number).collect()
    }

    #[test]
    fn belongings_stay_in_the_order_in_which_they_came_whichever_goes() {
        for gone in 0..3 {
            let mut belongings = Belongings::default();
            let keys = [0, 1, 2].map(|number| belongings.add(Box::new(Numbered(number))));
            assert!(belongings.remove(keys[gone]).is_some() && belongings.remove(keys[gone]).is_none());
            belongings.add(Box::new(Numbered(3)));
            let expected: Vec<u32> = (0..4).filter(|number| *number as usize != gone).collect();
            assert_eq!(numbers(belongings), expected);
        }
    }

    #[test]
    fn the_only_belonging_makes_room_for_another_one() {
        let mut belongings = Belongings::default();
        for number in 0..3 {
            belongings.add(Box::new(Numbered(number)));
            assert_eq!(belongings.find::<Numbered>().map(|found| found.0), Some(number));
            assert!(belongings.take::<Numbered>().is_some() && belongings.is_empty());
        }
    }
}
