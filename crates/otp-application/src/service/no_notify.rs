use std::time::Duration;

use otp_core::System;

/// Tells nobody: systemd is on Linux.
pub(super) struct Notifier;

impl Notifier {
    pub(super) fn new(_: &System, _: bool) -> Notifier {
        Notifier
    }

    pub(super) async fn ready(&self) {}

    pub(super) async fn reloading(&self) {}

    pub(super) async fn stopping(&self) {}

    pub(super) async fn alive(&self) {}

    pub(super) fn watchdog(&self) -> Option<Duration> {
        None
    }
}
