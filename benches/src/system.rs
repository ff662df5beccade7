use std::marker::PhantomData;

use crate::backends::Backend;
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

/// A library `L` on an executor `B`, whose users call its servers from plain tasks.
pub struct On<L, B> {
    pub backend: B,
    library: PhantomData<fn() -> L>,
}

/// A library, for [`On`].
pub trait Library: 'static {
    const NAME: &'static str;
}

impl<L: Library, B: Backend> System for On<L, B> {
    const ID: Id = Id { name: L::NAME, backend: B::NAME };
    type Executor = B::Executor;

    fn start() -> (B::Executor, On<L, B>) {
        let (executor, backend) = B::start();
        (executor, On { backend, library: PhantomData })
    }

    fn client<T, F>(&self, client: F) -> impl Future<Output = T> + Send + 'static
    where
        T: Send + 'static,
        F: Future<Output = T> + Send + 'static,
    {
        self.backend.join(client)
    }

    fn run<T, F>(&self, executor: &B::Executor, client: F) -> T
    where
        T: Send + 'static,
        F: Future<Output = T> + Send + 'static,
    {
        B::block_on(executor, self.client(client))
    }
}

impl<L, B: Clone> Clone for On<L, B> {
    fn clone(&self) -> On<L, B> {
        On { backend: self.backend.clone(), library: PhantomData }
    }
}
