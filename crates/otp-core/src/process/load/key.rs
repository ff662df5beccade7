use crate::label::Label;
use crate::process::Pid;

/// The key by which a mailbox merges messages; see [`MailboxPolicy::coalesce`](super::MailboxPolicy::coalesce).
///
/// It is a number, a text or a pid, and not any value, because keys are compared under the lock of the mailbox.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Key(Inner);

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
enum Inner {
    Number(u64),
    Text(Label),
    Pid(Pid),
}

impl From<u64> for Key {
    fn from(number: u64) -> Key {
        Key(Inner::Number(number))
    }
}

impl From<u32> for Key {
    fn from(number: u32) -> Key {
        Key::from(u64::from(number))
    }
}

impl From<Pid> for Key {
    fn from(pid: Pid) -> Key {
        Key(Inner::Pid(pid))
    }
}

impl From<Label> for Key {
    fn from(text: Label) -> Key {
        Key(Inner::Text(text))
    }
}

impl From<&'static str> for Key {
    fn from(text: &'static str) -> Key {
        Key::from(Label::from_static(text))
    }
}

impl From<String> for Key {
    fn from(text: String) -> Key {
        Key::from(Label::from(text))
    }
}
