use std::fmt;
use std::sync::Arc;
use std::task::{Poll, Waker};

use super::far::Far;
use super::mapped::{Map, Mapped};
use super::route::{Named, Route, Watch};
use super::sending::Sending;
use crate::call::Exited;
use crate::exit::ExitReason;
use crate::label::Label;
use crate::name::{Name, WrongType};
use crate::process::{Arrival, Header, Overflow, Pid, ProcessRef, SendError, Target, TrySendError};
use crate::switch::let_others_first;
use crate::system::System;

/// Sends messages of type `M` to one process, or to the process that a [`Route`] leads to at that time, such as the
/// holder of a [`Name`]. Cheap to clone.
///
/// The address of a route survives restarts of the process. An address can be [mapped](Address::map_message) to another
/// message type, so that publishers, timers and groups can send each receiver its own type.
pub struct Address<M> {
    to: To<M>,
}

enum To<M> {
    Process(ProcessRef<M>),
    /// One pointer, so that the address of a process, which is the common one, is no larger than its reference.
    Far(Arc<Far<M>>),
}

impl<M: Send + 'static> Address<M> {
    /// Makes the address of the holder of `name` in `system`.
    pub fn named(system: &System, name: Name<M>) -> Address<M> {
        Address::via(Named { system: system.clone(), name })
    }

    /// Makes the address of the process that `route` leads to; Erlang's `{via, Module, Name}`.
    pub fn via(route: impl Route<M> + 'static) -> Address<M> {
        Address { to: To::Far(Arc::new(Far::Route(Box::new(route)))) }
    }

    pub(super) fn mapped(map: impl Mapped<M> + 'static) -> Address<M> {
        Address { to: To::Far(Arc::new(Far::Mapped(Box::new(map)))) }
    }

    /// Returns an address of the same process for messages of another type; `map` converts each message to the type
    /// that the process receives (a contramap).
    ///
    /// `map` runs in the sender, once it is certain that the message can be sent; a refused message comes back
    /// unchanged. Bounds, order and errors are those of this address. If the process ends while `map` runs, the message
    /// is dropped like any other that the process has not received.
    ///
    /// # Panics
    ///
    /// Sending panics if `map` panics; the message was not sent in this case.
    ///
    /// ```
    /// # otp::tokio::TokioExecutor::current_thread().run(async |system| {
    /// use otp::{Address, Message, ProcessContext};
    ///
    /// #[derive(Debug, PartialEq)]
    /// enum Event {
    ///     Price(u32),
    ///     Closed,
    /// }
    ///
    /// let trader = system.spawn(async |mut ctx: ProcessContext<Event>| {
    ///     assert_eq!(ctx.receive().await, Message::User(Event::Price(12)));
    ///     assert_eq!(ctx.receive().await, Message::User(Event::Closed));
    /// });
    /// // Who publishes prices knows nothing of the trader's other messages.
    /// let prices: Address<u32> = Address::from(&trader).map_message(Event::Price);
    /// prices.send(12).await.unwrap();
    /// trader.send(Event::Closed).await.unwrap();
    /// assert_eq!(trader.exited().await, otp::ExitReason::Normal);
    /// # }).unwrap();
    /// ```
    #[doc(alias = "contramap")]
    pub fn map_message<A: Send + 'static>(&self, map: impl Fn(A) -> M + Send + Sync + 'static) -> Address<A> {
        Address::mapped(Map { to: self.clone(), map: Arc::new(map) })
    }

    /// Returns the address of the process that messages go to now, which never leads to a successor; `None` if there is
    /// no process.
    ///
    /// # Errors
    ///
    /// [`WrongType`] if there is a process that does not receive the message type of this address.
    pub fn find(&self) -> Result<Option<Address<M>>, WrongType> {
        match &self.to {
            To::Process(_) => Ok(Some(self.clone())),
            To::Far(far) => far.find(),
        }
    }

    /// Returns the pid of the process that messages go to now; `None` if there is no process.
    ///
    /// # Errors
    ///
    /// As for [`find`](Address::find).
    pub fn pid(&self) -> Result<Option<Pid>, WrongType> {
        match &self.to {
            To::Process(process) => Ok(Some(process.pid())),
            To::Far(far) => Ok(far.find()?.and_then(|found| Some(found.header()?.pid))),
        }
    }

    /// Sends a message; waits while the mailbox is bounded and full (backpressure).
    ///
    /// # Errors
    ///
    /// [`SendError`] gives the message back when there is no such process, or it does not receive `M`.
    ///
    /// # Cancel safety
    ///
    /// If the future is dropped before it is ready, the message was not sent and is dropped.
    pub async fn send(&self, message: M) -> Result<(), SendError<M>> {
        let_others_first(self.system()).await;
        match self.find() {
            Ok(Some(found)) => Sending::begun(found, message).await,
            Ok(None) => Err(SendError::NoProc { to: self.target(), message }),
            Err(wrong) => Err(SendError::WrongType { wrong, message }),
        }
    }

    /// Sends a message without waiting.
    ///
    /// # Errors
    ///
    /// [`TrySendError`] gives the message back when there is no such process, it does not receive `M`, or its bounded
    /// mailbox is full.
    #[inline]
    pub fn try_send(&self, message: M) -> Result<(), TrySendError<M>> {
        match &self.to {
            To::Process(process) => process.try_send(message),
            To::Far(far) => far.try_send_by(message, ProcessRef::try_push).map(drop),
        }
    }

    /// Sends a message: with `send`, if the process receives this type directly.
    #[inline]
    pub(crate) fn try_send_by(
        &self,
        message: M,
        send: impl FnOnce(&ProcessRef<M>, M) -> Result<Arrival, TrySendError<M>>,
    ) -> Result<Arrival, TrySendError<M>> {
        match &self.to {
            To::Process(process) => send(process, message),
            To::Far(far) => far.try_send_by(message, send),
        }
    }

    /// Sends the message that `make` returns; calls `make` only once the message can certainly be sent.
    pub(super) fn try_send_with(&self, make: &mut dyn FnMut() -> M) -> Result<Arrival, TrySendError<()>> {
        match &self.to {
            To::Process(process) => process.try_send_with(make),
            To::Far(far) => far.try_send_with(make),
        }
    }

    /// One attempt to send to the process of this address, which is not a route. `ticket` is the place in the line for
    /// room.
    #[inline]
    pub(crate) fn poll_send(
        &self,
        message: &mut Option<M>,
        ticket: &mut Option<usize>,
        waker: &Waker,
    ) -> Poll<Result<Arrival, M>> {
        match &self.to {
            To::Process(process) => process.poll_send(message, ticket, waker),
            To::Far(far) => far.poll_send(message, ticket, waker),
        }
    }

    /// Like [`poll_send`](Address::poll_send), with the function of [`try_send_with`](Address::try_send_with).
    pub(super) fn poll_send_with(
        &self,
        make: &mut dyn FnMut() -> M,
        ticket: &mut Option<usize>,
        waker: &Waker,
    ) -> Poll<Result<Arrival, ()>> {
        match &self.to {
            To::Process(process) => process.poll_send_with(make, ticket, waker),
            To::Far(far) => far.poll_send_with(make, ticket, waker),
        }
    }

    /// Leaves the line for room in the mailbox.
    pub(crate) fn leave(&self, ticket: usize) {
        match &self.to {
            To::Process(process) => process.leave(ticket),
            To::Far(far) => far.leave(ticket),
        }
    }

    /// The bound of the lane of a message, by the policy of the process of this address. `None` is a message that is mapped.
    pub(crate) fn lane_bound(&self, message: Option<&M>) -> Option<(usize, Overflow)> {
        match &self.to {
            To::Process(process) => process.lane_bound(message),
            To::Far(far) => far.lane_bound(),
        }
    }

    /// Takes a request out of the mailbox whose caller has given up; false if it is not there, or the process takes it all
    /// the same.
    pub(crate) fn expire(&self, place: Arrival) -> bool {
        match &self.to {
            To::Process(process) => process.expire(place),
            To::Far(far) => far.expire(place),
        }
    }

    /// The process, if this is the address of one process, not of a route.
    #[inline]
    pub(crate) fn header(&self) -> Option<&Header> {
        match &self.to {
            To::Process(process) => Some(process.header()),
            To::Far(far) => far.header(),
        }
    }

    /// The number of waiting messages at the process of this address, and its bound.
    pub(crate) fn queue(&self) -> (usize, Option<usize>) {
        match &self.to {
            To::Process(process) => process.queue(),
            To::Far(far) => far.queue(),
        }
    }

    /// The process, if this is the address of one that receives messages as they are.
    pub(crate) fn as_process(&self) -> Option<&ProcessRef<M>> {
        match &self.to {
            To::Process(process) => Some(process),
            To::Far(_) => None,
        }
    }

    pub(super) fn into_process(self) -> Option<ProcessRef<M>> {
        match self.to {
            To::Process(process) => Some(process),
            To::Far(_) => None,
        }
    }

    /// Has `waker` woken when this may lead to another process; `None` if the route cannot tell. The address of one process
    /// never does, and so nothing has to be kept for it.
    pub(super) fn watch(&self, waker: &Waker) -> Option<Watch> {
        match &self.to {
            To::Process(_) => Some(Watch::new(|| ())),
            To::Far(far) => far.watch(waker),
        }
    }

    /// Returns the target for a monitor of this address.
    pub fn target(&self) -> Target {
        match &self.to {
            To::Process(process) => process.into(),
            To::Far(far) => far.target(),
        }
    }

    /// Waits for the end of the process that messages go to now, and returns its exit reason; `NoProc` if there is no
    /// process. The address of one process returns the reason also after the end.
    pub fn exited(&self) -> Exited {
        match self.header() {
            Some(header) => Exited::of(header),
            None => match self.system().find(&self.target()) {
                Some(process) => Exited::of(process.ties()),
                None => Exited::known(self.system(), ExitReason::NoProc),
            },
        }
    }

    /// The system that the address belongs to.
    #[inline]
    pub fn system(&self) -> &System {
        match &self.to {
            To::Process(process) => process.system(),
            To::Far(far) => far.system(),
        }
    }

    /// The label of the receiver: its name, or its label.
    pub fn label(&self) -> Option<Label> {
        match &self.to {
            To::Process(process) => self.system().label_of(process.header()),
            To::Far(far) => far.label(),
        }
    }
}

impl<M> Clone for Address<M> {
    fn clone(&self) -> Address<M> {
        let to = match &self.to {
            To::Process(process) => To::Process(process.clone()),
            To::Far(far) => To::Far(far.clone()),
        };
        Address { to }
    }
}

impl<M> From<ProcessRef<M>> for Address<M> {
    fn from(process: ProcessRef<M>) -> Address<M> {
        Address { to: To::Process(process) }
    }
}

impl<M> From<&ProcessRef<M>> for Address<M> {
    fn from(process: &ProcessRef<M>) -> Address<M> {
        Address { to: To::Process(process.clone()) }
    }
}

impl<M> From<&Address<M>> for Address<M> {
    fn from(address: &Address<M>) -> Address<M> {
        address.clone()
    }
}

/// Lets `monitor` take the address.
impl<M: Send + 'static> From<&Address<M>> for Target {
    fn from(address: &Address<M>) -> Target {
        address.target()
    }
}

impl<M> fmt::Debug for Address<M> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.to {
            To::Process(process) => write!(f, "Address({process:?})"),
            To::Far(far) => write!(f, "Address({far:?})"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::call::Call;

    #[test]
    fn an_address_is_no_larger_than_the_reference_to_a_process() {
        assert_eq!(size_of::<Address<u8>>(), size_of::<ProcessRef<u8>>());
        assert!(size_of::<Call<[u64; 2], u64>>() <= 128, "what fits is moved without a call");
    }
}
