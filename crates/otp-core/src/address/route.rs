use std::fmt;
use std::sync::Arc;
use std::task::Waker;

use crate::label::Label;
use crate::name::{Name, WrongType};
use crate::process::{ProcessRef, Target};
use crate::system::System;

/// Finds the process for each message to an [`Address`](crate::Address), so that the address survives restarts.
///
/// A [`Name`] in a system is a route; a key of another crate's registry, or a name at another node, can be one too.
/// [`Address::via`](crate::Address::via) makes an address from a route, for calls, casts, timers and monitors.
///
/// The methods are called when a message is sent, on the thread of the sender: they must not block. Messages from one
/// sender to the same process arrive in order.
///
/// ```
/// # otp::tokio::TokioExecutor::current_thread().run(async |system| {
/// use otp::process::{Label, Route, WrongType};
/// use otp::{Address, Message, ProcessContext, ProcessRef, System};
///
/// /// Whichever of two processes is alive, the first one if both are.
/// #[derive(Debug)]
/// struct Fallback([ProcessRef<u32>; 2]);
///
/// impl Route<u32> for Fallback {
///     fn find(&self) -> Result<Option<ProcessRef<u32>>, WrongType> {
///         Ok(self.0.iter().find(|process| process.is_alive()).cloned())
///     }
///
///     fn system(&self) -> &System {
///         self.0[0].system()
///     }
///
///     fn label(&self) -> Label {
///         Label::from_static("one of two")
///     }
/// }
///
/// let receive = async |mut ctx: ProcessContext<u32>| assert_eq!(ctx.receive().await, Message::User(7));
/// let both = [system.spawn(receive), system.spawn(receive)];
/// let address = Address::via(Fallback(both.clone()));
/// address.send(7).await.unwrap();
/// both[0].exited().await;
/// address.send(7).await.unwrap();
/// both[1].exited().await;
/// assert_eq!(address.send(7).await.unwrap_err().to_string(), "cannot send to one of two: no such process");
/// # }).unwrap();
/// ```
pub trait Route<M>: fmt::Debug + Send + Sync {
    /// Returns the process that a message goes to now; `None` if there is none.
    ///
    /// # Errors
    ///
    /// [`WrongType`] if there is a process that does not receive `M`.
    fn find(&self) -> Result<Option<ProcessRef<M>>, WrongType>;

    /// The system that the route belongs to.
    fn system(&self) -> &System;

    /// The label of the process that the route leads to, for the texts of errors.
    fn label(&self) -> Label;

    /// Has `waker` woken, once, when the route may lead to a process that it does not lead to now; `None` if it cannot tell,
    /// and is to be asked from time to time. [`Address::await_holder`](crate::Address::await_holder) asks for it, and then
    /// looks again. The waker must be woken, and dropped, without a lock that this method takes.
    fn watch(&self, waker: &Waker) -> Option<Watch> {
        let _ = waker;
        None
    }

    /// The target for a monitor: the process that the route leads to now, whatever its message type.
    fn target(&self) -> Target {
        let pid = match self.find() {
            Ok(process) => process.map(|process| process.header().pid),
            Err(wrong) => Some(wrong.pid),
        };
        Target::Route { label: self.label(), pid }
    }
}

impl<M, R: Route<M> + ?Sized> Route<M> for Arc<R> {
    fn find(&self) -> Result<Option<ProcessRef<M>>, WrongType> {
        (**self).find()
    }

    fn system(&self) -> &System {
        (**self).system()
    }

    fn label(&self) -> Label {
        (**self).label()
    }

    fn watch(&self, waker: &Waker) -> Option<Watch> {
        (**self).watch(waker)
    }

    fn target(&self) -> Target {
        (**self).target()
    }
}

/// A watch on a [`Route`]: somebody waits until it leads to another process. Dropping it forgets who.
#[must_use = "dropping it ends the watch"]
pub struct Watch(Option<Box<dyn FnOnce() + Send + Sync>>);

impl Watch {
    /// A watch that `forget` ends.
    pub fn new(forget: impl FnOnce() + Send + Sync + 'static) -> Watch {
        Watch(Some(Box::new(forget)))
    }
}

impl Drop for Watch {
    fn drop(&mut self) {
        if let Some(forget) = self.0.take() {
            forget();
        }
    }
}

impl fmt::Debug for Watch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Watch")
    }
}

/// A name in a system, as a route.
pub(super) struct Named<M> {
    pub(super) system: System,
    pub(super) name: Name<M>,
}

impl<M: Send + 'static> Route<M> for Named<M> {
    fn find(&self) -> Result<Option<ProcessRef<M>>, WrongType> {
        self.system.whereis(&self.name)
    }

    fn system(&self) -> &System {
        &self.system
    }

    fn label(&self) -> Label {
        self.name.label().clone()
    }

    fn watch(&self, waker: &Waker) -> Option<Watch> {
        let (system, name) = (self.system.clone(), self.name.label().clone());
        let number = system.names().watch(&name, waker.clone());
        Some(Watch::new(move || system.names().unwatch(&name, number)))
    }

    fn target(&self) -> Target {
        (&self.name).into()
    }
}

impl<M> fmt::Debug for Named<M> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&self.name, f)
    }
}
