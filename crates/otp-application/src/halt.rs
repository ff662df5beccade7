use std::fmt;
use std::pin::Pin;
use std::task::{Context, Poll};

use otp_core::runtime::Task;
use otp_core::{ExitReason, Label, ProcessContext, SpawnOptions, System};

use crate::controller::Controller;
use crate::event::ApplicationEvent;
use crate::start::StartAppError;
use crate::stop_all::stop_all;
use crate::watchers::Watching;

/// Says why everything stops: a permanent application ended, or a transient one in an abnormal way, or one of these did not
/// start. OTP ends the node with these reasons.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum Halt {
    /// An application ended.
    #[error("the application {app} has ended: {reason}")]
    #[non_exhaustive]
    ApplicationTerminated {
        /// The name of the application.
        app: Label,
        /// The exit reason of its top supervisor.
        reason: ExitReason,
    },
    /// An application did not start.
    #[error("{error}")]
    #[non_exhaustive]
    ApplicationStartFailure {
        /// The name of the application.
        app: Label,
        /// Why it did not start.
        error: StartAppError,
    },
    /// The program has asked for it, with [`halt`].
    #[error("the program has asked for it")]
    Requested,
}

/// Waits until the system halts: until an application has ended whose [`StartType`](crate::StartType) means that
/// everything stops. From then on, no application can be started, and all others are stopped, the latest started first.
/// Ends at once if it has halted already, and never if it does not.
///
/// [`stop_all`] waits for the end of that, with a time limit if need be; then the program ends, usually with
/// [`System::shutdown`]. Processes that belong to no application are not touched before.
///
/// ```
/// # otp::tokio::TokioExecutor::current_thread().run(async |system| {
/// use otp::application::{self, App, AppSpec, Halt, StartType};
/// use otp::prelude::*;
///
/// let shop = App::tree(AppSpec::new("shop"), |_| Ok(Supervisor::new(Strategy::OneForOne)));
/// application::start(&system, &shop).start_type(StartType::Permanent).await.unwrap();
///
/// system.exit(application::applications(&system)[0].top.unwrap(), ExitReason::Kill);
/// let halt = application::halting(&system).await;
/// assert_eq!(halt.to_string(), "the application shop has ended: killed");
/// # }).unwrap();
/// ```
pub fn halting(system: &System) -> Halting {
    let (controller, watchers) = (Controller::of(system), Controller::of(system).watchers.clone());
    let look = move || controller.lock().halt.clone();
    Halting(Watching::new(watchers, Box::new(look)))
}

/// Stops everything, as the end of a permanent application does; OTP's `init:stop/0`. Does not wait; see [`halting`].
pub fn halt(system: &System) {
    begin(system, Halt::Requested);
}

/// The future of [`halting`].
#[must_use = "futures do nothing unless awaited"]
pub struct Halting(Watching<Box<dyn FnMut() -> Option<Halt> + Send>>);

impl Future for Halting {
    type Output = Halt;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Halt> {
        Pin::new(&mut self.0).poll(cx)
    }
}

impl fmt::Debug for Halting {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Halting")
    }
}

/// Begins to stop everything, unless that has begun.
pub(crate) fn begin(system: &System, halt: Halt) {
    let controller = Controller::of(system);
    let mut book = controller.lock();
    if book.halt.is_some() {
        return;
    }
    book.halt = Some(halt.clone());
    let is_served = book.is_served;
    drop(book);
    system.report(|| ApplicationEvent::Halting(halt));
    if !is_served {
        stop_apart(system);
    }
    controller.watchers.wake();
}

/// Stops everything, in a process that belongs to no application, and so is not stopped with one.
fn stop_apart(system: &System) {
    let of = system.clone();
    // A task is no process, and so that one is a root.
    system.runtime().spawn(Task::new(async move {
        let options = SpawnOptions::new().label("stop of all applications");
        let body = async move |ctx: ProcessContext<()>| drop(stop_all(ctx.system()).await);
        drop(of.spawn_with(options, body));
    }));
}
