//! Log records about processes, other than crashes.

use tracing::field::display;

use super::Pid;
use super::header::Header;
use super::target::Target;
use crate::event::log::{is_on, write};
use crate::exit::ExitReason;
use crate::label::Label;
use crate::name::WrongType;

/// Logs that an exit signal ended a process; this is not a crash of that process.
pub(crate) fn ended_by_signal(header: &Header, from: Pid, reason: &ExitReason) {
    if is_on() {
        write(|| {
            let label = || header.system.label_of(header).map(display);
            let reason = || display(reason.to_string());
            tracing::debug!(
                target: "otp::exit", pid = %header.pid, label = label(), reason = reason(), %from,
                "a process was ended by an exit signal"
            );
        });
    }
}

/// Logs that a message found a full mailbox, where nobody else can be told.
pub(crate) fn mailbox_full(to: &Target, label: impl FnOnce() -> Option<Label>) {
    if is_on() {
        write(|| {
            let label = label().map(display);
            tracing::warn!(target: "otp::mailbox", %to, label, "a message was dropped: the mailbox is full");
        });
    }
}

/// Logs that a message reached a process of another type, where the sender gets no error.
pub(crate) fn wrong_type(wrong: &WrongType) {
    if is_on() {
        write(|| {
            let WrongType { label, pid: to, receives, expected, .. } = wrong;
            tracing::error!(
                target: "otp::mailbox", %to, label = label.as_ref().map(display), receives, expected,
                "a message was dropped: its addressee is of another type"
            );
        });
    }
}
