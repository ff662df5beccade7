//! Supervisors with children that do what they are told.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex};

use otp::prelude::*;
use otp::supervisor::ChildState;

use crate::journal::Journal;
use crate::servers::{Act, First, Puppet, Script, boom, inside};

/// A child that is a [`Puppet`], registered under its id, which is also its name in the journal.
pub fn child(journal: &Journal, id: &'static str) -> ChildSpec {
    starting(journal, id, [])
}

/// A child whose first starts go as is said; later ones are ordinary.
pub fn starting(journal: &Journal, id: &'static str, starts: impl IntoIterator<Item = First>) -> ChildSpec {
    let starts = Mutex::new(VecDeque::from_iter(starts));
    let next = move || starts.lock().unwrap().pop_front().unwrap_or(First::Act(Act::Nothing));
    scripted(journal, id, move |script| script.init = next())
}

/// A child that traps exits, and so runs `terminate` when it is shut down.
pub fn trapping(journal: &Journal, id: &'static str) -> ChildSpec {
    scripted(journal, id, |script| script.trap_exit = true)
}

/// A child whose script is changed before each start.
pub fn scripted(
    journal: &Journal,
    id: &'static str,
    change: impl Fn(&mut Script) + Send + Sync + 'static,
) -> ChildSpec {
    let (journal, change) = (journal.clone(), Arc::new(change));
    ChildSpec::worker(id, move |supervisor: Process| {
        let mut script = Script { name: id, ..Script::new(&journal) };
        change(&mut script);
        Puppet::start_link(&supervisor, script).name(ServerName::new(id))
    })
    .untyped()
}

/// A child that is a supervisor, made anew for each start.
pub fn subtree(id: &'static str, make: impl Fn() -> Supervisor + Send + Sync + 'static) -> ChildSpec {
    let make = Arc::new(make);
    ChildSpec::supervisor(id, move |parent: Process| make().start_link(&parent).name(ServerName::new(id))).untyped()
}

/// The puppet that has this name now.
pub fn puppet(system: &System, name: &'static str) -> ServerRef<Puppet> {
    ServerRef::named(system, ServerName::new(name))
}

/// Tells the puppet of this name what to do.
pub fn tell(system: &System, name: &'static str, act: Act) {
    puppet(system, name).try_cast(act).unwrap_or_else(|error| panic!("{error}"));
}

/// Has the puppet of this name do what ends it, and waits until it has: all who are linked to it have heard of it.
pub async fn end(system: &System, name: &'static str, act: Act) -> ExitReason {
    let exited = system.exited(pid(system, name));
    tell(system, name, act);
    exited.await
}

/// Sends an exit signal to the puppet of this name, as a stranger, and waits until it has ended.
pub async fn strike(system: &System, name: &'static str, reason: ExitReason) -> ExitReason {
    let pid = pid(system, name);
    let exited = system.exited(pid);
    inside(system, async move |ctx| ctx.system().exit(pid, reason)).await;
    exited.await
}

/// The pid that the puppet of this name has now.
pub fn pid(system: &System, name: &'static str) -> Pid {
    puppet(system, name).pid().unwrap_or_else(|| panic!("nobody is called {name}"))
}

/// What a supervisor thinks of its children, in start order.
pub async fn states(supervisor: &SupervisorRef) -> Vec<(String, ChildState)> {
    let children = supervisor.which_children().await.unwrap();
    children.into_iter().rev().map(|child| (child.id.to_string(), child.state)).collect()
}

/// The ids of the children, in start order; those that do not run in brackets.
pub async fn ids(supervisor: &SupervisorRef) -> Vec<String> {
    let state = |(id, state)| match state {
        ChildState::Running(_) => id,
        ChildState::Restarting(_) => format!("({id} restarting)"),
        _ => format!("({id})"),
    };
    states(supervisor).await.into_iter().map(state).collect()
}

/// A start that fails.
pub fn failing() -> First {
    First::Stop(boom())
}
