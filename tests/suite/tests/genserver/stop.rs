//! `stop`, and what happens to messages behind it: SPEC §9.

use std::time::Duration;

use futures::FutureExt;
use otp::prelude::*;
use otp::sys;
use otp_suite::servers::{Act, Ask, Puppet, boom, gate};

use super::end::{plain, start, until_ended};

// GS-37, GS-43
#[otp::test]
async fn stop_runs_terminate_and_returns_when_the_server_has_ended(system: System) {
    let (server, _journal, mut entries) = start(&system, plain).await;
    assert_eq!(server.stop().await, Ok(()));
    assert_eq!(entries.so_far(), ["terminate normal", "puppet ended normal"]);
}

// GS-43
#[otp::test]
async fn stop_takes_any_reason(system: System) {
    for reason in [ExitReason::Shutdown, boom(), ExitReason::Kill] {
        let (server, _journal, mut entries) = start(&system, plain).await;
        assert_eq!(server.stop().reason(reason.clone()).await, Ok(()));
        assert_eq!(entries.so_far(), [format!("terminate {reason}"), format!("puppet ended {reason}")]);
    }
}

// GS-43
#[otp::test]
async fn stop_fails_with_the_real_reason_if_that_is_another(system: System) {
    let (server, _journal, _entries) = start(&system, |script| script.terminate = Act::Fail(boom())).await;
    let pid = server.pid().unwrap();
    let error = server.stop().await.unwrap_err();
    assert!(matches!(&error, StopError::Exited { reason, .. } if *reason == boom()));
    let text = format!("puppet {pid} ended with another reason than it was asked to: Boom");
    assert_eq!(error.to_string(), text);
}

// GS-43
#[otp::test]
async fn stop_of_a_dead_server_or_an_unknown_name_fails(system: System) {
    let (server, _journal, _entries) = start(&system, plain).await;
    let pid = server.pid().unwrap();
    server.stop().await.unwrap();
    let error = server.stop().await.unwrap_err();
    assert!(matches!(error, StopError::NoProc(_)));
    assert_eq!(error.to_string(), format!("cannot stop puppet {pid}: no such process"));
    let nobody: ServerRef<Puppet> = ServerRef::named(&system, ServerName::new("nobody"));
    assert_eq!(nobody.stop().await.unwrap_err().to_string(), "cannot stop nobody: no such process");
}

// GS-43, GS-44
#[otp::test]
async fn a_stop_that_times_out_does_not_kill_the_server_which_stops_later(system: System) {
    let (server, _journal, mut entries) = start(&system, plain).await;
    let (open, closed) = gate();
    server.cast(Act::Wait(closed));
    entries.until("waits").await;
    let limit = Duration::from_millis(5);
    let error = server.stop().timeout(limit).await.unwrap_err();
    assert!(matches!(error, StopError::Timeout { limit: after, .. } if after == limit));
    assert_eq!(error.to_string(), format!("puppet {} has not stopped within 5ms", server.pid().unwrap()));
    assert!(system.is_alive(server.pid().unwrap()));
    drop(open);
    assert_eq!(until_ended(&mut entries, &ExitReason::Normal).await, ["terminate normal", "puppet ended normal"]);
}

// GS-44
#[otp::test]
async fn stop_takes_its_turn_behind_the_backlog(system: System) {
    let (server, _journal, mut entries) = start(&system, plain).await;
    let (open, closed) = gate();
    server.cast(Act::Wait(closed));
    entries.until("waits").await;
    server.cast(Act::Note("before"));
    let mut stop = server.stop().into_future();
    assert_eq!((&mut stop).now_or_never(), None);
    server.cast(Act::Note("behind"));
    drop(open);
    assert_eq!(stop.await, Ok(()));
    // GS-46: what is behind it is lost.
    assert_eq!(entries.so_far(), ["before", "terminate normal", "puppet ended normal"]);
}

// GS-44, SYS-2
#[otp::test]
async fn stop_works_on_a_suspended_server(system: System) {
    let (server, _journal, mut entries) = start(&system, plain).await;
    sys::suspend(&system, &server).await.unwrap();
    server.cast(Act::Note("lost"));
    assert_eq!(server.stop().reason(ExitReason::Shutdown).await, Ok(()));
    assert_eq!(entries.so_far(), ["terminate shutdown", "puppet ended shutdown"]);
}

// GS-45
#[otp::test]
async fn a_server_cannot_stop_itself_with_stop(system: System) {
    struct Tired;

    enum Ask {
        Stop(ServerRef<Tired>, ReplyTo<Result<(), StopError>>),
    }

    impl GenServer for Tired {
        type Args = ();
        type Call = Ask;
        type Cast = NoMessage;
        type Info = NoMessage;
        type Continue = NoMessage;

        async fn init((): (), _: &mut Context<Self>) -> Result<Init<Self>, ExitReason> {
            Ok(Init::Ok(Tired))
        }

        async fn handle_call(&mut self, call: Ask, _: &mut Context<Self>) -> Result<Next<Self>, ExitReason> {
            let Ask::Stop(server, from) = call;
            from.reply(server.stop().await);
            Ok(Next::Receive)
        }
    }

    let tired = Tired::start(&system, ()).name(ServerName::new("tired")).await.unwrap();
    let named = ServerRef::named(&system, ServerName::new("tired"));
    for itself in [tired.clone(), named] {
        let error = tired.call(|from| Ask::Stop(itself, from)).await.unwrap().unwrap_err();
        assert!(matches!(error, StopError::CallingSelf(_)));
        assert_eq!(error.to_string(), format!("tired {} cannot stop itself with stop", tired.pid().unwrap()));
    }
}

// GS-46
#[otp::test]
async fn messages_behind_the_one_that_stops_the_server_are_lost(system: System) {
    let (server, _journal, mut entries) = start(&system, plain).await;
    let (open, closed) = gate();
    server.cast(Act::Wait(closed).then(Act::Stop(boom())));
    entries.until("waits").await;
    server.cast(Act::Note("lost"));
    let call = server.call(|from| Ask::Echo("lost", from)).send_request();
    drop(open);
    assert!(matches!(call.await, Err(CallError::Exited { reason, .. }) if reason == boom()));
    assert_eq!(entries.so_far(), ["terminate Boom", "puppet ended Boom"]);
}
