use std::any::Any;

use super::Pid;
use crate::exit::ExitReason;
use crate::system::System;

/// A belonging of a process: what is to be told when its owner ends, such as an entry in a registry, a table, or a
/// membership in a group.
///
/// [`Process::keep`](super::Process::keep) hands it to its owner. A process's own scope, its timers and its registered name are belongings,
/// too.
pub trait Belonging: Any + Send {
    /// The owner has ended. Its state is dropped; nobody can see its end yet: no link, monitor or
    /// [event](crate::event::Event::Exited) has told of it. So whoever hears of the end finds that what this does has
    /// been done.
    ///
    /// It is called once, on the thread on which the owner ends, under no lock. It must not block. A panic in it is
    /// reported as a crash and harms nothing else.
    fn owner_ended(self: Box<Self>, end: &End<'_>);
}

/// The end of a process, as its [`Belonging`]s are told of it.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub struct End<'a> {
    /// The process.
    pub pid: Pid,
    /// The system in which it lived.
    pub system: &'a System,
    /// Why it ended.
    pub reason: &'a ExitReason,
}

/// What one process keeps, oldest first.
#[derive(Default)]
pub(crate) struct Belongings(Vec<(u32, Box<dyn Belonging>)>);

impl Belongings {
    pub(super) fn add(&mut self, belonging: Box<dyn Belonging>) -> u32 {
        // Keys are used again only after their `Kept` is: what was kept last is found by nobody else.
        let key = self.0.last().map_or(0, |(key, _)| key + 1);
        self.0.push((key, belonging));
        key
    }

    pub(super) fn remove(&mut self, key: u32) -> Option<Box<dyn Belonging>> {
        let place = self.0.binary_search_by_key(&key, |(key, _)| *key).ok()?;
        Some(self.0.remove(place).1)
    }

    /// The belonging of type `T`, for types of which there is at most one.
    pub(crate) fn find<T: Belonging>(&self) -> Option<&T> {
        self.0.iter().find_map(|(_, belonging)| (&**belonging as &dyn Any).downcast_ref())
    }

    pub(crate) fn find_mut<T: Belonging>(&mut self) -> Option<&mut T> {
        self.0.iter_mut().find_map(|(_, belonging)| (&mut **belonging as &mut dyn Any).downcast_mut())
    }

    /// Takes out the belonging of type `T`.
    pub(crate) fn take<T: Belonging>(&mut self) -> Option<Box<dyn Belonging>> {
        let place = self.0.iter().position(|(_, belonging)| (&**belonging as &dyn Any).is::<T>())?;
        Some(self.0.remove(place).1)
    }

    pub(super) fn into_iter(self) -> impl Iterator<Item = Box<dyn Belonging>> {
        self.0.into_iter().map(|(_, belonging)| belonging)
    }
}
