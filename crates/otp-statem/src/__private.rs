//! The code that `#[state_machine]` expands to. This module is not part of the public API and may change in any
//! release.
//!
//! A method of a machine may return less than a callback of [`StateMachine`]: these traits convert what it returns.

use std::error::Error;

use otp_core::ExitReason;

use crate::{Entered, Init, StateMachine, Transition};

/// What any error becomes, also one of `anyhow`, a text, and an [`ExitReason`].
type BoxError = Box<dyn Error + Send + Sync>;

/// The return types that `#[init]` accepts.
#[diagnostic::on_unimplemented(
    message = "`#[init]` of a machine cannot return `{Self}`",
    label = "return `Init<Self>`, the data and the first state as `(Self, …State)`, or a `Result` of one of them",
    note = "the error of the `Result` has to be an error, a text, or an `ExitReason`"
)]
pub trait IntoInit<M: StateMachine> {
    /// Converts to the result of [`StateMachine::init`].
    #[track_caller]
    fn into_init(self) -> Result<Init<M>, ExitReason>;
}

impl<M: StateMachine> IntoInit<M> for Init<M> {
    #[track_caller]
    fn into_init(self) -> Result<Init<M>, ExitReason> {
        Ok(self)
    }
}

impl<M: StateMachine, S: Into<M::State>> IntoInit<M> for (M, S) {
    #[track_caller]
    fn into_init(self) -> Result<Init<M>, ExitReason> {
        let (data, state) = self;
        Ok(Init::ok(data, state))
    }
}

#[diagnostic::do_not_recommend]
impl<M: StateMachine, I: IntoInit<M>, E: Into<BoxError>> IntoInit<M> for Result<I, E> {
    #[track_caller]
    fn into_init(self) -> Result<Init<M>, ExitReason> {
        match self {
            Ok(done) => done.into_init(),
            Err(error) => Err(ExitReason::error(error)),
        }
    }
}

/// The return types of a method that is a state.
#[diagnostic::on_unimplemented(
    message = "the method of a state cannot return `{Self}`",
    label = "return `Transition<Self>`, or a `Result` of it; with a table of transitions `Transition<Self, S>`, where \
             `S` is the state",
    note = "the error of the `Result` has to be an error, a text, or an `ExitReason`; it ends the machine"
)]
pub trait IntoTransition<M: StateMachine, S> {
    /// Converts to the result of [`StateMachine::handle`].
    #[track_caller]
    fn into_transition(self) -> Result<Transition<M>, ExitReason>;
}

impl<M: StateMachine, S> IntoTransition<M, S> for Transition<M, S> {
    #[track_caller]
    fn into_transition(self) -> Result<Transition<M>, ExitReason> {
        Ok(self.into_any())
    }
}

#[diagnostic::do_not_recommend]
impl<M: StateMachine, S, E: Into<BoxError>> IntoTransition<M, S> for Result<Transition<M, S>, E> {
    #[track_caller]
    fn into_transition(self) -> Result<Transition<M>, ExitReason> {
        match self {
            Ok(decided) => Ok(decided.into_any()),
            Err(error) => Err(ExitReason::error(error)),
        }
    }
}

/// The return types that `#[enter]` accepts.
#[diagnostic::on_unimplemented(
    message = "`#[enter]` cannot return `{Self}`",
    label = "return nothing, `Entered<Self>`, or a `Result` of one of them",
    note = "the error of the `Result` has to be an error, a text, or an `ExitReason`; it ends the machine"
)]
pub trait IntoEntered<M: StateMachine> {
    /// Converts to the result of [`StateMachine::enter`].
    #[track_caller]
    fn into_entered(self) -> Result<Entered<M>, ExitReason>;
}

impl<M: StateMachine> IntoEntered<M> for () {
    #[track_caller]
    fn into_entered(self) -> Result<Entered<M>, ExitReason> {
        Ok(Entered::ok())
    }
}

impl<M: StateMachine> IntoEntered<M> for Entered<M> {
    #[track_caller]
    fn into_entered(self) -> Result<Entered<M>, ExitReason> {
        Ok(self)
    }
}

#[diagnostic::do_not_recommend]
impl<M: StateMachine, I: IntoEntered<M>, E: Into<BoxError>> IntoEntered<M> for Result<I, E> {
    #[track_caller]
    fn into_entered(self) -> Result<Entered<M>, ExitReason> {
        match self {
            Ok(done) => done.into_entered(),
            Err(error) => Err(ExitReason::error(error)),
        }
    }
}

/// The return types of a message with a body, which is handled alike in every state: it keeps the state.
#[diagnostic::on_unimplemented(
    message = "a message that is handled alike in every state cannot return `{Self}`",
    label = "return nothing, or a `Result<(), E>`; to change the state, handle the message in the states",
    note = "the error of the `Result` has to be an error, a text, or an `ExitReason`; it ends the machine"
)]
pub trait IntoKept {
    /// Converts to a result without a decision.
    #[track_caller]
    fn into_kept(self) -> Result<(), ExitReason>;
}

impl IntoKept for () {
    #[track_caller]
    fn into_kept(self) -> Result<(), ExitReason> {
        Ok(())
    }
}

#[diagnostic::do_not_recommend]
impl<E: Into<BoxError>> IntoKept for Result<(), E> {
    #[track_caller]
    fn into_kept(self) -> Result<(), ExitReason> {
        match self {
            Ok(()) => Ok(()),
            Err(error) => Err(ExitReason::error(error)),
        }
    }
}
