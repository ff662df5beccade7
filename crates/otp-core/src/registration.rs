use std::fmt;
use std::sync::Arc;

use crate::label::Label;
use crate::name::{Name, NameError};
use crate::process::{Process, ProcessRef};

/// Registers a process that receives `M` when it is started, before it runs: under a name, or in a registry of another
/// crate.
///
/// A [`Name`] is a registration; a key of another crate's registry can be one, too. It is typed, so that only code that
/// sends the right message type finds the process: the compiler rejects a name of another type.
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
    /// The label of a process that is registered under this; used if the process has no other label.
    fn label(&self) -> Label;

    /// Registers `process`, which has not run yet. Use [`Process::keep`] on `owner`, which is the same process, to undo
    /// the registration when the process ends.
    ///
    /// # Errors
    ///
    /// [`NameError`], for example if the name is taken. The process is not started in this case.
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
