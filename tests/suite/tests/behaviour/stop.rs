//! Stopping any process, and what it says if that fails.

use std::time::Duration;

use futures::FutureExt;
use otp::behaviour::StopError;
use otp::prelude::*;
use otp::sys;
use otp_suite::servers::{boom, inside};
use otp_suite::{forever, obey};

const IDLE: Name<ExitReason> = Name::new("idle");

// GS-43
#[otp::test]
async fn any_process_is_stopped_by_its_pid_or_name_with_the_reason_asked_for(system: System) {
    let idle = system.spawn_with(SpawnOptions::new().name(IDLE), obey).unwrap().process;
    let exited = idle.exited();
    assert_eq!(sys::stop(&system, &IDLE).await, Ok(()));
    assert_eq!(exited.await, ExitReason::Normal);
    let idle = system.spawn(obey);
    let exited = idle.exited();
    assert_eq!(sys::stop(&system, idle.pid()).reason(boom()).await, Ok(()));
    assert_eq!(exited.await, boom());
}

// GS-43
#[otp::test]
async fn an_error_says_who_was_not_stopped(system: System) {
    let error = sys::stop(&system, &IDLE).await.unwrap_err();
    assert_eq!(error.to_string(), "cannot stop idle: no such process");

    let deaf = system.spawn_with(SpawnOptions::new().label("deaf"), forever::<()>).unwrap().process;
    let pid = deaf.pid();
    let limit = Duration::from_millis(1);
    let error = sys::stop(&system, pid).timeout(limit).await.unwrap_err();
    assert_eq!(error.to_string(), format!("deaf {pid} has not stopped within 1ms"));
    let mut stop = sys::stop(&system, pid).into_future();
    assert!((&mut stop).now_or_never().is_none());
    deaf.exit(ExitReason::Kill);
    let error = stop.await.unwrap_err();
    assert_eq!(error.to_string(), format!("deaf {pid} ended with another reason than it was asked to: killed"));
    let error = sys::stop(&system, pid).await.unwrap_err();
    assert_eq!(error.to_string(), format!("cannot stop {pid}: no such process"));
}

// GS-45
#[otp::test]
async fn a_process_cannot_stop_itself(system: System) {
    let stopped = inside(&system, async |ctx| sys::stop(ctx.system(), ctx.pid()).await);
    assert!(matches!(stopped.await, Err(StopError::CallingSelf(callee)) if callee.pid.is_some()));
}
