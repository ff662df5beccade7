use std::fmt;
use std::net::SocketAddr;
use std::sync::Arc;

use super::{ConnectError, Listen, LookUpError, NetAddr, NoNet, Sockets, Stream};
use crate::process::blockable;
use crate::switch::Switches;
use crate::system::System;

impl System {
    /// Returns the sockets of the runtime; see [`runtime::net`](crate::runtime::net).
    ///
    /// # Errors
    ///
    /// [`NoNet`] if the runtime has none. The backends for tokio and smol have them with their feature `net`.
    pub fn net(&self) -> Result<Net, NoNet> {
        let sockets = self.runtime().net()?;
        Ok(Net { sockets, switches: Switches::of(self) })
    }
}

/// Connects, listens, and looks up host names. Cheap to clone.
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
    switches: Switches,
}

impl Net {
    /// Makes a `Net` from other sockets than those of the runtime, for example with encryption or statistics.
    pub fn new(sockets: impl Sockets) -> Net {
        Net::on(Arc::new(sockets))
    }

    /// Makes a `Net` from shared sockets; see [`new`](Net::new).
    pub fn on(sockets: Arc<dyn Sockets>) -> Net {
        Net { sockets, switches: Switches::none() }
    }

    /// The sockets behind this `Net`.
    pub fn sockets(&self) -> &Arc<dyn Sockets> {
        &self.sockets
    }

    /// Connects to an address. The operating system decides how long this may take, which is minutes if the host does
    /// not answer; `system.timeout(limit, net.connect(address))` sets a timeout.
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
        match blockable(self.sockets.connect(address.clone())).await {
            Ok(socket) => Ok(Stream::of(socket, address, &self.switches)),
            Err(source) => Err(ConnectError::Failed { address, source }),
        }
    }

    /// Looks up a host and connects to it. Tries its addresses one after the other, until one succeeds.
    ///
    /// # Errors
    ///
    /// [`ConnectError`]: that of the look-up, or that of the last address.
    ///
    /// # Cancel safety
    ///
    /// As for [`connect`](Net::connect).
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

    /// Listens on an address when it is awaited; options can be set before. With port 0, it chooses a free port, which
    /// [`Listener::local`](super::Listener::local) returns.
    ///
    /// A listener on the unspecified IPv6 address (`[::]`) accepts IPv4 clients, too, if the operating system is
    /// configured so. The file of a Unix socket must not exist, see [`Listen::replace_stale`]; the listener removes it
    /// when it is dropped.
    ///
    /// # Errors
    ///
    /// [`ListenError`](super::ListenError) if the address is in use, does not belong to this machine, or is not
    /// available.
    pub fn listen(&self, on: impl Into<NetAddr>) -> Listen {
        Listen::new(self.sockets.clone(), on.into(), self.switches.clone())
    }

    /// Returns whether what is sent to an address, and what listens on it, stays on this machine: a loopback address, or a
    /// Unix socket. So do the addresses of the simulator's hosts, which
    /// are all in one process.
    pub fn is_local(&self, address: &NetAddr) -> bool {
        self.sockets.is_local(address)
    }

    /// Looks up the addresses of a host, and adds a port to each. The host may also be an IP address.
    ///
    /// # Errors
    ///
    /// [`LookUpError`] if there is no such host, or the look-up fails.
    pub async fn look_up(&self, host: &str, port: u16) -> Result<Vec<SocketAddr>, LookUpError> {
        LookUpError::found(host, blockable(self.sockets.look_up(host.to_owned(), port)).await)
    }
}

impl fmt::Debug for Net {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Net")
    }
}
