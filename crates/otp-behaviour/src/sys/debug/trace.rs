use std::fmt;
use std::io::Write;
use std::ops::ControlFlow;
use std::pin::Pin;
use std::task::{Context, Poll};

use async_channel::{Receiver, TrySendError};
use futures::{FutureExt, Stream};
use otp_core::behaviour::{Ask, may_block};
use otp_core::runtime::Sleep;
use otp_core::{System, Target};

use super::event::SysEvent;
use super::install::{DebugId, install};
use super::limit::{Left, Limit};
use super::tracer::{Function, debug};
use crate::sys::error::SysError;

/// Traces a server: returns its events as a stream. OTP's `sys:trace/2`.
///
/// The server never waits for the reader: events for which the stream has no [room](Trace::CAPACITY) are skipped, and counted
/// in the next one. The trace ends when it is dropped, when its limit is reached, and when the server ends.
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
/// use futures::StreamExt;
/// use otp::sys::{self, Limit};
///
/// let counter = Counter::start(&system, 40).await.unwrap();
/// let trace = sys::trace(&system, &counter, Limit::new().events(2)).await.unwrap();
/// counter.add(2).await.unwrap();
/// let pid = counter.pid().unwrap();
/// let seen: Vec<String> = trace.map(|event| event.to_string()).collect().await;
/// assert_eq!(seen, [format!("{pid} in Add(2, ReplyTo)"), format!("{pid} out 42")]);
/// # }).unwrap();
/// ```
///
/// # Errors
///
/// See [`SysError`].
pub fn trace(system: &System, server: impl Into<Target>, limit: Limit) -> Ask<Trace, SysError> {
    let id = DebugId::new(system);
    debug(system, server, "trace", move |debugging, process| {
        let system = process.system();
        let (sender, events) = async_channel::bounded(Trace::CAPACITY);
        let mut missed = 0;
        let call = move |event: &SysEvent| {
            let told = SysEvent { skipped: event.skipped + missed, ..event.clone() };
            match sender.try_send(told) {
                Ok(()) => missed = 0,
                Err(TrySendError::Full(event)) => missed = event.skipped + 1,
                Err(TrySendError::Closed(_)) => return ControlFlow::Break(()),
            }
            ControlFlow::Continue(())
        };
        let left = Left::of(&limit, system.now());
        debugging.functions.push(Function { id, left, call: Box::new(call) });
        let end = limit.deadline(system.now()).map(|deadline| system.sleep_until(deadline));
        Trace { events: Box::pin(events), end }
    })
}

/// Writes the events of a server, each as a line. The server waits while it is written. If the writer fails, the trace ends.
///
/// # Errors
///
/// See [`SysError`].
pub fn trace_to(
    system: &System,
    server: impl Into<Target>,
    limit: Limit,
    mut writer: impl Write + Send + 'static,
) -> Ask<DebugId, SysError> {
    install(system, server, limit, move |event| match writeln!(writer, "{event}") {
        Ok(()) => ControlFlow::Continue(()),
        Err(_) => ControlFlow::Break(()),
    })
}

/// Yields the events of a server; see [`trace`]. Dropping it ends the trace.
#[must_use = "dropping it ends the trace"]
pub struct Trace {
    events: Pin<Box<Receiver<SysEvent>>>,
    end: Option<Sleep>,
}

impl Trace {
    /// How many events its reader may be behind.
    pub const CAPACITY: usize = 256;
}

impl Stream for Trace {
    type Item = SysEvent;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<SysEvent>> {
        if let Poll::Ready(event) = self.events.as_mut().poll_next(cx) {
            return Poll::Ready(event);
        }
        // An idle server would not notice that its time is over.
        match self.end.as_mut().map(|end| end.poll_unpin(cx)) {
            Some(Poll::Ready(())) => {
                self.events.close();
                Poll::Ready(None)
            }
            _ => may_block(Poll::Pending, cx),
        }
    }
}

impl fmt::Debug for Trace {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Trace({} events wait)", self.events.len())
    }
}
