use std::io::ErrorKind;
use std::time::Duration;

use super::connection::Side;
use super::hosts::HostId;
use super::links::Cut;
use super::network::{Around, Event, Network};
use super::pipe::Content;
use crate::faults::{Fault, Kind};
use crate::trace::Hit;

/// Network failures: by a fault that the seed decides, or by hand.
impl Network {
    /// Applies a fault to a connection, or to the link between its hosts.
    pub(super) fn inject(&mut self, connection: u64, side: Side, fault: Fault, around: &mut Around<'_>) {
        let lasting = around.injector.duration(fault);
        if let Some(recording) = &mut around.recording {
            recording.fault(fault, Hit::Nothing, lasting);
        }
        match fault.kind {
            Kind::Reset => self.reset(connection, around),
            Kind::HalfOpen => self.forget(connection, if fault.value & 1 == 0 { side } else { side.other() }, around),
            Kind::Partition => {
                let Some((from, to)) = self.connections.get(&connection).map(|connection| connection.way(side)) else {
                    return;
                };
                let until = around.now.saturating_add(u64::try_from(lasting.as_nanos()).unwrap_or(u64::MAX));
                // Both directions in half of the cases, otherwise one of the two.
                let (there, back) =
                    [(true, true), (true, true), (true, false), (false, true)][(fault.value >> 62) as usize];
                for (from, to) in
                    [(from, to)].into_iter().filter(|_| there).chain([(to, from)].into_iter().filter(|_| back))
                {
                    if from != to && !self.links.is_cut(from, to) {
                        self.cut(from, to, Cut::Until(until), around);
                        self.schedule(until, Event::Heals(from, to));
                    }
                }
            }
            _ => {}
        }
    }

    /// Resets a connection for both sides at once.
    pub(super) fn reset(&mut self, connection: u64, around: &mut Around<'_>) {
        around.note(|| {
            let (client, server) = (self.name(connection, Side::Client), self.name(connection, Side::Server));
            format!("the connection of {client} and {server} is reset")
        });
        for side in Side::BOTH {
            self.fail(connection, side, ErrorKind::ConnectionReset);
        }
        self.clean_up(connection);
    }

    /// Makes one side forget a connection, without notifying the other side.
    pub(super) fn forget(&mut self, connection: u64, side: Side, around: &mut Around<'_>) {
        around.note(|| {
            let (this, other) = (self.name(connection, side), self.name(connection, side.other()));
            format!("{this} knows nothing any more of its connection with {other}")
        });
        self.fail(connection, side, ErrorKind::ConnectionReset);
        self.clean_up(connection);
    }

    /// Makes a side read nothing for some time.
    pub(super) fn stall(&mut self, connection: u64, side: Side, time: Duration, around: &mut Around<'_>) {
        around.note(|| format!("{} reads nothing for {time:?}", self.name(connection, side)));
        let until = around.now.saturating_add(u64::try_from(time.as_nanos()).unwrap_or(u64::MAX));
        let Some(stalling) = self.connections.get_mut(&connection) else { return };
        let end = &mut stalling[side];
        end.stalled_until = end.stalled_until.max(until);
        self.schedule(until, Event::Reads(connection, side));
    }

    /// A side reads on that was stalled.
    pub(super) fn read_on(&mut self, connection: u64, side: Side) {
        let reader = self.connections.get_mut(&connection).and_then(|reading| reading.read_by(side).reader.take());
        self.wake(reader);
    }

    /// Cuts the link from one host to another.
    pub(super) fn cut(&mut self, from: HostId, to: HostId, cut: Cut, around: &mut Around<'_>) {
        if from == to {
            return;
        }
        around.note(|| format!("nothing gets through from {} to {}", self.hosts.name(from), self.hosts.name(to)));
        self.links.set_cut(from, to, Some(cut));
        for (connection, side) in self.using(from, to) {
            let pipe = self.connections.get_mut(&connection).expect("it is there").written_by(side);
            // Segments under way are sent again, except resets.
            let flying = std::mem::take(&mut pipe.flight);
            pipe.flight = flying.into_iter().filter(|segment| !matches!(segment.what, Content::Reset)).collect();
            self.review(connection, side, around.now);
            self.clean_up(connection);
        }
    }

    /// Ends the cut of a link.
    pub(super) fn heal(&mut self, from: HostId, to: HostId, around: &mut Around<'_>) {
        if !self.links.is_cut(from, to) {
            return;
        }
        around.note(|| {
            format!("everything gets through again from {} to {}", self.hosts.name(from), self.hosts.name(to))
        });
        self.links.set_cut(from, to, None);
        for (connection, side) in self.using(from, to) {
            let again = around.now.saturating_add(self.latency(from, to));
            let healing = self.connections.get_mut(&connection).expect("it is there");
            healing.written_by(side).delay(again);
            // Notifies the other side of the bytes that were read meanwhile.
            let pipe = healing.read_by(side);
            pipe.untold = 0;
            pipe.unacknowledged = false;
            let writer = pipe.writer.take();
            self.wake(writer);
            self.review(connection, side, around.now);
            self.review(connection, side.other(), around.now);
        }
    }

    /// Ends a cut by a fault, unless the link has been healed meanwhile, or cut by hand.
    pub(super) fn heal_after_fault(&mut self, from: HostId, to: HostId, around: &mut Around<'_>) {
        if self.links.cut(from, to).is_some_and(|cut| matches!(cut, Cut::Until(until) if until <= around.now)) {
            self.heal(from, to, around);
        }
    }

    pub(crate) fn crash_named(&mut self, host: &str, around: &mut Around<'_>) {
        let host = self.hosts.named(host);
        self.crash(host, around);
    }

    /// Crashes a host, as by a loss of power: its listeners are gone, and it has forgotten its connections.
    fn crash(&mut self, host: HostId, around: &mut Around<'_>) {
        around.note(|| format!("{} crashes", self.hosts.name(host)));
        let listeners: Vec<u64> = self.listeners.iter().filter(|(_, it)| it.host == host).map(|(id, _)| *id).collect();
        for listener in listeners {
            let Some(listening) = self.forget_listener(listener) else { continue };
            for connection in listening.queue.into_iter().chain(listening.outside) {
                if let Some(waiting) = self.connections.get_mut(&connection) {
                    waiting[Side::Server].released = true;
                    waiting.queued = false;
                }
            }
        }
        let connections: Vec<u64> = self.connections.keys().copied().collect();
        for connection in connections {
            for side in Side::BOTH {
                if self.connections.get(&connection).is_some_and(|crashing| crashing[side].host == host) {
                    self.fail(connection, side, ErrorKind::ConnectionReset);
                }
            }
            self.review(connection, Side::Client, around.now);
            self.clean_up(connection);
        }
    }

    /// The open connections between two hosts.
    pub(super) fn between(&self, a: HostId, b: HostId) -> Vec<u64> {
        let between = self.connections.iter().filter(|(_, connection)| {
            connection.is_between(a, b) && Side::BOTH.iter().any(|side| connection[*side].failed.is_none())
        });
        between.map(|(id, _)| *id).collect()
    }

    /// The side of a connection that is on a host; that of the client, if both are.
    pub(super) fn side_at(&self, connection: u64, host: HostId) -> Side {
        let is_client = self.connections.get(&connection).is_some_and(|ends| ends[Side::Client].host == host);
        if is_client { Side::Client } else { Side::Server }
    }

    /// The pipes from one host to another, by connection and side.
    fn using(&self, from: HostId, to: HostId) -> Vec<(u64, Side)> {
        let sides = self.connections.iter().flat_map(|(id, connection)| {
            Side::BOTH.into_iter().filter(|side| connection.way(*side) == (from, to)).map(|side| (*id, side))
        });
        sides.collect()
    }
}
