use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use super::key::Key;

/// Says what a bounded mailbox does with a message for which there is no room.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Overflow {
    /// Refuses the message: `try_send` gives it back, and a call fails at once with
    /// [`CallError::Full`](crate::CallError::Full). Who asks to wait, as `send` and `cast_when_room` do, waits.
    Refuse,
    /// Makes senders wait for room (backpressure): a call waits within its time limit; `try_send`, which never waits, gives
    /// the message back.
    Wait,
    /// Drops the message that arrives. Its sender gets no error; a call fails with
    /// [`CallError::Full`](crate::CallError::Full).
    DropNewest,
    /// Drops the oldest message of the same lane in favour of the one that arrives. A call that is dropped fails with
    /// [`CallError::Full`](crate::CallError::Full).
    DropOldest,
}

/// One of the two kinds of messages whose bounds a [`MailboxPolicy`] states apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Lane {
    /// What clients ask of this very process: the calls and casts of a server.
    Input,
    /// What is sent to many, of which this process is one: news of a topic, echoes of a chat room, ticks of a timer. The
    /// infos of a server.
    Broadcast,
}

/// Says what a mailbox does under load: bounds for two lanes, and what is dropped, merged or skipped. An option of
/// [`SpawnOptions`](crate::SpawnOptions::policy), and of a server's start.
///
/// All messages wait in one queue, in their order. The lanes only have bounds of their own: what is broadcast to a process
/// cannot take the room of its input, so that a member of a chat room that sends fast is not thrown out because of its own
/// echoes, and a member that never reads loses news, and nothing else.
///
/// Everything is off by default, and a mailbox without a policy pays nothing for any of this. With a policy, the
/// mailbox is locked several times for each message and, with [`max_age`](MailboxPolicy::max_age), the clock is read
/// when a message is sent and when it is received. Signals, such as exits and requests to stop, are never refused,
/// dropped, or counted.
///
/// A policy applies to messages that wait in the mailbox. A process receives them one by one, but some operations first
/// take the whole mailbox over: [`try_receive_match`](crate::ProcessContext::try_receive_match),
/// [`mark`](crate::ProcessContext::mark), [`demonitor_flush`](crate::ProcessContext::demonitor_flush), and `take_exit`
/// of a server, which a supervisor uses when it stops a child. A selective receive takes over the messages that it
/// passes over. Messages that are taken over no longer count for a bound, so that as many again find room, and are no
/// longer dropped, merged or skipped.
///
/// The closure of [`lanes`](MailboxPolicy::lanes) decides the lane of a message; a server decides it by the kind of the
/// message. A message that comes through a [mapped address](crate::Address::map_message), as from publishers and
/// timers, is broadcast, whatever it is mapped to: it is only mapped once there is room for it.
///
/// The closures run in the sender, under no lock. They should be quick, and always give the same answer for a message.
///
/// ```
/// # otp::tokio::TokioExecutor::current_thread().run(async |system| {
/// use otp::process::{Lane, MailboxPolicy, Overflow, SpawnOptions};
/// use otp::{Message, ProcessContext};
///
/// enum Member {
///     Says(&'static str),
///     News(u32),
/// }
///
/// let policy = MailboxPolicy::new()
///     .lanes(|message| match message {
///         Member::Says(_) => Lane::Input,
///         Member::News(_) => Lane::Broadcast,
///     })
///     .input(8, Overflow::Refuse)
///     .broadcast(2, Overflow::DropOldest);
///
/// let member = system.spawn_with(SpawnOptions::new().policy(policy), async |mut ctx: ProcessContext<Member>| {
///     let mut got = Vec::new();
///     while got.len() < 3 {
///         match ctx.receive().await {
///             Message::User(Member::Says(text)) => got.push(text.to_owned()),
///             Message::User(Member::News(n)) => got.push(n.to_string()),
///             _ => {}
///         }
///     }
///     assert_eq!(got, ["3", "hello", "4"]);
/// });
/// let member = member.unwrap().process;
/// for n in 1..4 {
///     member.try_send(Member::News(n)).unwrap();
/// }
/// // There is always room for it: the news have their own.
/// member.try_send(Member::Says("hello")).unwrap();
/// member.try_send(Member::News(4)).unwrap();
/// # let dropped = system.info(member.pid()).unwrap().load.unwrap().dropped;
/// # assert_eq!(dropped, 2);
/// # }).unwrap();
/// ```
#[must_use]
pub struct MailboxPolicy<M> {
    pub(super) input: Option<(usize, Overflow)>,
    pub(super) broadcast: Option<(usize, Overflow)>,
    pub(super) lane_of: Option<Arc<LaneOf<M>>>,
    pub(super) key_of: Option<Arc<KeyOf<M>>>,
    pub(super) max_age: Option<Duration>,
    pub(super) skip_expired: bool,
}

type LaneOf<M> = dyn Fn(&M) -> Lane + Send + Sync;
type KeyOf<M> = dyn Fn(&M) -> Option<Key> + Send + Sync;

impl<M> MailboxPolicy<M> {
    /// Makes a policy without bounds, which drops nothing.
    pub fn new() -> MailboxPolicy<M> {
        MailboxPolicy { input: None, broadcast: None, lane_of: None, key_of: None, max_age: None, skip_expired: false }
    }

    /// Bounds the [input](Lane::Input) to `limit` waiting messages, at least one.
    pub fn input(mut self, limit: usize, overflow: Overflow) -> MailboxPolicy<M> {
        self.input = Some((limit.max(1), overflow));
        self
    }

    /// Bounds what is [broadcast](Lane::Broadcast) to the process to `limit` waiting messages, at least one.
    pub fn broadcast(mut self, limit: usize, overflow: Overflow) -> MailboxPolicy<M> {
        self.broadcast = Some((limit.max(1), overflow));
        self
    }

    /// Says which lane a message belongs to. By default all messages that are sent directly are input. If the closure
    /// panics, so does the send.
    pub fn lanes(mut self, lane_of: impl Fn(&M) -> Lane + Send + Sync + 'static) -> MailboxPolicy<M> {
        self.lane_of = Some(Arc::new(lane_of));
        self
    }

    /// Merges messages with equal keys: a message replaces the one with its key that still waits, in the place of that
    /// one. `None` is a message of its own.
    ///
    /// For news of which only the latest counts, such as prices. Messages of different keys may so arrive in another order
    /// than they were sent in. A call that is replaced fails with [`CallError::Full`](crate::CallError::Full).
    pub fn coalesce(mut self, key_of: impl Fn(&M) -> Option<Key> + Send + Sync + 'static) -> MailboxPolicy<M> {
        self.key_of = Some(Arc::new(key_of));
        self
    }

    /// Drops messages that have waited for longer than `limit` (load shedding by age): when another message arrives, or
    /// when the process comes to them. Nothing older is ever handled. A call that is dropped fails with
    /// [`CallError::Full`](crate::CallError::Full).
    ///
    /// A server that is offered more than it can do so keeps answering, with a delay of about `limit`, which should be well
    /// below the time limits of its callers. A call that [rides through restarts](crate::Call::through_restart) is not
    /// dropped: it waits for its own time limit.
    pub fn max_age(mut self, limit: Duration) -> MailboxPolicy<M> {
        self.max_age = Some(limit);
        self
    }

    /// Sets whether calls are skipped whose callers have given up, because their time limit has passed or their future was
    /// dropped, while the request still waited. Such a request leaves the mailbox at once, is never handled, and a timeout
    /// says that it was not [begun](crate::CallError::may_have_begun).
    pub fn skip_expired(mut self, on: bool) -> MailboxPolicy<M> {
        self.skip_expired = on;
        self
    }

    pub(super) fn bound_of(&self, lane: Lane) -> Option<(usize, Overflow)> {
        match lane {
            Lane::Input => self.input,
            Lane::Broadcast => self.broadcast,
        }
    }

    pub(super) fn lane_of(&self, message: &M) -> Lane {
        self.lane_of.as_ref().map_or(Lane::Input, |lane_of| lane_of(message))
    }

    pub(super) fn key_of(&self, message: &M) -> Option<Key> {
        self.key_of.as_ref()?(message)
    }
}

impl<M> Default for MailboxPolicy<M> {
    fn default() -> MailboxPolicy<M> {
        MailboxPolicy::new()
    }
}

impl<M> Clone for MailboxPolicy<M> {
    fn clone(&self) -> MailboxPolicy<M> {
        MailboxPolicy { lane_of: self.lane_of.clone(), key_of: self.key_of.clone(), ..*self }
    }
}

impl<M> fmt::Debug for MailboxPolicy<M> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("MailboxPolicy")
            .field("input", &self.input)
            .field("broadcast", &self.broadcast)
            .field("coalesces", &self.key_of.is_some())
            .field("max_age", &self.max_age)
            .field("skip_expired", &self.skip_expired)
            .finish()
    }
}
