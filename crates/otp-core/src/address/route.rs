use std::fmt;
use std::sync::Arc;

use crate::label::Label;
use crate::name::{Name, WrongType};
use crate::process::{ProcessRef, Target};
use crate::system::System;

/// A route to a process that receives `M`: it finds the process anew for each message.
///
/// A [`Name`] in a system is one; a key of another crate's registry, or a name at another node, can be one too. An
/// [`Address`](crate::Address) is made of it by [`Address::via`](crate::Address::via), and a call, a cast, a timer and
/// a monitor take that.
///
/// A route is asked when a message is sent, on the thread of the sender: it must not block. Messages that one sender
/// sends to the same process arrive in their order.
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
    /// The process that a message goes to now; `None` if there is none.
    ///
    /// # Errors
    ///
    /// [`WrongType`] if there is a process, and it does not receive `M`.
    fn find(&self) -> Result<Option<ProcessRef<M>>, WrongType>;

    /// The system that the route belongs to.
    fn system(&self) -> &System;

    /// What people call whoever the route leads to, for the texts of errors.
    fn label(&self) -> Label;

    /// What a monitor of the addressee is set on: the process that the route leads to now, whatever it receives.
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

    fn target(&self) -> Target {
        (**self).target()
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

    fn target(&self) -> Target {
        (&self.name).into()
    }
}

impl<M> fmt::Debug for Named<M> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&self.name, f)
    }
}
