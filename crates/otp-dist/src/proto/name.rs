use std::fmt;
use std::str::FromStr;

use otp_core::Label;
use otp_etf::Atom;

/// The name of a node, such as `shop@localhost`: what is before the `@`, and its host.
///
/// ```
/// use otp::dist::NodeName;
///
/// let name: NodeName = "shop@127.0.0.1".parse().unwrap();
/// assert_eq!((name.short(), name.host()), ("shop", "127.0.0.1"));
/// assert!("shop".parse::<NodeName>().is_err());
/// ```
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct NodeName(Atom);

impl NodeName {
    /// Makes a name of its text.
    ///
    /// # Errors
    ///
    /// [`InvalidNodeName`] unless there is exactly one `@`, with something before and after it, no control character and
    /// no space, and no more than 255 bytes.
    pub fn new(text: &str) -> Result<NodeName, InvalidNodeName> {
        let invalid = || InvalidNodeName { text: text.chars().take(255).collect() };
        let (short, host) = text.split_once('@').ok_or_else(invalid)?;
        let is_plain = |c: char| !c.is_control() && !c.is_whitespace() && c != '@';
        let is_good = |part: &str| !part.is_empty() && part.chars().all(is_plain);
        if text.len() > NodeName::MAX || !is_good(short) || !is_good(host) {
            return Err(invalid());
        }
        Atom::new(text).map(NodeName).map_err(|_| invalid())
    }

    /// How many bytes a name has at most.
    pub const MAX: usize = 255;

    /// The whole name.
    pub fn as_str(&self) -> &str {
        self.0.as_str()
    }

    /// The part before the `@`.
    pub fn short(&self) -> &str {
        self.as_str().split_once('@').map_or("", |(short, _)| short)
    }

    /// The part after the `@`.
    pub fn host(&self) -> &str {
        self.as_str().split_once('@').map_or("", |(_, host)| host)
    }

    /// The name as an atom.
    pub fn atom(&self) -> &Atom {
        &self.0
    }
}

/// The error of a text that names no node.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{text:?} names no node: it has to be like shop@localhost")]
#[non_exhaustive]
pub struct InvalidNodeName {
    /// The text, or its beginning.
    pub text: String,
}

impl FromStr for NodeName {
    type Err = InvalidNodeName;

    fn from_str(text: &str) -> Result<NodeName, InvalidNodeName> {
        NodeName::new(text)
    }
}

impl TryFrom<&str> for NodeName {
    type Error = InvalidNodeName;

    fn try_from(text: &str) -> Result<NodeName, InvalidNodeName> {
        NodeName::new(text)
    }
}

impl TryFrom<String> for NodeName {
    type Error = InvalidNodeName;

    fn try_from(text: String) -> Result<NodeName, InvalidNodeName> {
        NodeName::new(&text)
    }
}

impl From<&NodeName> for Label {
    fn from(name: &NodeName) -> Label {
        name.as_str().to_owned().into()
    }
}

impl From<&NodeName> for NodeName {
    fn from(name: &NodeName) -> NodeName {
        name.clone()
    }
}

impl fmt::Display for NodeName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl fmt::Debug for NodeName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "NodeName({})", self.as_str())
    }
}
