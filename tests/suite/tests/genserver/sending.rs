//! The table of `docs/semantics.md`: what each way to send does when there is no such process, when its mailbox is full,
//! and when it is of another type. That what is lost then is logged is tested in `log/others.rs`.

use std::time::Duration;

use futures::poll;
use otp::prelude::*;
use otp::process::{AliasMode, SendError, SpawnOptions, TrySendError};
use otp::sys;
use otp_suite::servers::{Act, Ask, Puppet, Script, gate, inside};
use otp_suite::{forever, journal::journal, until};

const NAME: ServerName<Puppet> = ServerName::new("addressee");

const TEXT: &str = "sent";

fn act() -> Act {
    Act::Note(TEXT)
}

#[track_caller]
fn is_back(message: Act) {
    assert!(matches!(message, Act::Note(TEXT)), "{message:?}");
}

/// Sends in each of the ways that never fail.
fn send_blindly(server: &ServerRef<Puppet>) {
    server.cast(act());
    server.info(act());
    server.send_after(Duration::ZERO, act());
}

#[otp::test]
async fn to_nobody_what_cannot_fail_vanishes_and_all_else_comes_back(system: System) {
    let (journal, _entries) = journal(&system);
    let dead = Puppet::start(&system, Script::new(&journal)).await.unwrap();
    dead.stop().await.unwrap();
    for server in [dead, ServerRef::named(&system, NAME)] {
        let text = format!("cannot send to {}: no such process", server.address().target());
        send_blindly(&server);
        for error in [server.try_cast(act()), server.try_info(act())].map(Result::unwrap_err) {
            assert!(matches!(error, TrySendError::NoProc { .. }) && error.to_string() == text, "{error}");
            is_back(error.into_message());
        }
        for error in [server.cast_when_room(act()).await, server.info_when_room(act()).await].map(Result::unwrap_err) {
            assert!(matches!(error, SendError::NoProc { .. }) && error.to_string() == text, "{error}");
            is_back(error.into_message());
        }
        let raw = server.info_address(|(): ()| act());
        assert_eq!(raw.try_send(()).unwrap_err().to_string(), text);
        assert_eq!(raw.send(()).await.unwrap_err().to_string(), text);
        let call = server.call(|from| Ask::Echo(TEXT, from)).await.unwrap_err();
        assert!(matches!(call, CallError::NoProc(_)), "{call}");
    }
}

#[otp::test]
async fn into_a_full_mailbox_some_are_dropped_some_come_back_and_some_wait(system: System) {
    let (journal, mut entries) = journal(&system);
    let server = Puppet::start(&system, Script::new(&journal)).name(NAME).mailbox(1).await.unwrap();
    let pid = server.pid().unwrap();
    let (open, closed) = gate();
    server.try_cast(Act::Wait(closed)).unwrap();
    assert_eq!(entries.until("waits").await, ["starts", "waits"]);
    server.try_cast(Act::Note("first")).unwrap();

    send_blindly(&server);
    let full = format!("cannot send to {pid}: its mailbox is full");
    for error in [server.try_cast(act()), server.try_info(act())].map(Result::unwrap_err) {
        assert!(matches!(error, TrySendError::Full { .. }) && error.to_string() == full, "{error}");
        is_back(error.into_message());
    }
    let error = server.call(|from| Ask::Echo(TEXT, from)).timeout(Duration::from_millis(1)).await.unwrap_err();
    assert!(matches!(error, CallError::Full { limit: 1, .. }), "{error}");

    let mut cast = Box::pin(server.cast_when_room(Act::Note("second")));
    let mut info = Box::pin(server.info_when_room(Act::Note("third")));
    let raw = server.info_address(|(): ()| Act::Note("fourth"));
    let mut sent = Box::pin(raw.send(()));
    assert!(poll!(&mut cast).is_pending() && poll!(&mut info).is_pending() && poll!(&mut sent).is_pending());
    drop(open);
    let sent = futures::join!(cast, info, sent);
    assert!(matches!(sent, (Ok(()), Ok(()), Ok(()))), "{sent:?}");
    assert_eq!(entries.until("fourth").await, ["first", "second", "third", "fourth"], "and nothing that was dropped");

    // Those who wait when it ends get theirs back.
    sys::suspend(&system, pid).await.unwrap();
    server.try_cast(act()).unwrap();
    let mut cast = Box::pin(server.cast_when_room(act()));
    let mut info = Box::pin(server.info_when_room(act()));
    assert!(poll!(&mut cast).is_pending() && poll!(&mut info).is_pending());
    server.exit(ExitReason::Kill);
    for error in [cast.await.unwrap_err(), info.await.unwrap_err()] {
        assert!(matches!(error, SendError::NoProc { .. }), "{error}");
        is_back(error.into_message());
    }
}

#[otp::test]
async fn to_another_type_what_cannot_fail_is_dropped_and_all_else_comes_back(system: System) {
    let other = system.spawn_with(SpawnOptions::new().name(Name::<u8>::new("addressee")), forever).unwrap().process;
    let server = ServerRef::<Puppet>::named(&system, NAME);
    send_blindly(&server);
    let text = format!("cannot send to addressee {}: it receives u8, not ", other.pid());
    for error in [server.try_cast(act()), server.try_info(act())].map(Result::unwrap_err) {
        assert!(matches!(error, TrySendError::WrongType { .. }) && error.to_string().starts_with(&text), "{error}");
        is_back(error.into_message());
    }
    for error in [server.cast_when_room(act()).await, server.info_when_room(act()).await].map(Result::unwrap_err) {
        assert!(matches!(error, SendError::WrongType { .. }) && error.to_string().starts_with(&text), "{error}");
        is_back(error.into_message());
    }
    let error = server.call(|from| Ask::Echo(TEXT, from)).await.unwrap_err();
    assert!(matches!(error, CallError::WrongType { .. }), "{error}");
    assert!(system.info(other.pid()).is_some_and(|info| info.queue == 0));
}

#[otp::test]
async fn an_alias_never_fails_and_never_waits(system: System) {
    let (tell, told) = futures::channel::oneshot::channel();
    let owner = system.spawn_with(SpawnOptions::new().mailbox(1), async move |ctx: ProcessContext<u8>| {
        assert!(tell.send(ctx.alias(AliasMode::Explicit)).is_ok());
        forever(ctx).await;
    });
    let (owner, alias) = (owner.unwrap().process, told.await.unwrap());
    alias.send(1);
    alias.send(2);
    assert!(system.info(owner.pid()).is_some_and(|info| info.queue == 1));
    owner.exit(ExitReason::Kill);
    until(|| !owner.is_alive()).await;
    alias.send(3);
    inside(&system, async move |_| alias.send(4)).await;
}
