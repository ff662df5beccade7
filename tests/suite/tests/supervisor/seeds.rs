//! Supervisors, links and monitors on many seeds, while processes are killed at random.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use otp::prelude::*;
use otp::process::Label;
use otp::sim::{always, check, note, set_faults};
use otp_suite::seeds::{History, always_sound, always_without_orphans, most_within, with_all_faults, with_kills};

const TICK: Duration = Duration::from_millis(1);

/// A worker that asks its neighbour now and then, and does not mind if that fails.
struct Worker {
    neighbour: &'static str,
}

#[gen_server]
impl Worker {
    #[init]
    async fn init(neighbour: &'static str, traps: bool, ctx: &mut Context<Self>) -> Self {
        ctx.trap_exit(traps);
        otp::process::yield_now().await;
        ctx.send_after(TICK, WorkerInfo::Tick);
        Worker { neighbour }
    }

    #[info]
    async fn tick(&mut self, ctx: &mut Context<Self>) {
        let neighbour = ServerRef::named(ctx.system(), ServerName::<Worker>::new(self.neighbour));
        let _ = neighbour.ask().timeout(5 * TICK).await;
        ctx.send_after(TICK, WorkerInfo::Tick);
    }

    #[call]
    fn ask(&self) -> u32 {
        1
    }
}

fn worker(id: &'static str, neighbour: &'static str, traps: bool) -> ChildSpec {
    ChildSpec::worker(id, move |supervisor: Process| {
        Worker::start_link(&supervisor, (neighbour, traps)).name(ServerName::new(id))
    })
    .untyped()
}

const PERIOD: Duration = Duration::from_millis(200);
const LIMIT: usize = 3;

/// `top` with `a`, `z`, and between them `middle`, which has `x`, `y` and `w` and the strategy that is asked for.
fn tree(strategy: Strategy) -> Supervisor {
    let middle = ChildSpec::supervisor("middle", move |parent: Process| {
        let children = [worker("w", "x", false), worker("x", "y", true), worker("y", "a", false)];
        Supervisor::new(strategy)
            .intensity(LIMIT, PERIOD)
            .children(children)
            .start_link(&parent)
            .name(ServerName::new("middle"))
    });
    let children = [worker("a", "z", true), middle.untyped(), worker("z", "w", false)];
    Supervisor::new(Strategy::OneForOne).intensity(LIMIT, PERIOD).children(children)
}

async fn killed_at_random(system: System, strategy: Strategy) {
    set_faults(false);
    let history = History::of(&system);
    always_sound(&system);
    always_without_orphans(&system);
    let top = tree(strategy).start(&system).name(ServerName::new("top")).await.unwrap();
    let top_pid = top.pid().unwrap();
    set_faults(true);
    system.sleep(25 * TICK).await;
    set_faults(false);
    // Longer than any pause, restart, shutdown or call that may be under way.
    system.sleep(20 * TICK).await;

    within_its_intensity(&history, strategy);
    if !system.is_alive(top_pid) {
        assert_eq!(system.processes(), [], "nobody outlives the supervisor of all");
        return;
    }
    has_its_children(&system, top_pid, &["a", "middle", "z"]);
    has_its_children(&system, pid(&system, "middle"), &["w", "x", "y"]);

    let so_far = history.len();
    top.stop().await.unwrap();
    let ends: Vec<String> = history.ends(so_far).iter().map(ToString::to_string).collect();
    assert_eq!(ends, ["z", "y", "x", "w", "middle", "a", "top"], "in reverse start order");
    assert_eq!((system.processes(), system.registered()), (vec![], vec![]));
}

fn pid(system: &System, name: &str) -> Pid {
    let found = system.registered().into_iter().find(|(holder, _)| holder.as_str() == name);
    found.unwrap_or_else(|| panic!("nobody is called {name}")).1
}

/// The children that the spec names run, under their names, and nobody else does.
fn has_its_children(system: &System, supervisor: Pid, children: &[&str]) {
    let infos = system.processes().into_iter().filter_map(|pid| system.info(pid));
    let theirs: BTreeMap<Pid, Option<Label>> =
        infos.filter(|info| info.parent == supervisor).map(|info| (info.pid, info.name)).collect();
    let expected: BTreeMap<Pid, Option<Label>> =
        children.iter().map(|name| (pid(system, name), Some(Label::from(name.to_string())))).collect();
    assert_eq!(theirs, expected, "the children of {supervisor}");
}

/// No supervisor has started children again more often than its intensity allows.
fn within_its_intensity(history: &History, strategy: Strategy) {
    for (supervisor, children) in history.restarts() {
        let is_middle = children.keys().any(|child| ["w", "x", "y"].contains(&child.as_str()));
        let counted = children.into_iter().filter(|(child, _)| match strategy {
            _ if !is_middle => true,
            Strategy::OneForOne => true,
            // One child that ends has all of them, or the last one at least, started again.
            _ => child.as_str() == "y",
        });
        let most = most_within(PERIOD, counted.flat_map(|(_, at)| at));
        assert!(most <= LIMIT, "{supervisor} restarted {most} times within {PERIOD:?}");
    }
}

#[test]
fn one_for_one_trees_survive_kills() {
    check(with_kills(80, 6), |system| killed_at_random(system, Strategy::OneForOne));
}

#[test]
fn one_for_all_trees_survive_kills() {
    check(with_kills(80, 6), |system| killed_at_random(system, Strategy::OneForAll));
}

#[test]
fn rest_for_one_trees_survive_kills() {
    check(with_kills(80, 6), |system| killed_at_random(system, Strategy::RestForOne));
}

#[test]
fn trees_survive_all_that_can_go_wrong() {
    let strategies = [Strategy::OneForOne, Strategy::OneForAll, Strategy::RestForOne];
    check(with_all_faults(200, 40), |system| {
        let strategy = strategies[system.random() as usize % strategies.len()];
        killed_at_random(system, strategy)
    });
}

/// Kills without end: supervisors give up, and take their children with them.
#[test]
fn trees_give_up_and_leave_nobody() {
    check(with_kills(30, 1_000), |system| killed_at_random(system, Strategy::OneForOne));
}

/// What a supervisor has when its children end: what their restart types say.
#[test]
fn children_are_restarted_as_their_type_says() {
    check(with_kills(60, 4), async |system| {
        set_faults(false);
        let history = History::of(&system);
        always_without_orphans(&system);
        let types = [("p", Restart::Permanent), ("t", Restart::Transient), ("m", Restart::Temporary)];
        let children = types.map(|(id, restart)| worker(id, "p", false).restart(restart));
        let supervisor = Supervisor::new(Strategy::OneForOne).intensity(9, PERIOD).children(children);
        let supervisor = supervisor.start(&system).name(ServerName::new("top")).await.unwrap();
        let temporary = pid(&system, "m");
        set_faults(true);
        system.sleep(30 * TICK).await;
        set_faults(false);
        system.sleep(30 * TICK).await;
        let top = supervisor.pid().unwrap();
        if !system.is_alive(top) {
            return assert_eq!(system.processes(), [], "nobody outlives the supervisor of all");
        }
        let expected = match history.reason(temporary) {
            None => &["p", "t", "m"][..],
            Some(_) => &["p", "t"],
        };
        has_its_children(&system, top, expected);
    });
}

#[test]
fn a_dynamic_supervisor_knows_those_that_run_and_stops_them_all() {
    check(with_kills(60, 8), async |system| {
        set_faults(false);
        always_sound(&system);
        always_without_orphans(&system);
        let supervisor = DynamicSupervisor::new().intensity(20, PERIOD).start(&system).await.unwrap();
        let top = supervisor.pid().unwrap();
        set_faults(true);
        for n in 0..12 {
            let restart = [Restart::Permanent, Restart::Transient, Restart::Temporary][n % 3];
            let start = move |parent: Process| Worker::start_link(&parent, ("nobody", n % 2 == 0));
            // It may have been killed, or its new child while that starts.
            let _ = supervisor.start_child(ChildSpec::worker("child", start).restart(restart)).await;
            system.sleep(TICK).await;
        }
        set_faults(false);
        system.sleep(20 * TICK).await;
        let alive: BTreeSet<Pid> = system.processes().into_iter().filter(|pid| *pid != top).collect();
        if !system.is_alive(top) {
            return assert!(alive.is_empty(), "{alive:?} outlive their supervisor");
        }
        let children = supervisor.which_children().await.unwrap();
        let known: BTreeSet<Pid> = children.iter().filter_map(|child| child.state.running()).collect();
        assert_eq!(known, alive);
        supervisor.stop().await.unwrap();
        assert_eq!(system.processes(), []);
    });
}

/// What the watchers know: which monitors have not fired.
type Outstanding = Arc<Mutex<BTreeMap<Pid, BTreeSet<MonitorRef>>>>;

/// Starts short-lived processes, and monitors them, or some that may be gone, sometimes not for long.
async fn watch(mut ctx: ProcessContext<()>, outstanding: Outstanding) {
    let me = ctx.pid();
    let change = |with: &mut dyn FnMut(&mut BTreeSet<MonitorRef>)| {
        with(outstanding.lock().unwrap_or_else(PoisonError::into_inner).entry(me).or_default());
    };
    change(&mut |_| {});
    let deadline = ctx.system().now() + 30 * TICK;
    let mut targets = Vec::new();
    while ctx.system().now() < deadline {
        match ctx.system().random() % 4 {
            0 => {
                let (target, monitor) = ctx.spawn_monitor(async |mut ctx: ProcessContext<()>| {
                    ctx.receive_timeout(Duration::from_micros(ctx.system().random() % 9_000)).await;
                });
                targets.push(target.pid());
                change(&mut |mine| {
                    mine.insert(monitor);
                });
            }
            1 if !targets.is_empty() => {
                let target = targets[ctx.system().random() as usize % targets.len()];
                let monitor = ctx.monitor(target);
                change(&mut |mine| {
                    mine.insert(monitor);
                });
            }
            2 => {
                let first = outstanding.lock().unwrap_or_else(PoisonError::into_inner)[&me].first().copied();
                if let Some(monitor) = first {
                    ctx.demonitor_flush(monitor);
                    change(&mut |mine| {
                        mine.remove(&monitor);
                    });
                }
            }
            _ => {}
        }
        if let Some(Message::Down(down)) = ctx.receive_timeout(TICK / 4).await {
            change(&mut |mine| assert!(mine.remove(&down.monitor), "{down:?} has come before, or was taken away"));
        }
    }
    while let Some(message) = ctx.receive_timeout(50 * TICK).await {
        let Message::Down(down) = message else { panic!("{message:?}") };
        change(&mut |mine| assert!(mine.remove(&down.monitor), "{down:?} has come before, or was taken away"));
    }
    change(&mut |mine| assert!(mine.is_empty(), "{mine:?} never came"));
}

#[test]
fn every_monitor_gets_exactly_one_down() {
    check(with_kills(40, 10), async |system| {
        always_sound(&system);
        let outstanding = Outstanding::default();
        let watchers: Vec<_> = (0..3)
            .map(|_| {
                let outstanding = outstanding.clone();
                system.spawn(|ctx| watch(ctx, outstanding))
            })
            .collect();
        for watcher in watchers {
            let reason = watcher.exited().await;
            assert!([ExitReason::Normal, ExitReason::Killed].contains(&reason), "{reason}");
        }
    });
}

/// Who is linked to whom, as far as those know who have linked.
#[derive(Default)]
struct Links {
    pairs: BTreeSet<(Pid, Pid)>,
    /// Exit messages that have come, by receiver and sender.
    exits: BTreeMap<(Pid, Pid), usize>,
    traps: BTreeSet<Pid>,
}

/// Links and unlinks at random, and notes what comes of it.
async fn tangle(mut ctx: ProcessContext<Vec<Pid>>, links: Arc<Mutex<Links>>) {
    let me = ctx.pid();
    let others = ctx.receive().await.user().unwrap_or_default();
    let deadline = ctx.system().now() + 20 * TICK;
    while ctx.system().now() < deadline && !others.is_empty() {
        let other = others[ctx.system().random() as usize % others.len()];
        let pair = (me.min(other), me.max(other));
        if other != me && ctx.system().is_alive(other) {
            if ctx.system().random().is_multiple_of(3) {
                ctx.unlink(other);
                links.lock().unwrap().pairs.remove(&pair);
            } else if ctx.link(other).is_ok() {
                links.lock().unwrap().pairs.insert(pair);
            }
        }
        if let Some(Message::Exit(exit)) = ctx.receive_timeout(TICK / 2).await {
            *links.lock().unwrap().exits.entry((me, exit.from)).or_default() += 1;
        }
    }
    while let Some(message) = ctx.receive_timeout(60 * TICK).await {
        if let Message::Exit(exit) = message {
            *links.lock().unwrap().exits.entry((me, exit.from)).or_default() += 1;
        }
    }
    std::future::pending::<()>().await;
}

#[test]
fn linked_processes_end_together_or_hear_of_it_once() {
    check(with_kills(60, 3), async |system| {
        set_faults(false);
        let history = History::of(&system);
        always_sound(&system);
        let links = Arc::new(Mutex::new(Links::default()));
        let processes: Vec<ProcessRef<Vec<Pid>>> = (0..6)
            .map(|n| {
                let traps = n % 2 == 0;
                let (options, links) = (SpawnOptions::new().trap_exit(traps), links.clone());
                system.spawn_with(options, move |ctx| tangle(ctx, links)).unwrap().process
            })
            .collect();
        let pids: Vec<Pid> = processes.iter().map(ProcessRef::pid).collect();
        links.lock().unwrap().traps.extend(pids.iter().step_by(2));
        processes.iter().for_each(|process| process.try_send(pids.clone()).unwrap());
        set_faults(true);
        system.sleep(30 * TICK).await;
        set_faults(false);
        system.sleep(40 * TICK).await;

        let links = links.lock().unwrap();
        for (a, b) in &links.pairs {
            for (dead, other) in [(a, b), (b, a)] {
                let Some(reason) = history.reason(*dead) else { continue };
                assert!(reason.is_abnormal(), "nobody ends by itself: {dead} {reason}");
                if !system.is_alive(*other) {
                    continue;
                }
                assert!(links.traps.contains(other), "{other} outlives {dead}, to which it is linked");
                assert_eq!(links.exits.get(&(*other, *dead)), Some(&1), "{other} hears once of {dead}");
            }
        }
        let twice = links.exits.iter().find(|(_, count)| **count > 1);
        assert_eq!(twice, None, "nobody hears twice of one end");
    });
}

#[test]
fn names_are_free_as_soon_as_their_holder_has_ended() {
    check(with_kills(25, 20), async |system| {
        set_faults(false);
        always_sound(&system);
        let held: Arc<Mutex<BTreeMap<&'static str, Pid>>> = Arc::default();
        let known = held.clone();
        let (looking, names) = (system.clone(), ["one", "two", "three"]);
        always(move || {
            let registered: BTreeMap<Label, Pid> = looking.registered().into_iter().collect();
            match known.lock().unwrap().iter().find(|(name, pid)| {
                looking.is_alive(**pid) != (registered.get(&Label::from(name.to_string())) == Some(pid))
            }) {
                Some((name, pid)) => Err(format!("{pid} holds {name}, or has ended, but not both")),
                None => Ok(()),
            }
        });
        set_faults(true);
        for round in 0..60 {
            let name = names[system.random() as usize % names.len()];
            let options = SpawnOptions::new().name(Name::new(name));
            let spawned = system.spawn_with(options, async |mut ctx: ProcessContext<()>| {
                ctx.receive_timeout(5 * TICK).await;
            });
            match spawned {
                Ok(spawned) => {
                    note(format!("round {round}: {} is {name}", spawned.process.pid()));
                    held.lock().unwrap().insert(name, spawned.process.pid());
                }
                Err(taken) => assert!(held.lock().unwrap().contains_key(name), "{taken}"),
            }
            system.sleep(TICK / 2).await;
        }
    });
}
