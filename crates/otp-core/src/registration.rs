use std::fmt;
use std::sync::Arc;

use crate::label::Label;
use crate::name::{Name, NameError};
use crate::process::{Process, ProcessRef};

/// A registration of a process that receives `M`: what it is entered under when it starts, before it runs.
///
/// A [`Name`] is one; a key of another crate's registry can be one, too. It is typed, so that a process is found only
/// by those who send what it receives: the compiler refuses the name of another type.
///
/// ```
/// # otp::tokio::TokioExecutor::current_thread().run(async |system| {
/// use otp::process::SpawnOptions;
/// use otp::{Message, Name, ProcessContext};
///
/// const LOGGER: Name<String> = Name::new("logger");
///
/// // The name says what the process receives.
/// let options = SpawnOptions::new().name(LOGGER);
/// let logger = system.spawn_with(options, async |mut ctx: ProcessContext<_>| {
///     let Message::User(line) = ctx.receive().await else { return };
///     assert_eq!(line, "started");
/// });
/// assert_eq!(system.whereis(&LOGGER).unwrap(), Some(logger.unwrap().process));
/// # }).unwrap();
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` does not name a process that receives `{M}`",
    label = "not a name of that type",
    note = "a process is registered under a `Name` of what it receives, a server of type `S` under a `ServerName<S>`",
    note = "`Name::new(\"a literal\")` and `Name::dynamic(text)` make names of the type that is wanted here"
)]
pub trait Registration<M>: fmt::Debug + Send + Sync {
    /// What people call a process that is registered so.
    fn label(&self) -> Label;

    /// Enters `process`, which has not run yet. What is to be undone when it ends is kept by `owner`, which is the same
    /// process: see [`Process::keep`].
    ///
    /// # Errors
    ///
    /// [`NameError`] if another process is entered already, for one. The process is not started then.
    fn claim(&self, process: &ProcessRef<M>, owner: &Process) -> Result<(), NameError>;
}

impl<M: Send + 'static> Registration<M> for Name<M> {
    fn label(&self) -> Label {
        Name::label(self).clone()
    }

    fn claim(&self, process: &ProcessRef<M>, _: &Process) -> Result<(), NameError> {
        process.system().register(self, process)
    }
}

impl<M, R: Registration<M> + ?Sized> Registration<M> for Arc<R> {
    fn label(&self) -> Label {
        (**self).label()
    }

    fn claim(&self, process: &ProcessRef<M>, owner: &Process) -> Result<(), NameError> {
        (**self).claim(process, owner)
    }
}
