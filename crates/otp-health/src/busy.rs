use std::collections::BTreeMap;
use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use otp_core::runtime::Instant;
use otp_core::{Pid, Process, System};

/// Extends [`Process`], and so the context of a server, by the announcement that a handler may take its time.
pub trait MayTake {
    /// Says that the running handler may take `limit` from now on: until then, or until the guard is dropped, no
    /// [`Probe`](crate::Probe) counts a silence of the process, and no [`Watchdog`](crate::Watchdog) reports it.
    ///
    /// After `limit` both look at the process again, also if the guard is kept. Of several guards of a process, the latest
    /// limit counts.
    ///
    /// ```
    /// # otp::tokio::TokioExecutor::current_thread().run(async |system| {
    /// use std::time::Duration;
    ///
    /// use otp::health::MayTake;
    /// use otp::prelude::*;
    ///
    /// struct Archive;
    ///
    /// #[gen_server]
    /// impl Archive {
    ///     #[init]
    ///     fn init((): ()) -> Self {
    ///         Archive
    ///     }
    ///
    ///     #[call]
    ///     async fn compact(&mut self, ctx: &mut Context<Self>) -> u32 {
    ///         let _busy = ctx.may_take(Duration::from_secs(600));
    ///         42
    ///     }
    /// }
    ///
    /// let archive = Archive::start(&system, ()).await.unwrap();
    /// assert_eq!(archive.compact().await, Ok(42));
    /// # }).unwrap();
    /// ```
    fn may_take(&self, limit: Duration) -> Busy;
}

impl MayTake for Process {
    fn may_take(&self, limit: Duration) -> Busy {
        let (all, until) = (self.system().slot::<Announced>(), self.system().now() + limit);
        let key = all.add(self.pid(), until);
        Busy { all, key, until }
    }
}

/// Keeps an announcement of [`MayTake::may_take`] until it is dropped.
#[must_use = "dropping it ends the time that the handler may take"]
pub struct Busy {
    all: Arc<Announced>,
    key: (Pid, u64),
    until: Instant,
}

/// The announcements of a system.
#[derive(Default)]
struct Announced(Mutex<Announcements>);

#[derive(Default)]
struct Announcements {
    until: BTreeMap<(Pid, u64), Instant>,
    /// Numbers the announcements.
    next: u64,
}

impl Announced {
    fn add(&self, pid: Pid, until: Instant) -> (Pid, u64) {
        let announced = &mut *self.0.lock().unwrap_or_else(PoisonError::into_inner);
        announced.next += 1;
        announced.until.insert((pid, announced.next), until);
        (pid, announced.next)
    }
}

/// Whether a process has said that it may take longer than until now.
pub(crate) fn is_busy(system: &System, pid: Pid) -> bool {
    let (announced, now) = (system.slot::<Announced>(), system.now());
    let announced = announced.0.lock().unwrap_or_else(PoisonError::into_inner);
    announced.until.range((pid, 0)..=(pid, u64::MAX)).any(|(_, until)| *until > now)
}

impl Drop for Busy {
    fn drop(&mut self) {
        self.all.0.lock().unwrap_or_else(PoisonError::into_inner).until.remove(&self.key);
    }
}

impl fmt::Debug for Busy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Busy({} until {:?})", self.key.0, self.until)
    }
}
