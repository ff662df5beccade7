//! A failed call that its process does not handle: what it ends with.

use otp::call::Callee;
use otp::prelude::*;

// GS-16: the reason of the caller is `{Reason, {gen_server, call, Args}}`, which is quiet if `Reason` is `shutdown`.
#[otp::test]
async fn a_call_that_meets_a_shutdown_ends_its_process_quietly_and_any_other_failure_does_not(system: System) {
    let reasons = [ExitReason::Shutdown, ExitReason::shutdown_with("x"), ExitReason::Normal, ExitReason::crash("boom")];
    for reason in reasons {
        let ends_with = reason.clone();
        let callee = system.spawn(async move |mut ctx: ProcessContext<ReplyTo<()>>| {
            drop(ctx.receive().await);
            ends_with
        });
        let to = callee.clone();
        let caller = system.spawn(async move |_: ProcessContext<()>| -> Result<(), ExitReason> {
            Ok(Call::new(&to, |from| from).await?)
        });
        let ended = caller.exited().await;
        let error = match &ended {
            ExitReason::ShutdownWith(term) => term.downcast_ref::<CallError>(),
            ExitReason::Error(crash) => crash.error().and_then(|error| error.downcast_ref()),
            other => panic!("{other}"),
        };
        let Some(CallError::Exited { callee: failed, reason: seen, .. }) = error else { panic!("{ended}") };
        assert_eq!((failed.pid, seen), (Some(callee.pid()), &reason));
        assert_eq!(ended.is_abnormal(), reason != ExitReason::Shutdown);
        assert!(ended.to_string().contains(&error.unwrap().to_string()), "{ended}");
    }
}

#[test]
fn a_crash_that_many_calls_hand_on_has_a_short_text_and_can_be_dropped() {
    const CALLS: usize = 10_000;
    let failed = |reason| CallError::Exited { callee: Callee::new(Some("server".into()), None), reason, begun: true };
    let mut reason = ExitReason::crash("overflow");
    for _ in 0..CALLS {
        reason = failed(reason).into();
    }
    let told = format!("crash: call to server failed: it ended: crash: overflow, behind {} more calls", CALLS - 1);
    assert_eq!(reason.to_string(), told);
    let once = ExitReason::from(failed(ExitReason::crash("overflow")));
    assert_eq!(once.to_string(), "crash: call to server failed: it ended: crash: overflow");
    let twice = ExitReason::from(failed(once));
    assert_eq!(twice.to_string(), "crash: call to server failed: it ended: crash: overflow, behind 1 more call");
}
