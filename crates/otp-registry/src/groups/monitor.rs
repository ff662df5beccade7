use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

use otp_core::{Address, Kept, TrySendError};

use super::event::{GroupChange, GroupEvent, GroupMonitor};
use super::group::Place;
use super::member::Member;

/// A process that monitors groups.
pub(super) struct Watcher<K, M> {
    pub(super) monitor: GroupMonitor,
    pub(super) to: Address<GroupEvent<K, M>>,
    /// The monitor was removed, and what has not been delivered is not any more.
    pub(super) removed: AtomicBool,
    lost: AtomicU64,
}

/// The monitors of a scope.
pub(super) struct Monitors<K, M> {
    pub(super) all: HashMap<GroupMonitor, Watched>,
    /// Those of the whole scope.
    pub(super) of_scope: Vec<Arc<Watcher<K, M>>>,
}

/// What a monitor watches: a group, or the whole scope.
pub(super) struct Watched {
    pub(super) group: Option<Place>,
    pub(super) kept: Option<Kept>,
}

/// A message that has not been sent yet.
pub(super) struct Notice<K, M> {
    watcher: Arc<Watcher<K, M>>,
    group: Arc<K>,
    change: GroupChange,
    members: Arc<[Member<M>]>,
}

impl<K, M> Default for Monitors<K, M> {
    fn default() -> Monitors<K, M> {
        Monitors { all: HashMap::new(), of_scope: Vec::new() }
    }
}

impl<K: Send + Sync + 'static, M: Send + 'static> Watcher<K, M> {
    pub(super) fn new(monitor: GroupMonitor, to: Address<GroupEvent<K, M>>) -> Watcher<K, M> {
        Watcher { monitor, to, removed: AtomicBool::new(false), lost: AtomicU64::new(0) }
    }

    pub(super) fn notice(
        self: &Arc<Self>,
        group: &Arc<K>,
        change: GroupChange,
        members: &Arc<[Member<M>]>,
    ) -> Notice<K, M> {
        Notice { watcher: self.clone(), group: group.clone(), change, members: members.clone() }
    }
}

impl<K: Send + Sync + 'static, M: Send + 'static> Notice<K, M> {
    /// Sends it. The receiver's conversion of the message runs here.
    pub(super) fn send(self) {
        let Notice { watcher, group, change, members } = self;
        if watcher.removed.load(Ordering::Acquire) {
            return;
        }
        let lost = watcher.lost.load(Ordering::Relaxed);
        let event = GroupEvent { monitor: watcher.monitor, group, change, members, lost };
        match watcher.to.try_send(event) {
            Ok(()) => watcher.lost.store(0, Ordering::Relaxed),
            Err(TrySendError::Full { .. }) => watcher.lost.store(lost + 1, Ordering::Relaxed),
            // Its end removes the monitor.
            Err(_) => {}
        }
    }
}
