use std::time::Duration;

/// When a child is started again after it has ended by itself.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Restart {
    /// Always.
    #[default]
    Permanent,
    /// If it ended abnormally: with anything but `Normal`, `Shutdown` or `ShutdownWith`.
    Transient,
    /// Never; its spec is forgotten when it ends.
    Temporary,
}

/// How a child is stopped.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Shutdown {
    /// It is killed.
    BrutalKill,
    /// It is asked to shut down, and killed if it has not ended in time.
    Timeout(Duration),
    /// It is asked to shut down, and waited for.
    Infinity,
}

/// What kind of process a child is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ChildKind {
    /// Anything but a supervisor.
    Worker,
    /// A supervisor.
    Supervisor,
}
