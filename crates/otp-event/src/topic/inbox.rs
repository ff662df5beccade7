use otp_core::{ProcessContext, ProcessRef};
use otp_genserver::{Context, Envelope, GenServer, ServerRef};

/// Something with the mailbox of a process, so that it can subscribe to a topic: the context of a process or of a server, or a
/// reference to one. Implemented by nothing else.
pub trait Inbox: sealed::Sealed + 'static {
    /// The messages that the process gets from topics: for a server, those of its `handle_info`.
    type Message: Send + 'static;
    /// What its mailbox holds.
    type Mail: Send + 'static;

    /// The process; `None` if there is none, such as no holder of a name.
    fn process(&self) -> Option<ProcessRef<Self::Mail>>;

    /// Makes what the mailbox holds of a message.
    fn mail(message: Self::Message) -> Self::Mail;
}

impl<M: Send + 'static> Inbox for ProcessContext<M> {
    type Message = M;
    type Mail = M;

    fn process(&self) -> Option<ProcessRef<M>> {
        Some(self.this())
    }

    fn mail(message: M) -> M {
        message
    }
}

impl<M: Send + 'static> Inbox for ProcessRef<M> {
    type Message = M;
    type Mail = M;

    fn process(&self) -> Option<ProcessRef<M>> {
        Some(self.clone())
    }

    fn mail(message: M) -> M {
        message
    }
}

impl<S: GenServer> Inbox for Context<S> {
    type Message = S::Info;
    type Mail = Envelope<S>;

    fn process(&self) -> Option<ProcessRef<Envelope<S>>> {
        ProcessRef::of(self.system(), self.pid()).ok()
    }

    fn mail(message: S::Info) -> Envelope<S> {
        Envelope::info(message)
    }
}

impl<S: GenServer> Inbox for ServerRef<S> {
    type Message = S::Info;
    type Mail = Envelope<S>;

    fn process(&self) -> Option<ProcessRef<Envelope<S>>> {
        ProcessRef::of(self.system(), self.pid()?).ok()
    }

    fn mail(message: S::Info) -> Envelope<S> {
        Envelope::info(message)
    }
}

mod sealed {
    #[expect(unnameable_types, reason = "nobody else is to implement it")]
    pub trait Sealed {}

    impl<M> Sealed for super::ProcessContext<M> {}
    impl<M> Sealed for super::ProcessRef<M> {}
    impl<S: super::GenServer> Sealed for super::Context<S> {}
    impl<S: super::GenServer> Sealed for super::ServerRef<S> {}
}
