use std::collections::VecDeque;
use std::time::Duration;

use otp_core::{ExitReason, Pid};
use proptest::prelude::*;

use super::model::{Deed, Model, Modelled, State};
use super::{PIDS, at, spec};
use crate::children::{ChildState, Children, Key};
use crate::decide::{Decision, Rules};
use crate::flags::{AutoShutdown, Strategy as Group};
use crate::intensity::Intensity;
use crate::policy::Restart;
use crate::restart::Retry;

#[derive(Clone, Debug)]
enum Op {
    /// A running child ends; the starts that follow fail as said.
    Exit { child: usize, abnormal: bool, fails: Vec<bool> },
    /// The oldest message of a supervisor to itself arrives.
    Retry { fails: Vec<bool> },
    /// A child is stopped by hand.
    Terminate(usize),
    /// A child is added and started.
    Add(Restart, bool),
    /// Time passes.
    Wait(u64),
}

fn restart() -> impl Strategy<Value = Restart> {
    prop_oneof![3 => Just(Restart::Permanent), 2 => Just(Restart::Transient), 1 => Just(Restart::Temporary)]
}

fn group() -> impl Strategy<Value = Group> {
    prop_oneof![Just(Group::OneForOne), Just(Group::OneForAll), Just(Group::RestForOne)]
}

fn auto_shutdown() -> impl Strategy<Value = AutoShutdown> {
    prop_oneof![Just(AutoShutdown::Never), Just(AutoShutdown::AnySignificant), Just(AutoShutdown::AllSignificant)]
}

fn fails() -> impl Strategy<Value = Vec<bool>> {
    prop::collection::vec(prop::bool::weighted(0.2), 8)
}

fn op() -> impl Strategy<Value = Op> {
    prop_oneof![
        6 => (any::<usize>(), any::<bool>(), fails())
            .prop_map(|(child, abnormal, fails)| Op::Exit { child, abnormal, fails }),
        4 => fails().prop_map(|fails| Op::Retry { fails }),
        2 => any::<usize>().prop_map(Op::Terminate),
        2 => (restart(), any::<bool>()).prop_map(|(restart, significant)| Op::Add(restart, significant)),
        3 => (0_u64..40).prop_map(Op::Wait),
    ]
}

/// The real rules and the real table, with starts that are only written down.
struct Real {
    rules: Rules,
    children: Children,
    keys: Vec<Key>,
    pids: std::iter::Copied<std::slice::Iter<'static, Pid>>,
}

impl Real {
    fn id(&self, key: Key) -> usize {
        self.keys.iter().position(|other| *other == key).unwrap()
    }

    fn add(&mut self, restart: Restart, significant: bool) {
        let key = self.children.add(spec(format!("child {}", self.keys.len()), restart).significant(significant));
        self.keys.push(key);
        self.children.started(key, self.pids.next(), || at(0));
    }

    fn state(&self, id: usize) -> Option<ChildState> {
        self.children.get(self.keys[id]).map(|child| child.state)
    }

    /// As the supervisor's process carries it out; and what it sends itself.
    fn carry_out(&mut self, decision: Decision, fails: &mut dyn FnMut() -> bool) -> (Deed, Option<(usize, Retry)>) {
        let (stop, start) = match decision {
            Decision::Nothing => return (Deed::Nothing, None),
            Decision::AutoShutdown => return (Deed::AutoShutdown, None),
            Decision::GiveUp { child, .. } => {
                let id = child.as_str().trim_start_matches("child ").parse().unwrap();
                return (Deed::GiveUp(id), None);
            }
            Decision::Pause(..) => unreachable!("no child has a backoff"),
            Decision::Restart { stop, start } => (stop, start),
            Decision::GiveUpChild { .. } => unreachable!("no child has a limit of its own"),
        };
        let mut stopped = Vec::new();
        for key in stop {
            if self.children.get(key).is_some_and(|child| child.to_stop().is_some()) {
                stopped.push(self.id(key));
            }
            self.children.ended(key);
        }
        let mut started = Vec::new();
        let mut start = start.into_iter();
        for key in start.by_ref() {
            started.push(self.id(key));
            if fails() {
                self.children.put_off(key);
                let retry = (self.id(key), Retry::of(&self.children, key, false, ExitReason::NoProc));
                start.for_each(|key| self.children.ended(key));
                return (Deed::Restart { stopped, started, all: false }, Some(retry));
            }
            self.children.started(key, self.pids.next(), || at(0));
        }
        (Deed::Restart { stopped, started, all: true }, None)
    }
}

fn next(fails: Vec<bool>) -> impl FnMut() -> bool {
    let mut fails = fails.into_iter();
    move || fails.next().unwrap_or(false)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1000))]

    /// Whatever happens, in whatever order, the supervisor does what the manual page says.
    #[test]
    fn they_are_those_of_the_manual_page(
        strategy in group(),
        auto_shutdown in auto_shutdown(),
        limit in 0_usize..6,
        period in 1_u64..60,
        specs in prop::collection::vec((restart(), any::<bool>()), 1..7),
        ops in prop::collection::vec(op(), 0..60),
    ) {
        let intensity = Intensity::new(limit, Duration::from_millis(period));
        let mut real = Real {
            rules: Rules { strategy, auto_shutdown, intensity },
            children: Children::with_ids(),
            keys: Vec::new(),
            pids: PIDS.iter().copied(),
        };
        let mut model = Model { strategy, auto_shutdown, limit, period, restarts: Vec::new(), children: Vec::new() };
        let mut retries: VecDeque<(usize, Retry)> = VecDeque::new();
        let mut now = 0;
        let specs = specs.into_iter().map(|(restart, significant)| Op::Add(restart, significant));
        for op in specs.chain(ops) {
            let (deed, expected) = match op {
                Op::Add(restart, significant) => {
                    // What a check of the specs lets pass.
                    let significant = significant && restart != Restart::Permanent && auto_shutdown != AutoShutdown::Never;
                    let id = real.keys.len();
                    real.add(restart, significant);
                    model.children.push(Modelled { id, restart, significant, state: State::Running });
                    continue;
                }
                Op::Wait(time) => {
                    now += time;
                    continue;
                }
                Op::Terminate(child) => {
                    let id = child % real.keys.len();
                    if model.state(id).is_some() {
                        real.children.ended(real.keys[id]);
                        model.set_stopped(id);
                    }
                    continue;
                }
                Op::Exit { child, abnormal, fails } => {
                    let id = child % real.keys.len();
                    let Some(ChildState::Running(pid)) = real.state(id) else { continue };
                    let reason = if abnormal { ExitReason::Killed } else { ExitReason::Shutdown };
                    let decision = real.rules.on_exit(&mut real.children, pid, &reason, at(now));
                    let (deed, retry) = real.carry_out(decision, &mut next(fails.clone()));
                    retries.extend(retry);
                    (deed, model.exit(id, abnormal, now, &mut next(fails)))
                }
                Op::Retry { fails } => {
                    let Some((id, retry)) = retries.pop_front() else { continue };
                    let decision = retry.decide(&mut real.rules, &mut real.children, at(now));
                    let (deed, retry) = real.carry_out(decision, &mut next(fails.clone()));
                    retries.extend(retry);
                    (deed, model.retry(id, now, &mut next(fails)))
                }
            };
            prop_assert_eq!(&deed, &expected);
            let states: Vec<_> = real.children.iter().map(|(key, child)| (real.id(key), match child.state {
                ChildState::Running(_) => State::Running,
                ChildState::Restarting(_) => State::Restarting,
                ChildState::Stopped => State::Stopped,
            })).collect();
            let modelled: Vec<_> = model.children.iter().map(|child| (child.id, child.state)).collect();
            prop_assert_eq!(states, modelled);
            if matches!(deed, Deed::GiveUp(_) | Deed::AutoShutdown) {
                break;
            }
        }
    }

    #[test]
    fn lists_to_stop_are_in_reverse_lists_to_start_in_order_and_no_temporary_child_is_in_one(
        strategy in group(),
        specs in prop::collection::vec((restart(), any::<bool>()), 1..20),
        ends in any::<usize>(),
    ) {
        let intensity = Intensity::new(1, Duration::from_secs(1));
        let mut rules = Rules { strategy, auto_shutdown: AutoShutdown::Never, intensity };
        let mut children = Children::with_ids();
        let mut running = Vec::new();
        let ends = ends % specs.len();
        for (n, (restart, runs)) in specs.into_iter().enumerate() {
            let key = children.add(spec(format!("child {n}"), restart));
            if runs || n == ends {
                children.started(key, Some(PIDS[n]), || at(0));
                running.push((key, PIDS[n], restart));
            }
        }
        let (key, pid, restart) = *running.iter().find(|(_, pid, _)| *pid == PIDS[ends]).unwrap();
        match rules.on_exit(&mut children, pid, &ExitReason::Killed, at(0)) {
            Decision::Nothing => prop_assert_eq!(restart, Restart::Temporary),
            Decision::Restart { stop, start } => {
                prop_assert!(stop.is_sorted_by(|a, b| a > b));
                prop_assert!(start.is_sorted_by(|a, b| a < b));
                prop_assert!(start.contains(&key) && !stop.contains(&key));
                prop_assert!(start.iter().all(|key| !children.get(*key).unwrap().spec.is_temporary()));
                // Nobody runs twice: who is started and runs is stopped before.
                let runs = |key: &&Key| running.iter().any(|(other, ..)| other == *key);
                prop_assert!(start.iter().filter(runs).all(|other| *other == key || stop.contains(other)));
            }
            other => prop_assert!(false, "{:?}", other),
        }
    }

    #[test]
    fn all_significant_waits_for_all(
        others in prop::collection::vec(restart(), 0..5),
        order in Just((0..6).collect::<Vec<usize>>()).prop_shuffle(),
    ) {
        let intensity = Intensity::new(0, Duration::from_secs(1));
        let mut rules = Rules { strategy: Group::OneForOne, auto_shutdown: AutoShutdown::AllSignificant, intensity };
        let mut children = Children::with_ids();
        for (n, restart) in others.into_iter().enumerate() {
            let key = children.add(spec(format!("other {n}"), restart));
            children.started(key, Some(PIDS[100 + n]), || at(0));
        }
        for n in 0..6 {
            let restart = if n % 2 == 0 { Restart::Transient } else { Restart::Temporary };
            let key = children.add(spec(format!("child {n}"), restart).significant(true));
            children.started(key, Some(PIDS[n]), || at(0));
        }
        for (ended, n) in order.into_iter().enumerate() {
            let decision = rules.on_exit(&mut children, PIDS[n], &ExitReason::Normal, at(0));
            prop_assert_eq!(decision, if ended == 5 { Decision::AutoShutdown } else { Decision::Nothing });
        }
    }
}

// SUP-35
#[test]
fn the_exit_of_a_process_that_is_no_child_or_no_longer_the_child_is_nothing() {
    let intensity = Intensity::new(0, Duration::from_secs(1));
    let mut rules = Rules { strategy: Group::OneForAll, auto_shutdown: AutoShutdown::AnySignificant, intensity };
    let mut children = Children::with_ids();
    let key = children.add(spec("a", Restart::Permanent));
    children.started(key, Some(PIDS[0]), || at(0));
    children.started(key, Some(PIDS[1]), || at(0));
    for pid in [PIDS[0], PIDS[2], Pid::SYSTEM] {
        assert_eq!(rules.on_exit(&mut children, pid, &ExitReason::Killed, at(0)), Decision::Nothing);
    }
    children.put_off(key);
    assert_eq!(rules.on_exit(&mut children, PIDS[1], &ExitReason::Killed, at(0)), Decision::Nothing);
}
