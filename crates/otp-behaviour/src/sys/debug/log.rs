use std::collections::VecDeque;

use otp_core::behaviour::Ask;
use otp_core::{System, Target};

use super::event::SysEvent;
use super::tracer::{Log, debug};
use crate::sys::error::SysError;

/// Has a server keep its last `events` events, to look at them when something has gone wrong; with zero, it keeps none. OTP's
/// `sys:log/2`. Each takes at most somewhat more than [`SysEvent::TEXT`] bytes.
///
/// # Errors
///
/// See [`SysError`].
pub fn keep_log(system: &System, server: impl Into<Target>, events: usize) -> Ask<(), SysError> {
    debug(system, server, "keep_log", move |debugging, _| {
        let mut kept = debugging.log.take().map_or_else(VecDeque::new, |log| log.events);
        kept.drain(..kept.len().saturating_sub(events));
        debugging.log = (events > 0).then_some(Log { keep: events, events: kept });
    })
}

/// Returns the events that a server has kept, the oldest first; `None` if it keeps none.
///
/// ```
/// # otp::tokio::TokioExecutor::current_thread().run(async |system| {
/// # use otp::prelude::*;
/// # struct Counter(i64);
/// # #[gen_server]
/// # impl Counter {
/// #     #[init]
/// #     fn init(start: i64) -> Self { Counter(start) }
/// #     #[call]
/// #     fn add(&mut self, n: i64) -> i64 { self.0 += n; self.0 }
/// # }
/// use otp::sys::{self, What};
///
/// let counter = Counter::start(&system, 40).await.unwrap();
/// assert_eq!(sys::log(&system, &counter).await, Ok(None));
/// sys::keep_log(&system, &counter, 2).await.unwrap();
/// counter.add(1).await.unwrap();
/// counter.add(2).await.unwrap();
/// let kept = sys::log(&system, &counter).await.unwrap().unwrap();
/// let last: Vec<_> = kept.into_iter().map(|event| event.what).collect();
/// assert!(matches!(&last[..], [What::Out(answer), What::State(_)] if **answer == *"43"));
/// # }).unwrap();
/// ```
///
/// # Errors
///
/// See [`SysError`].
pub fn log(system: &System, server: impl Into<Target>) -> Ask<Option<Vec<SysEvent>>, SysError> {
    debug(system, server, "log", |debugging, _| debugging.log.as_ref().map(|log| log.events.iter().cloned().collect()))
}
