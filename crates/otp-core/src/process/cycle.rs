use std::collections::{HashMap, VecDeque};

use super::header::Header;
use super::pid::Pid;
use super::waits::Edge;
use crate::call::{Callee, Cycle};

/// A cycle that was found: each process with the wait for the next.
type Ring = Vec<(Pid, Edge)>;

impl Header {
    /// Looks whether this process, whose poll is over, waits for itself through others that cannot go on either. If so,
    /// the first of them that waits for a call is told at its next poll: mostly this one.
    ///
    /// A process that waits for several goes on when one of them answers, for all that is known. So there is a deadlock only
    /// if no process that can be reached from here can go on. They are not stopped meanwhile, and so they are looked at
    /// twice: who waits for the same both times has waited all the time between, and all at once did so.
    #[cold]
    pub(super) fn look_for_cycle(&self) {
        let Some((ring, all)) = self.ring() else { return };
        if self.ring().is_none_or(|(_, again)| again != all) {
            return;
        }
        let Some(first) = ring.iter().position(|(_, edge)| edge.is_call()) else { return };
        let callees = ring[first..].iter().chain(&ring[..first]).map(|(pid, _)| Callee::of(&self.system, *pid));
        let cycle = Cycle::new(callees);
        let (pid, edge) = ring[first].clone();
        if pid == self.pid {
            self.tell_of(edge, cycle);
        } else if let Some(process) = self.system.table().find(pid) {
            process.header().tell_of(edge, cycle);
        }
    }

    fn tell_of(&self, edge: Edge, cycle: Cycle) {
        if let Some(waits) = self.relations.lock().alive().and_then(|alive| alive.rare().waits.as_mut()) {
            waits.verdict = Some((edge, cycle));
        }
        self.notify();
    }

    /// A way from this process to itself, if it is deadlocked; and all waits that were looked at.
    fn ring(&self) -> Option<(Ring, Vec<(Pid, Edge)>)> {
        let table = self.system.table();
        let (mut all, mut came, mut last) = (Vec::new(), HashMap::new(), None);
        let mut left = VecDeque::from([(self.pid, self.edges()?)]);
        while let Some((pid, edges)) = left.pop_front() {
            for edge in edges {
                let callee = table.find(edge.to)?;
                let to = edge.to;
                all.push((pid, edge.clone()));
                // After this look at what it waits for, as its own wait is what keeps it from answering.
                let next = if to == self.pid { None } else { Some(callee.header().edges()?) };
                if !edge.holds(&*callee) {
                    return None;
                }
                match next {
                    None => drop(last.get_or_insert((pid, edge))),
                    Some(next) if !came.contains_key(&to) => {
                        came.insert(to, (pid, edge));
                        left.push_back((to, next));
                    }
                    Some(_) => {}
                }
            }
        }
        let mut ring = vec![last?];
        while let Some(before) = came.get(&ring.last()?.0) {
            ring.push(before.clone());
        }
        ring.reverse();
        Some((ring, all))
    }
}
