use std::any::Any;
use std::error::Error;
use std::fmt;

use super::error::CallError;
use crate::exit::{Crash, ExitReason, Term, Value};

/// Lets `?` end a process with an error: the error becomes the exit reason.
impl<E: Error + Send + Sync + 'static> From<E> for ExitReason {
    #[track_caller]
    fn from(error: E) -> ExitReason {
        match (&error as &dyn Any).downcast_ref() {
            Some(call @ CallError::Exited { reason: ExitReason::Shutdown, .. }) => {
                ExitReason::ShutdownWith(Term::from_value(Uncaught(call.clone())))
            }
            _ => ExitReason::Error(Crash::from_error(error)),
        }
    }
}

/// A failed call as part of a reason: a [`CallError`] that is formatted as its text.
struct Uncaught(CallError);

impl fmt::Debug for Uncaught {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&self.0, f)
    }
}

impl Value for Uncaught {
    fn as_any(&self) -> &dyn Any {
        &self.0
    }

    fn equals(&self, other: &dyn Value) -> bool {
        other.as_any().downcast_ref() == Some(&self.0)
    }
}
