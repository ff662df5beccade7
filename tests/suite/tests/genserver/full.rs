//! Servers whose bounded mailbox is full.

use futures::FutureExt;
use otp::prelude::*;
use otp_suite::servers::Act;

use super::calls::{SHORT, busy, echo};

#[otp::test]
async fn a_full_mailbox_gives_a_tried_cast_or_info_back_and_drops_a_plain_cast(system: System) {
    let (server, mut entries, open) = busy(&system, 2).await;
    server.try_cast(Act::Note("1")).unwrap();
    server.info(Act::Note("2"));
    let cast = server.try_cast(Act::Note("3")).unwrap_err();
    assert!(matches!(&cast, TrySendError::Full { message: Act::Note("3"), .. }));
    assert_eq!(cast.to_string(), format!("cannot send to {}: its mailbox is full", server.pid().unwrap()));
    assert!(matches!(server.try_info(Act::Note("4")).unwrap_err().into_message(), Act::Note("4")));
    server.cast(Act::Note("dropped"));
    drop(open);
    assert_eq!(entries.until("2").await, ["1", "2"]);
    assert_eq!(echo(&server, "last").await, Ok("last"));
    assert_eq!(entries.so_far(), ["call last"]);
}

#[otp::test]
async fn a_cast_waits_for_room_if_it_is_asked_to(system: System) {
    let (server, mut entries, open) = busy(&system, 1).await;
    server.try_cast(Act::Note("1")).unwrap();
    let mut cast = Box::pin(server.cast_when_room(Act::Note("2")));
    assert!((&mut cast).now_or_never().is_none());
    let given_up = Box::pin(server.cast_when_room(Act::Note("never")));
    assert!(given_up.now_or_never().is_none());
    drop(open);
    cast.await.unwrap();
    assert_eq!(entries.until("2").await, ["1", "2"]);
    assert_eq!(echo(&server, "last").await, Ok("last"));
    assert_eq!(entries.so_far(), ["call last"]);
}

#[otp::test]
async fn a_call_waits_for_room_and_says_so_when_there_is_none_in_time(system: System) {
    let (server, _entries, open) = busy(&system, 1).await;
    server.try_cast(Act::Nothing).unwrap();
    let error = echo(&server, "no room").timeout(SHORT).await.unwrap_err();
    assert!(matches!(error, CallError::Full { limit: 1, after: SHORT, .. }));
    let pid = server.pid().unwrap();
    let text = format!("call to puppet {pid} failed: its mailbox of 1 messages had no room within 5ms");
    assert_eq!(error.to_string(), text);
    let mut call = echo(&server, "room").no_timeout();
    assert!((&mut call).now_or_never().is_none());
    drop(open);
    assert_eq!(call.await, Ok("room"));
}

#[otp::test]
async fn a_caller_that_waits_for_room_hears_of_the_end_of_the_server(system: System) {
    let (server, _entries, _open) = busy(&system, 1).await;
    server.try_cast(Act::Nothing).unwrap();
    let mut call = echo(&server, "lost").no_timeout();
    assert!((&mut call).now_or_never().is_none());
    server.exit(ExitReason::Kill);
    assert!(matches!(call.await, Err(CallError::Exited { reason: ExitReason::Killed, .. })));
}

#[otp::test]
async fn a_full_mailbox_does_not_hold_up_signals_stops_or_system_messages(system: System) {
    let (server, mut entries, open) = busy(&system, 1).await;
    let exited = system.exited(server.pid().unwrap());
    server.try_cast(Act::Note("1")).unwrap();
    let mut look = otp::sys::status(&system, &server);
    assert!((&mut look).now_or_never().is_none());
    assert!(matches!(server.stop().timeout(SHORT).await, Err(StopError::Timeout { .. })));
    drop(open);
    assert!(look.await.is_ok());
    // The stop was there, although it was not waited for.
    let seen = entries.until("puppet ended normal").await;
    assert_eq!(seen, ["1", "terminate normal", "puppet ended normal"]);
    // The event comes before the name is free.
    exited.await;

    let (server, mut entries, _open) = busy(&system, 1).await;
    server.try_cast(Act::Note("lost")).unwrap();
    server.exit(ExitReason::Shutdown);
    assert_eq!(entries.until("puppet ended shutdown").await, ["puppet ended shutdown"]);
}
