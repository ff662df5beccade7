use otp_core::behaviour::{Ask, Mode, SystemRequest, Systemic, ask, contain, report_crash};
use otp_core::{CallError, Callee, ExitReason, ProcessInfo, ReplyTo, System, Target, Term};

use super::error::SysError;

/// Has a suspended server run its `code_change`.
///
/// # Errors
///
/// [`CodeChangeError`]; a `code_change` that panics refuses. The server goes on with the state that it had, if its
/// `code_change` left that alone, and stays suspended.
pub fn change_code(system: &System, server: impl Into<Target>, extra: Term) -> Ask<(), CodeChangeError> {
    ask(system, server, |from| Box::new(ChangeCode { extra, from }))
}

/// Why a server did not change its code.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum CodeChangeError {
    /// The server was not asked, or has no code to change.
    #[error(transparent)]
    Sys(#[from] SysError),
    /// It is not suspended.
    #[error("{0} cannot change its code: it is not suspended")]
    NotSuspended(Callee),
    /// Its `code_change` refused.
    #[error("{callee} refused to change its code: {reason}")]
    Refused {
        /// Who was asked.
        callee: Callee,
        /// Why.
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
