//! What holds of every system after every step, and what became of it in the end: for runs on many seeds, in which
//! processes are killed at random.
//!
//! `OTP_SIM_SEEDS=1000 cargo test -p otp-suite --test supervisor seeds::` tries more of them.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use otp::event::Event;
use otp::process::{Label, ProcessInfo, Status};
use otp::runtime::Instant;
use otp::sim::{Config, Faults};
use otp::supervisor::SupervisorEvent;
use otp::{ExitReason, Pid, System};

/// The seeds of one test in an ordinary run.
pub const SEEDS: u64 = 200;

/// Runs of [`SEEDS`] seeds in which at most `kills` processes are killed, one in about so many steps, and now and then
/// one is slow.
pub fn with_kills(steps: u32, kills: u32) -> Config {
    let faults = Faults::none().kill(steps).pause(4 * steps, Duration::from_millis(3)).at_most(kills);
    Config::new().seeds(SEEDS).faults(faults).shrink(100)
}

/// As [`with_kills`], and everything else that can go wrong: messages and timers that are late, starts that fail.
pub fn with_all_faults(steps: u32, faults: u32) -> Config {
    let late = Duration::from_millis(3);
    let all = Faults::none().kill(steps).pause(2 * steps, late).fail_spawn(20);
    let all = all.delay_message(10, late).stretch_timer(10, late).jump_wall_clock(steps, 1_000 * late);
    Config::new().seeds(SEEDS).faults(all.at_most(faults)).shrink(100)
}

/// Everything that has happened in a system, with its time.
#[derive(Clone, Default)]
pub struct History(Arc<Mutex<Vec<(Instant, Event)>>>);

impl History {
    /// The history from now on.
    pub fn of(system: &System) -> History {
        let history = History::default();
        let (to, clock) = (history.clone(), system.runtime().clone());
        let hook = move |event: &Event| to.lock().push((clock.now(), event.clone()));
        system.on_event(hook).forever();
        history
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Vec<(Instant, Event)>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// All that has happened so far.
    pub fn events(&self) -> Vec<(Instant, Event)> {
        self.lock().clone()
    }

    /// How many events there were.
    pub fn len(&self) -> usize {
        self.lock().len()
    }

    /// Whether nothing has happened.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The labels of the processes that ended from the `from`-th event on, in order.
    pub fn ends(&self, from: usize) -> Vec<Label> {
        let ended = |(_, event): &(Instant, Event)| match event {
            Event::Exited { label: Some(label), .. } => Some(label.clone()),
            _ => None,
        };
        self.lock()[from..].iter().filter_map(ended).collect()
    }

    /// When each of the children was started again by its supervisor: by supervisor, and then by child.
    pub fn restarts(&self) -> BTreeMap<Pid, BTreeMap<Label, Vec<Instant>>> {
        let mut restarts: BTreeMap<Pid, BTreeMap<Label, Vec<Instant>>> = BTreeMap::new();
        for (at, event) in self.lock().iter() {
            if let Some(SupervisorEvent::Restarted { supervisor, child, .. }) = event.downcast_ref() {
                restarts.entry(*supervisor).or_default().entry(child.clone()).or_default().push(*at);
            }
        }
        restarts
    }

    /// Why a process ended, if it has.
    pub fn reason(&self, of: Pid) -> Option<ExitReason> {
        self.lock().iter().find_map(|(_, event)| match event {
            Event::Exited { pid, reason, .. } if *pid == of => Some(reason.clone()),
            _ => None,
        })
    }
}

/// From now on, after each step: links and monitors are between processes that live, and known to both sides; a name is held by a process that lives
/// and knows it, and by nobody else.
pub fn always_sound(system: &System) {
    let system = system.clone();
    otp::sim::always(move || look(&system));
}

/// From now on, after each step: no process waits for anything whose parent has ended, unless it traps exits and so
/// may still be shutting down.
pub fn always_without_orphans(system: &System) {
    let system = system.clone();
    otp::sim::always(move || {
        let infos = system.processes().into_iter().filter_map(|pid| system.info(pid));
        let lost = |info: &ProcessInfo| info.parent != Pid::SYSTEM && !system.is_alive(info.parent);
        let mut orphans = infos.filter(|info| lost(info) && !info.traps_exits && info.status == Status::Waiting);
        match orphans.next() {
            Some(info) => Err(format!("{} {:?} goes on, but {} has ended", info.pid, info.label, info.parent)),
            None => Ok(()),
        }
    });
}

fn look(system: &System) -> Result<(), String> {
    let infos: Vec<ProcessInfo> = system.processes().into_iter().filter_map(|pid| system.info(pid)).collect();
    let of = |pid: Pid| infos.iter().find(|info| info.pid == pid);
    let mut names = BTreeSet::new();
    for info in &infos {
        let pid = info.pid;
        for link in &info.links {
            if of(*link).is_none_or(|other| !other.links.contains(&pid)) {
                return Err(format!("{pid} is linked to {link}, but not the other way round"));
            }
        }
        if let Some(gone) = info.monitors.iter().find(|monitored| of(**monitored).is_none()) {
            return Err(format!("{pid} monitors {gone}, which has ended, and was not told"));
        }
        for watcher in &info.monitored_by {
            let theirs = of(*watcher).map(|other| count(&other.monitors, pid));
            if theirs.is_some_and(|theirs| theirs != count(&info.monitored_by, *watcher)) {
                return Err(format!("{pid} and {watcher} disagree on who monitors whom"));
            }
        }
        if let Some(name) = &info.name
            && !names.insert(name.clone())
        {
            return Err(format!("there are two that are called {name}"));
        }
    }
    for (name, holder) in system.registered() {
        if of(holder).is_none_or(|holder| holder.name.as_ref() != Some(&name)) {
            return Err(format!("the name {name} is held by {holder}, which does not know of it"));
        }
    }
    Ok(())
}

fn count(pids: &[Pid], pid: Pid) -> usize {
    pids.iter().filter(|other| **other == pid).count()
}

/// The most of these instants that lie within one period.
pub fn most_within(period: Duration, instants: impl IntoIterator<Item = Instant>) -> usize {
    let mut instants: Vec<Instant> = instants.into_iter().collect();
    instants.sort_unstable();
    let within = |from: &Instant| instants.iter().filter(|at| *at >= from && **at - *from <= period).count();
    instants.iter().map(within).max().unwrap_or_default()
}
