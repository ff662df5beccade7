use std::collections::{HashMap, HashSet, VecDeque};
use std::future::poll_fn;
use std::num::NonZeroU64;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};
use std::task::{Context, Poll, Waker};

use otp_core::node::{Node as NodeId, StandIn};
use otp_core::{ExitReason, MonitorRef, Pid, Ref};
use otp_etf::{self as etf, Atom};

use super::event::NodeEvent;
use super::ids::wire_pid;
use super::info::NodeInfo;
use super::outgoing::Far;
use super::shared::Shared;
use crate::conn::Conn;
use crate::proto::{Arrival, Control, Election, Introduction, Lost, NodeName, PidOrName};

/// Another node: the connection to it, and what of it is known here.
pub(crate) struct PeerNode {
    pub(crate) name: NodeName,
    node: Weak<Shared>,
    pub(super) state: Mutex<State>,
    /// How many of its calls wait for the answers of servers here.
    calls: Arc<AtomicUsize>,
}

#[derive(Default)]
pub(super) struct State {
    election: Election,
    /// The processes that connect, by the numbers of their attempts.
    attempts: HashMap<u64, Attempted>,
    pub(super) conn: Option<Arc<Conn>>,
    /// Whether it may be connected to: the program has asked for it, or it has been connected and knows the cookie.
    known: bool,
    /// Its lives: creations, and what pids of them have.
    lives: Vec<(u32, NodeId)>,
    /// Its current life, while it is connected.
    pub(super) life: Option<NodeId>,
    pub(super) names: Names,
    pub(super) ties: Ties,
    /// Messages that wait for the connection.
    queue: Vec<Queued>,
    queued: usize,
    /// Those who wait for the connection.
    waiting: Vec<Waker>,
    /// Why the last attempt has failed.
    failure: Option<ConnectFailure>,
    /// Counts the ends of attempts and connections, for those who wait.
    ended: u64,
    /// How many threads tell of a lost connection.
    losing: usize,
    /// What is to be reported, in order, and whether a thread does that.
    events: VecDeque<NodeEvent>,
    is_reporting: bool,
}

/// A process that connects, or that somebody has connected to.
struct Attempted {
    process: Pid,
    dialled: bool,
}

/// The names of processes that were asked for, with pids that stand for them.
#[derive(Default)]
pub(super) struct Names {
    pub(super) node: Option<NodeId>,
    by_name: HashMap<Atom, NonZeroU64>,
    names: Vec<Atom>,
}

/// What ties processes there to processes here.
#[derive(Default)]
pub(super) struct Ties {
    pub(super) stand_ins: HashMap<Pid, StandIn>,
    /// When to look for stand-ins that nothing needs.
    sweep_at: usize,
    /// Links that processes there have made: the process here and there.
    pub(super) links: HashSet<(Pid, Pid)>,
    /// Links that were removed here, which is not acknowledged: the process here and there, and the id.
    pub(super) unlinked: HashMap<(Pid, Pid), u64>,
    pub(super) next_unlink: u64,
    /// Monitors that processes there have set here.
    pub(super) monitors: HashMap<MonitorRef, Monitored>,
    pub(super) by_reference: HashMap<etf::Reference, MonitorRef>,
    /// The monitors of processes there for whose ends futures wait, or have waited.
    pub(super) watches: HashMap<Pid, Ref>,
}

/// A monitor that a process there has set here.
pub(super) struct Monitored {
    /// The process that monitors.
    pub(super) watcher: Pid,
    pub(super) reference: etf::Reference,
    pub(super) target: PidOrName,
    /// The process, if there was one, for the order of its signals.
    pub(super) subject: Option<Pid>,
}

struct Queued {
    sender: Pid,
    control: Control,
    payload: Vec<u8>,
}

/// There is no connection, and what waited for it is dropped.
pub(crate) struct NotMade;

/// Why a connection was not made.
pub(crate) type ConnectFailure = Arc<str>;

/// What became of a message to another node.
pub(crate) enum Posted {
    Sent(Arc<Conn>),
    /// It is sent once the node is connected. The attempts that had ended before.
    Queued(u64),
    /// It was delivered to a process here.
    Here,
    /// The node is not connected, and is not to be.
    Unreachable,
}

/// How many bytes may wait for a connection before one more message, however large it is.
const MOST_QUEUED: usize = 16 << 20;

impl PeerNode {
    pub(crate) fn new(node: &Arc<Shared>, name: NodeName) -> Arc<PeerNode> {
        Arc::new(PeerNode { name, node: Arc::downgrade(node), state: Mutex::default(), calls: Arc::default() })
    }

    pub(crate) fn node(&self) -> Option<Arc<Shared>> {
        self.node.upgrade()
    }

    pub(super) fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Returns whether nobody has asked for it, it was never connected, and nobody connects who says to be it.
    pub(crate) fn is_unused(&self) -> bool {
        let state = self.lock();
        !state.known && state.attempts.is_empty()
    }

    pub(crate) fn is_attempted(&self, number: u64) -> bool {
        self.lock().attempts.contains_key(&number)
    }

    /// The program asks for the node.
    pub(crate) fn know(&self) {
        self.lock().known = true;
    }

    pub(crate) fn conn(&self) -> Option<Arc<Conn>> {
        self.lock().conn.clone()
    }

    /// What pids of a life of the node have.
    pub(crate) fn node_of(&self, creation: u32) -> Option<NodeId> {
        self.lock().lives.iter().find(|(life, _)| *life == creation).map(|(_, node)| *node)
    }

    /// The stand-in of a process there, for its ties; made if there is none. It does not connect.
    pub(crate) fn stand_in(self: &Arc<Self>, pid: Pid) -> Option<StandIn> {
        let node = self.node()?;
        let mut state = self.lock();
        if let Some(known) = state.ties.stand_ins.get(&pid) {
            return Some(known.clone());
        }
        if state.conn.is_none() && !state.known {
            return None;
        }
        let stand_in = StandIn::new(&node.system, pid, Arc::new(Far(Arc::downgrade(self))));
        let is_past = state.life.is_some_and(|life| life != pid.node()) && state.names.node != Some(pid.node());
        if is_past {
            drop(state);
            stand_in.end(ExitReason::NoProc);
            return Some(stand_in);
        }
        let is_due = state.ties.insert(pid, stand_in.clone());
        drop(state);
        if is_due {
            self.sweep();
        }
        Some(stand_in)
    }

    /// Forgets the stand-ins that nothing needs, and the monitors for those who have waited for their ends.
    pub(super) fn sweep(self: &Arc<Self>) {
        let Some(node) = self.node() else { return };
        let mut unwatched = Vec::new();
        let unused = {
            let mut state = self.lock();
            let unused = state.ties.sweep();
            for (pid, _) in &unused {
                let watch = state.ties.watches.remove(pid);
                unwatched.extend(self.wire_target(&state, *pid).zip(watch));
            }
            unused
        };
        drop(unused);
        let from = node.own.wire_pid(Pid::SYSTEM);
        for (target, watch) in unwatched {
            let control = Control::Demonitor { from: from.clone(), target, reference: node.own.wire_reference(watch) };
            self.post(Pid::SYSTEM, control, Vec::new(), false);
        }
    }

    /// The pid that stands for a name of a process there, if the program has asked for it.
    pub(super) fn known_pid_of_name(&self, name: &Atom) -> Option<Pid> {
        let state = self.lock();
        let number = *state.names.by_name.get(name)?;
        Some(Pid::elsewhere(state.names.node?, number))
    }

    /// The pid that stands for a name of a process there.
    pub(crate) fn pid_of_name(self: &Arc<Self>, name: &Atom) -> Option<Pid> {
        let node = self.node()?;
        if self.lock().names.node.is_none() {
            let names = node.names_of(self);
            self.lock().names.node = Some(names);
        }
        let mut state = self.lock();
        let Names { node: Some(node), by_name, names } = &mut state.names else { return None };
        let number = *by_name.entry(name.clone()).or_insert_with(|| {
            names.push(name.clone());
            NonZeroU64::new(names.len() as u64).expect("it was added")
        });
        Some(Pid::elsewhere(*node, number))
    }

    /// A process there, or a name, as the node knows it.
    pub(super) fn wire_target(&self, state: &State, pid: Pid) -> Option<PidOrName> {
        if state.names.node == Some(pid.node()) {
            return state.names.names.get(pid.number() as usize - 1).cloned().map(PidOrName::Name);
        }
        let (creation, _) = state.lives.iter().find(|(_, node)| *node == pid.node())?;
        Some(PidOrName::Pid(wire_pid(&self.name, *creation, pid.number())))
    }

    /// Sends a message of a process here, or lets it wait for the connection, which is made if `dials` and the program has
    /// asked for the node.
    pub(crate) fn post(self: &Arc<Self>, sender: Pid, control: Control, payload: Vec<u8>, dials: bool) -> Posted {
        let conn = {
            let mut state = self.lock();
            match &state.conn {
                Some(conn) => conn.clone(),
                None => {
                    let Some(node) = self.node() else { return Posted::Unreachable };
                    if state.queued > MOST_QUEUED {
                        return Posted::Unreachable;
                    }
                    let (mut attempt, ended) = (None, state.ended);
                    if state.attempts.is_empty() {
                        if !dials || !state.known {
                            return Posted::Unreachable;
                        }
                        attempt = state.begin(&node);
                        if attempt.is_none() {
                            return Posted::Unreachable;
                        }
                    }
                    state.queued += payload.len() + size_of::<Queued>();
                    state.queue.push(Queued { sender, control, payload });
                    drop(state);
                    if let Some(attempt) = attempt {
                        node.dial(self.clone(), attempt);
                    }
                    return Posted::Queued(ended);
                }
            }
        };
        if conn.send(sender, control, &payload) { Posted::Sent(conn) } else { Posted::Unreachable }
    }

    /// Waits until the node is connected, or the attempt has failed; begins one if there is none.
    pub(crate) fn poll_connect(
        self: &Arc<Self>,
        begun: &mut Option<u64>,
        cx: &Context<'_>,
    ) -> Poll<Result<(), ConnectFailure>> {
        let waker = cx.waker().clone();
        let Some(node) = self.node() else { return Poll::Ready(Err("the node has ended".into())) };
        let mut state = self.lock();
        state.known = true;
        if state.conn.is_some() {
            return Poll::Ready(Ok(()));
        }
        let mut attempt = None;
        match *begun {
            Some(ended) if state.ended > ended && state.attempts.is_empty() => {
                let failure = state.failure.clone().unwrap_or_else(|| "the connection was lost at once".into());
                return Poll::Ready(Err(failure));
            }
            Some(_) => {}
            None => {
                *begun = Some(state.ended);
                if state.attempts.is_empty() {
                    attempt = state.begin(&node);
                }
            }
        }
        state.wait(waker);
        drop(state);
        if let Some(attempt) = attempt {
            node.dial(self.clone(), attempt);
        }
        Poll::Pending
    }

    /// Waits while too much waits for the connection: for a message that was queued when so many attempts had `ended`.
    /// Returns the connection, if there is one now.
    pub(crate) fn poll_queue(&self, ended: u64, cx: &Context<'_>) -> Poll<Result<Option<Arc<Conn>>, NotMade>> {
        let waker = cx.waker().clone();
        let busy = self.node().map_or(0, |node| node.config.bounds.busy);
        let mut state = self.lock();
        if let Some(conn) = &state.conn {
            return Poll::Ready(Ok(Some(conn.clone())));
        }
        if state.ended > ended && state.attempts.is_empty() {
            return Poll::Ready(Err(NotMade));
        }
        if state.queued < busy {
            return Poll::Ready(Ok(None));
        }
        state.wait(waker);
        Poll::Pending
    }

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
    pub(super) fn arrive(&self, attempt: u64, own: &NodeName, by: Pid) -> (Arrival, Option<Pid>) {
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
                        Err(Lost) => return Poll::Ready(Err("another connection was preferred")),
                        Ok(None) => {}
                        Ok(Some(replaced)) => {
                            let old = state.conn.clone().filter(|old| old.number == replaced);
                            drop(state);
                            self.lost(&node, replaced, ExitReason::NoConnection);
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
                        return Poll::Ready(Err("there have been too many lives of nodes"));
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
        let (is_over, redial) = {
            let mut state = self.lock();
            let was_accepted = state.attempts.remove(&number).is_some_and(|attempt| !attempt.dialled);
            let is_idle = state.election.end(number);
            // Somebody has only claimed to be the node, which those who wait for it have not yet tried to reach.
            let is_wanted = state.known && !(state.queue.is_empty() && state.waiting.is_empty());
            let redial = if was_accepted && is_idle && is_wanted { state.begin(&node) } else { None };
            // Before what waits is dropped: those who wait must not take that for room.
            state.ended += u64::from(redial.is_none());
            (is_idle || state.conn.as_ref().is_some_and(|conn| conn.number == number), redial)
        };
        if let Some(attempt) = redial {
            return node.dial(self.clone(), attempt);
        }
        if is_over {
            self.lost(&node, number, reason);
        }
        let waiting = std::mem::take(&mut self.lock().waiting);
        waiting.into_iter().for_each(Waker::wake);
    }

    /// Why an attempt fails.
    pub(crate) fn fails_because(&self, why: String) {
        self.lock().failure = Some(why.into());
    }

    /// Tells everything that depends on the connection. A new one is not used before.
    fn lost(self: &Arc<Self>, node: &Arc<Shared>, number: u64, reason: ExitReason) {
        let mut state = self.lock();
        state.losing += 1;
        let _losing = Losing(self);
        let conn = state.conn.take_if(|conn| conn.number == number);
        let down = conn.as_ref().map(|conn| NodeEvent::Down {
            node: self.name.clone(),
            hidden: conn.hidden,
            reason,
            info: NodeInfo::of(self, conn, &state),
        });
        state.life = None;
        let ties = std::mem::take(&mut state.ties);
        let queue = std::mem::take(&mut state.queue);
        state.queued = 0;
        drop(state);
        drop(queue);
        if let Some(conn) = &conn {
            conn.outbox.close();
        }
        for stand_in in by_age(ties.stand_ins) {
            stand_in.end(ExitReason::NoConnection);
        }
        node.calls.end_all(self);
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

impl PeerNode {
    /// How many of its calls wait for answers.
    pub(super) fn calls(&self) -> usize {
        self.calls.load(Ordering::Relaxed)
    }

    /// One more of its calls waits for an answer, until what is returned is dropped; `None` if there are too many.
    pub(super) fn begin_call(&self, most: usize) -> Option<InCall> {
        let others = self.calls.fetch_add(1, Ordering::Relaxed);
        let one = InCall(self.calls.clone());
        (others < most).then_some(one)
    }
}

/// A call of another node that waits for the answer of a server here.
pub(super) struct InCall(Arc<AtomicUsize>);

impl Drop for InCall {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::Relaxed);
    }
}

/// Stand-ins in the order in which they end, which is the same whenever the program does the same: that of their pids.
fn by_age(stand_ins: impl IntoIterator<Item = (Pid, StandIn)>) -> impl Iterator<Item = StandIn> {
    let mut stand_ins: Vec<_> = stand_ins.into_iter().collect();
    stand_ins.sort_unstable_by_key(|(pid, _)| *pid);
    stand_ins.into_iter().map(|(_, stand_in)| stand_in)
}

impl State {
    /// Wakes a task when there is a connection, or there is none.
    fn wait(&mut self, waker: Waker) {
        if !self.waiting.iter().any(|waiting| waiting.will_wake(&waker)) {
            self.waiting.push(waker);
        }
    }

    /// Begins an attempt to connect; the caller has the kernel make it, without the lock.
    fn begin(&mut self, node: &Shared) -> Option<u64> {
        let attempt = node.next_number();
        let begun = self.election.dial(attempt);
        if begun {
            self.attempts.insert(attempt, Attempted { process: Pid::SYSTEM, dialled: true });
        }
        begun.then_some(attempt)
    }

    fn node_of_life(&self, creation: u32) -> Option<NodeId> {
        self.lives.iter().find(|(life, _)| *life == creation).map(|(_, node)| *node)
    }
}

impl Ties {
    /// Adds a stand-in; returns whether to look for those that nothing needs.
    fn insert(&mut self, pid: Pid, stand_in: StandIn) -> bool {
        self.stand_ins.insert(pid, stand_in);
        self.stand_ins.len() > self.sweep_at
    }

    /// Takes a stand-in out, with its watch.
    pub(super) fn remove(&mut self, pid: Pid) -> Option<StandIn> {
        self.watches.remove(&pid);
        self.stand_ins.remove(&pid)
    }

    /// Takes out the stand-ins that nothing needs, to be dropped without the lock.
    fn sweep(&mut self) -> Vec<(Pid, StandIn)> {
        let mut unused: Vec<_> = self.stand_ins.extract_if(|_, stand_in| stand_in.is_unused()).collect();
        unused.sort_unstable_by_key(|(pid, _)| *pid);
        self.sweep_at = 2 * self.stand_ins.len() + 64;
        unused
    }

    /// Forgets a monitor that this process there has set.
    pub(super) fn demonitor(&mut self, watcher: Pid, reference: &etf::Reference) -> Option<(StandIn, MonitorRef)> {
        let monitor = *self.by_reference.get(reference)?;
        // It is a tie of the process that has set it, which another one must not hide.
        if self.monitors.get(&monitor)?.watcher != watcher {
            return None;
        }
        self.monitors.remove(&monitor);
        self.by_reference.remove(reference);
        // It has ended before, if its end was watched.
        Some((self.stand_ins.get(&watcher)?.clone(), monitor))
    }

    /// How much of it a peer can have made.
    pub(super) fn count(&self) -> usize {
        self.stand_ins.len() + self.monitors.len() + self.links.len() + self.unlinked.len()
    }
}
