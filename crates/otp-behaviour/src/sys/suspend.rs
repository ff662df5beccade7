use otp_core::behaviour::{Ask, Mode, SystemRequest, Systemic, ask};
use otp_core::{ProcessInfo, ReplyTo, System, Target};

use super::error::SysError;

/// Suspends a server: it handles only system requests, requests to stop, and the exit of its parent, until it is
/// resumed. Suspending a suspended server has no effect.
///
/// # Errors
///
/// See [`SysError`].
pub fn suspend(system: &System, server: impl Into<Target>) -> Ask<(), SysError> {
    switch(system, server.into(), Mode::Suspended, "suspend")
}

/// Resumes a suspended server. Messages that have arrived meanwhile are handled in order.
///
/// # Errors
///
/// See [`SysError`].
pub fn resume(system: &System, server: impl Into<Target>) -> Ask<(), SysError> {
    switch(system, server.into(), Mode::Running, "resume")
}

fn switch(system: &System, server: Target, mode: Mode, name: &'static str) -> Ask<(), SysError> {
    ask(system, server, |from| Box::new(Switch { name, mode, from }))
}

struct Switch {
    name: &'static str,
    mode: Mode,
    from: ReplyTo<Result<(), SysError>>,
}

impl SystemRequest for Switch {
    fn name(&self) -> &'static str {
        self.name
    }

    fn serve(self: Box<Self>, by: &mut dyn Systemic) {
        let Some(mode) = by.mode() else {
            return self.from.reply(Err(SysError::not_supported(by.process(), self.name)));
        };
        *mode = self.mode;
        self.from.reply(Ok(()));
    }

    fn answer(self: Box<Self>, about: ProcessInfo) {
        self.from.reply(Err(SysError::not_supported(&about, self.name)));
    }
}
