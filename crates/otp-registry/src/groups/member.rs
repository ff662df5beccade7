use std::fmt;

use otp_core::{Address, Pid, WrongType};

/// A process in a group: its pid, and an address for the messages of the group. Cheap to clone.
pub struct Member<M> {
    pub(super) pid: Pid,
    pub(super) address: Address<M>,
}

impl<M: Send + 'static> Member<M> {
    /// The process that the address leads to now; `None` if there is none.
    pub(super) fn of(address: &Address<M>) -> Result<Option<Member<M>>, WrongType> {
        let Some(address) = address.find()? else { return Ok(None) };
        let pid = address.pid()?;
        Ok(pid.map(|pid| Member { pid, address }))
    }
}

impl<M> Member<M> {
    /// A process of another node, and an address whose messages are sent to it. For crates that connect nodes.
    pub fn elsewhere(pid: Pid, address: Address<M>) -> Member<M> {
        Member { pid, address }
    }

    /// The pid of the process.
    pub fn pid(&self) -> Pid {
        self.pid
    }

    /// The address of the process for messages of the group.
    pub fn address(&self) -> &Address<M> {
        &self.address
    }
}

impl<M> Clone for Member<M> {
    fn clone(&self) -> Member<M> {
        Member { pid: self.pid, address: self.address.clone() }
    }
}

/// Two members are equal if they are the same process.
impl<M> PartialEq for Member<M> {
    fn eq(&self, other: &Member<M>) -> bool {
        self.pid == other.pid
    }
}

impl<M> Eq for Member<M> {}

impl<M> fmt::Debug for Member<M> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Member({})", self.pid)
    }
}
