use std::fmt;
use std::sync::Arc;

use super::context::ProcessContext;
use super::load::After;
use super::logged::mailbox_full;
use super::mailbox::Refused;
use super::process_ref::ProcessRef;
use super::reference::Ref;
use crate::sync::Mutex;

/// Sends messages to a process until the alias is switched off; later messages are dropped silently. Erlang's process
/// aliases.
///
/// Made by [`ProcessContext::alias`]; any process may send through it. It also ends with its process.
pub struct Alias<M> {
    to: ProcessRef<M>,
    mode: AliasMode,
    switch: Arc<Switch>,
}

struct Switch {
    reference: Ref,
    /// Locked while a message is put into the mailbox: once [`ProcessContext::unalias`] has returned, no message
    /// arrives.
    active: Mutex<bool>,
}

/// Defines when an [`Alias`] is switched off.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum AliasMode {
    /// Only by [`ProcessContext::unalias`]; Erlang's `explicit_unalias`.
    Explicit,
    /// By [`ProcessContext::unalias`], or by the first message that is sent through it; Erlang's `reply`.
    Reply,
}

impl<M: Send + 'static> Alias<M> {
    fn new(to: ProcessRef<M>, mode: AliasMode) -> Alias<M> {
        let switch = Switch { reference: to.system().make_ref(), active: Mutex::new(true) };
        Alias { to, mode, switch: Arc::new(switch) }
    }

    /// Sends a message to the process. If the alias is off or the process has ended, the message is dropped; the sender
    /// gets no error.
    ///
    /// If the mailbox is bounded and full, the message is dropped, with a warning in the log.
    pub fn send(&self, message: M) {
        let header = self.to.header();
        let sent = match self.put(message, |message| self.to.put(message).map(Some)) {
            Some(Err(Refused::ByPolicy(message))) => {
                let mut after = After::default();
                let sent = match self.to.tag(&message) {
                    Some(tag) => self.put(message, |message| self.to.put_by_policy(message, tag, &mut after)),
                    None => None,
                };
                after.carry_out(header);
                sent
            }
            sent => sent,
        };
        match sent {
            Some(Ok(Some(added))) => {
                header.notify_pushed(added);
            }
            Some(Err(_)) if self.to.is_alive() => {
                mailbox_full(&header.pid.into(), || header.system.label_of(header));
            }
            _ => {}
        }
    }

    /// Calls `put` under the lock, unless the alias is off, and switches it off if one message is to come through. A
    /// message that is not put is dropped without the lock: dropping it may run code that uses the alias.
    fn put<T>(&self, message: M, put: impl FnOnce(M) -> Result<T, Refused<M>>) -> Option<Result<T, Refused<M>>> {
        let mut active = self.switch.active.lock();
        if !*active {
            drop(active);
            return None;
        }
        let sent = put(message);
        *active = self.mode == AliasMode::Explicit || matches!(sent, Err(Refused::ByPolicy(_)));
        Some(sent)
    }

    /// The reference of this alias, which is printed.
    pub fn reference(&self) -> Ref {
        self.switch.reference
    }

    fn switch_off(&self) -> bool {
        std::mem::replace(&mut *self.switch.active.lock(), false)
    }
}

impl<M: Send + 'static> ProcessContext<M> {
    /// Makes an alias of this process.
    ///
    /// ```
    /// # otp::tokio::TokioExecutor::current_thread().run(async |system| {
    /// use otp::process::AliasMode;
    /// use otp::{Message, ProcessContext};
    ///
    /// let asker = system.spawn(async |mut ctx: ProcessContext<&'static str>| {
    ///     let alias = ctx.alias(AliasMode::Reply);
    ///     alias.send("first");
    ///     alias.send("late");
    ///     assert_eq!(ctx.receive().await, Message::User("first"));
    ///     assert!(!ctx.unalias(&alias));
    /// });
    /// assert_eq!(asker.exited().await, otp::ExitReason::Normal);
    /// # }).unwrap();
    /// ```
    pub fn alias(&self, mode: AliasMode) -> Alias<M> {
        Alias::new(self.this(), mode)
    }

    /// Switches off an alias of this process; false if it was off already, or belongs to another process. A message
    /// that has already arrived stays in the mailbox.
    pub fn unalias(&self, alias: &Alias<M>) -> bool {
        alias.to == self.this() && alias.switch_off()
    }
}

impl<M> Clone for Alias<M> {
    fn clone(&self) -> Alias<M> {
        Alias { to: self.to.clone(), mode: self.mode, switch: self.switch.clone() }
    }
}

impl<M> fmt::Debug for Alias<M> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Alias({} of {:?}, {:?})", self.switch.reference, self.to, self.mode)
    }
}
