use std::fmt;
use std::sync::Arc;
use std::task::{Poll, Waker};

use super::destination::Address;
use super::route::Watch;
use crate::label::Label;
use crate::name::WrongType;
use crate::process::{Arrival, Header, Overflow, Target, TrySendError};
use crate::system::System;

/// An address whose messages are converted to the type that the process receives.
///
/// A message is converted when it is certain that it can be sent, so that a refused message comes back unchanged.
pub(super) trait Mapped<M>: fmt::Debug + Send + Sync {
    fn find(&self) -> Result<Option<Address<M>>, WrongType>;

    /// The process, if it is always the same one.
    fn header(&self) -> Option<&Header>;

    /// The number of waiting messages at the process, and its bound.
    fn queue(&self) -> (usize, Option<usize>);

    /// The bound of the lane of mapped messages, by the policy of the process.
    fn lane_bound(&self) -> Option<(usize, Overflow)>;

    /// Takes a request out of the mailbox whose caller has given up.
    fn expire(&self, place: Arrival) -> bool;

    fn try_send_with(&self, make: &mut dyn FnMut() -> M) -> Result<Arrival, TrySendError<()>>;

    fn poll_send_with(
        &self,
        make: &mut dyn FnMut() -> M,
        ticket: &mut Option<usize>,
        waker: &Waker,
    ) -> Poll<Result<Arrival, ()>>;

    fn leave(&self, ticket: usize);

    fn watch(&self, waker: &Waker) -> Option<Watch>;

    fn target(&self) -> Target;

    fn system(&self) -> &System;

    fn label(&self) -> Option<Label>;
}

pub(super) struct Map<B, F> {
    pub(super) to: Address<B>,
    pub(super) map: Arc<F>,
}

impl<A, B, F> Mapped<A> for Map<B, F>
where
    A: Send + 'static,
    B: Send + 'static,
    F: Fn(A) -> B + Send + Sync + 'static,
{
    fn find(&self) -> Result<Option<Address<A>>, WrongType> {
        let found = self.to.find()?;
        Ok(found.map(|to| Address::mapped(Map { to, map: self.map.clone() })))
    }

    fn header(&self) -> Option<&Header> {
        self.to.header()
    }

    fn queue(&self) -> (usize, Option<usize>) {
        self.to.queue()
    }

    fn lane_bound(&self) -> Option<(usize, Overflow)> {
        self.to.lane_bound(None)
    }

    fn expire(&self, place: Arrival) -> bool {
        self.to.expire(place)
    }

    fn try_send_with(&self, make: &mut dyn FnMut() -> A) -> Result<Arrival, TrySendError<()>> {
        self.to.try_send_with(&mut || (self.map)(make()))
    }

    fn poll_send_with(
        &self,
        make: &mut dyn FnMut() -> A,
        ticket: &mut Option<usize>,
        waker: &Waker,
    ) -> Poll<Result<Arrival, ()>> {
        self.to.poll_send_with(&mut || (self.map)(make()), ticket, waker)
    }

    fn leave(&self, ticket: usize) {
        self.to.leave(ticket);
    }

    fn watch(&self, waker: &Waker) -> Option<Watch> {
        self.to.watch(waker)
    }

    fn target(&self) -> Target {
        self.to.target()
    }

    fn system(&self) -> &System {
        self.to.system()
    }

    fn label(&self) -> Option<Label> {
        self.to.label()
    }
}

impl<B, F> fmt::Debug for Map<B, F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "mapped to {:?}", self.to)
    }
}
