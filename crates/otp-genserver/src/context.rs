use std::fmt;
use std::ops::Deref;
use std::time::Duration;

use otp_core::{Exit, Message, MessageRef, MonitorRef, Pid, Process, Spawner, System, TimerRef};

use crate::server::GenServer;
use crate::server_ref::{Envelope, ServerRef};

/// Gives the callbacks of a server access to the server as a [`Process`], and to its own reference.
pub struct Context<S: GenServer> {
    inner: otp_core::ProcessContext<Envelope<S>>,
}

impl<S: GenServer> Context<S> {
    pub(crate) fn new(inner: otp_core::ProcessContext<Envelope<S>>) -> Context<S> {
        Context { inner }
    }

    /// Returns a reference to this server, to give to others.
    pub fn server(&self) -> ServerRef<S> {
        ServerRef::from(self.inner.this())
    }

    /// Sends `info` to this server after `delay`; see [`System::send_after`].
    pub fn send_after(&self, delay: Duration, info: S::Info) -> TimerRef {
        self.system().send_after(delay, self.inner.this(), Envelope::info(info))
    }

    /// Sends the return value of `info` to this server, every `period`; see [`System::send_interval`].
    pub fn send_interval(&self, period: Duration, mut info: impl FnMut() -> S::Info + Send + 'static) -> TimerRef {
        self.system().send_interval(period, self.inner.this(), move || Envelope::info(info()))
    }

    /// Removes a monitor, and its [`Down`](otp_core::Down) if that has already arrived.
    pub fn demonitor_flush(&mut self, monitor: MonitorRef) -> bool {
        self.inner.demonitor_flush(monitor)
    }

    /// Removes the exit message of `from` from the mailbox, if it has arrived.
    pub fn take_exit(&mut self, from: Pid) -> Option<Exit> {
        let wanted = |message: MessageRef<'_, _>| matches!(message, MessageRef::Exit(exit) if exit.from == from);
        match self.inner.try_receive_match(wanted) {
            Some(Message::Exit(exit)) => Some(exit),
            _ => None,
        }
    }

    /// The process of this server, for what is sent to it by its own crate.
    pub(crate) fn this(&self) -> otp_core::ProcessRef<Envelope<S>> {
        self.inner.this()
    }

    pub(crate) fn inner(&mut self) -> &mut otp_core::ProcessContext<Envelope<S>> {
        &mut self.inner
    }
}

impl<S: GenServer> Deref for Context<S> {
    type Target = Process;

    fn deref(&self) -> &Process {
        &self.inner
    }
}

impl<S: GenServer> Spawner for Context<S> {
    fn system(&self) -> &System {
        self.inner.system()
    }

    fn process(&self) -> Option<Process> {
        Some(Process::clone(&self.inner))
    }
}

impl<S: GenServer> fmt::Debug for Context<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&self.inner, f)
    }
}
