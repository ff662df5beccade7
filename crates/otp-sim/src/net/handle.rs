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
        let life = self.shared.lock().begin_life(host);
        SimRuntime::of(self.shared.clone(), life)
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

    /// Boots a host: starts `program` on it, now and at each [restart](SimNet::restart), with the runtime of the host's new
    /// life. A program that ran there crashes.
    ///
    /// ```
    /// use std::time::Duration;
    ///
    /// use otp::{ExitReason, ProcessContext, System};
    ///
    /// otp::sim::run(7, async |system| {
    ///     let (send, started) = std::sync::mpsc::channel();
    ///     let sim = otp::sim::net().expect("this is a simulation");
    ///     sim.boot("paris", move |runtime| {
    ///         let sleeper = System::new(runtime).spawn(async |mut ctx: ProcessContext<()>| drop(ctx.receive().await));
    ///         send.send(sleeper).unwrap();
    ///     });
    ///     let first = started.try_recv().unwrap();
    ///     sim.crash("paris");
    ///     assert_eq!(first.exited().await, ExitReason::Killed);
    ///     sim.restart("paris");
    ///     assert!(started.try_recv().unwrap().is_alive());
    /// });
    /// ```
    pub fn boot(&self, host: &str, program: impl Fn(SimRuntime) + Send + Sync + 'static) {
        self.shared.boot(host, Arc::new(program));
    }

    /// Crashes a host, as by a loss of power. It has forgotten its connections, as in [`half_open`](SimNet::half_open), its
    /// listeners fail, and the files of its Unix sockets are left behind. The tasks of its runtimes are dropped where they
    /// are, and can start none: nothing that a process does in its end, or as a link or monitor of another, leaves the host.
    /// (The main function is on the host [`MAIN`](SimNet::MAIN), and survives.)
    ///
    /// The host itself is up again at once, and refuses connections. Its program starts again by
    /// [`restart`](SimNet::restart).
    pub fn crash(&self, host: &str) {
        self.shared.crash(host, None);
    }

    /// Starts the program of a host that has crashed, in a new life; false if the host is up, or was never
    /// [booted](SimNet::boot).
    pub fn restart(&self, host: &str) -> bool {
        self.shared.start(host)
    }

    /// Starts the programs of all hosts that have crashed.
    pub fn restart_all(&self) {
        let down = self.shared.lock().programs.down();
        for host in &down {
            self.restart(host);
        }
    }

    /// True if the host was booted, and has not crashed since.
    pub fn is_up(&self, host: &str) -> bool {
        self.shared.lock().programs.is_up(host)
    }

    /// Makes a host read nothing from its connections with another one for some time, as a program that is busy: the buffers
    /// fill, and then the other one cannot write any more. Returns the number of connections.
    pub fn slow_reader(&self, reader: &str, other: &str, time: Duration) -> usize {
        self.between(reader, other, |net, reader, other, around| {
            let connections = net.between(reader, other);
            for connection in &connections {
                net.stall(*connection, net.side_at(*connection, reader), time, around);
            }
            connections.len()
        })
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
