use std::fmt;
use std::io::{self, Write};
use std::process::{ExitCode, Termination};
use std::time::Duration;

use otp_core::runtime::OsSignal;
use otp_core::{ExitReason, Label, ShutdownReport};

use crate::end::AppEnd;
use crate::ensure::EnsureError;
use crate::halt::Halt;

/// How a [`Service`](crate::Service) ended: why, what ended how, what had to be killed, how long it took.
///
/// As the return value of `main`, it ends the program with its [exit code](ServiceReport::exit_code).
#[derive(Clone, Debug, PartialEq)]
#[must_use = "it tells whether the service has ended well"]
#[non_exhaustive]
pub struct ServiceReport {
    /// Why the service ended.
    pub cause: StopCause,
    /// How its applications ended, in this order.
    pub apps: Vec<AppEnd>,
    /// How the processes outside of applications ended.
    pub shutdown: ShutdownReport,
    /// How long the stop took.
    pub took: Duration,
    /// The second signal, which ended the stop at once, if there was one.
    pub cut_by: Option<OsSignal>,
    /// The applications that had not stopped then.
    pub unfinished: Vec<Label>,
}

/// Why a service ended.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum StopCause {
    /// A signal of the operating system.
    Signal(OsSignal),
    /// The end of a permanent application, or a [request](crate::halt()).
    Halt(Halt),
    /// An application did not start.
    NotStarted(EnsureError),
}

impl ServiceReport {
    /// The exit code of the program.
    ///
    /// | code | when |
    /// |---|---|
    /// | 0 | it was told to stop, or its application ended with `Normal`; and all stopped within the limit |
    /// | 1 | an application did not start |
    /// | 2 | an application ended, and that with another reason than `Normal` |
    /// | 3 | as 0, but something had to be killed at the limit |
    /// | 128 and the signal's number | a second signal cut the stop: 130 for SIGINT, 143 for SIGTERM |
    pub fn exit_code(&self) -> u8 {
        match (&self.cause, self.cut_by) {
            (_, Some(OsSignal::Interrupt)) => 130,
            (_, Some(_)) => 143,
            (StopCause::NotStarted(_) | StopCause::Halt(Halt::ApplicationStartFailure { .. }), _) => 1,
            (StopCause::Halt(Halt::ApplicationTerminated { reason, .. }), _) if *reason != ExitReason::Normal => 2,
            _ if self.is_clean() => 0,
            _ => 3,
        }
    }

    /// True if nothing had to be killed at the limit. [`strays`](AppEnd::strays) do not count: they end with their
    /// application, however fast it stops.
    pub fn is_clean(&self) -> bool {
        self.apps.iter().all(|end| end.killed.is_empty()) && self.shutdown.killed().count() == 0 && self.is_complete()
    }

    /// True if nothing is left.
    pub(crate) fn is_complete(&self) -> bool {
        self.shutdown.still_running.is_empty() && self.cut_by.is_none()
    }
}

impl Termination for ServiceReport {
    fn report(self) -> ExitCode {
        let code = self.exit_code();
        if code != 0 {
            // Standard error may be closed.
            let _ = writeln!(io::stderr(), "{self}");
        }
        ExitCode::from(code)
    }
}

impl fmt::Display for ServiceReport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.cause)?;
        if let StopCause::NotStarted(_) = self.cause
            && self.apps.is_empty()
        {
            return Ok(());
        }
        write!(f, "\nstopped within {:?}", self.took)?;
        for end in &self.apps {
            write!(f, "\n  {end}")?;
        }
        for ended in self.shutdown.killed() {
            write!(f, "\n  killed: {}", called(ended.label.as_ref(), ended.pid))?;
        }
        for left in &self.shutdown.still_running {
            write!(f, "\n  left behind: {}, which is {}", called(left.label.as_ref(), left.pid), left.doing)?;
        }
        if let Some(signal) = self.cut_by {
            write!(f, "\ncut by a second signal, {signal}; not stopped: ")?;
            let unfinished: Vec<_> = self.unfinished.iter().map(Label::as_str).collect();
            f.write_str(&unfinished.join(", "))?;
        }
        Ok(())
    }
}

fn called(label: Option<&Label>, pid: impl fmt::Display) -> String {
    label.map_or_else(|| pid.to_string(), |label| format!("{label} {pid}"))
}

impl fmt::Display for StopCause {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            StopCause::Signal(signal) => write!(f, "stopped by {signal}"),
            StopCause::Halt(halt) => write!(f, "stopped: {halt}"),
            StopCause::NotStarted(error) => write!(f, "not started: {error}"),
        }
    }
}
