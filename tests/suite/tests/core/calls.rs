//! Calls and reply tokens: SPEC §8, and what the callers of a server that ends are told.

use std::pin::pin;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use futures::FutureExt;
use futures::channel::oneshot;
use futures::future::join_all;
use otp::call::Callee;
use otp::process::SpawnOptions;
use otp::{Address, Call, CallError, ExitReason, Message, Name, ProcessContext, ProcessRef, ReplyTo, System};
use otp_suite::{begin, idle, inside, reasons, until};

pub(crate) const MOMENT: Duration = Duration::from_millis(5);
/// Longer than any test takes: whoever waits for so long was forgotten.
pub(crate) const AGES: Duration = Duration::from_secs(3600);

pub(crate) enum Ask {
    Double(u32, ReplyTo<u32>),
    /// Keeps the token until it is asked for.
    Keep(ReplyTo<u32>),
    /// Answers the oldest token that it has kept.
    Answer(u32),
    /// Drops the oldest token that it has kept, and goes on.
    Forget,
    /// Drops the token and ends.
    End(ExitReason, ReplyTo<u32>),
    Stop(ExitReason),
    /// Does not read its mailbox until the channel closes.
    Sleep(oneshot::Receiver<()>),
    /// Tells how many callers still wait for an answer.
    Awaited(ReplyTo<usize>),
}

async fn server(mut ctx: ProcessContext<Ask>) -> ExitReason {
    let mut kept = std::collections::VecDeque::new();
    loop {
        let Message::User(ask) = ctx.receive().await else { continue };
        match ask {
            Ask::Double(n, from) => from.reply(2 * n),
            Ask::Keep(from) => kept.push_back(from),
            Ask::Answer(n) => kept.pop_front().expect("one is kept").reply(n),
            Ask::Forget => drop(kept.pop_front()),
            Ask::End(reason, _from) => return reason,
            Ask::Stop(reason) => return reason,
            Ask::Sleep(until) => drop(until.await),
            Ask::Awaited(from) => from.reply(kept.iter().filter(|from| from.is_awaited()).count()),
        }
    }
}

pub(crate) fn serve(system: &System, options: SpawnOptions<Ask>) -> ProcessRef<Ask> {
    system.spawn_with(options, server).unwrap().process
}

pub(crate) fn double(server: impl Into<Address<Ask>>, n: u32) -> Call<Ask, u32> {
    Call::new(server, move |from| Ask::Double(n, from)).timeout(AGES)
}

pub(crate) fn keep(server: impl Into<Address<Ask>>) -> Call<Ask, u32> {
    Call::new(server, Ask::Keep).timeout(AGES)
}

pub(crate) async fn awaited(server: &ProcessRef<Ask>) -> usize {
    Call::new(server, Ask::Awaited).timeout(AGES).await.unwrap()
}

pub(crate) fn callee(server: &ProcessRef<Ask>) -> Callee {
    Callee::new(None, Some(server.pid()))
}

#[otp::test]
async fn a_call_is_answered_inside_and_outside_of_processes(system: System) {
    let server = serve(&system, SpawnOptions::new());
    for n in 0..300 {
        assert_eq!(double(&server, n).await, Ok(2 * n));
    }
    let own = server.clone();
    inside(&system, async move |mut ctx: ProcessContext<u32>| {
        for n in 0..300 {
            assert_eq!(double(&own, n).no_timeout().await, Ok(2 * n));
        }
        assert_eq!(ctx.try_receive_match(|_| true), None, "answers are no mail");
    })
    .await;
}

#[otp::test]
async fn many_callers_get_each_their_own_answer(system: System) {
    let server = serve(&system, SpawnOptions::new());
    let callers = (0..50).map(|caller| {
        let server = server.clone();
        inside(&system, async move |_: ProcessContext<()>| {
            for n in 0..100 {
                assert_eq!(double(&server, caller * 100 + n).await, Ok(2 * (caller * 100 + n)));
            }
        })
    });
    assert_eq!(join_all(callers).await.len(), 50);
}

// PROC-7
#[otp::test]
async fn a_call_to_nobody_fails_at_once(system: System) {
    let dead = serve(&system, SpawnOptions::new().label("clock"));
    dead.try_send(Ask::Stop(ExitReason::other("worn out"))).unwrap();
    dead.exited().await;
    let error = double(&dead, 1).await.unwrap_err();
    assert_eq!(error, CallError::NoProc(Callee::new(Some("clock".into()), Some(dead.pid()))));
    assert_eq!(error.to_string(), format!("call to clock {} failed: no such process", dead.pid()));

    let name = Address::named(&system, Name::<Ask>::new("nobody"));
    let error = double(&name, 1).await.unwrap_err();
    assert_eq!(error, CallError::NoProc(Callee::new(Some("nobody".into()), None)));
    assert_eq!(error.to_string(), "call to nobody failed: no such process");
}

#[otp::test]
async fn every_caller_hears_why_the_server_ended(system: System) {
    for reason in reasons() {
        let server = serve(&system, SpawnOptions::new().label("bank"));
        let (wake, asleep) = oneshot::channel();
        server.send(Ask::Sleep(asleep)).await.unwrap();
        // One whose token is kept, one whose request ends the server, two whose requests are never read.
        let mut calls = vec![keep(&server).boxed()];
        calls.push(Call::new(&server, |from| Ask::End(reason.clone(), from)).timeout(AGES).boxed());
        calls.push(double(&server, 1).boxed());
        for call in &mut calls {
            assert!(begin(call).await.is_pending());
        }
        calls.push(double(&server, 2).send_request().boxed());
        drop(wake);
        for (number, error) in join_all(calls).await.into_iter().enumerate() {
            let error = error.unwrap_err();
            let callee = Callee::new(Some("bank".into()), Some(server.pid()));
            let begun = number < 2;
            let ended = if begun { "it ended" } else { "it ended before it received the request" };
            assert_eq!(error.to_string(), format!("call to bank {} failed: {ended}: {reason}", server.pid()));
            assert_eq!(error, CallError::Exited { callee, reason: reason.clone(), begun });
        }
    }
}

#[otp::test]
async fn the_callers_of_a_killed_or_crashed_server_hear_so(system: System) {
    let killed = serve(&system, SpawnOptions::new());
    let mut call = pin!(keep(&killed));
    assert!(begin(&mut call).await.is_pending());
    killed.exit(ExitReason::Kill);
    let error = call.await.unwrap_err();
    assert!(matches!(error, CallError::Exited { reason: ExitReason::Killed, .. }), "{error:?}");
    assert_eq!(error.callee(), &callee(&killed));

    let crashed = system.spawn(async |mut ctx: ProcessContext<Ask>| {
        let _message = ctx.receive().await;
        panic!("dropped the tray");
    });
    let reason = ExitReason::crash("dropped the tray");
    let error = CallError::Exited { callee: callee(&crashed), reason, begun: true };
    assert_eq!(double(&crashed, 1).await, Err(error));
}

#[otp::test]
async fn a_caller_that_waits_for_room_hears_why_the_server_ended(system: System) {
    let server = serve(&system, SpawnOptions::new().mailbox(1));
    let (_wake, asleep) = oneshot::channel();
    server.send(Ask::Sleep(asleep)).await.unwrap();
    idle(&server).await;
    server.try_send(Ask::Forget).expect("there is room for one");
    let outside = double(&server, 1);
    let own = server.clone();
    let within = inside(&system, async move |_: ProcessContext<()>| double(&own, 2).await);
    let mut calls = pin!(futures::future::join(outside, within));
    assert!(begin(&mut calls).await.is_pending());
    until(|| system.info(server.pid()).is_some_and(|info| info.queue == 1)).await;
    server.exit(ExitReason::other("closed"));
    let error = Err(CallError::Exited { callee: callee(&server), reason: ExitReason::other("closed"), begun: false });
    let (outside, within) = calls.await;
    assert_eq!(outside, error);
    // The process may have called only after the end.
    assert!(within == error || within == Err(CallError::NoProc(callee(&server))), "{within:?}");
}

#[otp::test]
async fn a_caller_of_a_server_that_is_ending_is_answered_at_once(system: System) {
    for round in 0..100 {
        let server = serve(&system, SpawnOptions::new());
        let callers: Vec<_> = (0..4)
            .map(|_| {
                let server = server.clone();
                inside(&system, async move |_: ProcessContext<()>| {
                    loop {
                        match double(&server, 1).await {
                            Ok(answer) => assert_eq!(answer, 2),
                            Err(error) => break error,
                        }
                    }
                })
            })
            .collect();
        let callers = join_all(callers);
        let mut callers = pin!(callers);
        assert!(begin(&mut callers).await.is_pending());
        until(|| system.info(server.pid()).is_some_and(|info| info.handled >= 4)).await;
        match round % 2 {
            0 => server.exit(ExitReason::Kill),
            _ => server.try_send(Ask::Stop(ExitReason::Killed)).expect("it is alive"),
        }
        let exited =
            [true, false].map(|begun| CallError::Exited { callee: callee(&server), reason: ExitReason::Killed, begun });
        for error in callers.await {
            assert!(exited.contains(&error) || error == CallError::NoProc(callee(&server)), "{error}");
        }
    }
}

#[otp::test]
async fn a_call_gives_up_when_its_time_is_over_and_says_what_it_knows(system: System) {
    let slow = serve(&system, SpawnOptions::new().label("archive"));
    let (wake, asleep) = oneshot::channel();
    slow.send(Ask::Sleep(asleep)).await.unwrap();
    idle(&slow).await;
    let start = system.now();
    let error = double(&slow, 1).timeout(MOMENT).await.unwrap_err();
    assert!(system.now() - start >= MOMENT);
    let text =
        format!("call to archive {} failed: no answer within 5ms (1 messages in its queue, running)", slow.pid());
    assert_eq!(error.to_string(), text);
    assert!(matches!(error, CallError::Timeout { after: MOMENT, queued: 1, .. }), "{error:?}");
    assert_eq!(error.callee().pid, Some(slow.pid()));
    // The server is not disturbed, and handles the request.
    drop(wake);
    assert_eq!(double(&slow, 2).await, Ok(4));
    assert_eq!(system.info(slow.pid()).unwrap().handled, 3);
}

#[otp::test]
async fn the_text_of_a_timeout_tells_what_the_server_says_it_is_doing(system: System) {
    let (tell, told) = oneshot::channel();
    let busy = system.spawn(async |ctx: ProcessContext<Ask>| {
        ctx.set_status("counting sheep");
        let _ = tell.send(());
        otp_suite::forever(ctx).await;
    });
    told.await.unwrap();
    let error = double(&busy, 1).timeout(Duration::ZERO).await.unwrap_err();
    assert!(error.to_string().ends_with("no answer within 0ns (1 messages in its queue, counting sheep)"), "{error}");
}

#[otp::test]
async fn a_dropped_token_is_noticed_at_once(system: System) {
    let server = serve(&system, SpawnOptions::new());
    let mut call = pin!(keep(&server));
    assert!(begin(&mut call).await.is_pending());
    server.send(Ask::Forget).await.unwrap();
    let error = call.await.unwrap_err();
    assert_eq!(error, CallError::NoReply(callee(&server)));
    assert_eq!(error.to_string(), format!("call to {} failed: it dropped the request without a reply", server.pid()));
    assert!(server.is_alive());
}

#[otp::test]
async fn a_token_that_is_dropped_elsewhere_is_noticed_at_once(system: System) {
    // The server gives each token away: to a task, to a process that ends, to a process that goes on.
    let server = system.spawn(async |mut ctx: ProcessContext<Ask>| {
        for place in 0.. {
            let Message::User(Ask::Keep(from)) = ctx.receive().await else { panic!("not asked to keep") };
            match place {
                0 => ctx.scope().spawn(async move { drop(from) }),
                1 => drop(ctx.spawn(async move |_: ProcessContext<()>| panic!("with {from:?}"))),
                _ => drop(ctx.spawn(async move |ctx: ProcessContext<()>| {
                    drop(from);
                    otp_suite::forever(ctx).await;
                })),
            }
        }
    });
    for _ in 0..3 {
        assert_eq!(keep(&server).await, Err(CallError::NoReply(callee(&server))));
    }
}

#[otp::test]
async fn a_process_that_calls_itself_is_told_so(system: System) {
    const NAME: Name<Ask> = Name::new("narcissus");
    inside(&system, async |mut ctx: ProcessContext<Ask>| {
        let me = ctx.this();
        let error = double(&me, 1).await.unwrap_err();
        assert_eq!(error, CallError::CallingSelf(callee(&me)));
        assert_eq!(error.to_string(), format!("call to {} failed: a process cannot call itself", me.pid()));
        ctx.system().register(&NAME, &me).unwrap();
        let error = double(Address::named(ctx.system(), NAME), 1).await.unwrap_err();
        assert!(matches!(error, CallError::CallingSelf(_)), "{error:?}");
        let error = double(&me, 1).send_request().await.unwrap_err();
        assert!(matches!(error, CallError::CallingSelf(_)), "{error:?}");
        assert!(ctx.try_receive_match(|_| true).is_none(), "nothing was sent");
    })
    .await;
}

#[otp::test]
async fn a_call_that_finds_no_room_in_time_was_not_sent(system: System) {
    let server = serve(&system, SpawnOptions::new().mailbox(1).label("counter"));
    let (wake, asleep) = oneshot::channel();
    server.send(Ask::Sleep(asleep)).await.unwrap();
    idle(&server).await;
    let mut first = pin!(double(&server, 1));
    assert!(begin(&mut first).await.is_pending());
    let error = double(&server, 2).timeout(MOMENT).await.unwrap_err();
    assert!(matches!(error, CallError::Full { limit: 1, after: MOMENT, .. }), "{error:?}");
    let text = format!("call to counter {} failed: its mailbox of 1 messages had no room within 5ms", server.pid());
    assert_eq!(error.to_string(), text);
    let mut third = pin!(double(&server, 3));
    assert!(begin(&mut third).await.is_pending());
    drop(wake);
    assert_eq!((first.await, third.await), (Ok(2), Ok(6)));
    assert_eq!(system.info(server.pid()).unwrap().handled, 3, "the second request never came");
}

// ALI-5, ALI-6
#[otp::test]
async fn an_answer_that_comes_too_late_is_never_seen(system: System) {
    let server = serve(&system, SpawnOptions::new());
    let own = server.clone();
    inside(&system, async move |mut ctx: ProcessContext<u32>| {
        let late = keep(&own).timeout(MOMENT).await;
        assert!(matches!(late, Err(CallError::Timeout { .. })));
        assert_eq!(awaited(&own).await, 0, "the server can tell");
        let mut call = pin!(keep(&own));
        assert!(begin(&mut call).await.is_pending());
        assert_eq!(awaited(&own).await, 1);
        // The first goes to nobody, the second to the call that waits now.
        own.send(Ask::Answer(1)).await.unwrap();
        own.send(Ask::Answer(2)).await.unwrap();
        assert_eq!(call.await, Ok(2));
        assert_eq!(double(&own, 3).await, Ok(6));
        assert_eq!(ctx.try_receive_match(|_| true), None);
    })
    .await;
}

#[otp::test]
async fn a_call_that_is_dropped_is_given_up(system: System) {
    let server = serve(&system, SpawnOptions::new());
    {
        let mut call = pin!(keep(&server));
        assert!(begin(&mut call).await.is_pending());
        assert_eq!(awaited(&server).await, 1);
    }
    assert_eq!(awaited(&server).await, 0);
    let own = server.clone();
    let caller = system.spawn(async move |_: ProcessContext<()>| drop(keep(&own).await));
    idle(&caller).await;
    assert_eq!(awaited(&server).await, 1);
    caller.exit(ExitReason::Kill);
    caller.exited().await;
    assert_eq!(awaited(&server).await, 0);
    // Made, and never awaited: it was not sent.
    drop(keep(&server));
    assert_eq!(system.info(server.pid()).unwrap().handled, 6);
}

#[otp::test]
async fn the_answer_may_come_from_another_process_and_in_any_order(system: System) {
    let (tell, tokens) = async_channel::unbounded();
    let server = system.spawn(async move |mut ctx: ProcessContext<Ask>| {
        loop {
            if let Message::User(Ask::Double(n, from)) = ctx.receive().await {
                tell.try_send((n, from)).unwrap();
            }
        }
    });
    let requests: Vec<_> = (0..10).map(|n| double(&server, n).send_request()).collect();
    let helper = system.spawn(async move |_: ProcessContext<()>| {
        let mut all = Vec::new();
        for _ in 0..10 {
            all.push(tokens.recv().await.unwrap());
        }
        for (n, from) in all.into_iter().rev() {
            from.reply(2 * n);
        }
    });
    for (request, n) in requests.into_iter().zip(0..) {
        assert_eq!(request.await, Ok(2 * n));
    }
    assert_eq!(helper.exited().await, ExitReason::Normal);
}

#[otp::test]
async fn a_call_by_name_reaches_whoever_holds_it(system: System) {
    const NAME: Name<Ask> = Name::new("reception");
    let reception = Address::named(&system, NAME);
    for _ in 0..2 {
        let server = serve(&system, SpawnOptions::new().name(NAME));
        assert_eq!(double(&reception, 4).await, Ok(8));
        let stopped = Call::new(&reception, |from| Ask::End(ExitReason::Shutdown, from)).timeout(AGES).await;
        let error = stopped.unwrap_err();
        let text = format!("call to reception {} failed: it ended: shutdown", server.pid());
        assert_eq!(error.to_string(), text);
    }
}

// GS-16, SIG-6
#[otp::test]
async fn a_caller_that_its_callee_takes_with_it_does_not_see_the_call_fail(system: System) {
    let (went_on, still_there) = oneshot::channel();
    let caller = system.spawn(async |ctx: ProcessContext<()>| {
        let server = ctx.spawn_link(async |mut ctx: ProcessContext<ReplyTo<u32>>| {
            let Message::User(_from) = ctx.receive().await else { return ExitReason::crash("no call") };
            ExitReason::other("together")
        });
        // Waiting for the call, it can be run on this thread.
        idle(&server).await;
        let _ = Call::new(&server, |from| from).await;
        let _ = went_on.send(());
    });
    assert_eq!(caller.exited().await, ExitReason::other("together"));
    assert!(still_there.await.is_err(), "the caller went on after the call");
}

#[otp::test]
async fn a_token_over_a_closure_hears_of_the_reply_or_of_the_drop_once_and_outlives_panics(system: System) {
    system.log_crashes(false);
    let answers: Arc<Mutex<Vec<Option<u8>>>> = Arc::default();
    let token = || {
        let answers = answers.clone();
        ReplyTo::with(move |answer| answers.lock().unwrap().push(answer))
    };
    let (replied, dropped, kept) = (token(), token(), token());
    assert!(replied.is_awaited());
    inside(&system, async move |ctx: ProcessContext<()>| {
        replied.reply(1);
        drop(dropped);
        ctx.yield_now().await;
        drop(kept);
    })
    .await;
    let process = system.spawn(async |_: ProcessContext<()>| {
        ReplyTo::<u8>::with(|_| panic!("the closure panics")).reply(2);
    });
    assert_eq!(process.exited().await, ExitReason::Normal, "whoever replies is not harmed");
    // The last one was dropped by a process that ended: its end is what settles it.
    until(|| answers.lock().unwrap().len() == 3).await;
    assert_eq!(*answers.lock().unwrap(), [Some(1), None, None]);
}
