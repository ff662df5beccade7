use std::fmt;
use std::time::Duration;

use otp_core::behaviour::options;
use otp_core::{Label, Registration, SpawnOptions};

/// How a behaviour whose messages are `M` is [started](super::start).
#[must_use]
pub struct StartOptions<M> {
    pub(super) spawn: SpawnOptions<M>,
    pub(super) label: fn() -> &'static str,
    pub(super) link: bool,
    pub(super) monitor: bool,
    pub(super) timeout: Option<Duration>,
}

impl<M: Send + 'static> StartOptions<M> {
    /// A start without link or monitor, of a behaviour that is called `label` unless it gets another label or a name;
    /// mostly [the name of its type](crate::short_name).
    pub fn new(label: fn() -> &'static str) -> StartOptions<M> {
        StartOptions { spawn: options(label), label, link: false, monitor: false, timeout: None }
    }

    /// Registers the process before it runs: under a [`Name`](otp_core::Name) for what it receives, or as another
    /// [`Registration`] of that.
    pub fn name(mut self, name: impl Registration<M> + 'static) -> StartOptions<M> {
        self.spawn = self.spawn.name(name);
        self
    }

    /// What people call the process; by default its name, or the name of its type.
    pub fn label(mut self, label: impl Into<Label>) -> StartOptions<M> {
        self.spawn = self.spawn.label(label);
        self
    }

    /// Bounds the mailbox to `limit` messages.
    pub fn mailbox(mut self, limit: usize) -> StartOptions<M> {
        self.spawn = self.spawn.mailbox(limit);
        self
    }

    /// Has the process trap exit signals from the beginning.
    pub fn trap_exit(mut self, on: bool) -> StartOptions<M> {
        self.spawn = self.spawn.trap_exit(on);
        self
    }

    /// Whether calls may run the process on the thread of the caller; see
    /// [`SpawnOptions::inline`](otp_core::SpawnOptions::inline).
    pub fn inline(mut self, on: bool) -> StartOptions<M> {
        self.spawn = self.spawn.inline(on);
        self
    }

    /// Links the process to the one that starts it, its [`Parent`](super::Parent).
    pub fn link(mut self) -> StartOptions<M> {
        self.link = true;
        self
    }

    /// Has the process that starts it monitor it, as its [`Parent`](super::Parent). If the start fails, no monitor is left.
    pub fn monitor(mut self) -> StartOptions<M> {
        self.monitor = true;
        self
    }

    /// Kills the process if its acknowledgement takes longer. By default it may take any time.
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
