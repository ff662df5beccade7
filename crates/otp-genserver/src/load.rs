//! The options of a server for times when it is offered more than it can do.

use std::time::Duration;

use otp_core::{Key, Lane, MailboxPolicy, Overflow};

use crate::server::GenServer;
use crate::server_ref::{Envelope, Received};
use crate::start::Start;

/// What the server does under load; see the page `docs/load.md`. Calls and casts are [input](Lane::Input), infos are
/// [broadcast](Lane::Broadcast). Any of these options takes the place of [`mailbox`](Start::mailbox).
///
/// ```
/// # otp::tokio::TokioExecutor::current_thread().run(async |system| {
/// # use otp::prelude::*;
/// # use std::time::Duration;
/// # struct Search;
/// # #[gen_server]
/// # impl Search {
/// #     #[init]
/// #     fn init((): ()) -> Self { Search }
/// #     #[call]
/// #     fn find(&mut self, what: String) -> usize { what.len() }
/// # }
/// use otp::process::Overflow;
///
/// let search = Search::start(&system, ())
///     .input(1000, Overflow::Refuse)
///     .max_queue_age(Duration::from_millis(200))
///     .skip_expired(true)
///     .await
///     .unwrap();
/// assert_eq!(search.find("otp".to_owned()).await, Ok(3));
/// # }).unwrap();
/// ```
impl<S: GenServer> Start<S> {
    /// Bounds the calls and casts that wait to `limit`, and says what becomes of those for which there is no room.
    pub fn input(self, limit: usize, overflow: Overflow) -> Start<S> {
        self.with_load(|load| load.input(limit, overflow))
    }

    /// Bounds the infos that wait to `limit`, and says what becomes of those for which there is no room. They are counted
    /// apart from calls and casts.
    pub fn broadcast(self, limit: usize, overflow: Overflow) -> Start<S> {
        self.with_load(|load| load.broadcast(limit, overflow))
    }

    /// Merges waiting messages with equal keys: the later one takes the place of the earlier one; see
    /// [`MailboxPolicy::coalesce`].
    pub fn coalesce(self, key_of: impl Fn(&Received<S>) -> Option<Key> + Send + Sync + 'static) -> Start<S> {
        self.with_load(|load| load.coalesce(move |envelope: &Envelope<S>| key_of(envelope.peek())))
    }

    /// Drops calls, casts and infos that have waited for longer than `limit` (load shedding); their callers get
    /// [`CallError::Full`](otp_core::CallError::Full). See [`MailboxPolicy::max_age`].
    pub fn max_queue_age(self, limit: Duration) -> Start<S> {
        self.with_load(|load| load.max_age(limit))
    }

    /// Sets whether calls are skipped whose callers have given up before the server came to them; see
    /// [`MailboxPolicy::skip_expired`].
    pub fn skip_expired(self, on: bool) -> Start<S> {
        self.with_load(|load| load.skip_expired(on))
    }

    fn with_load(mut self, change: impl FnOnce(MailboxPolicy<Envelope<S>>) -> MailboxPolicy<Envelope<S>>) -> Start<S> {
        let load = self.load.take().map_or_else(|| MailboxPolicy::new().lanes(lane_of), |load| *load);
        self.load = Some(Box::new(change(load)));
        self
    }
}

fn lane_of<S: GenServer>(envelope: &Envelope<S>) -> Lane {
    match envelope.peek() {
        Received::Call(_) | Received::Cast(_) => Lane::Input,
        Received::Info(_) => Lane::Broadcast,
    }
}
