use std::any::Any;
use std::collections::VecDeque;
use std::ops::ControlFlow;

use otp_core::Process;
use otp_core::behaviour::{Act, Ask, SystemRequest, Systemic, Tracer, ask, contain, report_crash, set_tracer};
use otp_core::{ProcessInfo, ReplyTo, System, Target};

use super::event::SysEvent;
use super::install::DebugId;
use super::limit::{Allowed, Left};
use super::statistics::Counts;
use crate::sys::error::SysError;

/// What a server is debugged with: it sees each step of the server.
#[derive(Default)]
pub(super) struct Debugging {
    pub(super) functions: Vec<Function>,
    pub(super) log: Option<Log>,
    pub(super) counts: Option<Counts>,
}

/// A debug function, and what is left of its limit.
pub(super) struct Function {
    pub(super) id: DebugId,
    pub(super) left: Left,
    pub(super) call: Box<Call>,
}

type Call = dyn FnMut(&SysEvent) -> ControlFlow<()> + Send;

/// The last events.
pub(super) struct Log {
    pub(super) keep: usize,
    pub(super) events: VecDeque<SysEvent>,
}

impl Debugging {
    pub(super) fn is_nothing(&self) -> bool {
        self.functions.is_empty() && self.log.is_none() && self.counts.is_none()
    }
}

impl Tracer for Debugging {
    fn sees(&mut self, act: &Act<'_>, process: &Process) {
        if let Some(counts) = &mut self.counts {
            counts.count(act);
        }
        if self.functions.is_empty() && self.log.is_none() {
            return;
        }
        let Some(mut event) = SysEvent::of(act, process) else { return };
        self.functions.retain_mut(|function| function.sees(&mut event, process));
        event.skipped = 0;
        if let Some(log) = &mut self.log {
            log.push(event);
        }
    }

    fn is_over(&self) -> bool {
        self.is_nothing()
    }
}

impl Function {
    /// Calls the function for an event, if its limit allows it; false if it is over.
    fn sees(&mut self, event: &mut SysEvent, process: &Process) -> bool {
        match self.left.allows(event.at) {
            Allowed::Over => return false,
            Allowed::No => return true,
            Allowed::Yes(skipped) => event.skipped = skipped,
        }
        match contain(|| (self.call)(event)) {
            Ok(ControlFlow::Continue(())) => !self.left.is_over(),
            Ok(ControlFlow::Break(())) => false,
            Err(crash) => {
                report_crash(process, &crash);
                false
            }
        }
    }
}

impl Drop for Function {
    /// What it has captured is the user's, whose drop may panic.
    fn drop(&mut self) {
        let call = std::mem::replace(&mut self.call, Box::new(|_| ControlFlow::Break(())));
        let _ = contain(|| drop(call));
    }
}

impl Log {
    fn push(&mut self, event: SysEvent) {
        if self.events.len() >= self.keep {
            self.events.pop_front();
        }
        self.events.push_back(event);
    }
}

/// Asks a server to change what it is debugged with.
pub(super) fn debug<R, F>(system: &System, server: impl Into<Target>, name: &'static str, change: F) -> Ask<R, SysError>
where
    R: Send + 'static,
    F: FnOnce(&mut Debugging, &Process) -> R + Send + 'static,
{
    ask(system, server, |from| Box::new(Request { name, change, from }))
}

struct Request<R: Send + 'static, F> {
    name: &'static str,
    change: F,
    from: ReplyTo<Result<R, SysError>>,
}

impl<R, F> SystemRequest for Request<R, F>
where
    R: Send + 'static,
    F: FnOnce(&mut Debugging, &Process) -> R + Send,
{
    fn name(&self) -> &'static str {
        self.name
    }

    fn serve(self: Box<Self>, by: &mut dyn Systemic) {
        let Request { name, change, from } = *self;
        let process = by.process();
        let mut debugging = match set_tracer(process, None) {
            None => Box::default(),
            Some(tracer) if (&*tracer as &dyn Any).is::<Debugging>() => {
                (tracer as Box<dyn Any>).downcast().unwrap_or_default()
            }
            other => {
                set_tracer(process, other);
                return from.reply(Err(SysError::not_supported(process, name)));
            }
        };
        let answer = change(&mut debugging, process);
        // What was installed for a requester that has gone would be there for nobody.
        if !debugging.is_nothing() {
            set_tracer(process, Some(debugging));
        }
        from.reply(Ok(answer));
    }

    fn answer(self: Box<Self>, about: ProcessInfo) {
        self.from.reply(Err(SysError::not_supported(&about, self.name)));
    }
}
