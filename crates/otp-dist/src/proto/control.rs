use otp_etf::{Atom, Pid, Reference, Term, TermRef};

use super::ProtocolError;

/// What a message between nodes asks for: the control message, without the token of a trace.
///
/// See "Protocol between Connected Nodes" in the chapter "Distribution Protocol" of the ERTS user's guide.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum Control {
    /// Links two processes.
    Link {
        /// The process that links.
        from: Pid,
        /// The process that it links to.
        to: Pid,
    },
    /// Sends the payload to a process.
    Send {
        /// The receiver.
        to: Pid,
        /// The sender, where it is told.
        from: Option<Pid>,
    },
    /// A linked process has ended.
    Exit {
        /// The process that has ended.
        from: Pid,
        /// The process that it was linked to.
        to: Pid,
        /// The reason; `None` if it is the payload.
        reason: Option<Term>,
    },
    /// Removes a link.
    Unlink {
        /// The process that removes it.
        from: Pid,
        /// The other process.
        to: Pid,
        /// What the answer has to contain; `None` from nodes that want no answer.
        id: Option<u64>,
    },
    /// Acknowledges that a link is removed.
    UnlinkAck {
        /// The process that acknowledges.
        from: Pid,
        /// The process that has removed the link.
        to: Pid,
        /// The id of the request.
        id: u64,
    },
    /// Sends the payload to the holder of a name.
    RegSend {
        /// The sender.
        from: Pid,
        /// The name.
        name: Atom,
    },
    /// Sends the payload to an alias.
    AliasSend {
        /// The sender.
        from: Pid,
        /// The alias.
        alias: Reference,
    },
    /// Sets the group leader of a process.
    GroupLeader {
        /// The new group leader.
        leader: Pid,
        /// The process.
        to: Pid,
    },
    /// An exit signal of `exit/2`.
    Exit2 {
        /// The sender.
        from: Pid,
        /// The receiver.
        to: Pid,
        /// The reason; `None` if it is the payload.
        reason: Option<Term>,
    },
    /// Monitors a process.
    Monitor {
        /// The process that monitors.
        from: Pid,
        /// What is monitored.
        target: PidOrName,
        /// The monitor.
        reference: Reference,
    },
    /// Removes a monitor.
    Demonitor {
        /// The process that monitors.
        from: Pid,
        /// What is monitored.
        target: PidOrName,
        /// The monitor.
        reference: Reference,
    },
    /// A process that is monitored has ended.
    MonitorExit {
        /// What was monitored.
        target: PidOrName,
        /// The process that monitors.
        to: Pid,
        /// The monitor.
        reference: Reference,
        /// The reason; `None` if it is the payload.
        reason: Option<Term>,
    },
    /// Asks for a new process, with the payload as its arguments.
    SpawnRequest {
        /// The request.
        id: Reference,
        /// The process that asks.
        from: Pid,
        /// The group leader of the new process.
        leader: Pid,
        /// Module, function and arity.
        function: Term,
        /// What else is asked for.
        options: Term,
    },
    /// Answers such a request.
    SpawnReply {
        /// The request.
        id: Reference,
        /// The process that has asked.
        to: Pid,
        /// 1 if the new process is linked to it, 2 if it is monitored by it, 3 if both.
        flags: i64,
        /// The pid of the new process, or the error.
        result: Term,
    },
}

/// A process, by its pid or its name.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
#[expect(clippy::exhaustive_enums, reason = "there is no third way to name a process of a node")]
pub enum PidOrName {
    /// The process.
    Pid(Pid),
    /// The holder of the name at the time.
    Name(Atom),
}

impl Control {
    /// Reads a control message.
    ///
    /// # Errors
    ///
    /// [`ProtocolError::Control`] if it is unknown or wrong.
    pub fn of(term: &TermRef<'_>) -> Result<Control, ProtocolError> {
        let TermRef::Tuple(parts) = term else { return Err(ProtocolError::Control("that is no tuple")) };
        let Some(TermRef::Int(operation)) = parts.first() else {
            return Err(ProtocolError::Control("without an operation"));
        };
        let parts = Parts(&parts[1..]);
        let arity = parts.0.len();
        // The operation without a token, and how many parts it then has.
        let (plain, expected) = match operation {
            1 | 2 | 4 | 7 | 22 | 24 | 26 | 33 => (*operation, 2),
            3 | 6 | 8 | 19 | 20 | 28 | 35 | 36 => (*operation, 3),
            21 | 31 => (*operation, 4),
            29 => (29, 5),
            12 | 23 | 25 | 27 | 34 => (if *operation == 12 { 2 } else { *operation - 1 }, 3),
            13 | 16 | 18 => (*operation - 10, 4),
            30 => (29, 6),
            32 => (31, 5),
            37 => return parts.altact(),
            _ => return Err(ProtocolError::Control("of an unknown operation")),
        };
        if arity != expected {
            return Err(ProtocolError::Control("of another arity"));
        }
        match plain {
            1 => Ok(Control::Link { from: parts.pid(0)?, to: parts.pid(1)? }),
            2 => Ok(Control::Send { to: parts.pid(1)?, from: None }),
            // With a token, the reason is after it.
            3 => Ok(Control::Exit { from: parts.pid(0)?, to: parts.pid(1)?, reason: parts.last() }),
            4 => Ok(Control::Unlink { from: parts.pid(0)?, to: parts.pid(1)?, id: None }),
            6 => Ok(Control::RegSend { from: parts.pid(0)?, name: parts.atom(2)? }),
            7 => Ok(Control::GroupLeader { leader: parts.pid(0)?, to: parts.pid(1)? }),
            8 => Ok(Control::Exit2 { from: parts.pid(0)?, to: parts.pid(1)?, reason: parts.last() }),
            19 => Ok(Control::Monitor {
                from: parts.pid(0)?,
                target: parts.pid_or_name(1)?,
                reference: parts.reference(2)?,
            }),
            20 => Ok(Control::Demonitor {
                from: parts.pid(0)?,
                target: parts.pid_or_name(1)?,
                reference: parts.reference(2)?,
            }),
            21 => Ok(Control::MonitorExit {
                target: parts.pid_or_name(0)?,
                to: parts.pid(1)?,
                reference: parts.reference(2)?,
                reason: parts.last(),
            }),
            22 => Ok(Control::Send { from: Some(parts.pid(0)?), to: parts.pid(1)? }),
            24 => Ok(Control::Exit { from: parts.pid(0)?, to: parts.pid(1)?, reason: None }),
            26 => Ok(Control::Exit2 { from: parts.pid(0)?, to: parts.pid(1)?, reason: None }),
            28 => Ok(Control::MonitorExit {
                target: parts.pid_or_name(0)?,
                to: parts.pid(1)?,
                reference: parts.reference(2)?,
                reason: None,
            }),
            29 => Ok(Control::SpawnRequest {
                id: parts.reference(0)?,
                from: parts.pid(1)?,
                leader: parts.pid(2)?,
                function: parts.term(3),
                options: parts.term(4),
            }),
            31 => Ok(Control::SpawnReply {
                id: parts.reference(0)?,
                to: parts.pid(1)?,
                flags: parts.int(2)?,
                result: parts.term(3),
            }),
            33 => Ok(Control::AliasSend { from: parts.pid(0)?, alias: parts.reference(1)? }),
            35 => Ok(Control::Unlink { id: Some(parts.id(0)?), from: parts.pid(1)?, to: parts.pid(2)? }),
            _ => Ok(Control::UnlinkAck { id: parts.id(0)?, from: parts.pid(1)?, to: parts.pid(2)? }),
        }
    }

    /// Returns whether a term comes with it.
    pub fn has_payload(&self) -> bool {
        match self {
            Control::Send { .. }
            | Control::RegSend { .. }
            | Control::AliasSend { .. }
            | Control::SpawnRequest { .. } => true,
            Control::Exit { reason, .. } | Control::Exit2 { reason, .. } | Control::MonitorExit { reason, .. } => {
                reason.is_none()
            }
            _ => false,
        }
    }

    /// The control message as a term.
    pub fn term(&self) -> Term {
        let pid = |pid: &Pid| Term::from(pid.clone());
        let reference = |reference: &Reference| Term::from(reference.clone());
        let parts = match self {
            Control::Link { from, to } => vec![1.into(), pid(from), pid(to)],
            Control::Send { to, from: None } => vec![2.into(), empty(), pid(to)],
            Control::Send { to, from: Some(from) } => vec![22.into(), pid(from), pid(to)],
            Control::Exit { from, to, reason: None } => vec![24.into(), pid(from), pid(to)],
            Control::Exit { from, to, reason: Some(reason) } => vec![3.into(), pid(from), pid(to), reason.clone()],
            Control::Unlink { from, to, id: None } => vec![4.into(), pid(from), pid(to)],
            Control::Unlink { from, to, id: Some(id) } => vec![35.into(), unsigned(*id), pid(from), pid(to)],
            Control::UnlinkAck { from, to, id } => vec![36.into(), unsigned(*id), pid(from), pid(to)],
            Control::RegSend { from, name } => vec![6.into(), pid(from), empty(), Term::Atom(name.clone())],
            Control::AliasSend { from, alias } => vec![33.into(), pid(from), reference(alias)],
            Control::GroupLeader { leader, to } => vec![7.into(), pid(leader), pid(to)],
            Control::Exit2 { from, to, reason: None } => vec![26.into(), pid(from), pid(to)],
            Control::Exit2 { from, to, reason: Some(reason) } => vec![8.into(), pid(from), pid(to), reason.clone()],
            Control::Monitor { from, target, reference: monitor } => {
                vec![19.into(), pid(from), target.term(), reference(monitor)]
            }
            Control::Demonitor { from, target, reference: monitor } => {
                vec![20.into(), pid(from), target.term(), reference(monitor)]
            }
            Control::MonitorExit { target, to, reference: monitor, reason: None } => {
                vec![28.into(), target.term(), pid(to), reference(monitor)]
            }
            Control::MonitorExit { target, to, reference: monitor, reason: Some(reason) } => {
                vec![21.into(), target.term(), pid(to), reference(monitor), reason.clone()]
            }
            Control::SpawnRequest { id, from, leader, function, options } => {
                vec![29.into(), reference(id), pid(from), pid(leader), function.clone(), options.clone()]
            }
            Control::SpawnReply { id, to, flags, result } => {
                vec![31.into(), reference(id), pid(to), Term::Int(*flags), result.clone()]
            }
        };
        Term::Tuple(parts)
    }
}

impl PidOrName {
    fn term(&self) -> Term {
        match self {
            PidOrName::Pid(pid) => Term::from(pid.clone()),
            PidOrName::Name(name) => Term::Atom(name.clone()),
        }
    }
}

/// The parts of a control message after the operation.
struct Parts<'a, 'b>(&'a [TermRef<'b>]);

impl Parts<'_, '_> {
    fn pid(&self, at: usize) -> Result<Pid, ProtocolError> {
        match &self.0[at] {
            TermRef::Pid(pid) => Ok((**pid).clone()),
            _ => Err(WRONG),
        }
    }

    fn reference(&self, at: usize) -> Result<Reference, ProtocolError> {
        match &self.0[at] {
            TermRef::Reference(reference) => Ok((**reference).clone()),
            _ => Err(WRONG),
        }
    }

    fn atom(&self, at: usize) -> Result<Atom, ProtocolError> {
        match &self.0[at] {
            TermRef::Atom(text) => Atom::new(text).map_err(|_| WRONG),
            _ => Err(WRONG),
        }
    }

    fn pid_or_name(&self, at: usize) -> Result<PidOrName, ProtocolError> {
        match &self.0[at] {
            TermRef::Pid(pid) => Ok(PidOrName::Pid((**pid).clone())),
            _ => self.atom(at).map(PidOrName::Name),
        }
    }

    fn int(&self, at: usize) -> Result<i64, ProtocolError> {
        match &self.0[at] {
            TermRef::Int(int) => Ok(*int),
            _ => Err(WRONG),
        }
    }

    /// The id of an unlink: 64 bits, and not 0.
    fn id(&self, at: usize) -> Result<u64, ProtocolError> {
        let id = || match &self.0[at] {
            TermRef::Int(int) => u64::try_from(*int).ok(),
            TermRef::BigInt(big) if !big.is_negative() => {
                let mut bytes = [0; 8];
                let magnitude = big.magnitude();
                bytes.get_mut(..magnitude.len())?.copy_from_slice(magnitude);
                Some(u64::from_le_bytes(bytes))
            }
            _ => None,
        };
        id().filter(|id| *id > 0).ok_or(WRONG)
    }

    fn term(&self, at: usize) -> Term {
        self.0[at].to_term()
    }

    fn last(&self) -> Option<Term> {
        self.0.last().map(TermRef::to_term)
    }

    /// A signal to an alias, a name or a process; OTP 28 and later.
    fn altact(&self) -> Result<Control, ProtocolError> {
        const TOKEN: i64 = 2;
        const ALIAS: i64 = 4;
        const NAME: i64 = 8;
        const EXIT: i64 = 16;
        let Some(TermRef::Int(flags)) = self.0.first() else { return Err(WRONG) };
        let expected = if flags & TOKEN == 0 { 3 } else { 4 };
        if self.0.len() != expected {
            return Err(ProtocolError::Control("of another arity"));
        }
        let from = self.pid(1)?;
        match flags & (ALIAS | NAME | EXIT) {
            0 => Ok(Control::Send { from: Some(from), to: self.pid(2)? }),
            ALIAS => Ok(Control::AliasSend { from, alias: self.reference(2)? }),
            NAME => Ok(Control::RegSend { from, name: self.atom(2)? }),
            EXIT => Ok(Control::Exit2 { from, to: self.pid(2)?, reason: None }),
            _ => Err(WRONG),
        }
    }
}

const WRONG: ProtocolError = ProtocolError::Control("with a wrong part");

fn empty() -> Term {
    Term::Atom(Atom::from_static(""))
}

fn unsigned(id: u64) -> Term {
    Term::integer(false, &id.to_le_bytes())
}

impl Control {
    /// The creation in the pid of the receiver; `None` if it is a name.
    pub(crate) fn creation_of_receiver(&self) -> Option<u32> {
        match self {
            Control::Link { to, .. }
            | Control::Send { to, .. }
            | Control::Exit { to, .. }
            | Control::Unlink { to, .. }
            | Control::UnlinkAck { to, .. }
            | Control::GroupLeader { to, .. }
            | Control::Exit2 { to, .. }
            | Control::MonitorExit { to, .. }
            | Control::SpawnReply { to, .. } => Some(to.creation),
            Control::Monitor { target: PidOrName::Pid(to), .. }
            | Control::Demonitor { target: PidOrName::Pid(to), .. } => Some(to.creation),
            Control::AliasSend { alias, .. } => Some(alias.creation),
            Control::Monitor { .. }
            | Control::Demonitor { .. }
            | Control::RegSend { .. }
            | Control::SpawnRequest { .. } => None,
        }
    }
}
