use std::sync::Arc;
use std::time::Duration;

use otp::gen_server::{ServerRef, StartError};
use otp::process::{Registration, Spawner};
use otp::registry::{Change, Keys, Registry};
use otp::statem::MachineRef;
use otp::supervisor::{Strategy, Supervisor, SupervisorName};
use otp::{Address, ExitReason, Name, Pid};
use serde_json::Value;

use super::machine::Runner;
use super::raw::Mail;
use super::worker::{Note, Worker};
use crate::language::ServerName;
use crate::world::{Actor, Book, Incarnation, SupervisorKind, UnderKey, Unique, World};

/// What a listener is told.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Told {
    pub(crate) key: String,
    pub(crate) pid: Pid,
    /// The value that was registered; none if the key was unregistered.
    pub(crate) value: Option<Value>,
}

/// Starts a registry, linked to the process that does: a supervisor, as in Elixir, above the parts that know the holders.
pub(crate) async fn start_registry(
    world: &Arc<World>,
    by: &(impl Spawner + Sync),
    me: Incarnation,
    unique: bool,
    listeners: &[String],
) -> Result<Pid, StartError> {
    let book = Book::of(&world.system, &me.id, unique);
    let parts = match &book {
        Book::Unique(unique) => {
            vec![
                unique.raws.child().untyped(),
                unique.workers.child().with_id("workers").untyped(),
                unique.machines.child().with_id("machines").untyped(),
            ]
        }
        Book::Duplicate(raws) => vec![raws.child().untyped()],
    };
    let supervisor = Supervisor::new(Strategy::OneForAll).intensity(3, Duration::from_secs(5)).children(parts);
    let name = SupervisorName::dynamic(format!("registry {}", me.id));
    let supervisor = supervisor.start_link(by).name(name).await?;
    let pid = supervisor.pid().ok_or_else(|| StartError::failed(ExitReason::NoProc))?;
    for listener in listeners {
        match &book {
            Book::Unique(unique) => {
                listen(world, &unique.raws, listener);
                listen(world, &unique.workers, listener);
                listen(world, &unique.machines, listener);
            }
            Book::Duplicate(raws) => listen(world, raws, listener),
        }
    }
    world.keep_registry(&me.id, book);
    world.recorder().introduce(pid, &me, Actor::Supervisor(SupervisorKind::Static(supervisor)));
    Ok(pid)
}

/// Whoever has the name is told, as what it is.
fn listen<M: Send + 'static, T: Keys>(world: &World, registry: &Registry<String, M, Value, T>, name: &str) {
    let raw = Address::named(&world.system, Name::<Mail>::dynamic(name));
    let worker = ServerRef::<Worker>::named(&world.system, Name::dynamic(name));
    registry.listen(raw.map_message(|change| Mail::Registry(told(change))));
    let machine = MachineRef::<Runner>::named(&world.system, Name::dynamic(name));
    registry.listen(worker.info_address(|change| Note::Registry(told(change))));
    registry.listen(machine.info_address(|change| Note::Registry(told(change))));
}

fn told<M: Send + 'static>(change: Change<String, M, Value>) -> Told {
    match change {
        Change::Registered(entry) => {
            Told { key: entry.key().clone(), pid: entry.pid(), value: Some(entry.value().clone()) }
        }
        Change::Unregistered { key, pid } => Told { key, pid, value: None },
        other => unreachable!("the language has no word for {other:?}"),
    }
}

/// What a server of this name is registered under; `of` is the registry of its kind.
///
/// # Errors
///
/// If there is no such registry.
pub(crate) fn server_name<M: Send + 'static>(
    world: &World,
    name: &ServerName,
    of: impl FnOnce(&Unique) -> &Registry<String, M, Value>,
) -> Result<Arc<dyn Registration<M>>, StartError> {
    match name {
        ServerName::Local(name) => Ok(Arc::new(Name::dynamic(name))),
        ServerName::Via(via) => {
            let Some(Book::Unique(unique)) = world.registry(&via.registry) else {
                return Err(StartError::failed(ExitReason::NoProc));
            };
            let key = via.key.to_string();
            Ok(Arc::new(UnderKey { via: of(&unique).via(key.clone()), unique, key }))
        }
    }
}
