use std::io::ErrorKind;
use std::time::Duration;

use super::connection::Side;
use super::network::{Around, Event, Network};

/// The time limit of an attempt to connect, as on Linux.
const CONNECTING: Duration = Duration::from_secs(127);
/// The time after which a side gives up sending lost data again, as on Linux.
const SENDING: Duration = Duration::from_secs(924);

/// Maintenance of connections after each change.
impl Network {
    /// Updates the events of a side after a change: the arrival of its first segment, and its time limit.
    pub(super) fn review(&mut self, connection: u64, side: Side, now: u64) {
        let Some(reviewed) = self.connections.get_mut(&connection) else { return };
        let (from, to) = reviewed.way(side);
        let is_cut = self.links.is_cut(from, to);
        let is_outside = side == Side::Client && reviewed.queued;
        let has_failed = reviewed[side].failed.is_some();
        let patience = if reviewed[side].opening { CONNECTING } else { SENDING };
        let pipe = reviewed.written_by(side);
        let first = pipe.flight.front().map(|segment| segment.at.max(now));
        let (arrival, giving_up) = (pipe.arrival, pipe.giving_up);
        let is_stuck = !has_failed && (is_outside || pipe.unacknowledged || (is_cut && first.is_some()));

        let arrival = match (first.filter(|_| !is_cut), arrival) {
            (Some(at), None) => Some(self.schedule(at, Event::Arrives(connection, side))),
            (None, arrival) => {
                self.cancel(arrival);
                None
            }
            (Some(_), arrival) => arrival,
        };
        let giving_up = match (is_stuck, giving_up) {
            (true, None) => {
                Some(self.schedule(now.saturating_add(patience.as_nanos() as u64), Event::GivesUp(connection, side)))
            }
            (false, giving_up) => {
                self.cancel(giving_up);
                None
            }
            (true, giving_up) => giving_up,
        };
        let pipe = self.connections.get_mut(&connection).expect("it was there").written_by(side);
        (pipe.arrival, pipe.giving_up) = (arrival, giving_up);
    }

    /// Gives a side up, whose data has not arrived for too long.
    pub(super) fn give_up(&mut self, connection: u64, side: Side, around: &mut Around<'_>) {
        around.shared.mix(12 | connection << 32);
        around.note(|| format!("{} gives up", self.name(connection, side)));
        if let Some(abandoned) = self.connections.get_mut(&connection) {
            abandoned.written_by(side).giving_up = None;
        }
        if let Some(listening) = self.listeners.values_mut().find(|listening| listening.outside.contains(&connection)) {
            listening.outside.retain(|outside| *outside != connection);
        }
        self.fail(connection, side, ErrorKind::TimedOut);
        self.clean_up(connection);
    }

    /// Fails a side: it keeps only the error, and its data under way is lost.
    pub(super) fn fail(&mut self, connection: u64, side: Side, kind: ErrorKind) {
        let Some(failing) = self.connections.get_mut(&connection) else { return };
        let end = &mut failing[side];
        end.failed.get_or_insert(kind);
        end.opening = false;
        failing.queued &= side == Side::Server;
        let connector = failing[side].connector.take();
        let reader = failing.read_by(side).reader.take();
        let pipe = failing.written_by(side);
        pipe.clear();
        pipe.unacknowledged = false;
        let (writer, arrival, giving_up) = (pipe.writer.take(), pipe.arrival.take(), pipe.giving_up.take());
        self.cancel(arrival);
        self.cancel(giving_up);
        self.wake([connector, reader, writer].into_iter().flatten());
    }

    /// Removes a connection that is over.
    pub(super) fn clean_up(&mut self, connection: u64) {
        if !self.connections.get(&connection).is_some_and(|connection| connection.is_over()) {
            return;
        }
        let Some(mut over) = self.connections.remove(&connection) else { return };
        for side in Side::BOTH {
            let pipe = over.written_by(side);
            let (arrival, giving_up) = (pipe.arrival, pipe.giving_up);
            let wakers = [pipe.reader.take(), pipe.writer.take()];
            self.cancel(arrival);
            self.cancel(giving_up);
            self.drop_later(wakers.into_iter().flatten());
        }
        let client = &mut over[Side::Client];
        let connector = client.connector.take();
        self.drop_later(connector);
        if let Some(port) = client.local.port() {
            self.hosts.free_port(client.host, port);
        }
    }
}
