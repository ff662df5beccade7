use std::io;
use std::net::Ipv4Addr;
use std::time::Duration;

use futures::io::{AsyncReadExt, AsyncWriteExt};
use otp_core::runtime::Instant;
use otp_core::runtime::net::{Net, Stream};
use otp_core::{ExitReason, System};

use super::own::OwnEpmd;
use crate::node::Config;
use crate::proto::{NodeName, epmd};

/// The registration of a node with the epmd of its host. It lasts as long as its connection.
pub(crate) struct Registered {
    /// Becomes the epmd of the host where there is none.
    own: Option<OwnEpmd>,
    net: Net,
    at: u16,
    name: NodeName,
    port: u16,
    system: System,
    limit: Duration,
}

/// How long to wait for epmd, which does not answer, before the next attempt.
const PAUSE: Duration = Duration::from_secs(1);

impl Registered {
    pub(crate) fn new(
        system: &System,
        net: Net,
        (at, own): (u16, Option<OwnEpmd>),
        config: &Config,
        port: u16,
    ) -> Registered {
        let (name, limit) = (config.name.clone(), config.setup_time);
        Registered { own, net, at, name, port, system: system.clone(), limit }
    }

    /// Registers the node, within the limit for a connection; without a creation its name is taken.
    pub(crate) async fn register(&self) -> io::Result<(Option<u32>, Stream)> {
        let registered = self.system.timeout(self.limit, self.ask()).await;
        registered.unwrap_or_else(|_| Err(io::ErrorKind::TimedOut.into()))
    }

    async fn ask(&self) -> io::Result<(Option<u32>, Stream)> {
        if let Some(own) = &self.own {
            own.serve_if_none(&self.net, self.at).await;
        }
        let mut stream =
            self.net.connect((std::net::IpAddr::from(Ipv4Addr::LOCALHOST), self.at)).await.map_err(io::Error::other)?;
        stream.write_all(&epmd::register(&self.name, self.port)).await?;
        let mut answer = [0; 6];
        stream.read_exact(&mut answer[..1]).await?;
        let size = epmd::registered_size(answer[0]);
        stream.read_exact(&mut answer[1..size]).await?;
        Ok((epmd::registered(&answer[..size]), stream))
    }

    /// Keeps the registration, also if epmd is restarted, or another one takes its place; the creation stays.
    pub(crate) async fn keep(self, mut stream: Stream) -> ExitReason {
        let mut lost_before: Option<Instant> = None;
        loop {
            let mut nothing = [0; 1];
            while let Ok(1) = stream.read(&mut nothing).await {}
            tracing::warn!(target: "otp::dist", node = %self.name, "epmd has gone: this node cannot be found");
            let lost = self.system.now();
            if lost_before.replace(lost).is_some_and(|before| lost - before < PAUSE) {
                // It may be one that ends every registration at once.
                self.system.sleep(PAUSE).await;
            }
            stream = loop {
                match self.register().await {
                    Ok((Some(_), stream)) => break stream,
                    Ok((None, _)) | Err(_) => self.system.sleep(PAUSE).await,
                }
            };
            tracing::info!(target: "otp::dist", node = %self.name, "this node is registered with epmd again");
        }
    }
}
