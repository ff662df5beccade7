use crate::process::{MonitorRef, Pid, Process, Signal, SpawnOptions};

/// Options for a process that is a behaviour: it takes [`Signal::System`] and [`Signal::Stop`] out of its mailbox itself,
/// with [`Receive`](super::Receive), and serves them.
///
/// `label` is what people call it unless it has a label or a name, mostly the name of its type. It is
/// a function, and not the text, so that a process keeps it in one pointer.
pub fn options<M: Send + 'static>(label: fn() -> &'static str) -> SpawnOptions<M> {
    SpawnOptions::new().type_label(label)
}

/// Takes out of the mailbox of `parent` what has arrived of the end of a process that failed to start. The monitor is
/// the one that was set on it, if any.
pub fn forget(parent: &Process, failed: Pid, monitor: Option<MonitorRef>) {
    parent.inner().withdraw(&|signal| match signal {
        Signal::Exit(exit) => exit.from == failed,
        Signal::Down(down) => Some(down.monitor) == monitor,
        Signal::Stop(_) | Signal::System(_) => false,
    });
}
