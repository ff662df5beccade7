use std::fmt;

use otp_behaviour::StartError;
use otp_core::event::Occurrence;
use otp_core::{ExitReason, Label, Pid, Place};
use tracing::field::display;

/// Reports what a supervisor does, to the hooks and subscribers of its system; logged under `otp::supervisor`.
///
/// ```
/// # otp::tokio::TokioExecutor::current_thread().run(async |system| {
/// use otp::{ExitReason, Process, ProcessContext};
/// use otp::supervisor::{ChildSpec, Restart, Strategy, Supervisor, SupervisorEvent};
///
/// let fleeting = ChildSpec::worker("moth", async |supervisor: Process| {
///     supervisor.spawn_link(async |_: ProcessContext<()>| ExitReason::other("light"))
/// });
/// let mut events = system.subscribe();
/// # system.log_crashes(false);
/// let _ = Supervisor::new(Strategy::OneForOne).child(fleeting).start(&system).await;
///
/// let child = loop {
///     if let Some(SupervisorEvent::Restarted { child, .. }) = events.next().await.downcast_ref() {
///         break child.clone();
///     }
/// };
/// assert_eq!(child.as_str(), "moth");
/// # }).unwrap();
/// ```
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum SupervisorEvent {
    /// A supervisor has restarted a child.
    #[non_exhaustive]
    Restarted {
        /// The supervisor.
        supervisor: Pid,
        /// Its name or label.
        label: Option<Label>,
        /// The child's id.
        child: Label,
        /// The new process; `None` if its start function returned `ignore`.
        pid: Option<Pid>,
        /// The exit reason of the child, or of the sibling because of which it was restarted.
        reason: ExitReason,
    },
    /// A supervisor could not restart a child, and will try again.
    #[non_exhaustive]
    RestartFailed {
        /// The supervisor.
        supervisor: Pid,
        /// Its name or label.
        label: Option<Label>,
        /// The child's id.
        child: Label,
        /// Why the start failed.
        error: StartError,
    },
    /// A supervisor has given up a child that ended more often in a row than its [`retries`](crate::ChildSpec::retries)
    /// allow. The supervisor keeps running.
    #[non_exhaustive]
    ChildGaveUp {
        /// The supervisor.
        supervisor: Pid,
        /// Its name or label.
        label: Option<Label>,
        /// The child's id.
        child: Label,
        /// The exit reason of the child.
        reason: ExitReason,
    },
    /// A supervisor has dropped what a child had [saved](crate::ChildSpec::hand_over), because the child has crashed too
    /// often since: the child starts clean.
    #[non_exhaustive]
    StateRefused {
        /// The supervisor.
        supervisor: Pid,
        /// Its name or label.
        label: Option<Label>,
        /// The child's id.
        child: Label,
        /// How often the child has crashed since it saved the state.
        crashes: u32,
    },
    /// A supervisor ends because its children ended too often.
    #[non_exhaustive]
    GaveUp {
        /// The supervisor.
        supervisor: Pid,
        /// Its name or label.
        label: Option<Label>,
        /// The child whose end was one too many.
        child: Label,
        /// The exit reason of that child.
        reason: ExitReason,
    },
}

impl Occurrence for SupervisorEvent {
    fn pid(&self) -> Option<Pid> {
        match self {
            SupervisorEvent::Restarted { supervisor, .. }
            | SupervisorEvent::RestartFailed { supervisor, .. }
            | SupervisorEvent::ChildGaveUp { supervisor, .. }
            | SupervisorEvent::StateRefused { supervisor, .. }
            | SupervisorEvent::GaveUp { supervisor, .. } => Some(*supervisor),
        }
    }

    /// Logs the event. A restart is a warning: something ended that should run, and a reader who was alerted by the
    /// crash needs to see that it runs again. Many programs do not keep records below a warning.
    fn log(&self) {
        // Reasons are formatted here, and not by the subscriber, perhaps under a lock: formatting runs user code.
        match self {
            SupervisorEvent::Restarted { supervisor, label, child, pid, reason } => {
                let (label, pid, place) = (label.as_ref().map(display), pid.map(display), place(reason).map(display));
                tracing::warn!(
                    target: "otp::supervisor", %supervisor, label, %child, pid, reason = %reason.to_string(), place,
                    "a child was started again"
                );
            }
            SupervisorEvent::RestartFailed { supervisor, label, child, error } => {
                let (label, place) = (label.as_ref().map(display), place_of(error).map(display));
                tracing::warn!(
                    target: "otp::supervisor", %supervisor, label, %child, reason = %error.to_string(), place,
                    "a child could not be started again"
                );
            }
            SupervisorEvent::ChildGaveUp { supervisor, label, child, reason } => {
                let (label, place) = (label.as_ref().map(display), place(reason).map(display));
                tracing::error!(
                    target: "otp::supervisor", %supervisor, label, %child, reason = %reason.to_string(), place,
                    "a child was given up: it ended too often"
                );
            }
            SupervisorEvent::StateRefused { supervisor, label, child, crashes } => tracing::warn!(
                target: "otp::supervisor", %supervisor, label = label.as_ref().map(display), %child, crashes,
                "what a child had saved is refused: the child crashed too often"
            ),
            SupervisorEvent::GaveUp { supervisor, label, child, reason } => {
                let (label, place) = (label.as_ref().map(display), place(reason).map(display));
                tracing::error!(
                    target: "otp::supervisor", %supervisor, label, %child, reason = %reason.to_string(), place,
                    "a supervisor gives up: its children ended too often"
                );
            }
        }
    }
}

impl fmt::Display for SupervisorEvent {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (SupervisorEvent::Restarted { supervisor, label, .. }
        | SupervisorEvent::RestartFailed { supervisor, label, .. }
        | SupervisorEvent::ChildGaveUp { supervisor, label, .. }
        | SupervisorEvent::StateRefused { supervisor, label, .. }
        | SupervisorEvent::GaveUp { supervisor, label, .. }) = self;
        write!(f, "{supervisor}")?;
        label.as_ref().map_or(Ok(()), |label| write!(f, " {label}"))?;
        match self {
            SupervisorEvent::Restarted { child, pid: Some(pid), .. } => write!(f, " has restarted {child} as {pid}"),
            SupervisorEvent::Restarted { child, .. } => write!(f, " has restarted {child}"),
            SupervisorEvent::RestartFailed { child, error, .. } => write!(f, " could not restart {child}: {error}"),
            SupervisorEvent::ChildGaveUp { child, reason, .. } => write!(f, " gives {child} up: {reason}"),
            SupervisorEvent::StateRefused { child, crashes, .. } => {
                write!(f, " refuses what {child} had saved: it has crashed {crashes} times since")
            }
            SupervisorEvent::GaveUp { child, reason, .. } => write!(f, " gives up because of {child}: {reason}"),
        }
    }
}

fn place(reason: &ExitReason) -> Option<&Place> {
    match reason {
        ExitReason::Error(crash) => crash.place(),
        _ => None,
    }
}

fn place_of(error: &StartError) -> Option<&Place> {
    error.reason().and_then(place)
}
