use std::fmt;
use std::task::{Poll, Waker};

use super::destination::Address;
use super::mapped::Mapped;
use super::route::{Route, Watch};
use crate::label::Label;
use crate::name::WrongType;
use crate::process::{Arrival, Header, Overflow, ProcessRef, Target, TrySendError};
use crate::system::System;

/// The part of an address that is not simply one process.
pub(super) enum Far<M> {
    Route(Box<dyn Route<M>>),
    Mapped(Box<dyn Mapped<M>>),
}

impl<M: Send + 'static> Far<M> {
    pub(super) fn find(&self) -> Result<Option<Address<M>>, WrongType> {
        match self {
            Far::Route(route) => Ok(route.find()?.map(Address::from)),
            Far::Mapped(mapped) => mapped.find(),
        }
    }

    pub(super) fn try_send_by(
        &self,
        message: M,
        send: impl FnOnce(&ProcessRef<M>, M) -> Result<Arrival, TrySendError<M>>,
    ) -> Result<Arrival, TrySendError<M>> {
        match self {
            Far::Route(route) => match route.find() {
                Ok(Some(process)) => send(&process, message),
                Ok(None) => Err(TrySendError::NoProc { to: route.target(), message }),
                Err(wrong) => Err(TrySendError::WrongType { wrong, message }),
            },
            Far::Mapped(mapped) => {
                let mut message = Some(message);
                let sent = mapped.try_send_with(&mut || take(&mut message));
                sent.map_err(|error| error.map(|()| take(&mut message)))
            }
        }
    }

    pub(super) fn try_send_with(&self, make: &mut dyn FnMut() -> M) -> Result<Arrival, TrySendError<()>> {
        match self {
            Far::Route(route) => match route.find() {
                Ok(Some(process)) => process.try_send_with(make),
                Ok(None) => Err(TrySendError::NoProc { to: route.target(), message: () }),
                Err(wrong) => Err(TrySendError::WrongType { wrong, message: () }),
            },
            Far::Mapped(mapped) => mapped.try_send_with(make),
        }
    }

    pub(super) fn poll_send(
        &self,
        message: &mut Option<M>,
        ticket: &mut Option<usize>,
        waker: &Waker,
    ) -> Poll<Result<Arrival, M>> {
        let sent = self.poll_send_with(&mut || take(message), ticket, waker);
        sent.map_err(|()| take(message))
    }

    pub(super) fn poll_send_with(
        &self,
        make: &mut dyn FnMut() -> M,
        ticket: &mut Option<usize>,
        waker: &Waker,
    ) -> Poll<Result<Arrival, ()>> {
        match self {
            Far::Route(route) => unreachable!("{route:?} is found before anybody waits for room"),
            Far::Mapped(mapped) => mapped.poll_send_with(make, ticket, waker),
        }
    }

    pub(super) fn leave(&self, ticket: usize) {
        if let Far::Mapped(mapped) = self {
            mapped.leave(ticket);
        }
    }

    pub(super) fn header(&self) -> Option<&Header> {
        match self {
            Far::Route(_) => None,
            Far::Mapped(mapped) => mapped.header(),
        }
    }

    pub(super) fn queue(&self) -> (usize, Option<usize>) {
        match self {
            Far::Route(_) => (0, None),
            Far::Mapped(mapped) => mapped.queue(),
        }
    }

    pub(super) fn lane_bound(&self) -> Option<(usize, Overflow)> {
        match self {
            Far::Route(_) => None,
            Far::Mapped(mapped) => mapped.lane_bound(),
        }
    }

    pub(super) fn expire(&self, place: Arrival) -> bool {
        match self {
            Far::Route(_) => false,
            Far::Mapped(mapped) => mapped.expire(place),
        }
    }

    pub(super) fn target(&self) -> Target {
        match self {
            Far::Route(route) => route.target(),
            Far::Mapped(mapped) => mapped.target(),
        }
    }

    pub(super) fn watch(&self, waker: &Waker) -> Option<Watch> {
        match self {
            Far::Route(route) => route.watch(waker),
            Far::Mapped(mapped) => mapped.watch(waker),
        }
    }

    pub(super) fn system(&self) -> &System {
        match self {
            Far::Route(route) => route.system(),
            Far::Mapped(mapped) => mapped.system(),
        }
    }

    pub(super) fn label(&self) -> Option<Label> {
        match self {
            Far::Route(route) => Some(route.label()),
            Far::Mapped(mapped) => mapped.label(),
        }
    }
}

/// Takes the message, which is sent or comes back.
fn take<M>(message: &mut Option<M>) -> M {
    message.take().expect("a message is sent once, or comes back")
}

impl<M> fmt::Debug for Far<M> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Far::Route(route) => fmt::Debug::fmt(route, f),
            Far::Mapped(mapped) => fmt::Debug::fmt(mapped, f),
        }
    }
}
