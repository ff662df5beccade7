use futures::channel::oneshot;
use futures::future::select;
use tracing::field::display;

use crate::event::log::{is_on, write};
use crate::runtime::{Runtime, Task};

/// Starts a thread that polls `work` to its end. If the executor is dropped before that, the thread drops the work, as the
/// executor does with its own.
pub(super) fn start(runtime: &dyn Runtime, name: &str, work: Task) {
    let (executor, is_gone) = oneshot::channel::<()>();
    let (running, is_over) = oneshot::channel::<()>();
    // A task that lives as long as both: the executor drops it at its own end.
    runtime.spawn(Task::new(async move {
        let _executor = executor;
        let _ = is_over.await;
    }));
    let task = Task::new(async move {
        let _running = running;
        select(is_gone, work).await;
    });
    // What cannot be part of a thread's name.
    if let Err(error) = runtime.spawn_thread(&name.replace('\0', ""), task)
        && is_on()
    {
        write(|| {
            let error = display(&error);
            tracing::error!(target: "otp::thread", name, %error, "a thread could not be started: what was to run on it ends");
        });
    }
}
