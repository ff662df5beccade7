use std::fmt;
use std::time::Duration;

use otp_core::behaviour::options;
use otp_core::{Label, MailboxPolicy, Registration, SpawnOptions, Threads};

/// The options of [`start`](super::start) for a behaviour whose messages are `M`.
#[must_use]
pub struct StartOptions<M> {
    pub(super) spawn: SpawnOptions<M>,
    pub(super) label: fn() -> &'static str,
    pub(super) link: bool,
    pub(super) monitor: bool,
    pub(super) timeout: Option<Duration>,
}

impl<M: Send + 'static> StartOptions<M> {
    /// Makes options without link or monitor. `label` is the default label of the behaviour, usually [the name of its
    /// type](crate::short_name).
    pub fn new(label: fn() -> &'static str) -> StartOptions<M> {
        StartOptions { spawn: options(label), label, link: false, monitor: false, timeout: None }
    }

    /// Registers the process before it runs: under a [`Name`](otp_core::Name) of its message type, or another
    /// [`Registration`] of that type.
    pub fn name(mut self, name: impl Registration<M> + 'static) -> StartOptions<M> {
        self.spawn = self.spawn.name(name);
        self
    }

    /// Sets the label of the process; by default its name, or the name of its type.
    pub fn label(mut self, label: impl Into<Label>) -> StartOptions<M> {
        self.spawn = self.spawn.label(label);
        self
    }

    /// Bounds the mailbox to `limit` messages.
    pub fn mailbox(mut self, limit: usize) -> StartOptions<M> {
        self.spawn = self.spawn.mailbox(limit);
        self
    }

    /// Sets what the mailbox does under load, in place of the bound of [`mailbox`](StartOptions::mailbox).
    pub fn policy(mut self, policy: MailboxPolicy<M>) -> StartOptions<M> {
        self.spawn = self.spawn.policy(policy);
        self
    }

    /// Makes the process trap exit signals from the beginning.
    pub fn trap_exit(mut self, on: bool) -> StartOptions<M> {
        self.spawn = self.spawn.trap_exit(on);
        self
    }

    /// Sets whether calls may run the process on the caller's thread; see
    /// [`SpawnOptions::inline`](otp_core::SpawnOptions::inline).
    pub fn inline(mut self, on: bool) -> StartOptions<M> {
        self.spawn = self.spawn.inline(on);
        self
    }

    /// Makes the process run on one of these threads; see [`Threads`].
    pub fn on(mut self, threads: &Threads) -> StartOptions<M> {
        self.spawn = self.spawn.on(threads);
        self
    }

    /// Links the process to its starter, which becomes its [`Parent`](super::Parent).
    pub fn link(mut self) -> StartOptions<M> {
        self.link = true;
        self
    }

    /// Makes the starter monitor the process, as its [`Parent`](super::Parent). If the start fails, no monitor is left.
    pub fn monitor(mut self) -> StartOptions<M> {
        self.monitor = true;
        self
    }

    /// Kills the process if its acknowledgement takes longer than `limit`. By default there is no timeout.
    pub fn timeout(mut self, limit: Duration) -> StartOptions<M> {
        self.timeout = Some(limit);
        self
    }
}

impl<M> fmt::Debug for StartOptions<M> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "StartOptions({})", (self.label)())
    }
}
