use std::fmt;
use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;

use otp_core::runtime::net::Net;

use super::hosts::HostId;
use super::links::Cut;
use super::network::{Around, Network};
use super::sockets::SimSockets;
use crate::runtime::SimRuntime;
use crate::shared::Shared;

/// Controls the network of a simulated run by hand: its hosts, and the faults between them. [`net`](crate::net) returns
/// it.
///
/// A host is made when it is first named. It has its own address (`10.0.0.1` and up, `fd00::1` and up), under which
/// [`Net::look_up`] finds it by its name, its own loopback, and its own paths of Unix sockets. A system has the sockets
/// of the host [`MAIN`](SimNet::MAIN), unless it is made on the [`runtime`](SimNet::runtime) of another host.
///
/// ```
/// use std::time::Duration;
///
/// use futures::{AsyncReadExt, AsyncWriteExt};
///
/// otp::sim::run(7, async |system| {
///     let sim = otp::sim::net().expect("this is a simulation");
///     let (london, paris) = (sim.host("london"), sim.host("paris"));
///     let listener = paris.listen(([0, 0, 0, 0], 80)).await.unwrap();
///     let mut client = london.connect_to("paris", 80).await.unwrap();
///     let mut server = listener.accept().await.unwrap();
///
///     sim.partition("london", "paris");
///     client.write_all(b"hello").await.unwrap();
///     let mut word = [0; 5];
///     let waited = system.timeout(Duration::from_secs(60), server.read_exact(&mut word)).await;
///     assert!(waited.is_err(), "nothing gets through");
///
///     sim.heal("london", "paris");
///     server.read_exact(&mut word).await.unwrap();
///     assert_eq!(&word, b"hello", "and nothing is lost");
/// });
/// ```
#[derive(Clone)]
pub struct SimNet {
    shared: Arc<Shared>,
}

impl SimNet {
    /// The host of systems that were not made on another one.
    pub const MAIN: &'static str = "main";

    pub(crate) fn new(shared: Arc<Shared>) -> SimNet {
        SimNet { shared }
    }

    /// Returns the sockets of a host.
    pub fn host(&self, name: &str) -> Net {
        Net::new(SimSockets::new(self.shared.clone(), name))
    }

    /// Returns the runtime of a host, for a system with the sockets of that host.
    pub fn runtime(&self, host: &str) -> SimRuntime {
        SimRuntime::on(self.shared.clone(), host)
    }

    /// Returns the IPv4 address of a host.
    pub fn address(&self, host: &str) -> IpAddr {
        self.act(|net, _| {
            let host = net.hosts.named(host);
            net.hosts.ip(host, true)
        })
    }

    /// Partitions two hosts, in both directions, until they are [healed](SimNet::heal).
    ///
    /// As with TCP, data that is sent meanwhile is not lost: it arrives afterwards, unless the sender gives up before,
    /// after 127 seconds while it connects and after 924 seconds later, as on Linux. An end that only reads waits for
    /// ever.
    pub fn partition(&self, a: &str, b: &str) {
        self.partition_one_way(a, b);
        self.partition_one_way(b, a);
    }

    /// Partitions two hosts in one direction. The other direction still works; but a sender there gets no
    /// acknowledgements, and finally gives up, too.
    pub fn partition_one_way(&self, from: &str, to: &str) {
        self.between(from, to, |net, from, to, around| net.cut(from, to, Cut::ByHand, around));
    }

    /// Ends all partitions between two hosts.
    pub fn heal(&self, a: &str, b: &str) {
        self.between(a, b, |net, a, b, around| {
            net.heal(a, b, around);
            net.heal(b, a, around);
        });
    }

    /// Ends all partitions between all hosts.
    pub fn heal_all(&self) {
        self.act(|net, around| {
            for (from, to) in net.links.all_cut() {
                net.heal(from, to, around);
            }
        });
    }

    /// Adds latency between two hosts, from now on, in both directions; zero removes it.
    pub fn slow(&self, a: &str, b: &str, by: Duration) {
        let nanos = u64::try_from(by.as_nanos()).unwrap_or(u64::MAX);
        self.between(a, b, |net, a, b, _| {
            net.links.set_slower(a, b, nanos);
            net.links.set_slower(b, a, nanos);
        });
    }

    /// Resets all connections between two hosts, which may be the same host: both ends fail at once. Returns the number
    /// of connections.
    pub fn reset(&self, a: &str, b: &str) -> usize {
        self.between(a, b, |net, a, b, around| {
            let connections = net.between(a, b);
            connections.iter().for_each(|connection| net.reset(*connection, around));
            connections.len()
        })
    }

    /// Makes a host forget all its connections with another one, which does not notice: its end waits, and only fails
    /// when it writes and the forgetful host answers that there is no connection. Returns the number of connections.
    pub fn half_open(&self, forgetting: &str, other: &str) -> usize {
        self.between(forgetting, other, |net, forgetting, other, around| {
            let connections = net.between(forgetting, other);
            for connection in &connections {
                net.forget(*connection, net.side_at(*connection, forgetting), around);
            }
            connections.len()
        })
    }

    /// Crashes a host, as by a loss of power: it has forgotten its connections, as in [`half_open`](SimNet::half_open),
    /// its listeners fail, and the files of its Unix sockets are left behind. It is up again at once; processes of the
    /// program keep running, unless the test kills them.
    pub fn crash(&self, host: &str) {
        self.act(|net, around| {
            let host = net.hosts.named(host);
            net.crash(host, around);
        });
    }

    fn between<T>(&self, a: &str, b: &str, act: impl FnOnce(&mut Network, HostId, HostId, &mut Around<'_>) -> T) -> T {
        self.act(|net, around| {
            let (a, b) = (net.hosts.named(a), net.hosts.named(b));
            act(net, a, b, around)
        })
    }

    fn act<T>(&self, act: impl FnOnce(&mut Network, &mut Around<'_>) -> T) -> T {
        self.shared.with_net(act)
    }
}

impl fmt::Debug for SimNet {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SimNet")
    }
}
