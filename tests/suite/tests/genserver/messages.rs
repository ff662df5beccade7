//! How a server takes its messages: SPEC §9, call, cast, info, continue, timeout, hibernate.

use std::time::Duration;

use otp::prelude::*;
use otp_suite::journal::{Journal, Recorder, journal};
use otp_suite::servers::{Act, Ask, First, Gate, PUPPET, Puppet, Script, boom, gate, inside};

/// A server that waits inside a cast, so that messages can be put behind it, and what lets it go on.
async fn busy(
    system: &System,
    after: impl FnOnce(Gate) -> Act,
) -> (ServerRef<Puppet>, Journal, Recorder, futures::channel::oneshot::Sender<()>) {
    let (journal, mut entries) = journal(system);
    let server = Puppet::start(system, Script::new(&journal)).name(PUPPET).await.unwrap();
    let (open, closed) = gate();
    server.cast(after(closed));
    entries.until("waits").await;
    (server, journal, entries, open)
}

// GS-20
#[otp::test]
async fn a_call_returns_the_reply(system: System) {
    let (journal, _entries) = journal(&system);
    let server = Puppet::start(&system, Script::new(&journal)).await.unwrap();
    assert_eq!(server.call(|from| Ask::Echo("hello", from)).await, Ok("hello"));
    let inside = inside(&system, async move |_| server.call(|from| Ask::Echo("hello", from)).await);
    assert_eq!(inside.await, Ok("hello"));
}

// GS-24, ORD-1, ORD-4
#[otp::test]
async fn calls_casts_and_infos_of_one_sender_are_handled_in_the_order_sent(system: System) {
    let (server, _journal, mut entries, open) = busy(&system, Act::Wait).await;
    server.cast(Act::Note("1"));
    server.info(Act::Note("2"));
    let call = server.call(|from| Ask::Echo("3", from)).send_request();
    server.cast(Act::Note("4"));
    server.info(Act::Note("5"));
    let last = server.call(|from| Ask::Echo("6", from)).send_request();
    drop(open);
    assert_eq!((call.await, last.await), (Ok("3"), Ok("6")));
    assert_eq!(entries.so_far(), ["1", "2", "call 3", "4", "5", "call 6"]);
}

// GS-24, ORD-4
#[otp::test]
async fn exits_and_downs_take_their_turn_among_the_messages(system: System) {
    let (server, journal, mut entries, open) = busy(&system, |gate| Act::Trap.then(Act::Wait(gate))).await;
    let pid = server.pid().unwrap();
    let stranger = Puppet::start(&system, Script::new(&journal)).await.unwrap();
    stranger.cast(Act::Exit(pid, boom()));
    stranger.call(|from| Ask::Echo("sent", from)).await.unwrap();
    server.cast(Act::Note("behind"));
    drop(open);
    assert_eq!(entries.until("behind").await, ["starts", "call sent", "exit Boom", "behind"]);

    let watched = Puppet::start(&system, Script::new(&journal)).await.unwrap();
    let watch = Act::Monitor(watched.pid().unwrap());
    server.call(|from| Ask::Do(watch, from)).await.unwrap();
    watched.stop().reason(ExitReason::Shutdown).await.unwrap();
    server.cast(Act::Note("behind"));
    let seen = entries.until("behind").await;
    assert_eq!(seen, ["starts", "terminate shutdown", "Puppet ended shutdown", "down shutdown", "behind"]);
}

// GS-20
#[otp::test]
async fn a_deferred_reply_comes_when_it_is_given_and_in_any_order(system: System) {
    let (journal, _entries) = journal(&system);
    let server = Puppet::start(&system, Script::new(&journal)).await.unwrap();
    let mut first = server.call(Ask::Keep).send_request();
    let mut second = server.call(Ask::Keep).send_request();
    // The server goes on meanwhile.
    assert_eq!(server.call(|from| Ask::Echo("hello", from)).await, Ok("hello"));
    assert_eq!((first.check(), second.check()), (None, None));
    server.cast(Act::AnswerAll);
    assert_eq!((second.await, first.await), (Ok("kept"), Ok("kept")));
}

// GS-20
#[otp::test]
async fn a_reply_may_come_from_another_process(system: System) {
    struct Secretary;

    enum Ask {
        Anything(ReplyTo<&'static str>),
    }

    impl GenServer for Secretary {
        type Args = ();
        type Call = Ask;
        type Cast = NoMessage;
        type Info = NoMessage;
        type Continue = NoMessage;

        async fn init((): (), _: &mut Context<Self>) -> Result<Init<Self>, ExitReason> {
            Ok(Init::Ok(Secretary))
        }

        async fn handle_call(&mut self, call: Ask, ctx: &mut Context<Self>) -> Result<Next<Self>, ExitReason> {
            let Ask::Anything(from) = call;
            ctx.spawn(async move |_: otp::ProcessContext<()>| from.reply("from somebody else"));
            Ok(Next::Receive)
        }
    }

    let server = Secretary::start(&system, ()).await.unwrap();
    assert_eq!(server.call(Ask::Anything).await, Ok("from somebody else"));
}

// GS-20
#[otp::test]
async fn a_reply_comes_before_the_callback_is_over(system: System) {
    let (journal, _entries) = journal(&system);
    let server = Puppet::start(&system, Script::new(&journal)).await.unwrap();
    let (open, closed) = gate();
    assert_eq!(server.call(|from| Ask::ReplyAnd(Act::Wait(closed), from)).await, Ok(()));
    let mut next = server.call(|from| Ask::Echo("next", from)).send_request();
    assert_eq!(next.check(), None);
    drop(open);
    assert_eq!(next.await, Ok("next"));
}

#[otp::test]
async fn dropping_the_reply_token_fails_the_call_at_once(system: System) {
    let (journal, _entries) = journal(&system);
    let server = Puppet::start(&system, Script::new(&journal)).name(PUPPET).await.unwrap();
    let error = server.call(|from| Ask::Drop(Act::Nothing, from)).no_timeout().await.unwrap_err();
    assert!(matches!(error, CallError::NoReply(_)));
    let pid = server.pid().unwrap();
    assert_eq!(error.to_string(), format!("call to puppet {pid} failed: it dropped the request without a reply"));
    assert_eq!(server.call(|from| Ask::Echo("goes on", from)).await, Ok("goes on"));
}

#[otp::test]
async fn a_token_that_is_dropped_by_a_callback_that_fails_tells_the_reason(system: System) {
    let reasons = [
        (Act::Panic("oh"), ExitReason::crash("oh")),
        (Act::Fail(boom()), boom()),
        (Act::Stop(ExitReason::Normal), ExitReason::Normal),
    ];
    for (act, expected) in reasons {
        let (journal, _entries) = journal(&system);
        let server = Puppet::start(&system, Script::new(&journal)).await.unwrap();
        let error = server.call(|from| Ask::Drop(act, from)).await.unwrap_err();
        assert!(matches!(error, CallError::Exited { reason, .. } if reason == expected));
    }
}

// GS-22
#[otp::test]
async fn every_caller_without_a_reply_hears_why_the_server_ended(system: System) {
    let (server, _journal, _entries, open) = busy(&system, Act::Wait).await;
    let kept = server.call(Ask::Keep).send_request();
    server.cast(Act::Stop(boom()));
    let behind = server.call(|from| Ask::Echo("lost", from)).send_request();
    drop(open);
    for request in [kept, behind] {
        assert!(matches!(request.await, Err(CallError::Exited { reason, .. }) if reason == boom()));
    }
}

// GS-21, GS-36, ALI-5
#[otp::test]
async fn a_reply_after_the_end_of_the_server_is_never_seen(system: System) {
    struct Careless(Option<ReplyTo<u8>>, futures::channel::oneshot::Sender<ReplyTo<u8>>);

    enum Ask {
        Later(ReplyTo<u8>),
    }

    impl GenServer for Careless {
        type Args = futures::channel::oneshot::Sender<ReplyTo<u8>>;
        type Call = Ask;
        type Cast = NoMessage;
        type Info = NoMessage;
        type Continue = NoMessage;

        async fn init(out: Self::Args, _: &mut Context<Self>) -> Result<Init<Self>, ExitReason> {
            Ok(Init::Ok(Careless(None, out)))
        }

        async fn handle_call(&mut self, call: Ask, _: &mut Context<Self>) -> Result<Next<Self>, ExitReason> {
            let Ask::Later(from) = call;
            self.0 = Some(from);
            Ok(Next::Stop(ExitReason::Shutdown))
        }

        async fn terminate(&mut self, _: &ExitReason, _: &mut Context<Self>) -> Result<(), ExitReason> {
            let (out, _) = futures::channel::oneshot::channel();
            let _ = std::mem::replace(&mut self.1, out).send(self.0.take().unwrap());
            Ok(())
        }
    }

    let (out, token) = futures::channel::oneshot::channel();
    let seen = inside(&system, async move |mut ctx| {
        let server = Careless::start(&ctx, out).await.unwrap();
        let answer = server.call(Ask::Later).await;
        assert!(matches!(answer, Err(CallError::Exited { reason: ExitReason::Shutdown, .. })));
        let token = token.await.unwrap();
        assert!(!token.is_awaited());
        token.reply(1);
        ctx.try_receive_match(|_| true).is_some()
    });
    assert!(!seen.await);
}

// GS-23
#[otp::test]
async fn a_cast_to_nobody_is_no_error(system: System) {
    let (journal, mut entries) = journal(&system);
    let server = Puppet::start(&system, Script::new(&journal)).await.unwrap();
    server.stop().await.unwrap();
    server.cast(Act::Note("lost"));
    assert!(server.cast_when_room(Act::Note("lost")).await.is_err());
    let nobody: ServerRef<Puppet> = ServerRef::named(&system, ServerName::new("nobody"));
    nobody.cast(Act::Note("lost"));
    assert!(nobody.cast_when_room(Act::Note("lost")).await.is_err());
    // Who wants to know asks.
    assert!(matches!(server.try_cast(Act::Note("back")).unwrap_err().into_message(), Act::Note("back")));
    assert!(matches!(nobody.try_cast(Act::Note("back")).unwrap_err().into_message(), Act::Note("back")));
    assert!(matches!(nobody.try_info(Act::Note("back")).unwrap_err().into_message(), Act::Note("back")));
    assert_eq!(entries.so_far(), ["starts", "terminate normal", "Puppet ended normal"]);
}

/// A server that implements nothing but `init`.
struct Bare;

impl GenServer for Bare {
    type Args = ();
    type Call = ReplyTo<()>;
    type Cast = ();
    type Info = ();
    type Continue = ();

    async fn init((): (), ctx: &mut Context<Self>) -> Result<Init<Self>, ExitReason> {
        ctx.trap_exit(true);
        Ok(Init::Ok(Bare))
    }
}

// GS-25
#[otp::test]
async fn without_handle_info_every_info_is_dropped(system: System) {
    let bare = Bare::start(&system, ()).await.unwrap();
    let pid = bare.pid().unwrap();
    inside(&system, async move |ctx| ctx.system().exit(pid, boom())).await;
    bare.info(());
    assert_eq!(otp::sys::status(&system, &bare).await.unwrap().mode, otp::sys::Mode::Running);
}

// GS-25
#[otp::test]
async fn without_handle_call_or_handle_cast_they_end_the_server(system: System) {
    let bare = Bare::start(&system, ()).await.unwrap();
    let error = bare.call(|from| from).await.unwrap_err();
    assert!(error.to_string().contains("does not implement handle_call"), "{error}");

    let bare = Bare::start(&system, ()).await.unwrap();
    let exited = system.exited(bare.pid().unwrap());
    bare.cast(());
    assert!(exited.await.to_string().contains("does not implement handle_cast"));
}

// GS-28, GS-30
#[otp::test]
async fn continue_runs_before_messages_that_wait_already(system: System) {
    let then =
        |gate| Act::Wait(gate).then(Act::continuing(Act::Note("first").then(Act::continuing(Act::Note("second")))));
    let (server, _journal, mut entries, open) = busy(&system, then).await;
    server.cast(Act::Note("waited"));
    drop(open);
    assert_eq!(entries.until("waited").await, ["continues", "first", "continues", "second", "waited"]);
}

// GS-29
#[otp::test]
async fn continue_after_init_runs_before_any_message_and_start_does_not_wait_for_it(system: System) {
    let (journal, mut entries) = journal(&system);
    let (open, closed) = gate();
    let script = Script::init(&journal, First::Act(Act::continuing(Act::Wait(closed))));
    let server = Puppet::start(&system, script).await.unwrap();
    let call = server.call(|from| Ask::Echo("hello", from)).send_request();
    assert_eq!(entries.until("waits").await, ["starts", "continues", "waits"]);
    assert_eq!(entries.so_far(), [""; 0]);
    drop(open);
    assert_eq!(call.await, Ok("hello"));
    assert_eq!(entries.so_far(), ["call hello"]);
}

// GS-30
#[otp::test]
async fn continue_may_stop_the_server(system: System) {
    for act in [Act::Stop(boom()), Act::Fail(boom())] {
        let (journal, mut entries) = journal(&system);
        let server = Puppet::start(&system, Script::new(&journal)).await.unwrap();
        server.cast(Act::continuing(act));
        let seen = entries.until("Puppet ended Boom").await;
        assert_eq!(seen, ["starts", "continues", "terminate Boom", "Puppet ended Boom"]);
    }
}

// GS-31
#[otp::test]
async fn a_timeout_comes_when_no_message_does(system: System) {
    let (journal, mut entries) = journal(&system);
    let server = Puppet::start(&system, Script::new(&journal)).await.unwrap();
    let began = system.now();
    server.cast(Act::Timeout(Duration::from_millis(20)));
    assert_eq!(entries.until("timeout").await, ["starts", "timeout"]);
    assert!(system.now() - began >= Duration::from_millis(20));
}

// GS-31
#[otp::test]
async fn a_timeout_may_be_asked_for_by_init(system: System) {
    let (journal, mut entries) = journal(&system);
    let script = Script::init(&journal, First::Act(Act::Timeout(Duration::from_millis(1))));
    let _server = Puppet::start(&system, script).await.unwrap();
    assert_eq!(entries.until("timeout").await, ["starts", "timeout"]);
}

// GS-31
#[otp::test]
async fn a_timeout_has_to_be_asked_for_each_time(system: System) {
    let (journal, mut entries) = journal(&system);
    let on_timeout = Act::Later(Duration::from_millis(30), Box::new(Act::Note("later")));
    let server = Puppet::start(&system, Script { on_timeout, ..Script::new(&journal) }).await.unwrap();
    server.cast(Act::Timeout(Duration::from_millis(1)));
    // A second timeout would come long before what is sent at the first one.
    assert_eq!(entries.until("later").await, ["starts", "timeout", "later"]);
}

// GS-31
#[otp::test]
async fn any_message_cancels_the_timeout(system: System) {
    let after = |gate| Act::Wait(gate).then(Act::Timeout(Duration::from_millis(1)));
    let (server, _journal, mut entries, open) = busy(&system, after).await;
    server.cast(Act::Later(Duration::from_millis(30), Box::new(Act::Note("later"))));
    drop(open);
    assert_eq!(entries.until("later").await, ["later"]);
}

// GS-32
#[otp::test]
async fn a_timeout_of_zero_lets_messages_that_wait_go_first_and_is_cancelled_by_them(system: System) {
    let (server, _journal, mut entries, open) =
        busy(&system, |gate| Act::Wait(gate).then(Act::Timeout(Duration::ZERO))).await;
    server.cast(Act::Note("waited"));
    drop(open);
    assert_eq!(entries.until("waited").await, ["waited"]);
    assert_eq!(server.call(|from| Ask::Echo("no timeout", from)).await, Ok("no timeout"));
    assert_eq!(entries.so_far(), ["call no timeout"]);

    let (open, closed) = gate();
    server.cast(Act::Wait(closed).then(Act::Timeout(Duration::ZERO)));
    entries.until("waits").await;
    drop(open);
    assert_eq!(entries.until("timeout").await, ["timeout"]);
}

// GS-33
#[otp::test]
async fn a_server_that_hibernates_keeps_its_messages_and_its_links(system: System) {
    let (server, journal, mut entries, open) = busy(&system, |gate| Act::Wait(gate).then(Act::Hibernate)).await;
    server.cast(Act::Trap);
    let peer = Puppet::start(&system, Script::new(&journal)).await.unwrap();
    server.cast(Act::Link(peer.pid().unwrap()));
    server.cast(Act::Hibernate);
    server.cast(Act::Note("awake"));
    drop(open);
    assert_eq!(entries.until("awake").await, ["starts", "awake"]);
    server.call(|from| Ask::Do(Act::Hibernate, from)).await.unwrap();
    peer.cast(Act::Stop(boom()));
    let seen = entries.until("exit Boom").await;
    assert_eq!(seen, ["terminate Boom", "Puppet ended Boom", "exit Boom"]);
}

#[otp::test]
async fn a_message_that_the_server_sends_itself_arrives_later(system: System) {
    let (journal, mut entries) = journal(&system);
    let server = Puppet::start(&system, Script::new(&journal)).await.unwrap();
    let began = system.now();
    server.cast(Act::Later(Duration::from_millis(10), Box::new(Act::Note("later"))));
    server.cast(Act::Note("first"));
    assert_eq!(entries.until("later").await, ["starts", "first", "later"]);
    assert!(system.now() - began >= Duration::from_millis(10));
}

#[otp::test]
async fn an_interval_sends_again_and_again(system: System) {
    struct Clock(u32);

    impl GenServer for Clock {
        type Args = u32;
        type Call = NoMessage;
        type Cast = NoMessage;
        type Info = ();
        type Continue = NoMessage;

        async fn init(ticks: u32, ctx: &mut Context<Self>) -> Result<Init<Self>, ExitReason> {
            ctx.send_interval(Duration::from_millis(2), || ());
            Ok(Init::Ok(Clock(ticks)))
        }

        async fn handle_info(&mut self, _: Info<()>, _: &mut Context<Self>) -> Result<Next<Self>, ExitReason> {
            self.0 -= 1;
            Ok(if self.0 == 0 { Next::Stop(ExitReason::Shutdown) } else { Next::Receive })
        }
    }

    let began = system.now();
    let clock = Clock::start(&system, 3).await.unwrap();
    assert_eq!(system.exited(clock.pid().unwrap()).await, ExitReason::Shutdown);
    assert!(system.now() - began >= Duration::from_millis(6));
}

#[otp::test]
async fn callbacks_of_one_server_never_overlap(system: System) {
    let (server, _journal, mut entries, open) = busy(&system, |gate| Act::Wait(gate).then(Act::Note("over"))).await;
    let mut call = server.call(|from| Ask::Echo("next", from)).send_request();
    assert_eq!(call.check(), None);
    drop(open);
    assert_eq!(call.await, Ok("next"));
    assert_eq!(entries.so_far(), ["over", "call next"]);
}
