//! A server as a whole: started and stopped.

use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use futures::future::{Either, select};
use otp::gen_server::StartError;
use otp::runtime::net::{ListenError, NetAddr, NoNet};
use otp::supervisor::SupervisorRef;
use otp::{ExitReason, System};
use thiserror::Error;

use crate::args::Options;
use crate::tree::{self, Tree};

/// A server that serves.
#[derive(Debug)]
#[must_use = "await `until`"]
pub struct Server {
    system: System,
    address: NetAddr,
    root: SupervisorRef,
}

impl Server {
    /// How long an orderly stop may take; what has not ended then is killed.
    pub const LIMIT: Duration = Duration::from_secs(4);

    /// Takes the port and starts the supervision tree; ready when clients are served.
    ///
    /// # Errors
    ///
    /// If the port is taken, or a part did not start.
    pub async fn start(system: &System, options: Options) -> Result<Self, ServeError> {
        let listener = system.net()?.listen((options.host, options.port)).await?;
        let address = listener.local().unwrap_or_else(|_| (options.host, options.port).into());
        let root = tree::start(Arc::new(Tree::new(system, options)), Arc::new(listener)).await?;
        Ok(Self { system: system.clone(), address, root })
    }

    /// Where it listens.
    #[must_use]
    pub fn address(&self) -> &NetAddr {
        &self.address
    }

    /// Serves until `stop` is ready, then stops in order.
    ///
    /// # Errors
    ///
    /// If the tree gave up by itself, or had to be killed in the end.
    pub async fn until(self, stop: impl Future<Output = ()>) -> Result<(), ServeError> {
        match select(pin!(stop), self.root.exited()).await {
            Either::Left(_) => match self.system.shutdown(Self::LIMIT).await.killed().count() {
                0 => Ok(()),
                killed => Err(ServeError::Killed { killed }),
            },
            Either::Right((reason, _)) => Err(ServeError::GaveUp { reason }),
        }
    }
}

/// Why a server cannot be, or ended otherwise than it was asked to.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum ServeError {
    /// The system has no sockets.
    #[error(transparent)]
    NoNet(#[from] NoNet),
    /// The address cannot be listened on: another program does, most likely.
    #[error(transparent)]
    Listen(#[from] ListenError),
    /// A part did not start.
    #[error(transparent)]
    Start(#[from] StartError),
    /// Restarting did not help: the tree ended.
    #[error("gave up after too many restarts ({reason})")]
    GaveUp {
        /// The reason of the tree's root.
        reason: ExitReason,
    },
    /// Some parts had not ended in time.
    #[error("{killed} processes had not stopped within {:?} and were killed", Server::LIMIT)]
    Killed {
        /// How many.
        killed: usize,
    },
}
