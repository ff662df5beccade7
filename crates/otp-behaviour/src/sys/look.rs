use std::any::type_name;
use std::marker::PhantomData;

use otp_core::behaviour::{Ask, SystemRequest, Systemic, ask, contain, report_crash};
use otp_core::{ProcessInfo, ReplyTo, System};

use super::error::SysError;
use super::state_of::StateOf;

/// Reads the state of a server: `look` runs in the server, and its return value comes back.
///
/// The reference to a server determines the type of the state; for a pid or a name, the argument of `look` does.
///
/// # Errors
///
/// See [`SysError`]. If `look` panics, the server continues.
pub fn get_state<S: 'static, T: Send + 'static>(
    system: &System,
    server: impl Into<StateOf<S>>,
    look: impl FnOnce(&S) -> T + Send + 'static,
) -> Ask<T, SysError> {
    let look = move |state: &mut S| look(state);
    ask(system, server.into(), |from| Box::new(Look { name: "get_state", look, from, state: PhantomData }))
}

/// Changes the state of a server: `change` runs in the server, and its return value comes back.
///
/// # Errors
///
/// See [`SysError`]. If `change` panics, the server continues with the state as `change` left it.
pub fn replace_state<S: 'static, T: Send + 'static>(
    system: &System,
    server: impl Into<StateOf<S>>,
    change: impl FnOnce(&mut S) -> T + Send + 'static,
) -> Ask<T, SysError> {
    ask(system, server.into(), |from| Box::new(Look { name: "replace_state", look: change, from, state: PhantomData }))
}

struct Look<S, T: Send + 'static, F> {
    name: &'static str,
    look: F,
    from: ReplyTo<Result<T, SysError>>,
    state: PhantomData<fn(&mut S)>,
}

impl<S, T, F> SystemRequest for Look<S, T, F>
where
    S: 'static,
    T: Send + 'static,
    F: FnOnce(&mut S) -> T + Send,
{
    fn name(&self) -> &'static str {
        self.name
    }

    fn serve(self: Box<Self>, by: &mut dyn Systemic) {
        let Look { name: request, look, from, .. } = *self;
        let answer = match by.state() {
            None => Err(SysError::not_supported(by.process(), request)),
            Some(state) => match state.downcast_mut() {
                None => Err(SysError::WrongType { callee: by.process().into(), request, expected: type_name::<S>() }),
                Some(state) => contain(|| look(state)).map_err(|crash| {
                    report_crash(by.process(), &crash);
                    SysError::Panicked { callee: by.process().into(), request, crash }
                }),
            },
        };
        from.reply(answer);
    }

    fn answer(self: Box<Self>, about: ProcessInfo) {
        self.from.reply(Err(SysError::not_supported(&about, self.name)));
    }
}
