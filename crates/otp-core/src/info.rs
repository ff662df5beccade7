use std::time::Duration;

use crate::cell::Phase;
use crate::label::Label;
use crate::process::AnyProcess;
use crate::process::Doing;
use crate::process::Header;
use crate::process::LoadFigures;
use crate::process::{Pid, Table};

use crate::system::System;

/// A snapshot of a process, for introspection; Erlang's `process_info/1`.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct ProcessInfo {
    /// The pid.
    pub pid: Pid,
    /// The label, for people; `None` if the process has none.
    pub label: Option<Label>,
    /// The registered name.
    pub name: Option<Label>,
    /// The process that started it; [`Pid::SYSTEM`] if it was started from outside any process.
    pub parent: Pid,
    /// Its parent, the parent of that process, and so on, up to the first that is no longer alive.
    pub ancestors: Vec<Pid>,
    /// Whether the process runs or waits.
    pub status: Status,
    /// Where the process runs. One on a thread may block it: a signal that ends it acts when its handler returns.
    pub on: RunsOn,
    /// What the process is doing: its own status text, or what its behaviour reports.
    pub doing: Label,
    /// True if it traps exit signals.
    pub traps_exits: bool,
    /// The number of messages and signals in its mailbox.
    pub queue: usize,
    /// The bound of its mailbox; `None` if it is unbounded. With a policy, the bound of its input.
    pub queue_limit: Option<usize>,
    /// What its mailbox refused, dropped, merged and skipped; `None` if it has no [policy](crate::MailboxPolicy).
    pub load: Option<LoadFigures>,
    /// The processes that it is linked to.
    pub links: Vec<Pid>,
    /// The processes that it monitors.
    pub monitors: Vec<Pid>,
    /// The processes that monitor it.
    pub monitored_by: Vec<Pid>,
    /// The number of messages and signals that it has received so far.
    pub handled: u64,
    /// How often the process has run so far; the count wraps around at 2^23. If two snapshots show `Waiting` with the
    /// same count, the process did not run in between.
    pub runs: u32,
    /// The time since it was started.
    pub age: Duration,
}

/// Whether a process runs, as part of [`ProcessInfo`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Status {
    /// The process waits: for a message, or for something else.
    Waiting,
    /// The process has been woken and will run soon.
    Runnable,
    /// The process is running on some thread.
    Running,
    /// The process is ending.
    Exiting,
}

/// Where a process runs, as part of [`ProcessInfo`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum RunsOn {
    /// On the threads of the executor, like most processes.
    Executor,
    /// On one of its [`Threads`](crate::Threads), and on no other.
    Thread,
}

impl From<Phase> for Status {
    fn from(phase: Phase) -> Status {
        match phase {
            Phase::Idle => Status::Waiting,
            Phase::Woken => Status::Runnable,
            Phase::Running => Status::Running,
            Phase::Ended => Status::Exiting,
        }
    }
}

impl ProcessInfo {
    pub(crate) fn of(system: &System, pid: Pid) -> Option<ProcessInfo> {
        let process = system.table().find(pid)?;
        let header = process.header();
        let (queue, queue_limit) = (process.queued(), process.queue_limit());
        let (mut links, mut monitors, mut monitored_by) = (Vec::new(), Vec::new(), Vec::new());
        let mut name = None;
        let (phase, runs) = header.state.phase();
        if let Some(alive) = header.relations.lock().alive() {
            alive.links.for_each(|pid| links.push(pid));
            name = alive.name().cloned();
            if let Some(rare) = alive.existing_rare() {
                monitors.extend(rare.watching.values().copied());
                monitored_by.extend(rare.watchers.values().map(|watcher| watcher.pid));
            }
        }
        Some(ProcessInfo {
            pid,
            label: system.label_of(header),
            name,
            parent: header.parent,
            ancestors: ancestors(system, header.parent),
            status: phase.into(),
            on: if header.is_on_thread() { RunsOn::Thread } else { RunsOn::Executor },
            doing: system.doing(header),
            traps_exits: header.state.is_trapping(),
            queue,
            queue_limit,
            load: process.load(),
            links,
            monitors,
            monitored_by,
            handled: header.handled(),
            runs,
            age: system.now() - header.started,
        })
    }
}

/// What a process does at one moment, as far as that can be read without the lock of its ties; see [`System::activity`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Activity {
    /// The pid.
    pub pid: Pid,
    /// Whether the process runs or waits.
    pub status: Status,
    /// How often the process has run so far; see [`ProcessInfo::runs`].
    pub runs: u32,
    /// The number of messages and signals that it has received so far.
    pub handled: u64,
    /// What its behaviour, or the library, reports that it is doing.
    pub doing: Doing,
    /// True for a behaviour, such as a server: what it is doing tells whether it waits for a message.
    pub is_behaviour: bool,
    /// The process that started it; [`Pid::SYSTEM`] if it was started from outside any process.
    pub parent: Pid,
    /// The number of messages and signals in its mailbox.
    pub queue: usize,
}

/// What a process is called and does, in short: a [`ProcessInfo`] without its lists, which may be long; see
/// [`System::summary`].
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct ProcessSummary {
    /// What it does.
    pub activity: Activity,
    /// The label, for people; `None` if the process has none.
    pub label: Option<Label>,
    /// The registered name.
    pub name: Option<Label>,
    /// The type of a behaviour, such as a server.
    pub type_name: Option<Label>,
    /// What the process is doing: its own status text, or what its behaviour reports.
    pub doing: Label,
    /// The time since it was started.
    pub age: Duration,
}

impl Activity {
    /// Returns whether the process is in the middle of something: a behaviour that does not wait for its next message, or
    /// any process that runs. What a process reports that is no behaviour tells nothing.
    ///
    /// ```
    /// # otp::tokio::TokioExecutor::current_thread().run(async |system| {
    /// use otp::ProcessContext;
    ///
    /// let idle = system.spawn(async |_: ProcessContext<()>| std::future::pending::<()>().await);
    /// assert!(!system.activity(idle.pid()).unwrap().is_busy());
    /// # }).unwrap();
    /// ```
    pub fn is_busy(&self) -> bool {
        let handles = self.is_behaviour && self.doing != Doing::RECEIVING && self.status != Status::Exiting;
        handles || self.status == Status::Running
    }

    fn of(process: &dyn AnyProcess) -> Activity {
        let header = process.header();
        let (phase, runs) = header.state.phase();
        Activity {
            pid: header.pid,
            status: phase.into(),
            runs,
            handled: header.handled(),
            doing: header.doing(),
            is_behaviour: header.is_behaviour(),
            parent: header.parent,
            queue: process.queued(),
        }
    }
}

/// How much waits for a process, and what to count it by; see [`System::backlog`].
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Backlog {
    /// The pid.
    pub pid: Pid,
    /// The name of its type, such as that of a server; `None` if it is not a behaviour.
    pub type_name: Option<&'static str>,
    /// The number of messages and signals in its mailbox.
    pub queue: usize,
    /// What its mailbox refused, dropped, merged and skipped; `None` if it has no [policy](crate::MailboxPolicy).
    pub load: Option<LoadFigures>,
}

impl System {
    /// In how many parts [`processes_in`](System::processes_in) lists the processes.
    pub const PARTS: usize = Table::SHARDS;

    /// Returns how much waits for a process; `None` if it has ended. For those who look at many processes, as
    /// [`activity`](System::activity) is.
    pub fn backlog(&self, pid: Pid) -> Option<Backlog> {
        let process = self.table().find(pid)?;
        let queue = process.queued();
        Some(Backlog { pid, type_name: process.header().type_name(), queue, load: process.load() })
    }

    /// Returns the label of a process, for people: the one that was set, else its name, else the name of its type; `None` if
    /// it has none, or has ended.
    pub fn label(&self, pid: Pid) -> Option<Label> {
        self.label_of(self.table().find(pid)?.header())
    }

    /// Lists the processes of one part of the system that have not ended, in no order. The parts `0..System::PARTS` are all
    /// processes, about the same number in each. For those who look at all processes piece by piece, since there may be a
    /// million; [`processes`](System::processes) lists them at once.
    ///
    /// ```
    /// # otp::tokio::TokioExecutor::current_thread().run(async |system| {
    /// use std::collections::HashSet;
    /// use otp::{ProcessContext, System};
    ///
    /// let started: HashSet<_> = (0..100).map(|_| {
    ///     system.spawn(async |_: ProcessContext<()>| std::future::pending::<()>().await).pid()
    /// }).collect();
    /// let listed: HashSet<_> = (0..System::PARTS).flat_map(|part| system.processes_in(part)).collect();
    /// assert!(listed.is_superset(&started));
    /// # }).unwrap();
    /// ```
    pub fn processes_in(&self, part: usize) -> Vec<Pid> {
        self.table().pids_in(part)
    }

    /// Returns what a process does now; `None` if it has ended. It costs a look into the process table, and is for those
    /// who look at many processes again and again; [`info`](System::info) tells more.
    pub fn activity(&self, pid: Pid) -> Option<Activity> {
        Some(Activity::of(&*self.table().find(pid)?))
    }

    /// Returns what a process is called and does now; `None` if it has ended. For tools that list many processes: the cost
    /// does not depend on how many links and monitors the process has.
    ///
    /// ```
    /// # otp::tokio::TokioExecutor::current_thread().run(async |system| {
    /// use otp::ProcessContext;
    /// use otp::process::SpawnOptions;
    ///
    /// let options = SpawnOptions::new().label("idle");
    /// let idle = system.spawn_with(options, async |_: ProcessContext<()>| std::future::pending::<()>().await).unwrap();
    /// let summary = system.summary(idle.process.pid()).unwrap();
    /// assert_eq!(summary.label.unwrap().as_str(), "idle");
    /// assert_eq!(summary.activity.queue, 0);
    /// # }).unwrap();
    /// ```
    pub fn summary(&self, pid: Pid) -> Option<ProcessSummary> {
        let process = self.table().find(pid)?;
        let header = process.header();
        let name = header.relations.lock().alive().and_then(|alive| alive.name().cloned());
        Some(ProcessSummary {
            activity: Activity::of(&*process),
            label: self.label_of(header),
            name,
            type_name: header.type_label(),
            doing: self.doing(header),
            age: self.now() - header.started,
        })
    }

    /// True until the process has ended: then its state is dropped and its name is free. For a process on another node:
    /// true until its end is known here.
    pub fn is_alive(&self, pid: Pid) -> bool {
        self.party(pid).is_ok_and(|process| process.ties().is_alive())
    }

    /// Returns the process that started the one with this pid, [`Pid::SYSTEM`] if that was no process; `None` if the one
    /// with this pid has ended. The parent may have ended. It costs a look into the process table.
    pub fn parent(&self, pid: Pid) -> Option<Pid> {
        Some(self.table().find(pid)?.header().parent)
    }

    /// Lists all processes that have not ended, oldest first.
    pub fn processes(&self) -> Vec<Pid> {
        self.table().pids()
    }

    /// Counts the processes that have not ended.
    pub fn process_count(&self) -> usize {
        self.table().len()
    }

    /// Returns a snapshot of a process; `None` if the process has ended.
    pub fn info(&self, pid: Pid) -> Option<ProcessInfo> {
        ProcessInfo::of(self, pid)
    }

    /// The label of a process: the one that was set, else its name, else the name of its type.
    pub(crate) fn label_of(&self, header: &Header) -> Option<Label> {
        let own = header.relations.lock().label();
        own.or_else(|| header.type_label())
    }

    /// What a process is doing, in words.
    pub(crate) fn doing(&self, header: &Header) -> Label {
        let status = header.relations.lock().alive().and_then(|alive| alive.existing_rare()?.status.clone());
        // A behaviour provides this text: not under the lock.
        status.unwrap_or_else(|| Label::from_static(header.doing().as_str()))
    }
}

fn ancestors(system: &System, parent: Pid) -> Vec<Pid> {
    let parent_of = |pid: &Pid| system.table().find(*pid).map(|process| process.header().parent);
    let alive = |pid: &Pid| system.table().find(*pid).is_some();
    std::iter::successors(Some(parent), parent_of).take_while(alive).collect()
}
