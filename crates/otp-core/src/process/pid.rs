use std::cmp::Ordering;
use std::fmt;
use std::num::NonZeroU64;
use std::str::FromStr;

use crate::node::Node;

/// Identifies a process: small, `Copy`, ordered by node and age, printed as `<0.42.0>`.
///
/// A pid is never reused within its [`System`](crate::System), and means nothing in another one. A pid of another node
/// never refers to a process of this one.
///
/// The printed form contains the node (0 is this one) and the two halves of the id, the lower one first, as in Erlang.
// Without padding: an idle process holds several pids.
#[repr(Rust, packed(4))]
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct Pid {
    node: Node,
    id: NonZeroU64,
}

impl Pid {
    /// The system itself, which is the parent of every process that was started from outside any process.
    pub const SYSTEM: Pid = Pid { node: Node::HERE, id: NonZeroU64::MIN };

    pub(crate) const FIRST: u64 = 2;

    /// Makes the pid of a process of another node; for crates that connect nodes.
    ///
    /// # Panics
    ///
    /// If `node` is [`Node::HERE`]: a system makes its pids itself.
    pub fn elsewhere(node: Node, id: NonZeroU64) -> Pid {
        assert!(node != Node::HERE, "the pids of this node are made by their system");
        Pid { node, id }
    }

    /// Makes the pid of a process of this node, whether there is one or not; for crates that connect nodes, which send ids
    /// and get them back.
    pub fn here(id: NonZeroU64) -> Pid {
        Pid { node: Node::HERE, id }
    }

    pub(crate) fn local(id: u64) -> Pid {
        Pid { node: Node::HERE, id: NonZeroU64::new(id).expect("process ids start at 1") }
    }

    /// The node on which the process runs.
    pub fn node(self) -> Node {
        self.node
    }

    /// True if the process runs in this system.
    #[inline]
    pub fn is_here(self) -> bool {
        let node = self.node;
        node == Node::HERE
    }

    /// The id within the node; ids are counted up.
    pub fn number(self) -> u64 {
        let id = self.id;
        id.get()
    }
}

/// By node, and then by age. As one number, which takes one comparison.
impl Ord for Pid {
    #[inline]
    fn cmp(&self, other: &Pid) -> Ordering {
        let place = |pid: Pid| u128::from(pid.node().index()) << 64 | u128::from(pid.number());
        place(*self).cmp(&place(*other))
    }
}

impl PartialOrd for Pid {
    #[inline]
    fn partial_cmp(&self, other: &Pid) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl fmt::Display for Pid {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (node, id) = (self.node(), self.number());
        write!(f, "<{node}.{}.{}>", id & u64::from(u32::MAX), id >> 32)
    }
}

/// Reads the printed form of a pid of this node, with or without the brackets: `<0.42.0>`, or `0.42.0`. There need not be
/// such a process.
///
/// ```
/// use otp::Pid;
///
/// let pid: Pid = "<0.42.0>".parse().unwrap();
/// assert_eq!((pid.to_string().as_str(), pid.number()), ("<0.42.0>", 42));
/// assert!("<1.42.0>".parse::<Pid>().is_err(), "of another node");
/// ```
impl FromStr for Pid {
    type Err = ParsePidError;

    fn from_str(text: &str) -> Result<Pid, ParsePidError> {
        let plain = text.strip_prefix('<').and_then(|text| text.strip_suffix('>')).unwrap_or(text);
        let mut parts = plain.split('.').map(|part| {
            let is_plain = part.bytes().all(|byte| byte.is_ascii_digit());
            part.parse::<u32>().ok().filter(|_| is_plain)
        });
        let id = match (parts.next(), parts.next(), parts.next(), parts.next()) {
            (Some(Some(0)), Some(Some(low)), Some(Some(high)), None) => u64::from(high) << 32 | u64::from(low),
            _ => 0,
        };
        let id = NonZeroU64::new(id).ok_or_else(|| ParsePidError { text: text.to_owned() })?;
        Ok(Pid { node: Node::HERE, id })
    }
}

/// The error of parsing a text that is not a [`Pid`] of this node.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{text:?} is no pid of this node, such as <0.42.0>")]
#[non_exhaustive]
pub struct ParsePidError {
    /// The text.
    pub text: String,
}

impl fmt::Debug for Pid {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pid_has_sixty_four_bits_of_id_takes_three_words_of_four_bytes_and_none_is_no_larger() {
        assert_eq!((size_of::<Pid>(), size_of::<Option<Pid>>()), (12, 12));
        let (here, there) = (Pid::local(42), Pid::elsewhere(Node::from_index(3), NonZeroU64::MAX));
        assert_eq!((here.to_string(), there.to_string()), ("<0.42.0>".into(), "<3.4294967295.4294967295>".into()));
        assert_eq!((there.number(), there.is_here(), here.is_here()), (u64::MAX, false, true));
    }

    #[test]
    fn a_pid_is_read_as_it_was_printed_and_nothing_else_is() {
        for id in [1, 42, u64::from(u32::MAX), 1 << 32, u64::MAX] {
            let pid = Pid::local(id);
            let text = pid.to_string();
            assert_eq!((text.parse(), text[1..text.len() - 1].parse()), (Ok(pid), Ok(pid)));
        }
        let wrong = [
            "",
            "<>",
            "42",
            "<0.0.0>",
            "<0.1>",
            "<0.1.0.0>",
            "<0.-1.0>",
            "<0.+1.0>",
            "<0.4294967296.0>",
            "<0.1.0",
            "1.1.0",
        ];
        for text in wrong {
            assert_eq!(text.parse::<Pid>(), Err(ParsePidError { text: text.to_owned() }));
        }
    }

    #[test]
    fn pids_of_one_id_on_two_nodes_are_different_and_ordered_by_node() {
        let id = NonZeroU64::new(7).unwrap();
        let pids = [Pid::local(9), Pid::elsewhere(Node::from_index(1), id), Pid::elsewhere(Node::from_index(2), id)];
        assert!(pids.is_sorted() && pids[1] != pids[2]);
    }
}
