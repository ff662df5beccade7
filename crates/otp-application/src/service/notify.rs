use std::env;
use std::time::Duration;

use otp_core::System;
use sd_notify::NotifyState;

/// Tells systemd, if it is there, what the service is doing.
pub(super) struct Notifier {
    /// `None` if nobody is to be told.
    system: Option<System>,
}

impl Notifier {
    pub(super) fn new(system: &System, on: bool) -> Notifier {
        let is_on = on && env::var_os("NOTIFY_SOCKET").is_some();
        Notifier { system: is_on.then(|| system.clone()) }
    }

    pub(super) async fn ready(&self) {
        self.tell(|| vec![NotifyState::Ready]).await;
    }

    /// With the time, which tells the service manager which of its requests this is about.
    pub(super) async fn reloading(&self) {
        self.tell(|| [NotifyState::Reloading].into_iter().chain(NotifyState::monotonic_usec_now().ok()).collect())
            .await;
    }

    pub(super) async fn stopping(&self) {
        self.tell(|| vec![NotifyState::Stopping]).await;
    }

    pub(super) async fn alive(&self) {
        self.tell(|| vec![NotifyState::Watchdog]).await;
    }

    /// How often the service manager wants to be told that the service is alive.
    pub(super) fn watchdog(&self) -> Option<Duration> {
        self.system.as_ref()?;
        sd_notify::watchdog_enabled()
    }

    /// It is a write to a socket, which may block.
    async fn tell(&self, state: fn() -> Vec<NotifyState<'static>>) {
        let Some(system) = &self.system else { return };
        let told = system.spawn_blocking(move || sd_notify::notify(&state())).await;
        if let Ok(Err(error)) = told {
            tracing::warn!(target: "otp::application", %error, "the service manager could not be notified");
        }
    }
}
