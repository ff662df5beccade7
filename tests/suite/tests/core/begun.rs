//! What a failed call says of its request: whether the callee may have begun with it.

use std::future::poll_fn;
use std::pin::pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::Poll;
use std::time::Duration;

use futures::channel::oneshot;
use futures::future::join_all;
use otp::prelude::*;
use otp::process::{MessageRef, SpawnOptions};
use otp_suite::{begin, idle, inside, until, user};

const MOMENT: Duration = Duration::from_millis(5);
const AGES: Duration = Duration::from_secs(3600);

/// A request: what is to become of it, and who waits.
#[derive(Debug)]
enum Ask {
    Answer(ReplyTo<u32>),
    /// Keeps the token.
    Keep(ReplyTo<u32>),
    /// Puts the token back into the own mailbox, behind what is there.
    Defer(ReplyTo<u32>),
    Deferred(ReplyTo<u32>),
    /// Waits until the channel closes, and then panics or goes on.
    Wait(oneshot::Receiver<()>, bool),
}

async fn server(mut ctx: ProcessContext<Ask>) {
    let mut kept = Vec::new();
    loop {
        match user(ctx.receive().await) {
            Ask::Answer(from) => from.reply(1),
            Ask::Keep(from) => kept.push(from),
            Ask::Defer(from) => ctx.this().try_send(Ask::Deferred(from)).unwrap(),
            Ask::Deferred(from) => from.reply(2),
            Ask::Wait(until, panics) => {
                let _ = until.await;
                assert!(!panics, "it was to panic");
            }
        }
    }
}

fn ask(server: &ProcessRef<Ask>, make: fn(ReplyTo<u32>) -> Ask) -> Call<Ask, u32> {
    Call::new(server, make).timeout(AGES)
}

fn begun(answer: Result<u32, CallError>) -> bool {
    let error = answer.unwrap_err();
    let may_have = error.may_have_begun();
    let says = error.to_string().contains("it ended before it received the request: ");
    assert_eq!(says, !may_have && matches!(error, CallError::Exited { .. }), "{error}");
    may_have
}

#[otp::test]
async fn a_request_that_lies_behind_the_one_that_ends_the_server_was_not_begun(system: System) {
    for panics in [false, true] {
        let server = system.spawn(server);
        let (wake, asleep) = oneshot::channel();
        let first = ask(&server, Ask::Keep).send_request();
        server.try_send(Ask::Wait(asleep, panics)).unwrap();
        let early = ask(&server, Ask::Answer).send_request();
        idle(&server).await;
        let late = ask(&server, Ask::Keep).send_request();
        let own = server.clone();
        let within = inside(&system, async move |_: ProcessContext<()>| ask(&own, Ask::Answer).await);
        let mut within = pin!(within);
        assert!(begin(&mut within).await.is_pending());
        until(|| system.info(server.pid()).is_some_and(|info| info.queue == 3)).await;
        if panics {
            drop(wake)
        } else {
            server.exit(ExitReason::Kill)
        }
        assert_eq!((begun(first.await), begun(early.await), begun(late.await)), (true, false, false));
        assert!(!begun(within.await));
    }
}

#[otp::test]
async fn a_request_that_went_back_into_the_mailbox_in_another_message_was_begun(system: System) {
    let server = system.spawn(server);
    let (wake, asleep) = oneshot::channel();
    let (_wake, asleep_again) = oneshot::channel();
    server.try_send(Ask::Wait(asleep, false)).unwrap();
    let deferred = ask(&server, Ask::Defer).send_request();
    server.try_send(Ask::Wait(asleep_again, false)).unwrap();
    let behind = ask(&server, Ask::Answer).send_request();
    drop(wake);
    until(|| system.info(server.pid()).is_some_and(|info| info.queue == 2 && info.handled == 3)).await;
    server.exit(ExitReason::Kill);
    assert_eq!((begun(deferred.await), begun(behind.await)), (true, false));
}

#[otp::test]
async fn a_request_that_was_received_out_of_turn_was_begun(system: System) {
    let picky = system.spawn(async |mut ctx: ProcessContext<Ask>| {
        let kept = |message: &MessageRef<'_, Ask>| matches!(message, MessageRef::User(Ask::Keep(_)));
        let _one = ctx.receive_match(|message| kept(&message)).await;
        until(|| ctx.system().info(ctx.pid()).is_some_and(|info| info.queue == 5)).await;
        let _another = ctx.try_receive_match(|message| kept(&message)).expect("it is there");
    });
    let calls = [Ask::Answer, Ask::Answer, Ask::Keep, Ask::Answer, Ask::Keep, Ask::Answer];
    let calls = calls.map(|make| ask(&picky, make).send_request());
    let answers: Vec<_> = join_all(calls).await.into_iter().map(begun).collect();
    assert!(answers[2] && answers[4], "{answers:?}");
}

#[otp::test]
async fn places_are_exact_again_once_a_process_has_received_all_that_it_had_skipped(system: System) {
    let (wake, mut asleep) = oneshot::channel::<()>();
    let picky = system.spawn(async move |mut ctx: ProcessContext<Ask>| {
        let _kept = ctx.receive_match(|message| matches!(message, MessageRef::User(Ask::Keep(_)))).await;
        let Ask::Answer(from) = user(ctx.receive().await) else { panic!("something else was skipped") };
        from.reply(1);
        let _third = ctx.receive().await;
        let _ = (&mut asleep).await;
    });
    let skipped = ask(&picky, Ask::Answer).send_request();
    let kept = ask(&picky, Ask::Keep).send_request();
    assert_eq!(skipped.await, Ok(1));
    idle(&picky).await;
    let third = ask(&picky, Ask::Answer).send_request();
    let fourth = ask(&picky, Ask::Answer).send_request();
    until(|| system.info(picky.pid()).is_some_and(|info| info.handled == 3)).await;
    drop(wake);
    assert_eq!([begun(kept.await), begun(third.await), begun(fourth.await)], [true, true, false]);
}

#[otp::test]
async fn a_request_that_waits_for_room_or_finds_none_was_not_begun(system: System) {
    let server = system.spawn_with(SpawnOptions::new().mailbox(1), server).unwrap().process;
    let (_wake, asleep) = oneshot::channel();
    server.send(Ask::Wait(asleep, false)).await.unwrap();
    idle(&server).await;
    let mut inside = pin!(ask(&server, Ask::Answer));
    let mut outside = pin!(ask(&server, Ask::Answer));
    assert!(begin(&mut inside).await.is_pending() && begin(&mut outside).await.is_pending());
    let full = ask(&server, Ask::Answer).timeout(MOMENT).await;
    assert!(matches!(full, Err(CallError::Full { .. })) && !begun(full), "it was not sent");
    server.exit(ExitReason::Kill);
    assert_eq!((begun(inside.await), begun(outside.await)), (false, false));
}

#[otp::test]
async fn a_callee_that_ends_as_it_is_run_for_a_request_has_not_begun_with_it(system: System) {
    let over = Arc::new(AtomicBool::new(false));
    let is_over = over.clone();
    let server = system.spawn(async move |mut ctx: ProcessContext<Ask>| {
        loop {
            let mut receive = pin!(ctx.receive());
            let message = poll_fn(|cx| match is_over.load(Ordering::SeqCst) {
                true => Poll::Ready(None),
                false => receive.as_mut().poll(cx).map(Some),
            });
            let Some(message) = message.await else { return };
            let Ask::Answer(from) = user(message) else { panic!("asked for something else") };
            from.reply(1);
        }
    });
    let own = server.clone();
    let answer = inside(&system, async move |_: ProcessContext<()>| {
        // Until callers run it.
        for _ in 0..300 {
            assert_eq!(ask(&own, Ask::Answer).await, Ok(1));
        }
        over.store(true, Ordering::SeqCst);
        ask(&own, Ask::Answer).await
    });
    let error = answer.await.unwrap_err();
    assert!(matches!(error, CallError::Exited { reason: ExitReason::Normal, begun: false, .. }), "{error:?}");
}

#[otp::test]
async fn what_a_server_was_run_for_by_its_caller_was_begun(system: System) {
    let server = system.spawn(server);
    let own = server.clone();
    let (kept, behind) = inside(&system, async move |_: ProcessContext<()>| {
        for _ in 0..300 {
            assert_eq!(ask(&own, Ask::Answer).await, Ok(1));
        }
        let mut kept = pin!(ask(&own, Ask::Keep));
        assert!(begin(&mut kept).await.is_pending());
        assert_eq!(ask(&own, Ask::Answer).await, Ok(1));
        let (_wake, asleep) = oneshot::channel();
        own.send(Ask::Wait(asleep, false)).await.unwrap();
        let mut behind = pin!(ask(&own, Ask::Answer));
        assert!(begin(&mut behind).await.is_pending());
        until(|| own.system().info(own.pid()).is_some_and(|info| info.handled == 303)).await;
        own.exit(ExitReason::Kill);
        (kept.await, behind.await)
    })
    .await;
    assert_eq!((begun(kept), begun(behind)), (true, false));
}

#[otp::test]
async fn a_request_that_was_never_sent_was_not_begun_and_one_that_may_be_answered_was(system: System) {
    const NAME: Name<Ask> = Name::new("named");
    let named = |name: Name<Ask>| Call::new(Address::named(&system, name), Ask::Answer);
    assert!(!begun(named(NAME).await));
    let _other = system.spawn_with(SpawnOptions::new().name(Name::<u8>::new("named")), otp_suite::forever).unwrap();
    let wrong = named(NAME).await;
    assert!(matches!(wrong, Err(CallError::WrongType { .. })) && !begun(wrong));
    let myself = inside(&system, async |ctx: ProcessContext<Ask>| ask(&ctx.this(), Ask::Answer).await).await;
    assert!(matches!(myself, Err(CallError::CallingSelf(_))) && !begun(myself));

    let server = system.spawn(server);
    let late = ask(&server, Ask::Keep).timeout(MOMENT).await;
    assert!(matches!(late, Err(CallError::Timeout { .. })) && begun(late));
    let forgets = system.spawn(async |mut ctx: ProcessContext<Ask>| {
        drop(ctx.receive().await);
        otp_suite::forever(ctx).await;
    });
    let forgotten = ask(&forgets, Ask::Answer).await;
    assert!(matches!(forgotten, Err(CallError::NoReply(_))) && begun(forgotten));
    let gone = system.spawn(async |_: ProcessContext<Ask>| {});
    gone.exited().await;
    let gone = ask(&gone, Ask::Answer).await;
    assert!(matches!(gone, Err(CallError::NoProc(_))) && !begun(gone));
}
