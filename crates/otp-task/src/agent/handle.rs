use std::any::type_name;
use std::fmt;

use otp_behaviour::Stop;
use otp_behaviour::sys::StateOf;
use otp_core::{
    Address, Call, ExitReason, Exited, LookupError, Name, Pid, ProcessRef, ReplyTo, Spawner, System, Target,
    TrySendError,
};
use tracing::field::display;

use super::run::AgentMessage;
use super::start::StartAgent;

/// An agent: a process that holds a value of type `T`, and runs the closures that it is sent on the value, one at a
/// time. This is its handle, which refers to one process or, through a name, to the process that holds the name at that
/// time. Cheap to clone.
///
/// [`get`](Agent::get) reads the value, [`update`](Agent::update) changes it,
/// [`get_and_update`](Agent::get_and_update) does both, [`cast`](Agent::cast) changes it without waiting.
/// [`run`](Agent::run) takes an async closure that may fail. An agent is for state without a protocol of its own; a
/// process that reacts to messages, timers or the end of others is a [`GenServer`](otp_genserver::GenServer).
///
/// * **Order.** Closures of one sender run in the order in which they were sent.
/// * **Cost.** The closure runs in the agent's process: while it runs, everybody else waits. Compute in the caller what
///   does not need the value.
/// * **On panic.** A closure that panics ends the agent with a crash. Its caller, and all that wait, get the reason as
///   [`CallError::Exited`](otp_core::CallError::Exited).
/// * **On exit.** Calls fail with `NoProc`, casts vanish.
/// * **On restart.** Under a supervisor the agent begins with its start function again; see [`child`](Agent::child).
/// * **On full.** A mailbox has no bound, unless [`StartAgent::mailbox`] sets one: then calls wait for room, and casts
///   are dropped with a warning in the log.
///
/// [`sys`](otp_behaviour::sys) reads and replaces the value, too, by the handle or the pid.
///
/// It follows Elixir's [`Agent`](https://hexdocs.pm/elixir/Agent.html). Functions there return the next state; closures
/// here change the value in place.
///
/// ```
/// # otp::tokio::TokioExecutor::current_thread().run(async |system| {
/// use otp::task::Agent;
///
/// let words = Agent::start(&system, async || Ok(vec!["one", "two"])).await.unwrap();
/// assert_eq!(words.get(|words| words.len()).await, Ok(2));
/// words.update(|words| words.push("three")).await.unwrap();
/// assert_eq!(words.get_and_update(|words| words.pop()).await, Ok(Some("three")));
/// words.cast(|words| words.clear());
/// assert_eq!(words.get(|words| words.is_empty()).await, Ok(true));
/// words.stop().await.unwrap();
/// # }).unwrap();
/// ```
#[must_use = "an agent without a handle can only be found by its name or its pid"]
pub struct Agent<T> {
    address: Address<AgentMessage<T>>,
}

/// The name of an agent that holds a `T`, under which it can be registered and found.
pub type AgentName<T> = Name<AgentMessage<T>>;

impl<T: Send + 'static> Agent<T> {
    /// Starts an agent that is linked to no process; its value is what `make` returns, which runs in the new process. Does
    /// nothing until it is awaited.
    ///
    /// An error or a panic of `make` fails the start; `?` in `make` accepts any error type.
    pub fn start<F, Fut>(on: &impl Spawner, make: F) -> StartAgent<T>
    where
        F: FnOnce() -> Fut + Send + 'static,
        Fut: Future<Output = Result<T, ExitReason>> + Send + 'static,
    {
        StartAgent::new(on, make)
    }

    /// Starts an agent that is linked to the process that starts it, its parent. Outside any process, the parent is the
    /// system itself. See [`start`](Agent::start).
    pub fn start_link<F, Fut>(on: &impl Spawner, make: F) -> StartAgent<T>
    where
        F: FnOnce() -> Fut + Send + 'static,
        Fut: Future<Output = Result<T, ExitReason>> + Send + 'static,
    {
        StartAgent::new(on, make).link()
    }

    /// Returns a handle to the agent that holds `name` in `system`. Each operation looks up the current holder.
    pub fn named(system: &System, name: AgentName<T>) -> Agent<T> {
        Agent { address: Address::named(system, name) }
    }

    /// Returns a handle to the agent with this pid.
    ///
    /// # Errors
    ///
    /// [`LookupError`] if there is no such process, or it is no agent that holds a `T`.
    pub fn of(system: &System, pid: Pid) -> Result<Agent<T>, LookupError> {
        ProcessRef::of(system, pid).map(Agent::from)
    }

    /// Runs `read` on the value, and returns its result.
    ///
    /// # Errors
    ///
    /// See [`CallError`](otp_core::CallError); also if `read` panics. After a timeout, `read` still runs.
    pub fn get<R, F>(&self, read: F) -> Call<AgentMessage<T>, R>
    where
        R: Send + 'static,
        F: FnOnce(&T) -> R + Send + 'static,
    {
        self.get_and_update(|value| read(value))
    }

    /// Runs `change` on the value, and waits until it has run.
    ///
    /// # Errors
    ///
    /// As those of [`get`](Agent::get). After a timeout, the change still happens.
    pub fn update<F>(&self, change: F) -> Call<AgentMessage<T>, ()>
    where
        F: FnOnce(&mut T) + Send + 'static,
    {
        self.get_and_update(change)
    }

    /// Runs `change` on the value, and returns its result.
    ///
    /// # Errors
    ///
    /// As those of [`update`](Agent::update).
    pub fn get_and_update<R, F>(&self, change: F) -> Call<AgentMessage<T>, R>
    where
        R: Send + 'static,
        F: FnOnce(&mut T) -> R + Send + 'static,
    {
        Call::new(&self.address, |from: ReplyTo<R>| AgentMessage::now(move |value| from.reply(change(value))))
    }

    /// Runs an async closure, which takes the value and gives it back together with the answer; the agent runs nothing
    /// else meanwhile. If it returns an error, the agent ends with that as its exit reason, and the caller gets the reason
    /// too: Elixir's `exit/1` in a function.
    ///
    /// ```
    /// # otp::tokio::TokioExecutor::current_thread().run(async |system| {
    /// use otp::task::Agent;
    /// use otp::{CallError, ExitReason};
    ///
    /// let total = Agent::start(&system, async || Ok(40)).await.unwrap();
    /// let added = total.run(async |total: u32| {
    ///     let price: u32 = "2".parse()?;
    ///     Ok((price, total + price))
    /// });
    /// assert_eq!(added.await, Ok(2));
    /// assert_eq!(total.get(|total| *total).await, Ok(42));
    ///
    /// let closed = total.run::<(), _, _>(async |_| Err(ExitReason::Shutdown)).await;
    /// assert!(matches!(closed, Err(CallError::Exited { reason: ExitReason::Shutdown, .. })));
    /// # }).unwrap();
    /// ```
    ///
    /// # Errors
    ///
    /// As those of [`update`](Agent::update).
    pub fn run<R, F, Fut>(&self, change: F) -> Call<AgentMessage<T>, R>
    where
        R: Send + 'static,
        F: FnOnce(T) -> Fut + Send + 'static,
        Fut: Future<Output = Result<(R, T), ExitReason>> + Send + 'static,
    {
        Call::new(&self.address, |from: ReplyTo<R>| {
            AgentMessage::later(move |value| async move {
                // Dropped with an error or a panic, the token tells the caller the exit reason.
                let (answer, value) = change(value).await?;
                from.reply(answer);
                Ok(value)
            })
        })
    }

    /// Runs `change` on the value later, and returns at once. It never waits and never fails: a cast to an agent that
    /// does not exist vanishes. One that finds a bounded mailbox full is dropped with a warning in the log.
    pub fn cast<F>(&self, change: F)
    where
        F: FnOnce(&mut T) + Send + 'static,
    {
        match self.address.try_send(AgentMessage::now(change)) {
            Ok(()) | Err(TrySendError::NoProc { .. }) => {}
            Err(error) => self.log_dropped(&error),
        }
    }

    /// Asks the agent to stop, in order with its other messages, and waits until it has ended; see [`Stop`].
    pub fn stop(&self) -> Stop {
        Stop::of(&self.address)
    }

    /// Waits for the end of the agent and returns its exit reason; `NoProc` if there is no such agent.
    pub fn exited(&self) -> Exited {
        self.address.exited()
    }

    /// Returns the agent's pid; `None` if no process holds the name, or a process of another type holds it.
    pub fn pid(&self) -> Option<Pid> {
        self.address.pid().ok().flatten()
    }

    /// The system that the agent belongs to.
    pub fn system(&self) -> &System {
        self.address.system()
    }

    /// The address that receives the agent's messages.
    pub fn address(&self) -> &Address<AgentMessage<T>> {
        &self.address
    }

    #[cold]
    fn log_dropped(&self, error: &TrySendError<AgentMessage<T>>) {
        let (label, value) = (self.address.label().map(display), type_name::<T>());
        tracing::warn!(target: "otp::mailbox", %error, label, value, "a cast to an agent was dropped");
    }
}

impl<T> Clone for Agent<T> {
    fn clone(&self) -> Agent<T> {
        Agent { address: self.address.clone() }
    }
}

impl<T> From<ProcessRef<AgentMessage<T>>> for Agent<T> {
    fn from(process: ProcessRef<AgentMessage<T>>) -> Agent<T> {
        Agent { address: process.into() }
    }
}

/// Makes a handle from an address, whatever its route.
impl<T> From<Address<AgentMessage<T>>> for Agent<T> {
    fn from(address: Address<AgentMessage<T>>) -> Agent<T> {
        Agent { address }
    }
}

/// Lets `monitor` and [`sys`](otp_behaviour::sys) take the handle.
impl<T: Send + 'static> From<&Agent<T>> for Target {
    fn from(agent: &Agent<T>) -> Target {
        agent.address.target()
    }
}

/// Lets [`get_state`](otp_behaviour::sys::get_state) take the handle.
impl<T: Send + 'static> From<&Agent<T>> for StateOf<T> {
    fn from(agent: &Agent<T>) -> StateOf<T> {
        StateOf::new(agent)
    }
}

impl<T> fmt::Debug for Agent<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Agent({:?})", self.address)
    }
}
