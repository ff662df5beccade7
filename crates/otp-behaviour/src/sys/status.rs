use otp_core::behaviour::{Ask, Mode, SystemRequest, Systemic, ask, contain, is_traced, report_crash};
use otp_core::{CallError, ProcessInfo, ReplyTo, System, Target};

/// The status of a process, as returned by [`status`].
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct ProcessStatus {
    /// Whether it handles its messages. A process that is not a server cannot be suspended.
    pub mode: Mode,
    /// Whether it is debugged: it is traced, keeps a log or statistics, or has a debug function.
    pub debug: bool,
    /// Its state, as formatted by `format_status`; `None` if it is not a server.
    pub state: Option<String>,
    /// The table of transitions of a state machine, as a Mermaid state diagram; `None` if it has none.
    pub diagram: Option<&'static str>,
    /// What the system knows about it: its label, its parent, what it is doing, its mailbox.
    pub info: ProcessInfo,
}

/// Returns the status of a process. A server answers in order with its messages, any other process at once. If a
/// server's `format_status` panics, the state is the panic's message.
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
        // The process exists, because it runs this; otherwise the requester would get `NoReply`.
        if let Some(info) = by.process().system().info(by.process().pid()) {
            let (debug, diagram) = (is_traced(by.process()), by.diagram());
            self.0.reply(Ok(ProcessStatus { mode, debug, state, diagram, info }));
        }
    }

    fn answer(self: Box<Self>, about: ProcessInfo) {
        let (mode, debug) = (Mode::Running, false);
        self.0.reply(Ok(ProcessStatus { mode, debug, state: None, diagram: None, info: about }));
    }
}
