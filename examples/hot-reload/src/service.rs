//! The servers, and how they are reloaded.

use std::hash::{DefaultHasher, Hash, Hasher};
use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use futures::lock::Mutex as AsyncMutex;
use hot_reload_abi::{Library, LoadError, PluginError};
use otp::prelude::*;
use otp::process::Term;
use otp::scope::BlockingError;
use otp::supervisor::UpgradeError;
use thiserror::Error;

use crate::plugged::{Code, Plugged, PluggedClient, Snapshot};

const SHARDS: SupervisorName = SupervisorName::new("shards");

/// A number of servers with the same plugin: each has the keys that hash to it.
#[derive(Debug)]
pub struct Service {
    system: System,
    shards: Vec<ServerRef<Plugged>>,
    supervisor: SupervisorRef,
    /// What the supervisor starts with, should it be started again. Whoever else keeps a library keeps it loaded.
    current: Arc<Mutex<Arc<Library>>>,
    /// One reload follows another, so that the last one is the current one.
    reloading: AsyncMutex<()>,
}

impl Service {
    /// The service whose servers are started by [`child`](Service::child), with this library.
    #[must_use]
    pub fn new(system: &System, shards: usize, library: Arc<Library>) -> Self {
        Self {
            current: Arc::new(Mutex::new(library)),
            reloading: AsyncMutex::new(()),
            system: system.clone(),
            shards: (0..shards).map(|number| ServerRef::named(system, name(number))).collect(),
            supervisor: SupervisorRef::named(system, SHARDS),
        }
    }

    /// The supervisor of the servers, as a child of another one. If it is started again, it begins with the current code.
    pub fn child(&self) -> ChildSpec<SupervisorRef> {
        let (shards, current) = (self.shards.len(), self.current.clone());
        ChildSpec::supervisor(SHARDS, move |parent: Process| {
            let library = current.lock().unwrap_or_else(PoisonError::into_inner).clone();
            Supervisor::new(Strategy::OneForOne)
                .intensity(10, Duration::from_secs(10))
                .children((0..shards).map(|number| Plugged::child(library.clone()).name(name(number))))
                .start_link(&parent)
                .name(SHARDS)
        })
    }

    /// Loads a library, on a thread that may block.
    ///
    /// # Errors
    ///
    /// If it cannot be loaded, or is no plugin.
    pub async fn load(system: &System, path: PathBuf) -> Result<Arc<Library>, ReloadError> {
        Ok(system.spawn_blocking(move || Library::load(&path)).await??)
    }

    /// Asks the server that has this key.
    ///
    /// # Errors
    ///
    /// If the plugin refuses, or panics, or the server is not there.
    pub async fn ask(&self, key: &str, request: String) -> Result<String, AskError> {
        Ok(self.shard(key).ask(request).no_timeout().await??)
    }

    /// Takes a snapshot of the server that has this key.
    ///
    /// # Errors
    ///
    /// As [`ask`](Service::ask).
    pub async fn snapshot(&self, key: &str) -> Result<Snapshot, AskError> {
        Ok(self.shard(key).snapshot().no_timeout().await??)
    }

    /// Loads a library and lets it take over in all servers: in all of them, or in none if one cannot be upgraded. Calls wait
    /// meanwhile; each is handled by the old code or by the new. Returns the number of the new release. A server that
    /// crashes later is started again with the new code.
    ///
    /// # Errors
    ///
    /// If the library cannot be loaded, or refuses the state of a server. Then the old code goes on.
    pub async fn reload(&self, path: PathBuf) -> Result<u32, ReloadError> {
        let _one_at_a_time = self.reloading.lock().await;
        let library = Service::load(&self.system, path).await?;
        let (extra, args) = (Term::new(Code(library.clone())), library.clone());
        self.supervisor.upgrade::<Plugged, Plugged>(extra, move |_| args.clone()).await?;
        let release = library.release();
        let mut current = self.current.lock().unwrap_or_else(PoisonError::into_inner);
        // Dropped after the lock: it may be the last handle of the old library.
        let _old = std::mem::replace(&mut *current, library);
        drop(current);
        Ok(release)
    }

    fn shard(&self, key: &str) -> &ServerRef<Plugged> {
        let mut hasher = DefaultHasher::new();
        key.hash(&mut hasher);
        &self.shards[hasher.finish() as usize % self.shards.len()]
    }
}

fn name(number: usize) -> ServerName<Plugged> {
    ServerName::dynamic(format!("shard-{number}"))
}

/// The error of asking the service.
#[derive(Clone, Debug, PartialEq, Error)]
#[non_exhaustive]
pub enum AskError {
    /// There was no answer.
    #[error(transparent)]
    Call(#[from] CallError),
    /// The plugin did not answer.
    #[error(transparent)]
    Plugin(#[from] PluginError),
}

/// The error of loading or reloading the code. The old code goes on.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum ReloadError {
    /// The library was not loaded.
    #[error(transparent)]
    Load(#[from] LoadError),
    /// The servers were not upgraded.
    #[error(transparent)]
    Upgrade(#[from] UpgradeError),
    /// The program ends.
    #[error(transparent)]
    Blocking(#[from] BlockingError),
}
