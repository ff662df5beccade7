use std::ops::ControlFlow;

use otp_core::behaviour::Ask;
use otp_core::{Ref, System, Target};

use super::event::SysEvent;
use super::limit::{Left, Limit};
use super::tracer::{Debugging, Function, debug};
use crate::sys::error::SysError;

/// Identifies a debug function of a server, to [`remove`] it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct DebugId(Ref);

impl DebugId {
    pub(super) fn new(system: &System) -> DebugId {
        DebugId(system.make_ref())
    }
}

/// Installs a debug function: it is called in the server for each event, until it returns `Break`, its limit is reached, or
/// it is [removed](remove). OTP's `sys:install/2`.
///
/// The server waits while the function runs. A function that panics is removed, and the crash reported; the server goes on.
/// A system request of the function to its own server would wait for itself, and is refused.
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
/// use std::ops::ControlFlow;
/// use std::sync::mpsc;
/// use otp::sys::{self, Limit};
///
/// let counter = Counter::start(&system, 40).await.unwrap();
/// let (tell, told) = mpsc::channel();
/// let limit = Limit::new().events(2);
/// sys::install(&system, &counter, limit, move |event| {
///     tell.send(event.to_string()).unwrap();
///     ControlFlow::Continue(())
/// })
/// .await
/// .unwrap();
///
/// counter.add(2).await.unwrap();
/// let pid = counter.pid().unwrap();
/// assert_eq!(told.iter().collect::<Vec<_>>(), [format!("{pid} in Add(2, ReplyTo)"), format!("{pid} out 42")]);
/// # }).unwrap();
/// ```
///
/// # Errors
///
/// See [`SysError`].
pub fn install<F>(system: &System, server: impl Into<Target>, limit: Limit, function: F) -> Ask<DebugId, SysError>
where
    F: FnMut(&SysEvent) -> ControlFlow<()> + Send + 'static,
{
    let id = DebugId::new(system);
    debug(system, server, "install", move |debugging, process| {
        let left = Left::of(&limit, process.system().now());
        debugging.functions.push(Function { id, left, call: Box::new(function) });
        id
    })
}

/// Removes a debug function, or a [`trace_to`](super::trace_to). False if it is not there any more. OTP's `sys:remove/2`.
///
/// # Errors
///
/// See [`SysError`].
pub fn remove(system: &System, server: impl Into<Target>, id: DebugId) -> Ask<bool, SysError> {
    debug(system, server, "remove", move |debugging, _| {
        let before = debugging.functions.len();
        debugging.functions.retain(|function| function.id != id);
        debugging.functions.len() < before
    })
}

/// Removes all debug functions and traces of a server, and what it keeps for debugging: the log, the statistics. OTP's
/// `sys:no_debug/1`.
///
/// # Errors
///
/// See [`SysError`].
pub fn no_debug(system: &System, server: impl Into<Target>) -> Ask<(), SysError> {
    debug(system, server, "no_debug", |debugging, _| *debugging = Debugging::default())
}
