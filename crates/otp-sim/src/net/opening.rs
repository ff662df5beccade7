use std::collections::VecDeque;
use std::io::{self, ErrorKind};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::path::Path;
use std::task::{Poll, Waker};
use std::time::Duration;

use otp_core::runtime::net::{ListenOptions, NetAddr};

use super::connection::{Connection, Side};
use super::hosts::HostId;
use super::network::{Around, Network, park};
use super::pipe::Content;
use crate::faults::Kind;
use crate::trace::Hit;

/// A listener of the simulated network.
pub(crate) struct Listening {
    pub(super) host: HostId,
    pub(super) address: NetAddr,
    backlog: usize,
    /// Connected clients that wait to be accepted.
    pub(super) queue: VecDeque<u64>,
    /// Clients for which the backlog has no room.
    pub(super) outside: VecDeque<u64>,
    /// The wakers of tasks that wait to accept a client.
    pub(super) wakers: Vec<Waker>,
}

impl Network {
    /// Listens on a host.
    pub(crate) fn listen(&mut self, host: HostId, options: &ListenOptions) -> io::Result<(u64, NetAddr)> {
        let address = match &options.address {
            NetAddr::Tcp(address) => NetAddr::Tcp(self.free_address(host, *address)?),
            NetAddr::Unix(path) if self.files.contains_key(&(host, path.clone())) => {
                return Err(ErrorKind::AddrInUse.into());
            }
            NetAddr::Unix(path) => NetAddr::Unix(path.clone()),
            _ => return Err(ErrorKind::Unsupported.into()),
        };
        let id = self.next_id();
        if let Some(path) = address.path() {
            self.files.insert((host, path.to_owned()), Some(id));
        }
        let backlog = usize::try_from(options.backlog).unwrap_or(usize::MAX).max(1);
        let (queue, outside, wakers) = Default::default();
        let listening = Listening { host, address: address.clone(), backlog, queue, outside, wakers };
        self.listeners.insert(id, listening);
        Ok((id, address))
    }

    /// Begins a connection from a host to an address.
    pub(crate) fn connect(&mut self, host: HostId, to: &NetAddr, around: &mut Around<'_>) -> io::Result<u64> {
        let refused = around.injector.draw(Kind::Refuse);
        if let (Some(fault), Some(recording)) = (refused, &mut around.recording) {
            recording.fault(fault, Hit::Nothing, Duration::ZERO);
        }
        match to {
            NetAddr::Tcp(address) => self.connect_tcp(host, *address, refused.is_some(), around),
            NetAddr::Unix(path) => self.connect_unix(host, path, refused.is_some(), around),
            _ => Err(ErrorKind::Unsupported.into()),
        }
    }

    /// Ready when the client is connected, or refused.
    pub(crate) fn poll_connected(&mut self, connection: u64, waker: &Waker) -> Poll<io::Result<()>> {
        let Some(connecting) = self.connections.get_mut(&connection) else {
            return Poll::Ready(Err(ErrorKind::ConnectionAborted.into()));
        };
        let end = &mut connecting[Side::Client];
        if let Some(kind) = end.failed {
            return Poll::Ready(Err(kind.into()));
        }
        if !end.opening {
            return Poll::Ready(Ok(()));
        }
        let stale = park(&mut end.connector, waker);
        self.drop_later(stale);
        Poll::Pending
    }

    /// Takes a client out of the backlog.
    pub(crate) fn poll_accept(
        &mut self,
        listener: u64,
        waker: &Waker,
        around: &mut Around<'_>,
    ) -> Poll<io::Result<(u64, NetAddr)>> {
        let Some(listening) = self.listeners.get_mut(&listener) else {
            return Poll::Ready(Err(io::Error::other("the host has crashed, and its listener is gone")));
        };
        let Some(connection) = listening.queue.pop_front() else {
            if !listening.wakers.iter().any(|parked| parked.will_wake(waker)) {
                listening.wakers.push(waker.clone());
            }
            return Poll::Pending;
        };
        if let Some(next) = listening.outside.pop_front() {
            self.let_in(listener, next, around);
        }
        around.note(|| {
            let (client, server) = (self.name(connection, Side::Client), self.name(connection, Side::Server));
            format!("{server} accepts {client}")
        });
        let client = self.connections[&connection][Side::Client].local.clone();
        Poll::Ready(Ok((connection, client)))
    }

    /// Closes a listener; waiting clients are disconnected.
    pub(crate) fn close_listener(&mut self, listener: u64, around: &mut Around<'_>) {
        // Another listener may have taken over the path.
        self.files.retain(|_, file| *file != Some(listener));
        let Some(listening) = self.forget_listener(listener) else { return };
        for connection in listening.queue.into_iter().chain(listening.outside) {
            self.turn_away(connection, around);
        }
    }

    /// Removes a listener and frees its port; the file of a Unix socket stays, without a listener.
    pub(super) fn forget_listener(&mut self, listener: u64) -> Option<Listening> {
        let mut listening = self.listeners.remove(&listener)?;
        if let Some(port) = listening.address.port() {
            self.hosts.free_port(listening.host, port);
        }
        for file in self.files.values_mut().filter(|file| **file == Some(listener)) {
            *file = None;
        }
        let wakers = std::mem::take(&mut listening.wakers);
        self.wake(wakers);
        Some(listening)
    }

    /// Removes the file of a Unix socket.
    pub(crate) fn remove_file(&mut self, host: HostId, path: &Path) -> io::Result<()> {
        self.files.remove(&(host, path.to_owned())).map(drop).ok_or_else(|| ErrorKind::NotFound.into())
    }

    /// A client requests a connection.
    pub(super) fn knock(&mut self, connection: u64, around: &mut Around<'_>) {
        let Some(connecting) = self.connections.get(&connection) else { return };
        let wanted = &connecting[Side::Server];
        let address = wanted.local.tcp().expect("a Unix socket is connected at once");
        let found = if connecting.refused { None } else { self.listener_at(wanted.host, address) };
        let Some(listener) = found else {
            around.note(|| {
                format!("{} refuses {}", self.name(connection, Side::Server), self.name(connection, Side::Client))
            });
            return self.turn_away(connection, around);
        };
        let listening = self.listeners.get_mut(&listener).expect("it was found");
        if listening.queue.len() < listening.backlog {
            return self.let_in(listener, connection, around);
        }
        listening.outside.push_back(connection);
        self.connections.get_mut(&connection).expect("it was there").queued = true;
        self.review(connection, Side::Client, around.now);
    }

    /// Puts a client into the backlog and notifies it.
    fn let_in(&mut self, listener: u64, connection: u64, around: &mut Around<'_>) {
        let Some(connecting) = self.connections.get_mut(&connection) else { return };
        connecting.queued = false;
        connecting[Side::Server].released = false;
        let listening = self.listeners.get_mut(&listener).expect("it lets a client in");
        listening.queue.push_back(connection);
        let wakers = std::mem::take(&mut listening.wakers);
        self.wake(wakers);
        self.review(connection, Side::Client, around.now);
        self.send(connection, Side::Server, Content::Opened, 0, around);
    }

    /// Notifies a client that it is refused.
    fn turn_away(&mut self, connection: u64, around: &mut Around<'_>) {
        let Some(connecting) = self.connections.get_mut(&connection) else { return };
        connecting.queued = false;
        connecting[Side::Server].released = true;
        self.fail(connection, Side::Server, ErrorKind::ConnectionReset);
        self.send(connection, Side::Server, Content::Reset, 0, around);
        self.review(connection, Side::Client, around.now);
        self.clean_up(connection);
    }

    fn connect_tcp(&mut self, host: HostId, to: SocketAddr, refused: bool, around: &mut Around<'_>) -> io::Result<u64> {
        let server = self.hosts.at(host, to.ip()).ok_or(ErrorKind::HostUnreachable)?;
        // An unspecified address refers to the host itself.
        let ip = match to.ip() {
            IpAddr::V4(Ipv4Addr::UNSPECIFIED) => Ipv4Addr::LOCALHOST.into(),
            IpAddr::V6(Ipv6Addr::UNSPECIFIED) => Ipv6Addr::LOCALHOST.into(),
            ip => ip,
        };
        let port = self.take_port(host).ok_or(ErrorKind::AddrNotAvailable)?;
        let own = if ip.is_loopback() { ip } else { self.hosts.ip(host, ip.is_ipv4()) };
        let id = self.add((host, (own, port).into()), (server, (ip, to.port()).into()), around);
        self.connections.get_mut(&id).expect("it was added").refused = refused;
        self.send(id, Side::Client, Content::Open, 0, around);
        Ok(id)
    }

    fn connect_unix(&mut self, host: HostId, path: &Path, refused: bool, around: &mut Around<'_>) -> io::Result<u64> {
        let file = self.files.get(&(host, path.to_owned())).ok_or(ErrorKind::NotFound)?;
        let listener = file.filter(|_| !refused).ok_or(ErrorKind::ConnectionRefused)?;
        let listening = &self.listeners[&listener];
        if listening.queue.len() >= listening.backlog {
            return Err(ErrorKind::WouldBlock.into());
        }
        let id = self.add((host, NetAddr::UnixUnnamed), (host, NetAddr::Unix(path.into())), around);
        self.connections.get_mut(&id).expect("it was added")[Side::Client].opening = false;
        self.let_in(listener, id, around);
        Ok(id)
    }

    fn add(&mut self, client: (HostId, NetAddr), server: (HostId, NetAddr), around: &mut Around<'_>) -> u64 {
        let id = self.next_id();
        self.connections.insert(id, Connection::new(client, server));
        around.note(|| format!("{} connects to {}", self.name(id, Side::Client), self.name(id, Side::Server)));
        id
    }

    /// Takes a port that is not in use, not even by a listener that requested it by number.
    fn take_port(&mut self, host: HostId) -> Option<u16> {
        loop {
            let port = self.hosts.take_port(host)?;
            let mut here = self.listeners.values().filter(|listening| listening.host == host);
            if !here.any(|listening| listening.address.port() == Some(port)) {
                return Some(port);
            }
        }
    }

    /// Finds the listener at an address of a host: one on that address, or on the unspecified address.
    fn listener_at(&self, host: HostId, address: SocketAddr) -> Option<u64> {
        let at = |wanted: SocketAddr| {
            let here = self.listeners.iter().filter(|(_, listening)| listening.host == host);
            here.filter(|(_, listening)| listening.address.tcp() == Some(wanted)).map(|(id, _)| *id).next()
        };
        let any = SocketAddr::new(unspecified(address), address.port());
        at(address).or_else(|| at(any))
    }

    /// Returns a free address to listen on, with a port.
    fn free_address(&mut self, host: HostId, asked: SocketAddr) -> io::Result<SocketAddr> {
        let ip = asked.ip();
        if !ip.is_loopback() && !ip.is_unspecified() && ip != self.hosts.ip(host, ip.is_ipv4()) {
            return Err(ErrorKind::AddrNotAvailable.into());
        }
        if asked.port() == 0 {
            let port = self.take_port(host).ok_or(ErrorKind::AddrInUse)?;
            return Ok(SocketAddr::new(ip, port));
        }
        let here = self.listeners.values().filter(|listening| listening.host == host);
        let mut taken = here.filter_map(|listening| listening.address.tcp());
        let clashes = |other: SocketAddr| {
            other.port() == asked.port()
                && other.is_ipv4() == asked.is_ipv4()
                && (other.ip() == ip || other.ip().is_unspecified() || ip.is_unspecified())
        };
        if taken.any(clashes) { Err(ErrorKind::AddrInUse.into()) } else { Ok(asked) }
    }
}

/// The unspecified address of the same family.
fn unspecified(address: SocketAddr) -> IpAddr {
    if address.is_ipv4() { Ipv4Addr::UNSPECIFIED.into() } else { Ipv6Addr::UNSPECIFIED.into() }
}
