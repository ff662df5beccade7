//! Programs of hosts, which a crash ends and a restart begins anew.

use std::sync::Arc;

use crate::life::Life;
use crate::runtime::SimRuntime;
use crate::shared::Shared;
use crate::state::{Slot, State, Work};
use crate::trace::What;

/// The programs of the hosts that have one, in the order in which they were first booted.
#[derive(Default)]
pub(crate) struct Programs {
    all: Vec<Program>,
}

/// The program of a host.
struct Program {
    host: Arc<str>,
    main: Main,
    is_up: bool,
    /// When a host that a fault has crashed starts again.
    restarts_at: Option<u64>,
}

/// Starts the program of a host on the runtime of its new life.
pub(crate) type Main = Arc<dyn Fn(SimRuntime) + Send + Sync>;

impl Programs {
    /// The next time at which a host starts again.
    pub(crate) fn next(&self) -> Option<u64> {
        self.all.iter().filter_map(|program| program.restarts_at).min()
    }

    /// Takes the hosts that start again now.
    pub(crate) fn due(&mut self, now: u64) -> Vec<Arc<str>> {
        let due = self.all.iter_mut().filter(|program| program.restarts_at.is_some_and(|at| at <= now));
        due.map(|program| program.host.clone()).collect()
    }

    pub(crate) fn is_up(&self, host: &str) -> bool {
        self.all.iter().any(|program| *program.host == *host && program.is_up)
    }

    /// The hosts that are down and have a program.
    pub(crate) fn down(&self) -> Vec<Arc<str>> {
        self.all.iter().filter(|program| !program.is_up).map(|program| program.host.clone()).collect()
    }

    /// The hosts that a fault may crash, with their numbers.
    pub(crate) fn up(&self) -> Vec<(u64, Arc<str>)> {
        let up = (0..).zip(&self.all).filter(|(_, program)| program.is_up);
        up.map(|(number, program)| (number, program.host.clone())).collect()
    }

    /// Takes all of them, when the executor is dropped: they may hold the executor's state.
    pub(crate) fn take(&mut self) -> Programs {
        std::mem::take(self)
    }

    fn of(&mut self, host: &str) -> Option<&mut Program> {
        self.all.iter_mut().find(|program| *program.host == *host)
    }
}

impl Shared {
    /// Gives a host a program and starts it; an earlier one crashes.
    pub(crate) fn boot(self: &Arc<Self>, host: &str, main: Main) {
        self.crash(host, None);
        let mut state = self.lock();
        if state.is_closed() {
            return;
        }
        let replaced = match state.programs.of(host) {
            Some(program) => Some(std::mem::replace(&mut program.main, main)),
            None => {
                state.programs.all.push(Program { host: host.into(), main, is_up: false, restarts_at: None });
                None
            }
        };
        drop(state);
        drop(replaced);
        self.start(host);
    }

    /// Starts the program of a host that is down; false if it has none, or is up.
    pub(crate) fn start(self: &Arc<Self>, host: &str) -> bool {
        let mut state = self.lock();
        let Some(program) = state.programs.of(host).filter(|program| !program.is_up) else { return false };
        program.is_up = true;
        program.restarts_at = None;
        let main = program.main.clone();
        let life = state.begin_life(host);
        self.mix(14 | u64::from(life.number) << 8);
        if let Some(recording) = &mut state.recording {
            recording.happened(What::Net(format!("{host} starts")));
        }
        drop(state);
        // Without the lock: it is users' code.
        main(SimRuntime::of(self.clone(), life));
        true
    }

    /// Ends all that runs on a host at once, as by a loss of power; its program starts again at the given time.
    pub(crate) fn crash(self: &Arc<Self>, host: &str, restarts_at: Option<u64>) {
        let mut state = self.lock();
        if let Some(program) = state.programs.of(host) {
            program.is_up = false;
            program.restarts_at = restarts_at;
        }
        let (_, sockets) = self.act_on_net(&mut state, |net, around| net.crash_named(host, around));
        let ended = state.end_lives(host);
        drop(state);
        sockets.wake();
        ended.into_iter().for_each(drop);
    }
}

impl State {
    /// Begins a life on a host.
    pub(crate) fn begin_life(&mut self, host: &str) -> Arc<Life> {
        let number = u32::try_from(self.lives.len()).expect("there are not so many restarts");
        let life = Life::new(number, host);
        self.lives.push(life.clone());
        if let Some(recording) = &mut self.recording {
            recording.begins(&life);
        }
        life
    }

    /// Ends the lives on a host, and takes their tasks, oldest first, to be dropped without the lock. A task that is being
    /// polled is taken when it comes back.
    fn end_lives(&mut self, host: &str) -> Vec<Slot> {
        let here = |life: &&Arc<Life>| life.number != Life::MAIN && *life.host == *host;
        self.lives.iter().filter(here).for_each(|life| life.end());
        let lives = &self.lives;
        self.calls.retain(|(callee, _), _| !lives[callee.life as usize].is_over());
        let is_over = |slot: &Slot| lives[slot.life as usize].is_over() && !matches!(slot.work, Work::Away);
        let over: Vec<usize> = self.tasks.iter().filter(|(_, slot)| is_over(slot)).map(|(key, _)| key).collect();
        let mut ended: Vec<Slot> = over.into_iter().map(|key| self.remove(key)).collect();
        ended.sort_unstable_by_key(|slot| slot.id);
        ended
    }
}
