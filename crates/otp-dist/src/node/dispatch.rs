use std::sync::Arc;

use otp_behaviour::contain;
use otp_core::node::{Receiver, StandIn};
use otp_core::{ExitReason, MonitorRef, Pid, Target};
use otp_etf::{self as etf, Term};

use super::ids::number;
use super::peer::{Monitored, PeerNode};
use super::reason::{reason_of_term, term_of_reason};
use super::receivers::Delivered;
use super::shared::Shared;
use crate::conn::{Conn, payload_of};
use crate::proto::{Control, Message, Payload, PidOrName, ProtocolError};
use crate::server::{Answer, Answering, Driven, Incoming};

/// Carries out what a node asks for.
pub(crate) struct Dispatch {
    pub(crate) node: Arc<Shared>,
    pub(crate) peer: Arc<PeerNode>,
    pub(crate) conn: Arc<Conn>,
}

/// Where a message goes.
enum To {
    Process(Target),
    Alias(otp_core::Ref),
}

impl Dispatch {
    /// Carries out a message.
    ///
    /// # Errors
    ///
    /// [`ProtocolError`] if the peer does what no node does: the connection is closed.
    pub(crate) fn carry_out(&self, message: Message) -> Result<(), ProtocolError> {
        let Message { control, payload } = message;
        match control {
            Control::Send { to, .. } => {
                let to = self.node.own.pid(&to).map(|pid| To::Process(pid.into()));
                self.deliver(to, payload)?;
            }
            Control::RegSend { name, .. } => {
                let to = self.named(&name).map(To::Process);
                self.deliver(to, payload)?;
            }
            Control::AliasSend { alias, .. } => {
                let to = self.node.own.reference(&alias).map(To::Alias);
                self.deliver(to, payload)?;
            }
            Control::Link { from, to } => self.link(&from, &to)?,
            Control::Unlink { from, to, id } => {
                if let Some((here, stand_in)) = self.unlinked(&from, &to)? {
                    stand_in.unlink(here);
                }
                if let Some(id) = id {
                    self.reply(self.local(&to), Control::UnlinkAck { from: to, to: from, id }, &[]);
                }
            }
            Control::UnlinkAck { from, to, id } => {
                let there = self.pid(&from)?;
                if let Some(here) = self.local(&to) {
                    let unlinked = &mut self.peer.lock().ties.unlinked;
                    if unlinked.get(&(here, there)) == Some(&id) {
                        unlinked.remove(&(here, there));
                    }
                }
            }
            Control::Exit { from, to, reason } => {
                let reason = reason_of(reason, payload)?;
                if let Some((here, stand_in)) = self.unlinked(&from, &to)? {
                    stand_in.end_link(here, reason);
                }
            }
            Control::Exit2 { from, to, reason } => {
                let reason = reason_of(reason, payload)?;
                let there = self.pid(&from)?;
                if let Some(here) = self.local(&to)
                    && let Some(stand_in) = self.peer.stand_in(there)
                {
                    stand_in.exit(here, reason);
                }
            }
            Control::Monitor { from, target, reference } => self.monitor(&from, target, reference)?,
            Control::Demonitor { from, reference, .. } => {
                let there = self.pid(&from)?;
                let removed = self.peer.lock().ties.demonitor(there, &reference);
                if let Some((stand_in, monitor)) = removed {
                    stand_in.demonitor(monitor);
                }
            }
            Control::MonitorExit { target, to, reference, reason } => {
                let reason = reason_of(reason, payload)?;
                self.monitor_exit(&target, &to, &reference, reason)?;
            }
            Control::SpawnRequest { id, from, .. } => {
                let refused = Control::SpawnReply { id, to: from, flags: 0, result: Term::atom("notsup") };
                self.reply(None, refused, &[]);
            }
            _ => {}
        }
        Ok(())
    }

    fn deliver(&self, to: Option<To>, payload: Option<Payload>) -> Result<(), ProtocolError> {
        let (Some(to), Some(payload)) = (to, payload) else { return Ok(()) };
        match to {
            To::Alias(reference) => {
                let message = payload.term()?;
                if self.node.calls.is_waiting(reference) {
                    if let Some((_, answer)) = pair(message) {
                        self.node.calls.answer(reference, answer);
                    }
                } else if let Some(forward) = self.node.aliases.find(reference) {
                    forward(message);
                }
            }
            // Code outside any process has called.
            To::Process(Target::Pid(Pid::SYSTEM)) => {
                self.is_answer(&payload.term()?);
            }
            To::Process(target) => {
                let by_pid = matches!(target, Target::Pid(_));
                // What nobody receives is not looked at.
                let Some(receiver) = Receiver::find(&self.node.system, target) else { return Ok(()) };
                let (message, size) = (payload.term()?, payload.size());
                if !by_pid || !self.is_answer(&message) {
                    self.hand_over(&receiver, message, size)?;
                }
            }
        }
        Ok(())
    }

    fn hand_over(&self, receiver: &Receiver, message: Term, size: usize) -> Result<(), ProtocolError> {
        // A server that answers while this waits for the answer must not overtake it, nor must its end.
        let held = self.conn.hold(receiver.pid());
        let incoming = Incoming { node: self.node.clone(), from: Some(self.conn.clone()), message, size };
        let Some(answering) = handed_over(&self.node, receiver, incoming) else { return Ok(()) };
        let most = self.node.config.limits.max_calls();
        let call = self.peer.begin_call(most).ok_or(ProtocolError::Control("of one call too many"))?;
        let node = self.node.clone();
        let answer = Driven::run(answering, move |answer| {
            let _until_then = &call;
            answer.send(&node);
        });
        match answer {
            Some(Answer { by, to, payload }) if to.node() == self.peer.name.atom() => {
                held.release_after(to.send(self.node.own.wire_pid(by)), &payload);
            }
            Some(answer) => answer.send(&self.node),
            None => {}
        }
        Ok(())
    }

    /// Takes the answer to a call that was sent to the caller and not to its alias, as some servers do.
    fn is_answer(&self, message: &Term) -> bool {
        let Some([tag, answer]) = message.as_tuple() else { return false };
        let reference = match tag {
            Term::Reference(reference) => reference,
            Term::ImproperList(list) => match (list.elements(), list.tail()) {
                ([Term::Atom(alias)], Term::Reference(reference)) if *alias == "alias" => reference,
                _ => return false,
            },
            _ => return false,
        };
        let reference = self.node.own.reference(reference);
        reference.is_some_and(|reference| self.node.calls.answer(reference, answer.clone()))
    }

    fn link(&self, from: &etf::Pid, to: &etf::Pid) -> Result<(), ProtocolError> {
        let there = self.pid(from)?;
        let linked = match (self.local(to), self.stand_in(there)?) {
            (Some(here), stand_in) => {
                let mut state = self.peer.lock();
                // The connection may have been lost meanwhile: there is nobody who would remove the link. Or it was removed
                // here, which the peer did not know when it asked for it again.
                if !state.uses(&self.conn) || state.ties.unlinked.contains_key(&(here, there)) {
                    return Ok(());
                }
                let linked = stand_in.link(here);
                if linked.is_ok() {
                    state.ties.links.insert((here, there));
                }
                linked
            }
            (None, _) => Err(ExitReason::NoProc),
        };
        if let Err(reason) = linked {
            let control = Control::Exit { from: to.clone(), to: from.clone(), reason: None };
            self.reply(self.local(to), control, &payload_of(&term_of_reason(&reason)));
        }
        Ok(())
    }

    /// A link has been removed there, or its process has ended: it no longer counts, also if the stand-in has ended before.
    fn unlinked(&self, from: &etf::Pid, to: &etf::Pid) -> Result<Option<(Pid, StandIn)>, ProtocolError> {
        let there = self.pid(from)?;
        let Some(here) = self.local(to) else { return Ok(None) };
        let ties = &mut self.peer.lock().ties;
        ties.links.remove(&(here, there));
        Ok(ties.stand_ins.get(&there).map(|stand_in| (here, stand_in.clone())))
    }

    fn monitor(&self, from: &etf::Pid, target: PidOrName, reference: etf::Reference) -> Result<(), ProtocolError> {
        let stand_in = self.stand_in(self.pid(from)?)?;
        let here = match &target {
            PidOrName::Pid(pid) => self.local(pid).map(Target::Pid),
            PidOrName::Name(name) => self.named(name),
        };
        let Some(here) = here else {
            let control = Control::MonitorExit { target, to: from.clone(), reference, reason: None };
            self.reply(None, control, &payload_of(&term_of_reason(&ExitReason::NoProc)));
            return Ok(());
        };
        let subject = Receiver::find(&self.node.system, here.clone()).map(|receiver| receiver.pid());
        let monitor = MonitorRef::new(self.node.system.make_ref());
        {
            let mut state = self.peer.lock();
            // Nobody would remove the monitor.
            if !state.uses(&self.conn) {
                return Ok(());
            }
            if state.ties.by_reference.insert(reference.clone(), monitor).is_some() {
                return Err(ProtocolError::Control("with a reference that is in use"));
            }
            state.ties.monitors.insert(monitor, Monitored { watcher: stand_in.pid(), reference, target, subject });
        }
        stand_in.monitor_as(monitor, here);
        Ok(())
    }

    fn monitor_exit(
        &self,
        target: &PidOrName,
        to: &etf::Pid,
        reference: &etf::Reference,
        reason: ExitReason,
    ) -> Result<(), ProtocolError> {
        let Some(reference) = self.node.own.reference(reference) else { return Ok(()) };
        if self.node.calls.fail(reference, &self.peer, reason.clone()) {
            return Ok(());
        }
        let there = match target {
            PidOrName::Pid(pid) => Some(self.pid(pid)?),
            PidOrName::Name(name) => self.peer.known_pid_of_name(name),
        };
        let Some(there) = there else { return Ok(()) };
        let (stand_in, is_watched) = {
            let ties = &mut self.peer.lock().ties;
            let is_watched = ties.watches.get(&there) == Some(&reference);
            let stand_in = if is_watched { ties.remove(there) } else { ties.stand_ins.get(&there).cloned() };
            (stand_in, is_watched)
        };
        let Some(stand_in) = stand_in else { return Ok(()) };
        if is_watched {
            stand_in.end(reason);
        } else if let Some(here) = self.local(to) {
            stand_in.end_monitor(here, MonitorRef::new(reference), reason);
        }
        Ok(())
    }

    fn named(&self, name: &etf::Atom) -> Option<Target> {
        let is_exposed = self.node.config.exposes(name.as_str());
        is_exposed.then(|| Target::Name(name.as_str().to_owned().into()))
    }

    fn local(&self, pid: &etf::Pid) -> Option<Pid> {
        self.node.own.pid(pid)
    }

    /// A process of the peer.
    ///
    /// # Errors
    ///
    /// The peer speaks for another node.
    fn pid(&self, pid: &etf::Pid) -> Result<Pid, ProtocolError> {
        let is_of_peer = pid.node == *self.peer.name.atom() && pid.creation == self.conn.peer.creation;
        // The one of this connection, also if it has been replaced.
        let life = self.peer.node_of(self.conn.peer.creation);
        match (is_of_peer, life, number(pid)) {
            (true, Some(life), Some(number)) => Ok(Pid::elsewhere(life, number)),
            _ => Err(ProtocolError::Control("of a process of another node")),
        }
    }

    /// The stand-in of a process of the peer, which is made if there is none.
    fn stand_in(&self, pid: Pid) -> Result<StandIn, ProtocolError> {
        let most = self.node.config.limits.max_ties();
        let is_full = || self.peer.lock().ties.count() >= most;
        if is_full() {
            // What nothing needs any more is no tie.
            self.peer.sweep();
            if is_full() {
                return Err(ProtocolError::Control("of one process too many"));
            }
        }
        self.peer.stand_in(pid).ok_or(ProtocolError::Control("after its connection was closed"))
    }

    fn reply(&self, sender: Option<Pid>, control: Control, payload: &[u8]) {
        self.conn.send(sender.unwrap_or(Pid::SYSTEM), control, payload);
    }
}

/// Delivers a message of this node to a process here as one of another node; an answer follows when there is one.
pub(crate) fn deliver(node: &Arc<Shared>, receiver: &Receiver, message: Term) {
    let incoming = Incoming { node: node.clone(), from: None, message, size: 0 };
    let Some(answering) = handed_over(node, receiver, incoming) else { return };
    let later = node.clone();
    if let Some(answer) = Driven::run(answering, move |answer| answer.send(&later)) {
        answer.send(node);
    }
}

/// Delivers a message to a process here; returns the answer that will follow, if it is a call.
fn handed_over(node: &Shared, receiver: &Receiver, incoming: Incoming) -> Option<Answering> {
    let deliver = node.config.receivers.find(receiver.message_type())?;
    // It is code of the program that makes a message of the term.
    match contain(|| deliver(receiver, incoming)) {
        Ok(Delivered::Done) => None,
        Ok(Delivered::Full) => {
            tracing::warn!(target: "otp::dist", pid = %receiver.pid(), "a mailbox is full: a message of another node is dropped");
            None
        }
        Ok(Delivered::Answer(answering)) => Some(answering),
        Err(crash) => {
            tracing::error!(target: "otp::dist", pid = %receiver.pid(), %crash, "a message of another node is dropped");
            None
        }
    }
}

fn pair(term: Term) -> Option<(Term, Term)> {
    let Term::Tuple(parts) = term else { return None };
    <[Term; 2]>::try_from(parts).ok().map(|[first, second]| (first, second))
}

fn reason_of(reason: Option<Term>, payload: Option<Payload>) -> Result<ExitReason, ProtocolError> {
    match (reason, payload) {
        (Some(reason), _) => Ok(reason_of_term(reason)),
        (None, Some(payload)) => Ok(reason_of_term(payload.term()?)),
        (None, None) => Err(ProtocolError::Control("without its term")),
    }
}

#[cfg(test)]
mod tests {
    use otp::tokio::TokioExecutor;
    use otp_core::ProcessContext;

    use super::*;
    use crate::unconnected;

    #[test]
    fn what_is_handled_as_its_connection_is_lost_leaves_no_ties() {
        let done = TokioExecutor::current_thread().run(async |system| {
            let node = unconnected::node(&system);
            let (peer, conn) = unconnected::connect(&node).await;
            let here = system
                .spawn(async |mut ctx: ProcessContext<()>| while ctx.receive().await != otp::Message::User(()) {});
            let to = node.own.wire_pid(here.pid());
            let from = etf::Pid::new(peer.name.atom().clone(), 7, 0, 1);
            let reference = etf::Reference::new(peer.name.atom().clone(), 1, &[1]).unwrap();
            let target = PidOrName::Pid(to.clone());
            let number = conn.number;
            let dispatch = Dispatch { node, peer: peer.clone(), conn };
            for is_used in [true, false] {
                let (from, to) = (from.clone(), to.clone());
                let monitor =
                    Control::Monitor { from: from.clone(), target: target.clone(), reference: reference.clone() };
                for control in [monitor, Control::Link { from, to }] {
                    dispatch.carry_out(Message { control, payload: None }).unwrap();
                }
                // The process there, its monitor and its link.
                assert_eq!(peer.lock().ties.in_use(), if is_used { 3 } else { 0 });
                peer.down(number, ExitReason::NoConnection);
            }
        });
        done.unwrap();
    }
}
