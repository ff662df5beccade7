use crate::process::{Header, MonitorRef, Pid, Process, Signal, SpawnOptions};

/// Options for a process that is a behaviour: it takes [`Signal::System`] and [`Signal::Stop`] out of its mailbox itself,
/// with [`Receive`](super::Receive), and serves them.
///
/// `label` is what people call it unless it has a label or a name, mostly the name of its type. It is
/// a function, and not the text, so that a process keeps it in one pointer.
pub fn options<M: Send + 'static>(label: fn() -> &'static str) -> SpawnOptions<M> {
    SpawnOptions::new().type_label(label)
}

/// Whether the end of `child` reaches `parent`: `child` is linked to it, or was when `parent` started it and has cut the
/// link since, as OTP allows a child to.
pub fn is_tied(parent: &Process, child: Pid) -> bool {
    let born_linked = |child: &Header| child.is_born_linked() && child.parent == parent.pid();
    parent.is_linked(child) || parent.system().table().find(child).is_some_and(|child| born_linked(child.header()))
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
