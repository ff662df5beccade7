use std::collections::HashMap;
use std::num::NonZeroU64;
use std::sync::Arc;

use otp_core::Pid;
use otp_core::node::Node as NodeId;
use otp_etf::Atom;

use super::state::{PeerNode, State};
use crate::node::ids::wire_pid;
use crate::proto::PidOrName;

/// The names of processes that were asked for, with pids that stand for them.
#[derive(Default)]
pub(in crate::node) struct Names {
    pub(in crate::node) node: Option<NodeId>,
    by_name: HashMap<Atom, NonZeroU64>,
    names: Vec<Atom>,
}

impl PeerNode {
    /// The pid that stands for a name of a process there, if the program has asked for it.
    pub(in crate::node) fn known_pid_of_name(&self, name: &Atom) -> Option<Pid> {
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
    pub(in crate::node) fn wire_target(&self, state: &State, pid: Pid) -> Option<PidOrName> {
        if state.names.node == Some(pid.node()) {
            return state.names.names.get(pid.number() as usize - 1).cloned().map(PidOrName::Name);
        }
        let (creation, _) = state.lives.iter().find(|(_, node)| *node == pid.node())?;
        Some(PidOrName::Pid(wire_pid(&self.name, *creation, pid.number())))
    }
}
