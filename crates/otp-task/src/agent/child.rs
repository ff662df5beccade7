//! Agents under a supervisor.

use otp_core::{Address, ExitReason, Label, Pid, Process};
use otp_supervisor::{ChildSpec, Reachable, Started};

use super::handle::{Agent, AgentName};
use super::run::AgentMessage;

impl<T: Send + 'static> Agent<T> {
    /// Makes the spec of a child that is an agent. Each start, and so each restart, runs a clone of `make`: a restarted
    /// agent begins with its first value.
    ///
    /// ```
    /// # otp::tokio::TokioExecutor::current_thread().run(async |system| {
    /// use otp::prelude::*;
    /// use otp::task::{Agent, AgentName};
    ///
    /// const HITS: AgentName<u64> = AgentName::new("hits");
    ///
    /// let spec = Agent::named_child(HITS, async || Ok(0));
    /// Supervisor::new(Strategy::OneForOne).child(spec).start(&system).await.unwrap();
    ///
    /// let hits = Agent::named(&system, HITS);
    /// hits.update(|hits| *hits += 1).await.unwrap();
    /// assert_eq!(hits.get(|hits| *hits).await, Ok(1));
    /// # }).unwrap();
    /// ```
    pub fn child<F, Fut>(id: impl Into<Label>, make: F) -> ChildSpec<Agent<T>>
    where
        F: FnOnce() -> Fut + Clone + Send + Sync + 'static,
        Fut: Future<Output = Result<T, ExitReason>> + Send + 'static,
    {
        ChildSpec::worker(id, move |supervisor: Process| Agent::start_link(&supervisor, make))
    }

    /// Makes the spec of a child that is an agent registered under `name`, which is also the child's id; see
    /// [`child`](Agent::child).
    pub fn named_child<F, Fut>(name: AgentName<T>, make: F) -> ChildSpec<Agent<T>>
    where
        F: FnOnce() -> Fut + Clone + Send + Sync + 'static,
        Fut: Future<Output = Result<T, ExitReason>> + Send + 'static,
    {
        let id = Label::from(name.clone());
        ChildSpec::worker(id, move |supervisor: Process| Agent::start_link(&supervisor, make).name(name))
    }
}

impl<T: Send + 'static> Started for Agent<T> {
    fn pid(&self) -> Option<Pid> {
        Agent::pid(self)
    }
}

/// Lets a partition supervisor route to agents.
impl<T: Send + 'static> Reachable for Agent<T> {
    type Message = AgentMessage<T>;
    type Ref = Agent<T>;

    fn at(address: Address<AgentMessage<T>>) -> Agent<T> {
        Agent::from(address)
    }
}
