use std::time::Duration;

/// Defines when a child is restarted after it has ended by itself.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Restart {
    /// Always restarted.
    #[default]
    Permanent,
    /// Restarted if it ended abnormally: with any reason but `Normal`, `Shutdown` or `ShutdownWith`.
    Transient,
    /// Never restarted; its spec is removed when it ends.
    Temporary,
}

/// Defines how a child is stopped.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Shutdown {
    /// Killed at once.
    BrutalKill,
    /// Gets the exit signal `Shutdown`, and is killed if it has not ended within this timeout (graceful shutdown).
    Timeout(Duration),
    /// Gets the exit signal `Shutdown`; the supervisor waits without a time limit.
    Infinity,
}

/// Whether a child is a supervisor.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ChildKind {
    /// A child that is not a supervisor.
    Worker,
    /// A child that is a supervisor.
    Supervisor,
}
