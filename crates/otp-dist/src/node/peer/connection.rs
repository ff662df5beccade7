use std::future::poll_fn;
use std::sync::{Arc, MutexGuard};
use std::task::{Poll, Waker};

use otp_core::node::Node as NodeId;
use otp_core::{ExitReason, Pid};

use super::monitors::Monitors;
use super::sending::Queued;
use super::state::{Attempted, PeerNode, State};
use super::ties::{Ties, by_age};
use crate::conn::Conn;
use crate::node::event::NodeEvent;
use crate::node::info::NodeInfo;
use crate::node::shared::Shared;
use crate::proto::{Arrival, Introduction, Lost, NodeName};

/// Why an attempt ends in whose place there is another one.
pub(crate) const GIVEN_UP: &str = "another connection was preferred";

impl PeerNode {
    /// The process that makes an attempt to connect runs.
    pub(crate) fn attempt_runs(&self, attempt: u64, by: Pid) -> bool {
        let mut state = self.lock();
        match state.attempts.get_mut(&attempt) {
            Some(attempt) => {
                attempt.process = by;
                true
            }
            None => false,
        }
    }

    /// The node connects, as it says, to this one. Returns what is to be done about it, and the process whose attempt is
    /// given up for it.
    pub(in crate::node) fn arrive(&self, attempt: u64, own: &NodeName, by: Pid) -> (Arrival, Option<Pid>) {
        let mut state = self.lock();
        let arrival = state.election.arrive(attempt, own, &self.name);
        let given_up = match arrival {
            Arrival::Nok | Arrival::Refuse => return (arrival, None),
            Arrival::Again { instead_of } | Arrival::Simultaneous { instead_of } => state.attempts.remove(&instead_of),
            Arrival::Accept | Arrival::Alive => None,
        };
        state.attempts.insert(attempt, Attempted { process: by, dialled: false });
        (arrival, given_up.map(|given_up| given_up.process))
    }

    /// An attempt has succeeded. An earlier connection is closed before the new one is used, and everything that depends on
    /// it has been told, also if another thread does that.
    pub(crate) async fn up(self: &Arc<Self>, peer: &Introduction, conn: &Arc<Conn>) -> Result<(), &'static str> {
        let node = self.node().ok_or("this node has ended")?;
        let (mut finished, mut life) = (false, None);
        poll_fn(|cx| {
            let waker = cx.waker().clone();
            loop {
                let mut state = self.lock();
                if state.losing > 0 {
                    state.wait(waker);
                    return Poll::Pending;
                }
                if !std::mem::replace(&mut finished, true) {
                    match state.election.finish(conn.number) {
                        Err(Lost) => return Poll::Ready(Err(GIVEN_UP)),
                        Ok(None) => {}
                        Ok(Some(replaced)) => {
                            let old = state.conn.clone().filter(|old| old.number == replaced);
                            self.lost(&node, state, replaced, ExitReason::NoConnection);
                            if let Some(old) = old {
                                node.system.exit(old.process, ExitReason::Shutdown);
                            }
                            continue;
                        }
                    }
                }
                let Some(life) = life else {
                    drop(state);
                    // Not before: an attempt that is given up is no life of the node.
                    life = node.incarnation(self, peer.creation);
                    if life.is_none() {
                        return Poll::Ready(Err("too many nodes are connected, or needed here"));
                    }
                    continue;
                };
                self.used(&node, state, (peer.creation, life), conn);
                return Poll::Ready(Ok(()));
            }
        })
        .await
    }

    /// The connection is used from now on.
    fn used(&self, node: &Shared, mut state: MutexGuard<'_, State>, (creation, life): (u32, NodeId), conn: &Arc<Conn>) {
        state.attempts.remove(&conn.number);
        state.known = true;
        if state.node_of_life(creation).is_none() {
            state.lives.push((creation, life));
        }
        state.life = Some(life);
        state.failure = None;
        state.queued = 0;
        if !conn.acknowledges_unlinks() {
            state.ties.unlinked.clear();
        }
        let names = state.names.node;
        let past = |pid: &Pid| pid.node() != life && names != Some(pid.node());
        let ended: Vec<_> = state.ties.stand_ins.extract_if(|pid, _| past(pid)).collect();
        state.ties.watches.retain(|pid, _| !past(pid));
        for Queued { sender, control, payload } in std::mem::take(&mut state.queue) {
            if control.creation_of_receiver().is_none_or(|of| of == creation) {
                conn.send(sender, control, &payload);
            }
        }
        state.conn = Some(conn.clone());
        // Before the connection can be lost.
        state.events.push_back(NodeEvent::Up { node: self.name.clone(), hidden: conn.hidden });
        let waiting = std::mem::take(&mut state.waiting);
        drop(state);
        for stand_in in by_age(ended) {
            stand_in.end(ExitReason::NoProc);
        }
        self.report(node);
        waiting.into_iter().for_each(Waker::wake);
    }

    /// An attempt has failed, or a connection is lost: everything that depends on it is told. Does nothing the second time.
    pub(crate) fn down(self: &Arc<Self>, number: u64, reason: ExitReason) {
        let Some(node) = self.node() else { return };
        let mut state = self.lock();
        let was_accepted = state.attempts.remove(&number).is_some_and(|attempt| !attempt.dialled);
        let is_idle = state.election.end(number);
        // Somebody has only claimed to be the node, which those who wait for it have not yet tried to reach.
        let nobody_waits = state.queue.is_empty() && state.waiting.is_empty() && state.monitors.is_empty();
        let is_wanted = state.known && !nobody_waits;
        let redial = if was_accepted && is_idle && is_wanted { state.begin(&node) } else { None };
        if let Some(attempt) = redial {
            drop(state);
            return node.dial(self.clone(), attempt);
        }
        // Before what waits is dropped: those who wait must not take that for room.
        state.ended += 1;
        if is_idle || state.conn.as_ref().is_some_and(|conn| conn.number == number) {
            self.lost(&node, state, number, reason);
        } else {
            drop(state);
        }
        let waiting = std::mem::take(&mut self.lock().waiting);
        waiting.into_iter().for_each(Waker::wake);
    }

    /// Why an attempt fails.
    pub(crate) fn fails_because(&self, why: String) {
        self.lock().failure = Some(why.into());
    }

    /// Tells everything that depends on the connection, and then those who monitor it. A new one is not used before.
    fn lost(self: &Arc<Self>, node: &Arc<Shared>, mut state: MutexGuard<'_, State>, number: u64, reason: ExitReason) {
        state.losing += 1;
        let Dependents { conn, ties, queue, monitors } = state.lose(number);
        let down = conn.as_ref().map(|conn| NodeEvent::Down {
            node: self.name.clone(),
            hidden: conn.hidden,
            reason,
            info: NodeInfo::of(self, conn, &ties),
        });
        drop(state);
        let _losing = Losing(self);
        // Before anybody is told: who calls again then, on another thread, has begun another call.
        let calls = node.calls.take_all(self);
        drop(queue);
        if let Some(conn) = &conn {
            conn.outbox.close();
        }
        for stand_in in by_age(ties.stand_ins) {
            stand_in.end(ExitReason::NoConnection);
        }
        for answer in calls {
            let _ = answer.send(Err(ExitReason::NoConnection));
        }
        self.tell(monitors);
        if let Some(down) = down {
            self.lock().events.push_back(down);
        }
        self.report(node);
    }

    /// Reports what has happened, unless another thread does, which then reports this, too.
    fn report(&self, node: &Shared) {
        loop {
            let mut state = self.lock();
            if state.is_reporting {
                return;
            }
            let Some(event) = state.events.pop_front() else { return };
            state.is_reporting = true;
            drop(state);
            node.system.report(|| event);
            self.lock().is_reporting = false;
        }
    }
}

/// A connection that is over, and what depends on it.
struct Dependents {
    conn: Option<Arc<Conn>>,
    ties: Ties,
    queue: Vec<Queued>,
    monitors: Monitors,
}

impl State {
    /// The connection, or the only attempt to make one, is over. All that depends on it is taken at once: whoever comes later
    /// finds no connection, and begins an attempt of its own.
    fn lose(&mut self, number: u64) -> Dependents {
        self.life = None;
        self.queued = 0;
        Dependents {
            conn: self.conn.take_if(|conn| conn.number == number),
            ties: std::mem::take(&mut self.ties),
            queue: std::mem::take(&mut self.queue),
            monitors: std::mem::take(&mut self.monitors),
        }
    }
}

/// Everything that depends on a connection is being told that it is lost.
struct Losing<'a>(&'a PeerNode);

impl Drop for Losing<'_> {
    fn drop(&mut self) {
        let mut state = self.0.lock();
        state.losing -= 1;
        let waiting = std::mem::take(&mut state.waiting);
        drop(state);
        waiting.into_iter().for_each(Waker::wake);
    }
}

#[cfg(test)]
mod tests {
    use otp::tokio::TokioExecutor;
    use otp_core::{Address, ProcessContext};

    use crate::node::monitor::NodeDown;
    use crate::unconnected;

    #[test]
    fn who_monitors_a_node_as_it_is_lost_is_told_or_has_it_connected_again() {
        let done = TokioExecutor::current_thread().run(async |system| {
            let node = unconnected::node(&system);
            let (peer, conn) = unconnected::connect(&node).await;
            let number = conn.number;
            let who = system.spawn(async |mut ctx: ProcessContext<NodeDown>| drop(ctx.receive().await));
            let monitor = || peer.monitor(&node, Address::from(&who));
            let (before, lost) = (monitor(), peer.lock().lose(number));
            assert!(lost.conn.is_some());
            assert_eq!(lost.monitors.into_keys().collect::<Vec<_>>(), [before]);
            peer.lock().election.end(number);
            let later = monitor();
            let state = peer.lock();
            assert_eq!(state.monitors.keys().collect::<Vec<_>>(), [&later]);
            assert_eq!(state.attempts.len(), 1);
        });
        done.unwrap();
    }
}
