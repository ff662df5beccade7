use otp_core::behaviour::{Ask, Mode, SystemRequest, Systemic, ask, contain, report_crash};
use otp_core::{CallError, Callee, ExitReason, ProcessInfo, ReplyTo, System, Target, Term};

use super::error::SysError;

/// Runs the `code_change` callback of a suspended server.
///
/// # Errors
///
/// [`CodeChangeError`]; a `code_change` that panics counts as a refusal. The server keeps its state, as far as its
/// `code_change` did not modify it, and stays suspended.
pub fn change_code(system: &System, server: impl Into<Target>, extra: Term) -> Ask<(), CodeChangeError> {
    ask(system, server, |from| Box::new(ChangeCode { extra, from }))
}

/// The error of changing the code of a server.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum CodeChangeError {
    /// The request failed, or the process has no code to change.
    #[error(transparent)]
    Sys(#[from] SysError),
    /// The server is not suspended.
    #[error("{0} cannot change its code: it is not suspended")]
    NotSuspended(Callee),
    /// Its `code_change` returned an error, or panicked.
    #[error("{callee} refused to change its code: {reason}")]
    Refused {
        /// The process that was asked.
        callee: Callee,
        /// The reason of the refusal.
        reason: ExitReason,
    },
}

impl From<CallError> for CodeChangeError {
    fn from(error: CallError) -> CodeChangeError {
        CodeChangeError::Sys(error.into())
    }
}

struct ChangeCode {
    extra: Term,
    from: ReplyTo<Result<(), CodeChangeError>>,
}

impl SystemRequest for ChangeCode {
    fn name(&self) -> &'static str {
        "change_code"
    }

    fn serve(self: Box<Self>, by: &mut dyn Systemic) {
        let ChangeCode { extra, from } = *self;
        from.reply(changed(extra, by));
    }

    fn answer(self: Box<Self>, about: ProcessInfo) {
        self.from.reply(Err(SysError::not_supported(&about, "change_code").into()));
    }
}

fn changed(extra: Term, by: &mut dyn Systemic) -> Result<(), CodeChangeError> {
    match by.mode() {
        Some(Mode::Suspended) => {}
        Some(_) => return Err(CodeChangeError::NotSuspended(by.process().into())),
        None => return Err(SysError::not_supported(by.process(), "change_code").into()),
    }
    let changed = contain(|| by.change_code(extra)).unwrap_or_else(|crash| {
        report_crash(by.process(), &crash);
        Some(Err(ExitReason::Error(crash)))
    });
    match changed {
        Some(Ok(())) => Ok(()),
        Some(Err(reason)) => Err(CodeChangeError::Refused { callee: by.process().into(), reason }),
        None => Err(SysError::not_supported(by.process(), "change_code").into()),
    }
}
