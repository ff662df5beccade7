use std::io::{self, ErrorKind, IoSlice, Read};
use std::task::{Poll, Waker};

use super::connection::Side;
use super::network::{Around, Network, park};
use super::pipe::Content;
use crate::faults::Kind;
use crate::trace::Hit;

impl Network {
    /// Reads data that has arrived, or a part of it.
    pub(crate) fn poll_read(
        &mut self,
        connection: u64,
        side: Side,
        waker: &Waker,
        buf: &mut [u8],
        around: &mut Around<'_>,
    ) -> Poll<io::Result<usize>> {
        let Some(reading) = self.connections.get_mut(&connection) else { return gone() };
        let (here, there) = reading.way(side);
        let failed = reading[side].failed;
        let pipe = reading.read_by(side);
        let whole = pipe.arrived.len().min(buf.len());
        if whole == 0 {
            return match failed {
                _ if buf.is_empty() => Poll::Ready(Ok(0)),
                Some(kind) => Poll::Ready(Err(kind.into())),
                None if pipe.ended => Poll::Ready(Ok(0)),
                None => {
                    let stale = park(&mut pipe.reader, waker);
                    self.drop_later(stale);
                    Poll::Pending
                }
            };
        }
        if self.stalls(connection, side, around) {
            let pipe = self.connections.get_mut(&connection).expect("it was there").read_by(side);
            let stale = park(&mut pipe.reader, waker);
            self.drop_later(stale);
            return Poll::Pending;
        }
        let part = self.part_of(whole);
        let is_told = !self.links.is_cut(here, there);
        let pipe = self.connections.get_mut(&connection).expect("it was there").read_by(side);
        pipe.arrived.read_exact(&mut buf[..part]).expect("it has arrived");
        let writer = if is_told {
            pipe.writer.take()
        } else {
            pipe.untold += part;
            None
        };
        self.wake(writer);
        Poll::Ready(Ok(part))
    }

    /// Writes as much as there is room for, or a part of it.
    pub(crate) fn poll_write(
        &mut self,
        connection: u64,
        side: Side,
        waker: &Waker,
        bufs: &[IoSlice<'_>],
        around: &mut Around<'_>,
    ) -> Poll<io::Result<usize>> {
        let bound = self.bound;
        let Some(writing) = self.connections.get_mut(&connection) else { return gone() };
        match writing[side].failed {
            Some(ErrorKind::ConnectionReset) => return Poll::Ready(Err(ErrorKind::BrokenPipe.into())),
            Some(kind) => return Poll::Ready(Err(kind.into())),
            None if writing[side].closed => return Poll::Ready(Err(ErrorKind::BrokenPipe.into())),
            None => {}
        }
        let wanted: usize = bufs.iter().map(|buf| buf.len()).sum();
        let pipe = writing.written_by(side);
        let whole = wanted.min(pipe.room(bound));
        if wanted == 0 {
            return Poll::Ready(Ok(0));
        }
        if whole == 0 {
            let stale = park(&mut pipe.writer, waker);
            self.drop_later(stale);
            return Poll::Pending;
        }
        let part = self.part_of(whole);
        let mut bytes: Vec<u8> = Vec::with_capacity(part);
        for buf in bufs {
            bytes.extend_from_slice(&buf[..buf.len().min(part - bytes.len())]);
        }
        let lag = self.disturb(connection, side, around);
        // Sometimes splits the data into two segments, which arrive separately.
        let rest = bytes.split_off(self.part_of(part));
        self.send(connection, side, Content::Bytes(bytes), lag, around);
        if !rest.is_empty() {
            self.send(connection, side, Content::Bytes(rest), 0, around);
        }
        Poll::Ready(Ok(part))
    }

    /// Ends the stream that a side writes.
    pub(crate) fn close(&mut self, connection: u64, side: Side, around: &mut Around<'_>) {
        let Some(closing) = self.connections.get_mut(&connection) else { return };
        let end = &mut closing[side];
        if !std::mem::replace(&mut end.closed, true) && end.failed.is_none() {
            self.send(connection, side, Content::End, 0, around);
        }
    }

    /// Releases a side that the program has dropped.
    pub(crate) fn release(&mut self, connection: u64, side: Side, around: &mut Around<'_>) {
        let Some(leaving) = self.connections.get_mut(&connection) else { return };
        let end = &mut leaving[side];
        end.released = true;
        if end.opening {
            // The connection request is under way, and will find that the client is gone.
            end.failed = Some(ErrorKind::ConnectionAborted);
        } else if end.failed.is_none() && !leaving.read_by(side).arrived.is_empty() {
            // The peer has sent data that will not be read, and is notified by a reset.
            self.fail(connection, side, ErrorKind::ConnectionReset);
            self.send(connection, side, Content::Reset, 0, around);
        } else {
            self.close(connection, side, around);
        }
        self.clean_up(connection);
    }

    /// Delivers the first segment that a side has written.
    pub(super) fn arrive(&mut self, connection: u64, from: Side, around: &mut Around<'_>) {
        let Some(receiving) = self.connections.get_mut(&connection) else { return };
        let to = from.other();
        let pipe = receiving.written_by(from);
        pipe.arrival = None;
        let Some(what) = pipe.pop() else { return };
        around.shared.mix(11 | what.code() << 8 | connection << 32);
        let failed = receiving[to].failed;
        match what {
            Content::Open => self.knock(connection, around),
            Content::Reset => {
                let kind =
                    if receiving[to].opening { ErrorKind::ConnectionRefused } else { ErrorKind::ConnectionReset };
                around.note(|| format!("{} hears that there is no connection", self.name(connection, to)));
                self.fail(connection, to, kind);
            }
            // A host that does not know a connection answers with a reset.
            _ if failed.is_some() => self.send(connection, to, Content::Reset, 0, around),
            Content::Opened => {
                let end = &mut receiving[to];
                end.opening = false;
                let connector = end.connector.take();
                self.wake(connector);
                around.note(|| format!("{} is connected", self.name(connection, to)));
            }
            Content::Bytes(_) if receiving[to].released => {
                self.fail(connection, to, ErrorKind::ConnectionReset);
                self.send(connection, to, Content::Reset, 0, around);
            }
            Content::Bytes(bytes) => {
                let len = bytes.len();
                let pipe = receiving.written_by(from);
                pipe.arrived.extend(bytes);
                let reader = pipe.reader.take();
                self.wake(reader);
                around.note(|| {
                    let (from, to) = (self.name(connection, from), self.name(connection, to));
                    format!("{len} bytes from {from} reach {to}")
                });
            }
            Content::End => {
                let pipe = receiving.written_by(from);
                pipe.ended = true;
                let reader = pipe.reader.take();
                self.wake(reader);
                around.note(|| {
                    let (from, to) = (self.name(connection, from), self.name(connection, to));
                    format!("the end from {from} reaches {to}")
                });
            }
        }
        if let Some(receiving) = self.connections.get_mut(&connection) {
            let (here, there) = receiving.way(to);
            receiving.written_by(from).unacknowledged |= self.links.is_cut(here, there);
        }
        self.review(connection, from, around.now);
        self.clean_up(connection);
    }

    /// Sends a segment behind the earlier ones. A reset replaces them, and is not sent twice.
    pub(super) fn send(&mut self, connection: u64, side: Side, what: Content, lag: u64, around: &mut Around<'_>) {
        let Some(sending) = self.connections.get_mut(&connection) else { return };
        let (from, to) = sending.way(side);
        if let Content::Reset = what {
            if self.links.is_cut(from, to) {
                return;
            }
            sending.written_by(side).clear();
        } else if sending[side].failed.is_some() {
            return;
        }
        let at = around.now.saturating_add(self.latency(from, to)).saturating_add(lag);
        self.connections.get_mut(&connection).expect("it was there").written_by(side).push(at, what);
        self.review(connection, side, around.now);
    }

    /// Whether a side reads nothing at the moment, although data has arrived.
    fn stalls(&mut self, connection: u64, side: Side, around: &mut Around<'_>) -> bool {
        if let Some(fault) = around.injector.draw(Kind::SlowReader) {
            let lasting = around.injector.duration(fault);
            if let Some(recording) = &mut around.recording {
                recording.fault(fault, Hit::Nothing, lasting);
            }
            self.stall(connection, side, lasting, around);
        }
        self.connections.get(&connection).is_some_and(|reading| reading[side].stalled_until > around.now)
    }

    /// Draws the faults for which a write is an opportunity; returns the delay of the write.
    fn disturb(&mut self, connection: u64, side: Side, around: &mut Around<'_>) -> u64 {
        for kind in [Kind::Reset, Kind::HalfOpen, Kind::Partition] {
            if let Some(fault) = around.injector.draw(kind) {
                self.inject(connection, side, fault, around);
            }
        }
        let Some(fault) = around.injector.draw(Kind::Lag) else { return 0 };
        let late = around.injector.duration(fault);
        if let Some(recording) = &mut around.recording {
            recording.fault(fault, Hit::Nothing, late);
        }
        u64::try_from(late.as_nanos()).unwrap_or(u64::MAX)
    }
}

fn gone<T>() -> Poll<io::Result<T>> {
    Poll::Ready(Err(io::Error::new(ErrorKind::ConnectionAborted, "the simulation that the socket was of is over")))
}
