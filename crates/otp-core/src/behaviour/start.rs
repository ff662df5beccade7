use crate::process::{Header, MonitorRef, Pid, Process, Signal, SpawnOptions};
use crate::system::System;

/// Makes the options for a process that is a behaviour: it handles [`Signal::System`] and [`Signal::Stop`] itself, with
/// [`Receive`](super::Receive).
///
/// `label` is its default label, usually the name of its type. It is a function, and not the text, so that a process
/// stores it in one pointer.
pub fn options<M: Send + 'static>(label: fn() -> &'static str) -> SpawnOptions<M> {
    SpawnOptions::new().type_label(label)
}

/// Lets the process run once on the thread that starts it, before the start function returns, if it is a behaviour of a type
/// whose processes begin and end fast: for a starter that waits for its acknowledgement.
///
/// In what runs so, task-locals of the executor are those of the starter, as in an [inline call](crate::Call::inline), and
/// the same switches hold: those of [the process](SpawnOptions::inline) and of [the system](System::inline_calls).
pub fn at_once<M: Send + 'static>(options: SpawnOptions<M>) -> SpawnOptions<M> {
    options.at_once()
}

/// Returns whether a process of this system is a behaviour; see [`options`].
pub fn is_behaviour(system: &System, pid: Pid) -> bool {
    system.table().find(pid).is_some_and(|process| process.header().is_behaviour())
}

/// Returns whether the end of `child` reaches `parent`: `child` is linked to it, or was when `parent` started it and has cut the
/// link since, as OTP allows a child to.
pub fn is_tied(parent: &Process, child: Pid) -> bool {
    let born_linked = |child: &Header| child.is_born_linked() && child.parent == parent.pid();
    parent.is_linked(child) || parent.system().table().find(child).is_some_and(|child| born_linked(child.header()))
}

/// Notes of the running process that it is a behaviour that does not start: its belongings are told so when it ends, as
/// [`End::not_started`](crate::process::End::not_started).
pub fn not_started() {
    if let Some(process) = Process::current() {
        process.inner().header().note_not_started();
    }
}

/// Removes the messages about the end of a process that failed to start from the mailbox of `parent`. `monitor` is the
/// monitor that was set on it, if any.
pub fn forget(parent: &Process, failed: Pid, monitor: Option<MonitorRef>) {
    parent.inner().withdraw(&|signal| match signal {
        Signal::Exit(exit) => exit.from == failed,
        Signal::Down(down) => Some(down.monitor) == monitor,
        Signal::Timer(_) | Signal::Stop(_) | Signal::System(_) | Signal::Deposit(_) => false,
    });
}
