use std::any::type_name;
use std::fmt;
use std::ops::Deref;
use std::time::Duration;

use otp_behaviour::HandOver;
use otp_core::{Address, Exit, MonitorRef, Pid, Process, Spawner, System, TimerRef};

use tracing::field::display;

use crate::mailbox::Mailbox;
use crate::outcome::Next;
use crate::rare::Rare;
use crate::server::GenServer;
use crate::server_ref::{Envelope, ServerRef};

/// Gives the callbacks of a server access to the server as a [`Process`], and to its own reference.
pub struct Context<S: GenServer> {
    mailbox: Mailbox<S>,
    rare: Option<Box<Rare<S>>>,
}

impl<S: GenServer> Context<S> {
    pub(crate) fn new(mailbox: Mailbox<S>, rare: Option<Box<Rare<S>>>) -> Context<S> {
        Context { mailbox, rare }
    }

    /// Returns a reference to this server, to give to others.
    pub fn server(&self) -> ServerRef<S> {
        ServerRef::from(self.address())
    }

    /// Sends `info` to this server after `delay`; see [`System::send_after`].
    pub fn send_after(&self, delay: Duration, info: S::Info) -> TimerRef {
        self.system().send_after(delay, self.address(), Envelope::info(info))
    }

    /// Sends the return value of `info` to this server, every `period`; see [`System::send_interval`].
    pub fn send_interval(&self, period: Duration, mut info: impl FnMut() -> S::Info + Send + 'static) -> TimerRef {
        self.system().send_interval(period, self.address(), move || Envelope::info(info()))
    }

    /// Removes a monitor, and its [`Down`](otp_core::Down) if that has already arrived.
    pub fn demonitor_flush(&mut self, monitor: MonitorRef) -> bool {
        self.mailbox.demonitor_flush(monitor)
    }

    /// Removes the exit message of `from` from the mailbox, if it has arrived.
    pub fn take_exit(&mut self, from: Pid) -> Option<Exit> {
        self.mailbox.take_exit(from)
    }

    /// The address of this server, for what is sent to it by its own crate.
    pub(crate) fn address(&self) -> Address<Envelope<S>> {
        self.mailbox.address()
    }

    /// Saves a value for the next incarnation of this server, in place of what was saved before, in any callback: in
    /// `terminate`, too, which also runs after a crash. False if nobody keeps it: then the value is dropped.
    ///
    /// A supervisor keeps it if the server's child spec asks for that, with
    /// [`ChildSpec::hand_over`](https://docs.rs/otp-supervisor/latest/otp_supervisor/struct.ChildSpec.html#method.hand_over);
    /// see the page `docs/state-hand-over.md`.
    pub fn save<T: Clone + Send + 'static>(&self, value: T) -> bool {
        let hand_over = self.kept();
        if let Some(hand_over) = hand_over {
            hand_over.save(value);
        }
        hand_over.is_some()
    }

    /// Returns a clone of what was saved last, by this incarnation of the server or one before it. `None` if there is
    /// nothing, because nothing was saved or it was refused after too many crashes, or if it is of another type, which is
    /// logged.
    pub fn handed_over<T: Clone + Send + 'static>(&self) -> Option<T> {
        let hand_over = self.kept()?;
        let value = hand_over.handed_over();
        if value.is_none()
            && let Some(kept) = hand_over.type_name()
        {
            let label = self.system().info(self.pid()).and_then(|info| info.label).map(display);
            tracing::warn!(
                target: "otp::hand_over", pid = %self.pid(), label, kept, expected = type_name::<T>(),
                "what was saved is of another type"
            );
        }
        value
    }

    /// Forgets what was saved, so that the next incarnation starts clean.
    pub fn forget_saved(&self) {
        if let Some(kept) = self.kept() {
            kept.forget();
        }
    }

    fn kept(&self) -> Option<&HandOver> {
        self.rare.as_ref()?.hand_over.as_ref()
    }

    pub(crate) fn rare(&mut self) -> Option<(&mut Rare<S>, &Process)> {
        Some((self.rare.as_deref_mut()?, self.mailbox.process()))
    }

    #[inline]
    pub(crate) fn mailbox(&self) -> &Mailbox<S> {
        &self.mailbox
    }

    #[inline]
    pub(crate) fn mailbox_mut(&mut self) -> &mut Mailbox<S> {
        &mut self.mailbox
    }

    /// What a server does first that takes the place of another one: it waits on.
    pub(crate) fn goes_on(&mut self) -> Next<S> {
        self.rare.as_mut().and_then(|rare| rare.take_waits()).map_or(Next::Receive, Next::Timeout)
    }

    /// What is left of it for a server that takes the place of this one.
    pub(crate) fn into_parts(self) -> (Mailbox<S>, Option<Box<Rare<S>>>) {
        (self.mailbox, self.rare)
    }
}

impl<S: GenServer> Deref for Context<S> {
    type Target = Process;

    fn deref(&self) -> &Process {
        self.mailbox.process()
    }
}

impl<S: GenServer> Spawner for Context<S> {
    fn system(&self) -> &System {
        self.mailbox.process().system()
    }

    fn process(&self) -> Option<Process> {
        Some(self.mailbox.process().clone())
    }
}

impl<S: GenServer> fmt::Debug for Context<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Context({})", self.pid())
    }
}
