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

/// The belongings of one process, oldest first.
#[derive(Default)]
pub(crate) struct Belongings(Vec<(u32, Box<dyn Belonging>)>);

impl Belongings {
    pub(super) fn add(&mut self, belonging: Box<dyn Belonging>) -> u32 {
        // A key is reused only after its belonging has been removed, through the only `Kept` that refers to it.
        let key = self.0.last().map_or(0, |(key, _)| key + 1);
        self.0.push((key, belonging));
        key
    }

    pub(super) fn remove(&mut self, key: u32) -> Option<Box<dyn Belonging>> {
        let place = self.0.binary_search_by_key(&key, |(key, _)| *key).ok()?;
        Some(self.0.remove(place).1)
    }

    /// Finds the belonging of type `T`, for types of which there is at most one.
    pub(crate) fn find<T: Belonging>(&self) -> Option<&T> {
        self.0.iter().find_map(|(_, belonging)| (&**belonging as &dyn Any).downcast_ref())
    }

    pub(crate) fn find_mut<T: Belonging>(&mut self) -> Option<&mut T> {
        self.0.iter_mut().find_map(|(_, belonging)| (&mut **belonging as &mut dyn Any).downcast_mut())
    }

    /// Removes the belonging of type `T`.
    pub(crate) fn take<T: Belonging>(&mut self) -> Option<Box<dyn Belonging>> {
        let place = self.0.iter().position(|(_, belonging)| (&**belonging as &dyn Any).is::<T>())?;
        Some(self.0.remove(place).1)
    }

    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    pub(super) fn into_iter(self) -> impl Iterator<Item = Box<dyn Belonging>> {
        self.0.into_iter().map(|(_, belonging)| belonging)
    }
}
