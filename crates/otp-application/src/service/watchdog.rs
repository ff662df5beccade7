use std::convert::Infallible;
use std::future::pending;
use std::time::Duration;

use otp_behaviour::contain_future;
use otp_core::{ExitReason, ProcessContext, System};

use super::notify::Notifier;
use super::service::Check;

/// Tells the service manager that the service is alive, twice in each interval, as long as it is.
pub(super) async fn watch(system: &System, checks: &[Check], notifier: &Notifier) -> Infallible {
    let Some(interval) = notifier.watchdog() else { return pending().await };
    let pause = interval / 2;
    loop {
        let began = system.now();
        if is_alive(system, checks, pause).await {
            notifier.alive().await;
        } else {
            tracing::error!(target: "otp::application", "the service is not alive: the service manager is not told so");
        }
        system.sleep_until(began + pause).await;
    }
}

/// Whether the system runs a new process and fires its timer, and all checks say that it is alive.
async fn is_alive(system: &System, checks: &[Check], limit: Duration) -> bool {
    let all = async {
        let runs = system.spawn(async |mut ctx: ProcessContext<()>| {
            ctx.receive_timeout(Duration::from_millis(1)).await;
        });
        if runs.exited().await != ExitReason::Normal {
            return false;
        }
        for check in checks {
            if contain_future(|| check(system.clone())).await != Ok(true) {
                return false;
            }
        }
        true
    };
    system.timeout(limit, all).await == Ok(true)
}
