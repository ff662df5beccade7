use std::future::poll_fn;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use otp_core::runtime::Instant;
use otp_core::{ExitReason, Pid, System};
use otp_etf::{Decoder, Limits, encode_into};

use super::life::closed;
use super::meter::Meter;
use super::outbox::{NotAdded, Outbox};
use super::unheard::Unheard;
use crate::proto::{Control, Encoded, Flags, Introduction, Outbound};

/// A connection to another node, for those who send on it.
pub(crate) struct Conn {
    /// Among all of this node.
    pub(crate) number: u64,
    /// The process that reads; the connection ends with it.
    pub(crate) process: Pid,
    pub(crate) peer: Introduction,
    pub(crate) hidden: bool,
    pub(crate) outbox: Outbox,
    pub(crate) unheard: Arc<Unheard>,
    /// Whether something was read, or could not be, since the writer has last asked.
    has_read: AtomicBool,
    /// Whether the process that reads waits for room, and does not read.
    waits: AtomicBool,
    pub(crate) since: Instant,
    /// What has come, and what was sent.
    pub(crate) received: Meter,
    pub(crate) sent: Meter,
    flags: Flags,
    outbound: Outbound,
    system: System,
}

impl Conn {
    pub(crate) fn new(
        number: u64,
        process: Pid,
        own: &Introduction,
        peer: &Introduction,
        outbox: Outbox,
        system: &System,
    ) -> Conn {
        let flags = own.flags & peer.flags;
        Conn {
            number,
            process,
            peer: peer.clone(),
            hidden: !flags.contains(Flags::PUBLISHED),
            outbox,
            unheard: Arc::default(),
            has_read: AtomicBool::new(false),
            waits: AtomicBool::new(false),
            since: system.now(),
            received: Meter::default(),
            sent: Meter::default(),
            flags,
            outbound: Outbound::new(flags),
            system: system.clone(),
        }
    }

    pub(crate) fn flags(&self) -> Flags {
        self.flags
    }

    /// Returns whether the peer answers when a link is removed.
    pub(crate) fn acknowledges_unlinks(&self) -> bool {
        self.flags.contains(Flags::UNLINK_ID)
    }

    /// Sends a message of a process here; false if the connection is closed, as it is when too much waits to be written.
    /// `payload` is an encoded term, without 131.
    pub(crate) fn send(&self, sender: Pid, control: Control, payload: &[u8]) -> bool {
        let Some(message) = self.encode(control, payload) else { return true };
        let added = self.outbox.push(sender, message);
        if let Err(NotAdded::TooMuch) = added {
            self.close(closed("too much waits to be written"));
        }
        added.is_ok()
    }

    /// Holds back what a process here sends, until what is returned is dropped. Only the process that reads does this, for
    /// one process at a time.
    pub(crate) fn hold(&self, sender: Pid) -> Held<'_> {
        self.outbox.hold(sender);
        Held(self)
    }

    /// Waits while the peer has asked for too much: until it has taken what waits for it, and has been heard.
    pub(super) async fn room(&self) {
        if !self.outbox.is_full() && !self.unheard.is_full() {
            return;
        }
        self.waits.store(true, Ordering::Relaxed);
        if self.outbox.is_full() {
            // It fails if the connection is closed.
            let _ = poll_fn(|cx| self.outbox.poll_room(cx)).await;
        }
        if self.unheard.is_full() {
            self.unheard.room().await;
        }
        // The ticks of the peer may have been left unread until now.
        self.reads();
        self.waits.store(false, Ordering::Release);
    }

    /// Something is read.
    pub(super) fn reads(&self) {
        self.has_read.store(true, Ordering::Relaxed);
    }

    /// Returns whether the peer was silent since this was last asked: nothing was read, although somebody did read.
    pub(super) fn is_silent(&self) -> bool {
        let waits = self.waits.load(Ordering::Acquire);
        !self.has_read.swap(false, Ordering::Relaxed) && !waits
    }

    fn encode(&self, control: Control, payload: &[u8]) -> Option<Encoded> {
        let control = self.adapt(control, payload);
        self.sent.message();
        self.outbound.message(&control, |out| out.extend_from_slice(payload)).ok()
    }

    /// Ends the process that reads, and so the connection.
    pub(crate) fn close(&self, reason: ExitReason) {
        self.system.exit(self.process, reason);
    }

    /// Makes of a message what the peer understands, if it is old.
    fn adapt(&self, mut control: Control, payload: &[u8]) -> Control {
        match &mut control {
            Control::Exit { reason, .. } | Control::Exit2 { reason, .. } | Control::MonitorExit { reason, .. }
                if !self.flags.contains(Flags::EXIT_PAYLOAD) =>
            {
                let mut decoder = Decoder::new(payload, &Limits::new().size(usize::MAX)).ok();
                *reason = decoder.as_mut().and_then(|decoder| decoder.term().ok());
            }
            Control::Unlink { id, .. } if !self.acknowledges_unlinks() => *id = None,
            Control::Send { from, .. } if !self.flags.contains(Flags::SEND_SENDER) => *from = None,
            _ => {}
        }
        control
    }
}

/// What a process here sends is held back.
pub(crate) struct Held<'a>(&'a Conn);

impl Held<'_> {
    /// Sends this before what is held back.
    pub(crate) fn release_after(self, control: Control, payload: &[u8]) {
        self.0.outbox.release(self.0.encode(control, payload));
    }
}

impl Drop for Held<'_> {
    fn drop(&mut self) {
        self.0.outbox.release(None);
    }
}

/// Encodes a term as payload; a term that has no encoding becomes its text.
pub(crate) fn payload_of(term: &otp_etf::Term) -> Vec<u8> {
    let mut out = Vec::new();
    if encode_into(&mut out, term).is_err() {
        let text = otp_etf::Term::binary(format!("{term:.1000}"));
        encode_into(&mut out, &text).expect("a text has an encoding");
    }
    out
}
