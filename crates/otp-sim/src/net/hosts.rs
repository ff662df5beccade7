use std::collections::BTreeSet;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// Identifies a host, by the order in which hosts were first named.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct HostId(usize);

/// The hosts of a network. Each is made when it is first named.
#[derive(Default)]
pub(crate) struct Hosts {
    all: Vec<Host>,
}

struct Host {
    name: String,
    /// The ports in use, by listeners and by clients.
    ports: BTreeSet<u16>,
    next_port: u16,
}

/// The first port for sockets that request none.
const FIRST_PORT: u16 = 49152;

impl Hosts {
    /// Returns the host with a name.
    pub(super) fn named(&mut self, name: &str) -> HostId {
        self.find(name).unwrap_or_else(|| {
            self.all.push(Host { name: name.to_owned(), ports: BTreeSet::new(), next_port: FIRST_PORT });
            HostId(self.all.len() - 1)
        })
    }

    pub(super) fn name(&self, host: HostId) -> &str {
        &self.all[host.0].name
    }

    /// Returns the address of a host on the network.
    pub(super) fn ip(&self, host: HostId, is_v4: bool) -> IpAddr {
        let number = u16::try_from(host.0 + 1).expect("there are not so many hosts");
        let [high, low] = number.to_be_bytes();
        if is_v4 {
            Ipv4Addr::new(10, 0, high, low).into()
        } else {
            Ipv6Addr::new(0xfd00, 0, 0, 0, 0, 0, 0, number).into()
        }
    }

    /// Whether the address is that of a host.
    pub(super) fn has(&self, ip: IpAddr) -> bool {
        self.ids().any(|host| self.ip(host, ip.is_ipv4()) == ip)
    }

    /// Finds the host at an address, as seen from another host.
    pub(super) fn at(&self, from: HostId, ip: IpAddr) -> Option<HostId> {
        if ip.is_loopback() || ip.is_unspecified() {
            return Some(from);
        }
        self.ids().find(|host| self.ip(*host, ip.is_ipv4()) == ip)
    }

    /// Returns the addresses of a host that is given by its name or its address.
    pub(super) fn look_up(&self, host: &str) -> Vec<IpAddr> {
        if let Ok(ip) = host.parse() {
            return vec![ip];
        }
        if host == "localhost" {
            return vec![Ipv4Addr::LOCALHOST.into(), Ipv6Addr::LOCALHOST.into()];
        }
        self.find(host).map_or_else(Vec::new, |host| vec![self.ip(host, true), self.ip(host, false)])
    }

    /// Takes a port that is not in use.
    pub(super) fn take_port(&mut self, host: HostId) -> Option<u16> {
        let Host { ports, next_port, .. } = &mut self.all[host.0];
        for _ in FIRST_PORT..=u16::MAX {
            let port = *next_port;
            *next_port = port.checked_add(1).unwrap_or(FIRST_PORT);
            if ports.insert(port) {
                return Some(port);
            }
        }
        None
    }

    /// Frees a port.
    pub(super) fn free_port(&mut self, host: HostId, port: u16) {
        self.all[host.0].ports.remove(&port);
    }

    fn find(&self, name: &str) -> Option<HostId> {
        self.ids().find(|host| self.name(*host) == name)
    }

    fn ids(&self) -> impl Iterator<Item = HostId> + use<> {
        (0..self.all.len()).map(HostId)
    }
}
