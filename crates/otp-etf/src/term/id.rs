use core::cmp::Ordering;
use core::fmt;
use core::hash::{Hash, Hasher};

use super::Atom;

/// A process identifier as it travels between nodes.
///
/// It names a process of a node in one life of that node: a node that is restarted has another `creation`. What a pid
/// is to this system is not known here; this is the text of one. Pids are ordered as in Erlang: by serial, id, node and
/// creation.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub struct Pid {
    /// The name of its node.
    pub node: Atom,
    /// The lower part of its number.
    pub id: u32,
    /// The higher part of its number.
    pub serial: u32,
    /// Which life of the node it belongs to.
    pub creation: u32,
}

impl Pid {
    /// The pid of these parts.
    pub const fn new(node: Atom, id: u32, serial: u32, creation: u32) -> Pid {
        Pid { node, id, serial, creation }
    }
}

impl Ord for Pid {
    fn cmp(&self, other: &Pid) -> Ordering {
        let key = |pid: &Pid| (pid.serial, pid.id);
        let of_node = || self.node.cmp(&other.node).then(self.creation.cmp(&other.creation));
        key(self).cmp(&key(other)).then_with(of_node)
    }
}

impl PartialOrd for Pid {
    fn partial_cmp(&self, other: &Pid) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

/// A reference: what `make_ref()` makes, unique in the life of a node.
///
/// From one to five words. Two of them are equal, as in Erlang, if they differ only in zeros at the end; they are
/// ordered by node, creation, and their words, of which the last is the most significant.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Reference {
    /// The name of its node.
    pub node: Atom,
    /// Which life of the node it belongs to.
    pub creation: u32,
    words: [u32; Reference::MAX_WORDS],
    len: u8,
}

impl Reference {
    /// How many words a reference has at most.
    pub const MAX_WORDS: usize = 5;

    /// The reference of these parts; `None` unless there are from one to five words.
    pub fn new(node: Atom, creation: u32, words: &[u32]) -> Option<Reference> {
        let mut all = [0; Reference::MAX_WORDS];
        all.get_mut(..words.len())?.copy_from_slice(words);
        let len = u8::try_from(words.len()).ok().filter(|len| *len > 0)?;
        Some(Reference { node, creation, words: all, len })
    }

    /// The words of the number, the least significant first.
    pub fn words(&self) -> &[u32] {
        &self.words[..usize::from(self.len)]
    }
}

impl Ord for Reference {
    fn cmp(&self, other: &Reference) -> Ordering {
        let of_node = self.node.cmp(&other.node).then(self.creation.cmp(&other.creation));
        of_node.then_with(|| self.words.iter().rev().cmp(other.words.iter().rev()))
    }
}

impl PartialOrd for Reference {
    fn partial_cmp(&self, other: &Reference) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl PartialEq for Reference {
    fn eq(&self, other: &Reference) -> bool {
        self.cmp(other) == Ordering::Equal
    }
}

impl Eq for Reference {}

impl Hash for Reference {
    fn hash<H: Hasher>(&self, state: &mut H) {
        (&self.node, self.creation, self.words).hash(state);
    }
}

/// A port identifier: a driver or a socket of a node. There is nothing to do with one here but to send it back.
///
/// Ordered by node, creation and id, as in Erlang.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub struct Port {
    /// The name of its node.
    pub node: Atom,
    /// Which life of the node it belongs to.
    pub creation: u32,
    /// Its number.
    pub id: u64,
}

impl Port {
    /// The port of these parts.
    pub const fn new(node: Atom, id: u64, creation: u32) -> Port {
        Port { node, creation, id }
    }
}

impl fmt::Display for Pid {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "#Pid<{}:{}.{}.{}>", self.node, self.creation, self.id, self.serial)
    }
}

impl fmt::Display for Reference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "#Ref<{}:{}", self.node, self.creation)?;
        self.words().iter().try_for_each(|word| write!(f, ".{word}"))?;
        f.write_str(">")
    }
}

impl fmt::Display for Port {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "#Port<{}:{}.{}>", self.node, self.creation, self.id)
    }
}
