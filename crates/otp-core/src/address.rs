use std::fmt;
use std::sync::Arc;

use crate::label::Label;
use crate::name::{Name, WrongType};
use crate::process::{ProcessRef, SendError, Target, TrySendError};
use crate::system::System;

/// Where messages of type `M` go: to one process, or to whoever holds a name when they are sent.
///
/// The second form survives restarts.
pub struct Address<M> {
    to: To<M>,
}

enum To<M> {
    Process(ProcessRef<M>),
    /// Shared, so that the address of a process, which is the common one, is no larger than its reference.
    Name(Arc<Named<M>>),
}

struct Named<M> {
    system: System,
    name: Name<M>,
}

impl<M: Send + 'static> Address<M> {
    /// The address of whoever holds `name` in `system`.
    pub fn named(system: &System, name: Name<M>) -> Address<M> {
        Address { to: To::Name(Arc::new(Named { system: system.clone(), name })) }
    }

    /// The process that messages go to now; `None` if nobody holds the name, or somebody does who receives messages
    /// of another type ([`lookup`](Address::lookup) tells the two apart).
    pub fn resolve(&self) -> Option<ProcessRef<M>> {
        self.lookup().ok().flatten()
    }

    /// As [`resolve`](Address::resolve).
    ///
    /// # Errors
    ///
    /// [`WrongType`] if the holder of the name receives messages of another type.
    pub fn lookup(&self) -> Result<Option<ProcessRef<M>>, WrongType> {
        match &self.to {
            To::Process(process) => Ok(Some(process.clone())),
            To::Name(named) => named.system.whereis(&named.name),
        }
    }

    /// Sends a message; waits while a bounded mailbox is full.
    ///
    /// # Errors
    ///
    /// [`SendError`] gives the message back when there is no such process.
    ///
    /// # Cancel safety
    ///
    /// If the future is dropped before it is ready, the message was not sent and is dropped.
    pub async fn send(&self, message: M) -> Result<(), SendError<M>> {
        match self.resolve() {
            Some(process) => process.send(message).await,
            None => Err(SendError { to: self.target(), message }),
        }
    }

    /// Sends a message without waiting.
    ///
    /// # Errors
    ///
    /// [`TrySendError`] gives the message back when there is no such process, or its bounded mailbox is full.
    #[inline]
    pub fn try_send(&self, message: M) -> Result<(), TrySendError<M>> {
        match &self.to {
            To::Process(process) => process.try_send(message),
            To::Name(..) => self.try_send_to_holder(message),
        }
    }

    fn try_send_to_holder(&self, message: M) -> Result<(), TrySendError<M>> {
        match self.resolve() {
            Some(process) => process.try_send(message),
            None => Err(TrySendError::NoProc { to: self.target(), message }),
        }
    }

    /// The process, if this is the address of one and not of a name.
    pub(crate) fn process(&self) -> Option<&ProcessRef<M>> {
        match &self.to {
            To::Process(process) => Some(process),
            To::Name(..) => None,
        }
    }

    /// What a monitor of the addressee is set on.
    pub fn target(&self) -> Target {
        match &self.to {
            To::Process(process) => process.into(),
            To::Name(named) => (&named.name).into(),
        }
    }

    /// The system that the address belongs to.
    pub fn system(&self) -> &System {
        match &self.to {
            To::Process(process) => process.system(),
            To::Name(named) => &named.system,
        }
    }

    /// What people call the addressee: its name, or its label.
    pub fn label(&self) -> Option<Label> {
        match &self.to {
            To::Process(process) => self.system().label_of(process.header()),
            To::Name(named) => Some(named.name.label().clone()),
        }
    }
}

impl<M> Clone for Address<M> {
    fn clone(&self) -> Address<M> {
        let to = match &self.to {
            To::Process(process) => To::Process(process.clone()),
            To::Name(named) => To::Name(named.clone()),
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

impl<M> fmt::Debug for Address<M> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.to {
            To::Process(process) => write!(f, "Address({process:?})"),
            To::Name(named) => write!(f, "Address({})", named.name),
        }
    }
}
