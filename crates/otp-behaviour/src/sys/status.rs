use otp_core::behaviour::{Ask, Mode, SystemRequest, Systemic, ask, contain, report_crash};
use otp_core::{CallError, ProcessInfo, ReplyTo, System, Target};

/// How a process is, as [`status`] tells.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct ProcessStatus {
    /// Whether it handles its messages. A process that is no server cannot be suspended.
    pub mode: Mode,
    /// Its state, as its `format_status` shows it; `None` if it is no server.
    pub state: Option<String>,
    /// What the system knows of it: its label, its parent, what it is doing, its queue.
    pub info: ProcessInfo,
}

/// Asks how a process is. A server answers in its turn, any other process at once. If a server's `format_status` panics,
/// the panic's message is the state that is shown.
///
/// # Errors
///
/// See [`CallError`].
pub fn status(system: &System, process: impl Into<Target>) -> Ask<ProcessStatus> {
    ask(system, process, |from| Box::new(Status(from)))
}

struct Status(ReplyTo<Result<ProcessStatus, CallError>>);

impl SystemRequest for Status {
    fn name(&self) -> &'static str {
        "status"
    }

    fn serve(self: Box<Self>, by: &mut dyn Systemic) {
        let mode = by.mode().copied().unwrap_or_default();
        let state = contain(|| by.format_status()).unwrap_or_else(|crash| {
            report_crash(by.process(), &crash);
            Some(crash.to_string())
        });
        // It is there, since it does this; without it, whoever asks hears that there is no reply.
        if let Some(info) = by.process().system().info(by.process().pid()) {
            self.0.reply(Ok(ProcessStatus { mode, state, info }));
        }
    }

    fn answer(self: Box<Self>, about: ProcessInfo) {
        self.0.reply(Ok(ProcessStatus { mode: Mode::Running, state: None, info: about }));
    }
}
