use std::fmt;
use std::net::SocketAddr;
use std::sync::Arc;

use super::{ConnectError, Listen, LookUpError, NetAddr, NoNet, Sockets, Stream};
use crate::system::System;

impl System {
    /// The sockets of the runtime: [`runtime::net`](crate::runtime::net).
    ///
    /// # Errors
    ///
    /// [`NoNet`] if the runtime has none. Those of tokio and smol have them with the feature `net` of their backend.
    pub fn net(&self) -> Result<Net, NoNet> {
        self.runtime().net().map(Net::on)
    }
}

/// Access to the network: makes connections and listeners, and looks host names up. Cheap to clone.
///
/// ```
/// # otp::tokio::TokioExecutor::current_thread().run(async |system| {
/// use std::io::ErrorKind;
///
/// let net = system.net().unwrap();
/// let address = net.listen(([127, 0, 0, 1], 0)).await.unwrap().local().unwrap();
/// // The listener is dropped.
/// let error = net.connect(&address).await.unwrap_err();
/// assert_eq!(error.kind(), ErrorKind::ConnectionRefused);
/// assert_eq!(error.to_string(), format!("cannot connect to {address}"));
/// # }).unwrap();
/// ```
#[derive(Clone)]
pub struct Net {
    sockets: Arc<dyn Sockets>,
}

impl Net {
    /// Access to sockets of another kind than those of the runtime: encrypted ones, say, or counted.
    pub fn new(sockets: impl Sockets) -> Net {
        Net::on(Arc::new(sockets))
    }

    /// As [`new`](Net::new), for sockets that are shared already.
    pub fn on(sockets: Arc<dyn Sockets>) -> Net {
        Net { sockets }
    }

    /// What the sockets are made by.
    pub fn sockets(&self) -> &Arc<dyn Sockets> {
        &self.sockets
    }

    /// Connects to an address. The operating system decides how long that may take, which is minutes where nobody
    /// answers: `system.timeout(limit, net.connect(address))` ends it sooner.
    ///
    /// # Errors
    ///
    /// [`ConnectError::Failed`].
    ///
    /// # Cancel safety
    ///
    /// If the future is dropped before it is ready, there is no connection; the peer may have seen one.
    pub async fn connect(&self, to: impl Into<NetAddr>) -> Result<Stream, ConnectError> {
        let address = to.into();
        match self.sockets.connect(address.clone()).await {
            Ok(socket) => Ok(Stream::of(socket, address)),
            Err(source) => Err(ConnectError::Failed { address, source }),
        }
    }

    /// Looks a host up and connects to it: to the first of its addresses at which that succeeds, one after the other.
    ///
    /// # Errors
    ///
    /// [`ConnectError`]: that of the look-up, or that of the last address.
    ///
    /// # Cancel safety
    ///
    /// As that of [`connect`](Net::connect).
    pub async fn connect_to(&self, host: &str, port: u16) -> Result<Stream, ConnectError> {
        let addresses = self.look_up(host, port).await?;
        let mut connected = None;
        for address in addresses {
            connected = Some(self.connect(address).await);
            if let Some(Ok(_)) = connected {
                break;
            }
        }
        connected.expect("a host that was found has an address")
    }

    /// Listens on an address: with port 0, on a port that is free, which [`Listener::local`](super::Listener::local)
    /// tells. To be awaited, after options if there are any.
    ///
    /// A listener on an IPv6 address that is unspecified (`[::]`) takes clients of IPv4, too, where the operating system
    /// is set so. The file of a Unix socket must not exist, see [`Listen::replace_stale`]; the listener removes it when
    /// it is dropped.
    ///
    /// # Errors
    ///
    /// [`ListenError`](super::ListenError) if the address is in use, not of this machine, or not to be had.
    pub fn listen(&self, on: impl Into<NetAddr>) -> Listen {
        Listen::new(self.sockets.clone(), on.into())
    }

    /// Looks the addresses of a host up, and adds a port to each. The host may be an IP address itself.
    ///
    /// # Errors
    ///
    /// [`LookUpError`] if there is no such host, or nobody who knows.
    pub async fn look_up(&self, host: &str, port: u16) -> Result<Vec<SocketAddr>, LookUpError> {
        LookUpError::found(host, self.sockets.look_up(host.to_owned(), port).await)
    }
}

impl fmt::Debug for Net {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Net")
    }
}
