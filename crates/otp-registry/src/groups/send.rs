//! Messages to all members of a group.

use std::borrow::Borrow;
use std::hash::Hash;

use otp_behaviour::{contain, report_crash};
use otp_core::{Process, TrySendError};

use super::group::repeated;
use super::handle::Groups;
use super::member::Member;

/// What came of a [`broadcast`](Groups::broadcast).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Broadcast {
    /// How many messages were sent.
    pub sent: usize,
    /// How many found a bounded mailbox full, and were dropped.
    pub full: usize,
    /// How many were for processes that have ended meanwhile, or whose conversion of the message panicked.
    pub failed: usize,
}

impl<K: Hash + Eq + Send + Sync + 'static, M: Send + 'static> Groups<K, M> {
    /// Sends a clone of `message` to each member of a group, as often as it has joined, and returns at once. Nothing is
    /// sent if there is no such group, or no such scope.
    ///
    /// The members are those at the moment of the call. A message that finds a bounded mailbox full is dropped: one slow
    /// member does not hold up the others. A broadcast to a large group keeps its thread for the whole of it, which is
    /// about as long as so many casts.
    ///
    /// # Panics
    ///
    /// If the clone of the message panics; the members before have got it then.
    pub fn broadcast<Q>(&self, group: &Q, message: M) -> Broadcast
    where
        M: Clone,
        K: Borrow<Q>,
        Q: Hash + Eq + ?Sized,
    {
        let mut outcome = Broadcast::default();
        self.dispatch(group, |member| {
            let message = message.clone();
            // The member's own conversion may panic, which is no business of the others.
            match contain(|| member.address().try_send(message)) {
                Ok(Ok(())) => outcome.sent += 1,
                Ok(Err(TrySendError::Full { .. })) => outcome.full += 1,
                Ok(Err(_)) => outcome.failed += 1,
                Err(crash) => {
                    outcome.failed += 1;
                    match Process::current() {
                        Some(process) => report_crash(&process, &crash),
                        None => tracing::error!(target: "otp::groups", %crash, "a member's conversion panicked"),
                    }
                }
            }
        });
        outcome
    }

    /// Calls `each` with every member of a group, as often as it has joined, on the calling thread and under no lock. For
    /// messages that differ, and for choices of one's own. It is not called if there is no such group, or no such scope.
    pub fn dispatch<Q>(&self, group: &Q, each: impl FnMut(&Member<M>))
    where
        K: Borrow<Q>,
        Q: Hash + Eq + ?Sized,
    {
        let members = self.joined(group).unwrap_or_default();
        repeated(&members).for_each(each);
    }
}
