use std::any::Any;
use std::error::Error;
use std::fmt;

use super::error::CallError;
use crate::exit::{Crash, ExitReason, Term, Value};

/// Lets `?` end a process with an error: the error becomes the exit reason.
impl<E: Error + Send + Sync + 'static> From<E> for ExitReason {
    #[track_caller]
    fn from(error: E) -> ExitReason {
        ExitReason::error(error)
    }
}

impl ExitReason {
    /// Makes an exit reason from a value that is not an `Error`, so that `?` alone cannot convert it: a boxed error, an
    /// error of `anyhow` or `eyre`, or a text. The reason keeps the error, with its sources.
    ///
    /// ```
    /// use otp::ExitReason;
    /// use std::error::Error;
    ///
    /// fn load() -> Result<String, Box<dyn Error + Send + Sync>> {
    ///     Ok(std::fs::read_to_string("/no/such/file")?)
    /// }
    /// fn body() -> Result<(), ExitReason> {
    ///     let text = load().map_err(ExitReason::error)?;
    ///     assert!(!text.is_empty());
    ///     Ok(())
    /// }
    /// let ExitReason::Error(crash) = body().unwrap_err() else { unreachable!("it is a crash") };
    /// assert!(crash.error().unwrap().is::<std::io::Error>());
    /// ```
    #[track_caller]
    pub fn error(error: impl Into<Box<dyn Error + Send + Sync>>) -> ExitReason {
        let error = match error.into().downcast::<Boxed>() {
            Ok(reason) => return reason.0,
            Err(error) => error,
        };
        match error.downcast_ref() {
            Some(call @ CallError::Exited { reason: ExitReason::Shutdown, .. }) => {
                ExitReason::ShutdownWith(Term::from_value(Uncaught(call.clone())))
            }
            _ => ExitReason::Error(Crash::from_error(error)),
        }
    }
}

/// For functions that return boxed errors; [`ExitReason::error`] gives the reason back.
impl From<ExitReason> for Box<dyn Error + Send + Sync> {
    fn from(reason: ExitReason) -> Box<dyn Error + Send + Sync> {
        Box::new(Boxed(reason))
    }
}

/// An exit reason as an error. The reason itself is none, since any error can become one.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
struct Boxed(ExitReason);

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
