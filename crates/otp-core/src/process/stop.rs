use super::handle::Process;
use super::header::AnyProcess;
use super::message::{Exit, Signal};
use super::{Pid, link};
use crate::exit::ExitReason;
use crate::runtime::Step;
use crate::system::System;

/// Asks a process to end with `reason`. The request is handled in order with the messages of the process; false if
/// there is no such process. See [`Signal::Stop`].
///
/// ```
/// # otp::tokio::TokioExecutor::current_thread().run(async |system| {
/// use otp::{ExitReason, Message, ProcessContext, behaviour};
///
/// let process = system.spawn(async |mut ctx: ProcessContext<u32>| {
///     assert_eq!(ctx.receive().await, Message::User(1));
///     ctx.receive().await;
///     unreachable!("the request is not received");
/// });
/// process.send(1).await.unwrap();
/// assert!(behaviour::send_stop(&system, process.pid(), ExitReason::Shutdown));
/// assert_eq!(process.exited().await, ExitReason::Shutdown);
/// assert!(!behaviour::send_stop(&system, process.pid(), ExitReason::Shutdown));
/// # }).unwrap();
/// ```
pub fn send_stop(system: &System, pid: Pid, reason: ExitReason) -> bool {
    let Some(process) = system.table().find(pid) else { return false };
    let from = Process::current_pid(system).unwrap_or(Pid::SYSTEM);
    system.note(|| Step::Asked { from, to: pid, request: "stop" });
    ask_to_stop(&*process, from, reason)
}

pub(super) fn ask_to_stop(process: &dyn AnyProcess, from: Pid, reason: ExitReason) -> bool {
    let sent = process.push_signal(Box::new(Signal::Stop(Exit { from, reason })));
    sent.map(|added| process.header().notify_pushed(added)).is_ok()
}

/// Ends a process with `reason`, as a `Kill` signal does: it is not trapped, and takes effect when the process waits, or is
/// polled next. False if there is no such process here.
///
/// For what stands above a process and has to say why it was ended, such as a probe of its supervisor. Others send
/// [`System::exit`].
///
/// ```
/// # otp::tokio::TokioExecutor::current_thread().run(async |system| {
/// use otp::{ExitReason, ProcessContext, behaviour};
///
/// let process = system.spawn(async |ctx: ProcessContext<u32>| {
///     ctx.trap_exit(true);
///     std::future::pending::<()>().await
/// });
/// assert!(behaviour::end(&system, process.pid(), ExitReason::other("too slow")));
/// assert_eq!(process.exited().await, ExitReason::other("too slow"));
/// # }).unwrap();
/// ```
pub fn end(system: &System, pid: Pid, reason: ExitReason) -> bool {
    let Some(process) = system.table().find(pid) else { return false };
    let from = Process::current_pid(system).unwrap_or(Pid::SYSTEM);
    system.note(|| Step::Signalled { from, to: pid, reason: &reason });
    link::doom(&*process, from, reason);
    true
}

impl Process {
    /// Whether the process ends because of this signal, which it has reached in its mailbox: a request to stop ends it,
    /// unless the process is a behaviour, which handles the request itself.
    #[cold]
    pub(super) fn stops_for(&self, signal: &Signal) -> bool {
        match signal {
            Signal::Stop(Exit { from, reason }) if !self.inner().header().is_behaviour() => {
                link::doom(&**self.inner(), *from, reason.clone());
                true
            }
            _ => false,
        }
    }
}
