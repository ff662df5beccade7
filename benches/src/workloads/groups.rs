//! Processes join one group, are sent to as one, and end.

use std::time::Instant;

use crate::case::{Case, Entrant, Row, Unit, per_op};
use crate::countdown::Countdown;
use crate::system::System;

/// Groups of processes by key.
pub trait Groups: System {
    type Scope: Send + Sync + 'static;
    type Member: Send + Sync + 'static;

    fn start_scope(&self) -> impl Future<Output = Self::Scope> + Send;

    /// Starts a process that counts the messages which it gets.
    fn start_member(&self, arrived: Countdown) -> Self::Member;

    fn join(scope: &Self::Scope, member: &Self::Member);

    /// Sends a message to every member; how many were sent.
    fn broadcast(scope: &Self::Scope) -> u64;

    /// Ends the processes, and returns when they have ended and the group has no members.
    fn end(&self, scope: Self::Scope, members: Vec<Self::Member>) -> impl Future<Output = ()> + Send;
}

static MANY: Case = Case {
    rows: &[
        Row {
            workload: "groups",
            variant: "join-100k",
            what: "add a process to a group, until it has 100,000 members",
            unit: Unit::Nanoseconds,
        },
        Row {
            workload: "groups",
            variant: "broadcast-100k",
            what: "send a message to a group of 100,000, until all have received it; time for each member",
            unit: Unit::Nanoseconds,
        },
        Row {
            workload: "groups",
            variant: "end-100k",
            what: "end a member of a group, 100,000 of them",
            unit: Unit::Nanoseconds,
        },
    ],
    least: 100_000,
    most: 100_000,
    rounds: usize::MAX,
};

pub fn entrants<S: Groups>() -> Vec<Entrant> {
    vec![MANY.of(round::<S>)]
}

async fn round<S: Groups>(system: S, count: u64) -> [f64; 3] {
    let scope = system.start_scope().await;
    let arrived = Countdown::new(count);
    let members: Vec<S::Member> = (0..count).map(|_| system.start_member(arrived.clone())).collect();

    let start = Instant::now();
    members.iter().for_each(|member| S::join(&scope, member));
    let joining = start.elapsed();

    let start = Instant::now();
    assert_eq!(S::broadcast(&scope), count, "every member is sent to");
    (&arrived).await;
    let sending = start.elapsed();

    let start = Instant::now();
    system.end(scope, members).await;
    let ending = start.elapsed();
    [per_op(joining, count), per_op(sending, count), per_op(ending, count)]
}
