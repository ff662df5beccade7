use otp_core::behaviour::{Ask, Mode, SystemRequest, Systemic, ask};
use otp_core::{CallError, Pid, ProcessInfo, ReplyTo, System};

/// Asks a process whether it still comes to what it is sent; and in which mode, as a suspended one answers nothing else.
struct Ping(ReplyTo<Result<Mode, CallError>>);

impl SystemRequest for Ping {
    fn name(&self) -> &'static str {
        "ping"
    }

    fn serve(self: Box<Self>, by: &mut dyn Systemic) {
        self.0.reply(Ok(by.mode().map_or(Mode::Running, |mode| *mode)));
    }

    fn answer(self: Box<Self>, _: ProcessInfo) {
        self.0.reply(Ok(Mode::Running));
    }
}

pub(crate) fn ping(system: &System, pid: Pid) -> Ask<Mode> {
    ask(system, pid, |from| Box::new(Ping(from)))
}
