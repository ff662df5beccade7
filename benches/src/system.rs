use crate::case::Id;

/// A system that is measured. What it offers beyond this, the traits of the workloads say.
pub trait System: Clone + Send + Sync + 'static {
    const ID: Id;

    /// Keeps the system running; ends it when dropped.
    type Executor: 'static;

    fn start() -> (Self::Executor, Self);

    /// Runs a client to its end: in a process or an actor where the system's users would, else in a task.
    fn client<T, F>(&self, client: F) -> impl Future<Output = T> + Send + 'static
    where
        T: Send + 'static,
        F: Future<Output = T> + Send + 'static;

    /// Runs a client to its end, from outside.
    fn run<T, F>(&self, executor: &Self::Executor, client: F) -> T
    where
        T: Send + 'static,
        F: Future<Output = T> + Send + 'static;
}
