use std::collections::VecDeque;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, Waker};

use futures::task::AtomicWaker;
use otp_core::Pid;

use crate::proto::Encoded;

/// What waits to be written to a peer.
///
/// Small messages are written in order. A large one is written in fragments, with small ones of others in between; what its
/// sender sends afterwards waits for its end, because signals of one process stay in order.
pub(crate) struct Outbox {
    state: Mutex<State>,
    /// More than the most waits, or has waited and there is no room yet.
    full: AtomicBool,
    /// The writer.
    writer: AtomicWaker,
    limits: Bounds,
}

/// How many bytes may wait.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Bounds {
    /// Beyond that, senders wait.
    pub(crate) busy: usize,
    /// Signals and replies do not wait. Beyond that, nothing is read from the peer, so that it cannot ask for more, and the
    /// connection is given up if it takes nothing.
    pub(crate) most: usize,
    /// Beyond that, the connection is closed: the peer had asked for so much before it was not read from any more.
    pub(crate) cap: usize,
}

impl Bounds {
    pub(crate) const fn of(busy: usize) -> Bounds {
        let most = at_least(1 << 20, busy.saturating_mul(256));
        // More than may wait for a connection, which is added at once when it is made.
        Bounds { busy, most, cap: at_least(64 << 20, most.saturating_mul(2)) }
    }
}

const fn at_least(least: usize, bytes: usize) -> usize {
    if bytes < least { least } else { bytes }
}

#[derive(Default)]
struct State {
    small: Vec<u8>,
    /// Large messages, with what has to wait for them.
    lanes: VecDeque<Lane>,
    /// How many are not written yet, nearly: those that the writer has taken are among them.
    bytes: usize,
    sequence: u64,
    closed: bool,
    /// Senders that wait for room.
    waiting: Vec<Waker>,
    /// A process whose messages are held back, and these.
    held: Option<(Pid, Vec<Encoded>)>,
}

struct Lane {
    sender: Pid,
    frames: Box<dyn Iterator<Item = Vec<u8>> + Send>,
    next: VecDeque<Encoded>,
}

/// The connection is closed.
#[derive(Debug)]
pub(crate) struct Closed;

/// Why a message is not added.
#[derive(Debug)]
pub(super) enum NotAdded {
    /// The connection is closed.
    Closed,
    /// It has to be: the cap is reached.
    TooMuch,
}

impl Outbox {
    pub(crate) fn new(limits: Bounds) -> Outbox {
        Outbox { state: Mutex::default(), full: AtomicBool::new(false), writer: AtomicWaker::new(), limits }
    }

    /// Adds a message of a process here.
    pub(super) fn push(&self, sender: Pid, message: Encoded) -> Result<(), NotAdded> {
        {
            let mut state = self.lock();
            if state.closed {
                return Err(NotAdded::Closed);
            }
            if state.bytes > self.limits.cap {
                return Err(NotAdded::TooMuch);
            }
            match &mut state.held {
                Some((held, messages)) if *held == sender => {
                    messages.push(message);
                    return Ok(());
                }
                _ => self.add(&mut state, sender, message),
            }
        }
        self.writer.wake();
        Ok(())
    }

    /// Holds back what a process sends.
    pub(super) fn hold(&self, sender: Pid) {
        self.lock().held = Some((sender, Vec::new()));
    }

    /// Adds what was held back, after another message of the process.
    pub(super) fn release(&self, first: Option<Encoded>) {
        {
            let mut state = self.lock();
            let Some((sender, messages)) = state.held.take() else { return };
            if state.closed || (first.is_none() && messages.is_empty()) {
                return;
            }
            let all = first.into_iter().chain(messages);
            all.for_each(|message| self.add(&mut state, sender, message));
        }
        self.writer.wake();
    }

    /// Takes what is to be written now: all small messages, and one fragment of a large one.
    pub(super) fn poll_take(&self, cx: &mut Context<'_>, out: &mut Vec<u8>) -> Poll<Result<(), Closed>> {
        self.writer.register(cx.waker());
        let mut state = self.lock();
        if state.closed {
            return Poll::Ready(Err(Closed));
        }
        if state.small.is_empty() && state.lanes.is_empty() {
            return Poll::Pending;
        }
        out.clear();
        // A connection that was full once does not keep the memory for that.
        out.shrink_to(self.limits.busy);
        std::mem::swap(&mut state.small, out);
        state.take_fragment(out);
        Poll::Ready(Ok(()))
    }

    /// So many bytes of what was taken are written.
    pub(super) fn wrote(&self, bytes: usize) {
        let woken = {
            let mut state = self.lock();
            // What was taken has more bytes: the heads of fragments.
            state.bytes = state.bytes.saturating_sub(bytes);
            if state.bytes < self.limits.busy {
                self.full.store(false, Ordering::Relaxed);
                std::mem::take(&mut state.waiting)
            } else {
                Vec::new()
            }
        };
        woken.into_iter().for_each(Waker::wake);
    }

    /// Waits while too much waits to be written.
    pub(crate) fn poll_room(&self, cx: &Context<'_>) -> Poll<Result<(), Closed>> {
        let waker = cx.waker().clone();
        let mut state = self.lock();
        if state.closed {
            return Poll::Ready(Err(Closed));
        }
        if state.bytes < self.limits.busy {
            return Poll::Ready(Ok(()));
        }
        if !state.waiting.iter().any(|waiting| waiting.will_wake(&waker)) {
            state.waiting.push(waker);
        }
        Poll::Pending
    }

    /// Whether more than the most waits, or has waited and there is no room yet.
    pub(super) fn is_full(&self) -> bool {
        self.full.load(Ordering::Relaxed)
    }

    /// How many bytes wait, nearly.
    pub(crate) fn queued(&self) -> usize {
        self.lock().bytes
    }

    pub(crate) fn is_closed(&self) -> bool {
        self.lock().closed
    }

    /// Drops everything, and wakes everybody.
    pub(crate) fn close(&self) {
        let (state, waiting) = {
            let mut state = self.lock();
            let waiting = std::mem::take(&mut state.waiting);
            (std::mem::replace(&mut *state, State { closed: true, ..State::default() }), waiting)
        };
        drop(state);
        waiting.into_iter().for_each(Waker::wake);
        self.writer.wake();
    }

    fn add(&self, state: &mut State, sender: Pid, message: Encoded) {
        state.add(sender, message);
        if state.bytes > self.limits.most {
            self.full.store(true, Ordering::Relaxed);
        }
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    fn add(&mut self, sender: Pid, message: Encoded) {
        self.bytes += message.size();
        match self.lanes.iter().position(|lane| lane.sender == sender) {
            Some(at) => self.lanes[at].next.push_back(message),
            None if message.is_large() => {
                self.sequence += 1;
                let frames = Box::new(message.into_frames(self.sequence));
                self.lanes.push_back(Lane { sender, frames, next: VecDeque::new() });
            }
            None if self.small.is_empty() => self.small = message.into_frame(),
            None => self.small.extend(message.into_frame()),
        }
    }

    /// Takes one fragment of the next large message.
    fn take_fragment(&mut self, out: &mut Vec<u8>) {
        let Some(mut lane) = self.lanes.pop_front() else { return };
        if let Some(frame) = lane.frames.next() {
            out.extend(frame);
            self.lanes.push_back(lane);
            return;
        }
        // What its sender has sent afterwards: up to the next large one.
        while let Some(message) = lane.next.pop_front() {
            if message.is_large() {
                self.sequence += 1;
                lane.frames = Box::new(message.into_frames(self.sequence));
                self.lanes.push_back(lane);
                return;
            }
            out.extend(message.into_frame());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::proto::{Control, Flags, Inbound, Limits, NodeName, Outbound};
    use std::num::NonZeroU64;

    fn message(from: u64, to: u32, size: usize) -> (Pid, Encoded) {
        let name: NodeName = "a@h".parse().unwrap();
        let to = otp_etf::Pid::new(name.atom().clone(), to, 0, 1);
        let payload = otp_etf::encode(&otp_etf::Term::binary(vec![0; size])).unwrap();
        let control = Control::Send { to, from: None };
        let encoded = Outbound::new(Flags::visible()).message(&control, |out| out.extend(&payload[1..])).unwrap();
        (Pid::here(NonZeroU64::new(from).unwrap()), encoded)
    }

    /// The receivers of the messages in the order in which they are complete.
    fn written(outbox: &Outbox) -> Vec<u32> {
        let mut inbound = Inbound::new(Flags::visible(), Limits::default());
        let (mut order, mut out) = (Vec::new(), Vec::new());
        while let Poll::Ready(Ok(())) = outbox.poll_take(&mut Context::from_waker(Waker::noop()), &mut out) {
            outbox.wrote(out.len());
            let mut rest = &out[..];
            while let Some((len, bytes)) = rest.split_first_chunk::<4>() {
                let (frame, after) = bytes.split_at(u32::from_be_bytes(*len) as usize);
                rest = after;
                if let Some(message) = inbound.receive(frame.to_vec().into()).unwrap()
                    && let Control::Send { to, .. } = message.control
                {
                    order.push(to.id);
                }
            }
        }
        order
    }

    #[test]
    fn small_messages_overtake_a_large_one_unless_they_are_of_its_sender() {
        let outbox = Outbox::new(Bounds { busy: 1, most: usize::MAX, cap: usize::MAX });
        for (from, to, size) in
            [(1, 10, 1 << 20), (1, 11, 1), (2, 20, 1), (3, 30, 1 << 18), (2, 21, 1), (1, 12, 1 << 18)]
        {
            let (sender, message) = message(from, to, size);
            outbox.push(sender, message).unwrap();
        }
        assert_eq!(written(&outbox), [20, 21, 30, 10, 11, 12]);
        assert!(outbox.poll_room(&Context::from_waker(Waker::noop())).is_ready(), "all is written");
    }

    #[test]
    fn what_a_process_sends_while_it_is_held_back_comes_after_its_answer() {
        let outbox = Outbox::new(Bounds { busy: 1, most: usize::MAX, cap: usize::MAX });
        let push = |from, to, size| {
            let (sender, message) = message(from, to, size);
            outbox.push(sender, message).unwrap();
        };
        push(1, 10, 1);
        outbox.hold(Pid::here(NonZeroU64::new(1).unwrap()));
        push(1, 12, 1);
        push(2, 20, 1);
        push(1, 13, 1 << 18);
        outbox.release(Some(message(1, 11, 1).1));
        push(1, 14, 1);
        outbox.release(None);
        assert_eq!(written(&outbox), [10, 20, 11, 12, 13, 14]);
    }

    #[test]
    fn what_does_not_wait_is_added_also_when_the_outbox_is_full_which_it_is_until_there_is_room() {
        let outbox = Outbox::new(Bounds { busy: 1 << 10, most: 1 << 20, cap: usize::MAX });
        for sender in 1..=10 {
            let (sender, message) = message(sender, 1, 1 << 18);
            outbox.push(sender, message).unwrap();
        }
        assert!(outbox.queued() > 2 << 20 && outbox.is_full());
        let (mut out, cx) = (Vec::new(), &mut Context::from_waker(Waker::noop()));
        assert!(outbox.poll_room(cx).is_pending());
        while outbox.queued() >= 1 << 10 {
            assert!(outbox.is_full());
            assert!(outbox.poll_take(cx, &mut out).is_ready());
            outbox.wrote(out.len());
        }
        assert!(!outbox.is_full() && outbox.poll_room(cx).is_ready());
        outbox.close();
        assert!(matches!(outbox.poll_room(cx), Poll::Ready(Err(Closed))));
    }

    #[test]
    fn what_is_taken_waits_until_it_is_written() {
        let outbox = Outbox::new(Bounds { busy: 1 << 10, most: 1 << 15, cap: 1 << 16 });
        let push = |size| {
            let (sender, message) = message(1, 1, size);
            outbox.push(sender, message)
        };
        push(40_000).unwrap();
        let (mut out, cx) = (Vec::new(), &mut Context::from_waker(Waker::noop()));
        assert!(outbox.poll_take(cx, &mut out).is_ready());
        assert!(outbox.queued() == out.len() && outbox.is_full() && outbox.poll_room(cx).is_pending());
        outbox.wrote(out.len() - 1024);
        assert!(outbox.queued() == 1024 && outbox.is_full());
        outbox.wrote(1);
        assert!(!outbox.is_full() && outbox.poll_room(cx).is_ready());

        // The cap counts what is being written, too.
        push(50_000).unwrap();
        assert!(outbox.poll_take(cx, &mut out).is_ready());
        push(50_000).unwrap();
        assert!(matches!(push(1), Err(NotAdded::TooMuch)));
        outbox.wrote(out.len());
        push(1).unwrap();
    }
}
