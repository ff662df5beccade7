//! A server as a whole: opened, started, stopped.

use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use futures::future::{Either, select};
use otp::gen_server::StartError;
use otp::runtime::net::{ListenError, Listener, NetAddr, NoNet};
use otp::supervisor::{FailedToStartChild, SupervisorRef};
use otp::{ExitReason, System};
use thiserror::Error;

use crate::args::Options;
use crate::shard::{Layout, LayoutError};
use crate::tree::{self, Tree};

/// A server that holds its port and its directory, and does nothing yet.
#[derive(Debug)]
pub struct Server {
    listener: Listener,
    address: NetAddr,
    layout: Layout,
    options: Options,
}

impl Server {
    /// Takes the port and the directory. Blocks on the file system for a moment.
    ///
    /// From now on clients can connect; they are served once the server has [started](Self::start).
    ///
    /// # Errors
    ///
    /// If the port is taken, or the directory is in use or was made for another number of shards.
    pub async fn open(system: &System, options: Options) -> Result<Self, OpenError> {
        let listener = system.net()?.listen((options.host, options.port)).await?;
        let address = listener.local().unwrap_or_else(|_| (options.host, options.port).into());
        let layout = Layout::open(&options.dir, options.shards)?;
        Ok(Self { listener, address, layout, options })
    }

    /// Where it listens.
    #[must_use]
    pub fn address(&self) -> &NetAddr {
        &self.address
    }

    /// Starts the supervision tree; ready when every shard has recovered and clients are served.
    ///
    /// # Errors
    ///
    /// If a part did not start: a shard whose file is corrupt, say.
    pub async fn start(self, system: &System) -> Result<Running, RunError> {
        let tree = Arc::new(Tree::new(system, self.options, self.address));
        let kv = tree::start(tree, &self.layout, Arc::new(self.listener)).await.map_err(RunError::Start)?;
        Ok(Running { system: system.clone(), kv, _layout: self.layout })
    }
}

/// A server that serves.
#[derive(Debug)]
#[must_use = "await `until`"]
pub struct Running {
    system: System,
    kv: SupervisorRef,
    /// Keeps other servers out of the directory.
    _layout: Layout,
}

impl Running {
    /// How long an orderly stop may take; what has not ended then is killed. Replies that were sent are in the files
    /// in any case.
    pub const LIMIT: Duration = Duration::from_secs(4);

    /// Serves until `stop` is ready, then stops in order.
    ///
    /// # Errors
    ///
    /// If the tree gave up by itself, or had to be killed in the end.
    pub async fn until(self, stop: impl Future<Output = ()>) -> Result<(), RunError> {
        let ended = async {
            match self.kv.pid() {
                Some(pid) => self.system.exited(pid).await,
                None => ExitReason::NoProc,
            }
        };
        match select(pin!(stop), pin!(ended)).await {
            Either::Left(_) => match self.system.shutdown(Self::LIMIT).await.killed().count() {
                0 => Ok(()),
                killed => Err(RunError::Killed { killed }),
            },
            Either::Right((reason, _)) => Err(RunError::GaveUp { reason }),
        }
    }
}

/// Why a server cannot be.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum OpenError {
    /// The system has no sockets.
    #[error(transparent)]
    NoNet(#[from] NoNet),
    /// The address cannot be listened on: another program does, most likely.
    #[error(transparent)]
    Listen(#[from] ListenError),
    /// The directory cannot be used.
    #[error(transparent)]
    Layout(#[from] LayoutError),
}

/// Why a server ended otherwise than it was asked to.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum RunError {
    /// A part did not start. The text names the path to it: `failed to start store > shard-1: …`.
    #[error("{}", FailedToStartChild::behind(.0).map_or_else(|| .0.to_string(), ToString::to_string))]
    Start(StartError),
    /// Restarting did not help: the tree ended.
    #[error("gave up after too many restarts ({reason})")]
    GaveUp {
        /// The reason of the tree's root.
        reason: ExitReason,
    },
    /// Some parts had not ended in time.
    #[error("{killed} processes had not stopped within {:?} and were killed", Running::LIMIT)]
    Killed {
        /// How many.
        killed: usize,
    },
}
