//! Monitors of groups get each change, in order, until they or their process end.

use std::time::Duration;

use futures::StreamExt;
use futures::channel::mpsc::{self, UnboundedReceiver};
use otp::prelude::*;
use otp::process::SpawnOptions;
use otp::registry::{GroupChange, GroupEvent, GroupMonitor, Groups, JoinError, Member, NoScope};
use otp::sys;
use otp_suite::servers::gate;

type Event = GroupEvent<&'static str, ()>;

async fn scope(system: &System) -> Groups<&'static str, ()> {
    Groups::start(system).await.unwrap()
}

fn idle(system: &System) -> ProcessRef<()> {
    system.spawn(async |_: ProcessContext<()>| std::future::pending::<()>().await)
}

/// A process that hands on the messages that it gets.
fn watcher(system: &System) -> (ProcessRef<Event>, UnboundedReceiver<Event>) {
    let (hand, events) = mpsc::unbounded();
    let process = system.spawn(async move |mut ctx: ProcessContext<Event>| {
        loop {
            if let Message::User(event) = ctx.receive().await {
                let _ = hand.unbounded_send(event);
            }
        }
    });
    (process, events)
}

async fn next(events: &mut UnboundedReceiver<Event>) -> (GroupMonitor, &'static str, GroupChange, Vec<Pid>) {
    let event = events.next().await.unwrap();
    (event.monitor, *event.group, event.change, event.pids())
}

// PG-5, PG-8
#[otp::test]
async fn a_monitor_of_one_group_gets_its_changes_also_from_before_it_exists(system: System) {
    let (groups, p) = (scope(&system).await, idle(&system));
    let (to, mut events) = watcher(&system);
    let (monitor, members) = groups.monitor(&"a", &to).unwrap();
    assert!(members.is_empty());
    assert!(groups.groups().unwrap().is_empty(), "a group that is only monitored is none");
    groups.join(&"b", &p).unwrap();
    groups.join_all(&"a", [&p, &p]).unwrap();
    groups.leave(&"a", p.pid()).unwrap();
    assert_eq!(next(&mut events).await, (monitor, "a", GroupChange::Joined, vec![p.pid(); 2]));
    assert_eq!(next(&mut events).await, (monitor, "a", GroupChange::Left, vec![p.pid()]));
    assert_eq!(groups.demonitor(monitor), Ok(true));
    assert_eq!(groups.demonitor(monitor), Ok(false));
    let (second, members) = groups.monitor(&"a", &to).unwrap();
    assert_eq!(members.iter().map(Member::pid).collect::<Vec<_>>(), [p.pid()]);
    groups.leave(&"a", p.pid()).unwrap();
    assert_eq!(next(&mut events).await, (second, "a", GroupChange::Left, vec![p.pid()]));
}

// PG-5, PG-8
#[otp::test]
async fn a_monitor_of_the_scope_gets_a_snapshot_and_then_every_change(system: System) {
    let (groups, p, q) = (scope(&system).await, idle(&system), idle(&system));
    groups.join_all(&"a", [&p, &p]).unwrap();
    let (to, mut events) = watcher(&system);
    let (monitor, snapshot) = groups.monitor_all(&to).unwrap();
    assert_eq!(snapshot.len(), 1);
    assert_eq!((*snapshot[0].0, snapshot[0].1.len()), ("a", 2));
    groups.join(&"b", &q).unwrap();
    groups.join(&"a", &q).unwrap();
    groups.join(&"a", &q).unwrap();
    for (group, change) in [("b", GroupChange::Joined), ("a", GroupChange::Joined), ("a", GroupChange::Joined)] {
        assert_eq!(next(&mut events).await, (monitor, group, change, vec![q.pid()]));
    }
    // One message for each membership.
    q.exit(ExitReason::Kill);
    let mut left = Vec::new();
    for _ in 0..3 {
        let (its, group, change, pids) = next(&mut events).await;
        assert_eq!((its, change, pids), (monitor, GroupChange::Left, vec![q.pid()]));
        left.push(group);
    }
    left.sort_unstable();
    assert_eq!(left, ["a", "a", "b"]);
}

// PG-5
#[otp::test]
async fn several_monitors_of_one_process_are_independent(system: System) {
    let (groups, p) = (scope(&system).await, idle(&system));
    let (to, mut events) = watcher(&system);
    let (first, _) = groups.monitor(&"a", &to).unwrap();
    let (second, _) = groups.monitor(&"a", &to).unwrap();
    let (all, _) = groups.monitor_all(&to).unwrap();
    groups.join(&"a", &p).unwrap();
    let mut told = vec![next(&mut events).await.0, next(&mut events).await.0, next(&mut events).await.0];
    told.sort();
    let mut expected = vec![first, second, all];
    expected.sort();
    assert_eq!(told, expected);
    groups.demonitor(first).unwrap();
    groups.demonitor(all).unwrap();
    groups.leave(&"a", p.pid()).unwrap();
    assert_eq!(next(&mut events).await.0, second);
}

#[otp::test]
async fn a_monitor_ends_with_its_process(system: System) {
    let (groups, p) = (scope(&system).await, idle(&system));
    let (to, _events) = watcher(&system);
    let (monitor, _) = groups.monitor(&"a", &to).unwrap();
    let (all, _) = groups.monitor_all(&to).unwrap();
    to.exit(ExitReason::Kill);
    to.exited().await;
    assert_eq!((groups.demonitor(monitor), groups.demonitor(all)), (Ok(false), Ok(false)));
    groups.join(&"a", &p).unwrap();
    assert!(matches!(groups.monitor(&"a", &to), Err(JoinError::NoProc { .. })));
    assert!(matches!(groups.monitor_all(&to), Err(JoinError::NoProc { .. })));
}

#[otp::test]
async fn a_scope_that_ends_ends_its_monitors(system: System) {
    let groups = scope(&system).await;
    let (to, _events) = watcher(&system);
    let (monitor, _) = groups.monitor(&"a", &to).unwrap();
    groups.stop().await.unwrap();
    assert!(matches!(groups.demonitor(monitor), Err(NoScope::Ended { .. })));
    to.exit(ExitReason::Kill);
    to.exited().await;
}

#[otp::test]
async fn what_a_full_mailbox_loses_is_told_by_the_next_message(system: System) {
    let (groups, p) = (scope(&system).await, idle(&system));
    let (hand, mut events) = mpsc::unbounded();
    let (closed, open) = gate();
    let options = SpawnOptions::new().mailbox(1);
    let slow = system.spawn_with(options, async move |mut ctx: ProcessContext<Event>| {
        let _ = open.await;
        loop {
            if let Message::User(event) = ctx.receive().await {
                let _ = hand.unbounded_send(event);
            }
        }
    });
    groups.monitor(&"a", &slow.unwrap().process).unwrap();
    groups.join_all(&"a", [&p, &p, &p]).unwrap();
    groups.leave(&"a", p.pid()).unwrap();
    groups.leave(&"a", p.pid()).unwrap();
    // When the scope answers, it has sent what was there before.
    sys::status(&system, &groups).await.unwrap();
    drop(closed);
    assert_eq!(events.next().await.unwrap().lost, 0);
    groups.leave(&"a", p.pid()).unwrap();
    assert_eq!(events.next().await.unwrap().lost, 2);
}

#[otp::test]
async fn a_suspended_scope_sends_later_and_looks_up_now(system: System) {
    let (groups, p) = (scope(&system).await, idle(&system));
    let (to, mut events) = watcher(&system);
    groups.monitor(&"a", &to).unwrap();
    sys::suspend(&system, &groups).await.unwrap();
    groups.join(&"a", &p).unwrap();
    assert_eq!(groups.members(&"a").len(), 1);
    assert!(system.timeout(Duration::from_millis(5), events.next()).await.is_err());
    sys::resume(&system, &groups).await.unwrap();
    assert_eq!(next(&mut events).await.2, GroupChange::Joined);
}
