use std::collections::{BTreeSet, HashMap};

use foldhash::fast::FixedState;
use otp_behaviour::HandOver;
use otp_core::runtime::Instant;
use otp_core::{Label, Pid};
use slab::Slab;

use crate::spec::ChildSpec;

/// A child's place in the start order: children that were added later have greater keys. It leads to the child without a
/// search, and to none once the child is removed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[expect(unnameable_types, reason = "a sealed trait mentions it")]
pub struct Key {
    place: u64,
    slot: usize,
}

/// The children of a supervisor, in start order. Plain data: this type runs no code of children.
#[derive(Default)]
#[expect(unnameable_types, reason = "a sealed trait mentions it")]
pub struct Children {
    /// Boxed, so that the slots of many children are moved fast when there are more.
    slots: Slab<Box<Child>>,
    in_order: BTreeSet<Key>,
    by_id: HashMap<Label, Key>,
    by_pid: HashMap<Pid, Key, FixedState>,
    next: u64,
    /// Children of a dynamic supervisor have no ids, and are removed when they end.
    dynamic: bool,
}

pub(crate) struct Child {
    key: Key,
    pub(crate) spec: ChildSpec,
    pub(crate) state: ChildState,
    /// The total number of its restarts.
    pub(crate) restarts: u64,
    /// The number of restarts in a row, for its backoff.
    pub(crate) in_a_row: u32,
    /// When it was started last, if it has a backoff, which may forget its crashes after some time.
    pub(crate) started: Option<Instant>,
    /// How often its start was postponed, in total.
    pub(crate) put_off: u64,
    /// What it saves, if its spec asks for that.
    pub(crate) hand_over: Option<HandOver>,
}

/// The state of a child, as its supervisor knows it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum ChildState {
    /// The child was started, and the supervisor has not been notified of its end.
    Running(Pid),
    /// The start of the child failed, or is postponed, and will be tried again. The pid is its previous one.
    Restarting(Option<Pid>),
    /// The child does not run, and is only started on request.
    Stopped,
}

impl ChildState {
    /// Returns the pid, if the child is running.
    pub fn running(self) -> Option<Pid> {
        match self {
            ChildState::Running(pid) => Some(pid),
            _ => None,
        }
    }

    /// Returns the pid by which the child can be found.
    fn pid(self) -> Option<Pid> {
        match self {
            ChildState::Running(pid) => Some(pid),
            ChildState::Restarting(old) => old,
            ChildState::Stopped => None,
        }
    }
}

impl Children {
    pub(crate) fn with_ids() -> Children {
        Children::default()
    }

    pub(crate) fn without_ids() -> Children {
        Children { dynamic: true, ..Children::default() }
    }

    /// Adds a child behind all others.
    pub(crate) fn add(&mut self, spec: ChildSpec) -> Key {
        let slot = self.slots.vacant_entry();
        let key = Key { place: self.next, slot: slot.key() };
        self.next += 1;
        if !self.dynamic {
            self.by_id.insert(spec.id().clone(), key);
        }
        let state = ChildState::Stopped;
        let hand_over = spec.new_hand_over();
        slot.insert(Box::new(Child {
            key,
            spec,
            state,
            restarts: 0,
            in_a_row: 0,
            started: None,
            put_off: 0,
            hand_over,
        }));
        self.in_order.insert(key);
        key
    }

    pub(crate) fn remove(&mut self, key: Key) {
        if !self.in_order.remove(&key) {
            return;
        }
        let child = self.slots.remove(key.slot);
        if !self.dynamic {
            self.by_id.remove(child.spec.id());
        }
        if let Some(pid) = child.state.pid() {
            self.by_pid.remove(&pid);
        }
    }

    pub(crate) fn set_state(&mut self, key: Key, state: ChildState) {
        if let Some(child) = find(&mut self.slots, key) {
            set_state(&mut self.by_pid, child, state);
        }
    }

    /// Records that a child runs; with `None`, that its start function returned `ignore`.
    pub(crate) fn started(&mut self, key: Key, pid: Option<Pid>, now: impl FnOnce() -> Instant) {
        let Some(pid) = pid else { return self.ended(key) };
        if let Some(child) = find(&mut self.slots, key) {
            set_state(&mut self.by_pid, child, ChildState::Running(pid));
            child.started = child.spec.backoff_policy().map(|_| now());
        }
    }

    /// Records that a child does not run and will not be restarted: its spec stays, unless the child is temporary or
    /// the supervisor dynamic.
    pub(crate) fn ended(&mut self, key: Key) {
        match find(&mut self.slots, key) {
            Some(child) if !self.dynamic && !child.spec.is_temporary() => {
                set_state(&mut self.by_pid, child, ChildState::Stopped);
            }
            _ => self.remove(key),
        }
    }

    /// Records that a child will be restarted later.
    pub(crate) fn put_off(&mut self, key: Key) {
        if let Some(child) = self.get_mut(key) {
            child.put_off += 1;
            let state = ChildState::Restarting(child.state.pid());
            self.set_state(key, state);
        }
    }

    pub(crate) fn get(&self, key: Key) -> Option<&Child> {
        self.slots.get(key.slot).map(|child| &**child).filter(|child| child.key == key)
    }

    pub(crate) fn get_mut(&mut self, key: Key) -> Option<&mut Child> {
        find(&mut self.slots, key)
    }

    pub(crate) fn by_id(&self, id: &Label) -> Option<Key> {
        self.by_id.get(id).copied()
    }

    pub(crate) fn by_pid(&self, pid: Pid) -> Option<Key> {
        self.by_pid.get(&pid).copied()
    }

    /// Whether the supervisor is dynamic: its children have no ids.
    pub(crate) fn are_dynamic(&self) -> bool {
        self.dynamic
    }

    /// Iterates over all children in start order.
    pub(crate) fn iter(&self) -> impl DoubleEndedIterator<Item = (Key, &Child)> {
        self.in_order.iter().map(|key| (*key, &*self.slots[key.slot]))
    }

    /// Iterates over a child and those that were started after it, in start order.
    pub(crate) fn since(&self, first: Key) -> impl DoubleEndedIterator<Item = (Key, &Child)> {
        self.in_order.range(first..).map(|key| (*key, &*self.slots[key.slot]))
    }

    pub(crate) fn len(&self) -> usize {
        self.slots.len()
    }
}

fn find(slots: &mut Slab<Box<Child>>, key: Key) -> Option<&mut Child> {
    slots.get_mut(key.slot).map(|child| &mut **child).filter(|child| child.key == key)
}

fn set_state(by_pid: &mut HashMap<Pid, Key, FixedState>, child: &mut Child, state: ChildState) {
    if let Some(old) = child.state.pid() {
        by_pid.remove(&old);
    }
    child.state = state;
    if let Some(pid) = state.pid() {
        by_pid.insert(pid, child.key);
    }
}
