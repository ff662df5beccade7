use std::collections::HashMap;
use std::hash::Hash;
use std::sync::Arc;

use otp_behaviour::{contain, report_crash};
use otp_core::{Address, Message, MonitorRef, Pid, Process, ProcessContext};
use otp_etf::{self as etf, Atom, Term, from_term, to_term};
use otp_registry::{GroupChange, GroupEvent, GroupMonitor, Groups};
use serde::Serialize;
use serde::de::DeserializeOwned;

use super::member::elsewhere;
use super::others::{Members, Others, beyond, count, join, leave};
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
    here: HashMap<Arc<K>, Vec<Pid>>,
    others: Others<K>,
}

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
        let here = members.into_iter().map(|(group, members)| {
            (group, members.iter().map(|member| member.pid()).filter(|pid| pid.is_here()).collect())
        });
        let node = cluster.shared().clone();
        let life = Life {
            process: Process::clone(ctx),
            name: Atom::new(name).expect("a name of a process is short"),
            groups,
            scope,
            own: node.own.wire_pid(scope),
            end: ctx.monitor(scope),
            changes,
            here: here.filter(|(_, pids): &(_, Vec<Pid>)| !pids.is_empty()).collect(),
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
                for (group, pids) in self.others.remove(down.monitor).unwrap_or_default() {
                    self.left(&group, &pids);
                }
            }
            Message::User(News::Group(event)) if event.monitor == self.changes => self.changed(&event),
            Message::User(News::Node(NodeEvent::Up { node, hidden: false })) => self.discover(node),
            Message::User(News::Said { to, from, message }) if to == self.scope => {
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
        match joined {
            true => join(&mut self.here, event.group.clone(), &pids),
            false => leave(&mut self.here, &event.group, &pids),
        }
        let Some(group) = term_of(&*event.group) else { return };
        let wire: Vec<_> = pids.iter().map(|pid| self.node.own.wire_pid(*pid)).collect();
        for other in self.others.all() {
            self.say(
                other,
                match joined {
                    true => Said::Join(group.clone(), wire.clone()),
                    false => Said::Leave(wire.clone(), vec![group.clone()]),
                },
            );
        }
    }

    fn hear(&mut self, from: &NodeName, message: Term) {
        let Some((scope, said)) = Said::read(message).filter(|(scope, _)| scope.node == *from.atom()) else {
            tracing::warn!(target: "otp::dist", %from, scope = %self.name, "what a node says to groups is not understood");
            return;
        };
        match said {
            Said::Discover => {
                self.say(&scope, Said::Sync(self.all_here()));
                if !self.others.knows(&scope) && self.meet(&scope) {
                    self.say(&scope, Said::Discover);
                }
            }
            Said::Sync(groups) => {
                if self.others.knows(&scope) || self.meet(&scope) {
                    self.sync(&scope, from, groups);
                }
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
                for group in groups.iter().filter_map(|group| from_term::<K>(group).ok()) {
                    if let Some(members) = self.others.members(&scope) {
                        leave(members, &group, &pids);
                        self.left(&group, &pids);
                    }
                }
            }
        }
    }

    /// Knows a scope from now on, in the place of an earlier one of its node; false if that is not connected any more.
    fn meet(&mut self, scope: &etf::Pid) -> bool {
        let Some(pid) = self.node.pid_of(scope) else { return false };
        if let Some((monitor, members)) = self.others.add(scope.clone(), self.process.monitor(pid)) {
            self.process.demonitor(monitor);
            for (group, pids) in members {
                self.left(&group, &pids);
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
                join(&mut now, group, &self.pids(from, &pids));
            }
        }
        let Some(members) = self.others.members(scope) else { return };
        let before = std::mem::take(members);
        for (group, pids) in &before {
            let gone = beyond(pids, now.get(group).map_or(&[], Vec::as_slice));
            self.left(group, &gone);
            let stay = beyond(pids, &gone);
            if let Some(members) = self.others.members(scope)
                && !stay.is_empty()
            {
                join(members, group.clone(), &stay);
            }
        }
        for (group, pids) in now {
            let new = beyond(&pids, before.get(&group).map_or(&[], Vec::as_slice));
            self.join(scope, from, group, &new);
        }
    }

    /// Members of another node join a group.
    fn join(&mut self, scope: &etf::Pid, from: &NodeName, group: K, pids: &[Pid]) {
        let Some(members) = self.others.members(scope).filter(|_| !pids.is_empty()) else { return };
        if count(members) + pids.len() > self.node.config.limits.max_ties() {
            tracing::warn!(target: "otp::dist", %from, scope = %self.name, "a node has too many members in groups");
            return;
        }
        let member = |pid: &Pid| {
            let wire = self.node.wire_pid(*pid)?;
            let to = Remote::new(self.node.clone(), Destination::Pid(wire));
            Some(elsewhere(&self.node.system, *pid, to))
        };
        let joining: Vec<_> = pids.iter().filter_map(member).collect();
        join(members, group.clone(), pids);
        // They are gone already if the connection is, and so is the scope.
        let _ = self.groups.join_members(&group, &joining);
    }

    fn left(&self, group: &K, pids: &[Pid]) {
        // They may have left already, as their connection was lost.
        let _ = self.groups.leave_all(group, pids.iter().copied());
    }

    /// The processes of a node; it cannot speak for those of others.
    fn pids(&self, of: &NodeName, pids: &[etf::Pid]) -> Vec<Pid> {
        pids.iter().filter(|pid| pid.node == *of.atom()).filter_map(|pid| self.node.pid_of(pid)).collect()
    }

    fn all_here(&self) -> Vec<(Term, Vec<etf::Pid>)> {
        let wire = |pids: &Vec<Pid>| pids.iter().map(|pid| self.node.own.wire_pid(*pid)).collect();
        self.here.iter().filter_map(|(group, pids)| Some((term_of(&**group)?, wire(pids)))).collect()
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
