use std::sync::Arc;

use otp_core::Pid;
use otp_etf::{self as etf, Reference, Term, encode_into};

use crate::node::Shared;
use crate::remote::Destination;

/// A request of OTP's `gen` protocol: `{'$gen_call', {Pid, Tag}, Request}`.
pub(crate) struct Call {
    from: From,
    pub(crate) request: Term,
}

/// Who gets the answer, and under which tag.
pub(crate) struct From {
    pid: etf::Pid,
    tag: Term,
}

impl Call {
    /// Takes a message apart; gives it back if it is no call.
    pub(crate) fn of(message: &Term) -> Option<Call> {
        Call::tagged(message.clone(), "$gen_call").ok()
    }

    /// Takes a message `{Kind, {Pid, Tag}, Request}` apart; gives it back if it is another one.
    pub(crate) fn tagged(message: Term, kind: &str) -> Result<Call, Term> {
        let is_call = match message.as_tuple() {
            Some([tag, from, _]) => tag.as_atom() == Some(kind) && matches!(from.as_tuple(), Some([Term::Pid(_), _])),
            _ => false,
        };
        if !is_call {
            return Err(message);
        }
        let Term::Tuple(mut parts) = message else { return Err(message) };
        match (parts.pop(), parts.pop()) {
            (Some(request), Some(Term::Tuple(mut from))) => match (from.pop(), from.pop()) {
                (Some(tag), Some(Term::Pid(pid))) => Ok(Call { from: From { pid: *pid, tag }, request }),
                _ => unreachable!("it was looked at"),
            },
            _ => unreachable!("it was looked at"),
        }
    }

    pub(crate) fn into_parts(self) -> (From, Term) {
        (self.from, self.request)
    }

    pub(crate) fn reply(&self, node: &Arc<Shared>, answer: &Term) {
        let mut bytes = Vec::new();
        if encode_into(&mut bytes, answer).is_ok()
            && let Some(answer) = self.from.answer(Pid::SYSTEM, &bytes)
        {
            answer.send(node);
        }
    }
}

/// An answer that is to be sent.
pub(crate) struct Answer {
    /// The server.
    pub(crate) by: Pid,
    pub(crate) to: Destination,
    /// An encoded term, without 131.
    pub(crate) payload: Vec<u8>,
}

impl Answer {
    pub(crate) fn send(self, node: &Arc<Shared>) {
        node.post_to(self.by, &self.to, self.payload);
    }
}

impl From {
    /// Makes the answer of an encoded term, without 131. It goes to the alias of the caller if it has one.
    pub(crate) fn answer(&self, by: Pid, answer: &[u8]) -> Option<Answer> {
        let mut payload = vec![104, 2];
        encode_into(&mut payload, &self.tag).ok()?;
        payload.extend_from_slice(answer);
        let to = match self.alias() {
            Some(alias) => Destination::Alias(alias.clone()),
            None => Destination::Pid(self.pid.clone()),
        };
        Some(Answer { by, to, payload })
    }

    /// The alias in `[alias|Ref]` or `[[alias|Ref]|Tag]`.
    fn alias(&self) -> Option<&Reference> {
        let mut tag = &self.tag;
        loop {
            let Term::ImproperList(list) = tag else { return None };
            match (list.elements(), list.tail()) {
                ([Term::Atom(alias)], Term::Reference(reference)) if *alias == "alias" => return Some(reference),
                ([inner @ Term::ImproperList(_)], _) => tag = inner,
                _ => return None,
            }
        }
    }
}
