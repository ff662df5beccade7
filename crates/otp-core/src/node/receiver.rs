use std::any::TypeId;
use std::fmt;
use std::sync::Arc;

use crate::process::{AnyProcess, Party, Pid, ProcessRef, Target};
use crate::system::System;

/// A process that runs here, found by its pid or name, whatever the type of its messages; for crates that deliver messages
/// from elsewhere.
///
/// ```
/// # otp::tokio::TokioExecutor::current_thread().run(async |system| {
/// use std::any::TypeId;
/// use otp::node::Receiver;
/// use otp::{Message, ProcessContext};
///
/// let process = system.spawn(async |mut ctx: ProcessContext<u32>| assert_eq!(ctx.receive().await, Message::User(7)));
/// let receiver = Receiver::find(&system, process.pid()).unwrap();
/// assert_eq!(receiver.message_type(), TypeId::of::<u32>());
/// assert!(receiver.typed::<String>().is_none());
/// receiver.typed::<u32>().unwrap().try_send(7).unwrap();
/// process.exited().await;
/// # }).unwrap();
/// ```
#[derive(Clone)]
pub struct Receiver(Arc<dyn AnyProcess>);

impl Receiver {
    /// Finds a process that runs here.
    pub fn find(system: &System, target: impl Into<Target>) -> Option<Receiver> {
        system.find(&target.into()).map(Receiver)
    }

    /// The pid of the process.
    pub fn pid(&self) -> Pid {
        self.0.header().pid
    }

    /// The type of its messages.
    pub fn message_type(&self) -> TypeId {
        self.0.message_type().unwrap_or_else(TypeId::of::<()>)
    }

    /// Returns a typed reference, if the process receives `M`.
    pub fn typed<M: Send + 'static>(&self) -> Option<ProcessRef<M>> {
        let mut typed: Option<ProcessRef<M>> = None;
        let party: Arc<dyn Party> = self.0.clone();
        party.typed(&mut typed);
        typed
    }
}

impl fmt::Debug for Receiver {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Receiver({})", self.pid())
    }
}
