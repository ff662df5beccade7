//! The supervision tree.
//!
//! ```text
//! chat        Supervisor, rest_for_one, 3 restarts a minute
//! ├ nicks     Registry: who has which name
//! ├ rooms     Groups: who is in which room
//! ├ users     DynamicSupervisor, at most --max-users
//! │ └ …       one process for each user, temporary
//! └ listener  accepts clients, has a process started for each
//! ```
//!
//! **What a crash takes down.** A user that crashes takes down its own connection: its nick and its place in the room
//! are gone with the process, and nobody else notices more than that. The registry and the groups come before the users,
//! under `rest_for_one`: were one of them started again, it would know nobody, and so the users go with it. The listening
//! socket belongs to none of them; while the listener is down, clients queue in the kernel.
//!
//! **Stopping.** Children stop in reverse order: nobody comes in any more; then all users at once, each of which is told
//! and has [`GRACE`](crate::user::GRACE) to read that; then what they used.

use std::sync::Arc;
use std::time::Duration;

use otp::prelude::*;
use otp::process::Spawner;
use otp::registry::{Groups, GroupsName, Registry, RegistryName};
use otp::runtime::net::{Listener, NetAddr};

use crate::args::Options;
use crate::listener;
use crate::user::{self, Event, Line};

/// Who has which nick: at most one user has it, and is found by it.
pub const NICKS: RegistryName<String, Event> = RegistryName::new("nicks");

/// Who is in which room: what is said there is sent to all of them.
pub const ROOMS: GroupsName<String, Line> = GroupsName::new("rooms");

const ROOT: SupervisorName = SupervisorName::new("chat");
const USERS: SupervisorName<Users> = SupervisorName::new("users");

/// A user's process is started for the client's address, and then sent the socket.
type Users = fn(NetAddr) -> ProcessRef<Event>;

/// Where the parts of the tree are found: by name, so that this holds through every restart.
#[derive(Debug)]
pub struct Tree {
    pub(crate) system: System,
    pub(crate) options: Options,
    pub(crate) nicks: Registry<String, Event>,
    pub(crate) rooms: Groups<String, Line>,
    pub(crate) users: SupervisorRef<Users>,
}

impl Tree {
    pub(crate) fn new(system: &System, options: Options) -> Self {
        Self {
            nicks: Registry::named(system, NICKS),
            rooms: Groups::named(system, ROOMS),
            users: SupervisorRef::named(system, USERS),
            system: system.clone(),
            options,
        }
    }
}

/// Starts the tree.
///
/// # Errors
///
/// If a part did not start. Nothing is left running then.
pub async fn start(tree: Arc<Tree>, on: &impl Spawner, listener: Arc<Listener>) -> Result<SupervisorRef, StartError> {
    Supervisor::new(Strategy::RestForOne)
        .intensity(3, Duration::from_secs(60))
        .child(tree.nicks.child())
        .child(Groups::child(ROOMS))
        .child(users(tree.clone()))
        .child(listener_child(tree, listener))
        .start_link(on)
        .name(ROOT)
        .await
}

fn users(tree: Arc<Tree>) -> ChildSpec<SupervisorRef<Users>> {
    let limit = tree.options.max_users;
    ChildSpec::supervisor(USERS, move |root: Process| {
        DynamicSupervisor::template(move |peer| user::spec(tree.clone(), peer))
            .max_children(limit)
            .start_link(&root)
            .name(USERS)
    })
}

fn listener_child(tree: Arc<Tree>, listener: Arc<Listener>) -> ChildSpec<ProcessRef<NoMessage>> {
    ChildSpec::worker("listener", async move |root: Process| {
        root.spawn_link(move |_: ProcessContext<NoMessage>| listener::run(tree, listener))
    })
}
