//! Scopes under a supervisor.

use std::hash::Hash;

use otp_core::{Label, Pid, Process};
use otp_supervisor::{ChildSpec, Started};

use super::handle::{Groups, GroupsName};

impl<K: Hash + Eq + Send + Sync + 'static, M: Send + 'static> Groups<K, M> {
    /// Makes the spec of a child that is a scope registered under `name`, which is also the child's id. Place it before
    /// the children that join its groups, with a strategy that restarts them with it, so that they join again.
    ///
    /// ```
    /// # otp::tokio::TokioExecutor::current_thread().run(async |system| {
    /// use otp::prelude::*;
    /// use otp::registry::{Groups, GroupsName};
    ///
    /// const ROOMS: GroupsName<String, u32> = GroupsName::new("rooms");
    ///
    /// Supervisor::new(Strategy::RestForOne).child(Groups::child(ROOMS)).start(&system).await.unwrap();
    /// assert_eq!(Groups::named(&system, ROOMS).groups().unwrap().len(), 0);
    /// # }).unwrap();
    /// ```
    pub fn child(name: GroupsName<K, M>) -> ChildSpec<Groups<K, M>> {
        let id = Label::from(name.clone());
        ChildSpec::worker(id, move |supervisor: Process| Groups::start_link(&supervisor).name(name))
    }
}

impl<K: Hash + Eq + Send + Sync + 'static, M: Send + 'static> Started for Groups<K, M> {
    fn pid(&self) -> Option<Pid> {
        Groups::pid(self)
    }
}
