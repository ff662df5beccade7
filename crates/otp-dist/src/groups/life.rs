use std::hash::Hash;
use std::sync::Arc;

use otp_behaviour::{contain, report_crash};
use otp_core::{Address, Message, MonitorRef, Pid, Process, ProcessContext};
use otp_etf::{self as etf, Atom, Term, from_term, to_term};
use otp_registry::{GroupChange, GroupEvent, GroupMonitor, Groups};
use serde::Serialize;
use serde::de::DeserializeOwned;

use super::inbox::Inbox;
use super::member::elsewhere;
use super::members::Members;
use super::others::Others;
use super::said::Said;
use super::sharing::News;
use crate::conn::payload_of;
use crate::node::{Cluster, NodeEvent, Shared};
use crate::proto::NodeName;
use crate::remote::{Destination, Remote};

/// A scope that runs, and is shared.
pub(super) struct Life<K, M> {
    process: Process,
    node: Arc<Shared>,
    name: Atom,
    groups: Groups<K, M>,
    /// The process of the scope, and as other nodes know it.
    scope: Pid,
    own: etf::Pid,
    /// Reports its end.
    end: MonitorRef,
    changes: GroupMonitor,
    /// The members that run here, as far as other nodes were told.
    here: Members<Arc<K>>,
    others: Others<K>,
    _inbox: Inbox<K, M>,
}

/// How many pids are in one message, at most: with long names of nodes, some megabytes.
const AT_ONCE: usize = 32_768;

impl<K, M> Life<K, M>
where
    K: Serialize + DeserializeOwned + Hash + Eq + Clone + Send + Sync + 'static,
    M: Serialize + Send + 'static,
{
    /// Begins to share a scope; `None` if it has ended.
    pub(super) fn begin(
        ctx: &ProcessContext<News<K, M>>,
        cluster: &Cluster,
        groups: Groups<K, M>,
        name: &str,
        scope: Pid,
    ) -> Option<Life<K, M>> {
        let (changes, members) = groups.monitor_all(Address::from(ctx.this()).map_message(News::Group)).ok()?;
        let mut here = Members::new();
        for (group, members) in members {
            let pids: Vec<Pid> = members.iter().map(|member| member.pid()).filter(|pid| pid.is_here()).collect();
            here.join(group, &pids);
        }
        let node = cluster.shared().clone();
        let life = Life {
            process: Process::clone(ctx),
            name: Atom::new(name).expect("a name of a process is short"),
            groups,
            scope,
            own: node.own.wire_pid(scope),
            end: ctx.monitor(scope),
            changes,
            here,
            _inbox: Inbox::open(ctx, scope),
            others: Others::new(),
            node,
        };
        cluster.nodes().visible.into_iter().for_each(|node| life.discover(node));
        Some(life)
    }

    /// Carries on; false once the scope has ended.
    pub(super) fn goes_on(&mut self, message: Message<News<K, M>>) -> bool {
        match message {
            Message::Down(down) if down.monitor == self.end => return false,
            Message::Down(down) => {
                let gone = self.others.remove(down.monitor);
                for (group, pids) in gone.iter().flat_map(Members::all) {
                    self.left(group, &pids);
                }
            }
            Message::User(News::Group(event)) if event.monitor == self.changes => self.changed(&event),
            Message::User(News::Node(NodeEvent::Up { node, hidden: false })) => self.discover(node),
            Message::User(News::Said { to, from, message, waiting: _waiting }) if to == self.scope => {
                // Keys are made and compared by the program's code.
                if let Err(crash) = contain(|| self.hear(&from, message)) {
                    report_crash(&self.process, &crash);
                }
            }
            _ => {}
        }
        true
    }

    /// A group has changed: other nodes are told of the members that run here.
    fn changed(&mut self, event: &GroupEvent<K, M>) {
        let pids: Vec<Pid> = event.pids().into_iter().filter(|pid| pid.is_here()).collect();
        if pids.is_empty() {
            return;
        }
        let joined = event.change == GroupChange::Joined;
        if joined {
            self.here.join(event.group.clone(), &pids);
        } else {
            self.here.leave(&event.group, &pids);
        }
        let Some(group) = term_of(&*event.group) else { return };
        let wire: Vec<_> = pids.iter().map(|pid| self.node.own.wire_pid(*pid)).collect();
        for (other, some) in self.others.all().flat_map(|other| wire.chunks(AT_ONCE).map(move |some| (other, some))) {
            let said = if joined {
                Said::Join(group.clone(), some.to_vec())
            } else {
                Said::Leave(some.to_vec(), vec![group.clone()])
            };
            self.say(other, said);
        }
    }

    fn hear(&mut self, from: &NodeName, message: Term) {
        let Some((scope, said)) = Said::read(message).filter(|(scope, _)| scope.node == *from.atom()) else {
            tracing::warn!(target: "otp::dist", %from, scope = %self.name, "what a node says to groups is not understood");
            return;
        };
        match said {
            Said::Discover => {
                self.tell_all(&scope);
                if !self.others.knows(&scope) && self.meet(&scope) {
                    self.say(&scope, Said::Discover);
                }
            }
            Said::Sync(groups) => {
                if !self.others.knows(&scope) {
                    if !self.meet(&scope) {
                        return;
                    }
                    // From now on it is told of changes, and Erlang's scopes end when a group is left that they do not know.
                    self.tell_all(&scope);
                }
                self.sync(&scope, from, groups);
            }
            // One that is not known has gone meanwhile.
            Said::Join(group, pids) => {
                let pids = self.pids(from, &pids);
                if let Ok(group) = from_term::<K>(&group) {
                    self.join(&scope, from, group, &pids);
                }
            }
            Said::Leave(pids, groups) => {
                let pids = self.pids(from, &pids);
                if pids.len().saturating_mul(groups.len()) > self.most() {
                    tracing::warn!(target: "otp::dist", %from, scope = %self.name, "too many leave groups at once");
                    return;
                }
                for group in groups.iter().filter_map(|group| from_term::<K>(group).ok()) {
                    self.leave(&scope, &group, &pids);
                }
            }
        }
    }

    /// Knows a scope from now on, in the place of an earlier one of its node; false if that is not connected any more.
    fn meet(&mut self, scope: &etf::Pid) -> bool {
        let Some(pid) = self.node.pid_of(scope) else { return false };
        if let Some((monitor, members)) = self.others.add(scope.clone(), self.process.monitor(pid)) {
            self.process.demonitor(monitor);
            for (group, pids) in members.all() {
                self.left(group, &pids);
            }
        }
        true
    }

    /// These are all members that a scope has.
    fn sync(&mut self, scope: &etf::Pid, from: &NodeName, groups: Vec<(Term, Vec<etf::Pid>)>) {
        let mut now = Members::new();
        for (group, pids) in groups {
            // Keys of another type are groups that this scope does not have.
            if let Ok(group) = from_term::<K>(&group) {
                now.join(group, &self.pids(from, &pids));
            }
        }
        let Some(before) = self.others.members(scope).map(|members| members.clone()) else { return };
        for (group, pids) in before.all() {
            self.leave(scope, group, &now.beyond(group, &pids));
        }
        for (group, pids) in now.all() {
            self.join(scope, from, group.clone(), &before.beyond(group, &pids));
        }
    }

    /// Members of another node join a group.
    fn join(&mut self, scope: &etf::Pid, from: &NodeName, group: K, pids: &[Pid]) {
        let Some(members) = self.others.members(scope).filter(|_| !pids.is_empty()) else { return };
        if members.count() + pids.len() > self.node.config.limits.max_ties() {
            tracing::warn!(target: "otp::dist", %from, scope = %self.name, "a node has too many members in groups");
            return;
        }
        let member = |pid: &Pid| {
            let wire = self.node.wire_pid(*pid)?;
            let to = Remote::new(self.node.clone(), Destination::Pid(wire));
            Some(elsewhere(&self.node.system, *pid, to))
        };
        let joining: Vec<_> = pids.iter().filter_map(member).collect();
        members.join(group.clone(), pids);
        // They are gone already if the connection is, and so is the scope.
        let _ = self.groups.join_members(&group, &joining);
    }

    /// Members of another node leave a group.
    fn leave(&mut self, scope: &etf::Pid, group: &K, pids: &[Pid]) {
        let left = self.others.members(scope).map(|members| members.leave(group, pids));
        self.left(group, &left.unwrap_or_default());
    }

    /// How many memberships a node may have.
    fn most(&self) -> usize {
        self.node.config.limits.max_ties()
    }

    fn left(&self, group: &K, pids: &[Pid]) {
        // They may have left already, as their connection was lost.
        let _ = self.groups.leave_all(group, pids.iter().copied());
    }

    /// The processes of a node; it cannot speak for those of others.
    fn pids(&self, of: &NodeName, pids: &[etf::Pid]) -> Vec<Pid> {
        pids.iter().filter(|pid| pid.node == *of.atom()).filter_map(|pid| self.node.pid_of(pid)).collect()
    }

    /// Tells a scope of all members here: of as many as a message may have, and then of the others.
    fn tell_all(&self, scope: &etf::Pid) {
        let wire = |pids: &[Pid]| pids.iter().map(|pid| self.node.own.wire_pid(*pid)).collect();
        let (mut sync, mut room, mut later) = (Vec::new(), AT_ONCE, Vec::new());
        for (group, pids) in self.here.all() {
            let Some(group) = term_of(&**group) else { continue };
            let (now, rest) = pids.split_at(room.min(pids.len()));
            room -= now.len();
            if !now.is_empty() {
                sync.push((group.clone(), wire(now)));
            }
            later.extend(rest.chunks(AT_ONCE).map(|some| Said::Join(group.clone(), wire(some))));
        }
        self.say(scope, Said::Sync(sync));
        later.into_iter().for_each(|said| self.say(scope, said));
    }

    /// Asks a node for its scope.
    fn discover(&self, node: NodeName) {
        self.send(&Destination::Name(self.name.clone(), node), Said::Discover);
    }

    fn say(&self, scope: &etf::Pid, said: Said) {
        self.send(&Destination::Pid(scope.clone()), said);
    }

    /// Connects to nobody, and does not wait: a peer that does not read is closed.
    fn send(&self, to: &Destination, said: Said) {
        if let Some(peer) = self.node.peer_at(to) {
            let (sender, payload) = (self.process.pid(), payload_of(&said.write(self.own.clone())));
            let _ = peer.post(sender, to.send(self.node.own.wire_pid(sender)), payload, false);
        }
    }
}

/// A key as other nodes know it; one that is no term is not shared.
fn term_of<K: Serialize>(group: &K) -> Option<Term> {
    to_term(group)
        .inspect_err(
            |error| tracing::warn!(target: "otp::dist", %error, "a group cannot be shared: its key is no term"),
        )
        .ok()
}
