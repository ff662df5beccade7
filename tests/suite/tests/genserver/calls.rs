//! What a call can end with, requests whose answers are fetched later, and calls of many: SPEC §9.

use std::time::Duration;

use futures::FutureExt;
use otp::call::{NoResponse, Requests};
use otp::gen_server::{abcast, multi_call};
use otp::prelude::*;
use otp_suite::journal::{Recorder, journal};
use otp_suite::servers::{Act, Ask, PUPPET, Puppet, Script, boom, gate, inside};

const SHORT: Duration = Duration::from_millis(5);
const LONG: Duration = Duration::from_secs(60);

/// A server that waits inside a cast, with a mailbox of `bound` messages if that is not zero, and what lets it go on.
async fn busy(system: &System, bound: usize) -> (ServerRef<Puppet>, Recorder, futures::channel::oneshot::Sender<()>) {
    let (journal, mut entries) = journal(system);
    let start = Puppet::start(system, Script::new(&journal)).name(PUPPET);
    let server = if bound == 0 { start.await } else { start.mailbox(bound).await }.unwrap();
    let (open, closed) = gate();
    server.cast(Act::Wait(closed));
    entries.until("waits").await;
    (server, entries, open)
}

async fn idle(system: &System) -> (ServerRef<Puppet>, Recorder) {
    let (journal, entries) = journal(system);
    (Puppet::start(system, Script::new(&journal)).name(PUPPET).await.unwrap(), entries)
}

fn echo(server: &ServerRef<Puppet>, text: &'static str) -> Call<otp::gen_server::Envelope<Puppet>, &'static str> {
    server.call(|from| Ask::Echo(text, from))
}

// GS-16
#[otp::test]
async fn a_call_of_a_dead_server_or_an_unknown_name_fails_at_once(system: System) {
    let (server, _entries) = idle(&system).await;
    let pid = server.pid().unwrap();
    server.stop().await.unwrap();
    let error = echo(&server, "lost").no_timeout().await.unwrap_err();
    assert!(matches!(&error, CallError::NoProc(callee) if callee.pid == Some(pid)));
    assert!(error.to_string().ends_with(&format!("{pid} failed: no such process")), "{error}");

    let nobody = ServerRef::named(&system, ServerName::new("nobody"));
    let error = echo(&nobody, "lost").no_timeout().await.unwrap_err();
    assert!(matches!(&error, CallError::NoProc(callee) if callee.pid.is_none()));
    assert_eq!(error.to_string(), "call to nobody failed: no such process");
}

// GS-16, GS-22
#[otp::test]
async fn a_call_whose_server_ends_fails_with_its_reason_whatever_that_is(system: System) {
    for reason in [ExitReason::Normal, ExitReason::Shutdown, boom(), ExitReason::crash("oh")] {
        let (server, _entries) = idle(&system).await;
        let exited = system.exited(server.pid().unwrap());
        let act = Act::Stop(reason.clone());
        let error = server.call(|from| Ask::Do(act, from)).no_timeout().await.unwrap_err();
        let text = format!("call to puppet {} failed: it ended: {reason}", server.pid().unwrap());
        assert_eq!(error.to_string(), text);
        assert!(matches!(error, CallError::Exited { reason: ended, .. } if ended == reason));
        exited.await;
    }
}

// GS-16
#[otp::test]
async fn a_call_whose_server_is_killed_fails_with_killed(system: System) {
    let (server, _entries, _open) = busy(&system, 0).await;
    let request = echo(&server, "lost").send_request();
    server.exit(ExitReason::Kill);
    assert!(matches!(request.await, Err(CallError::Exited { reason: ExitReason::Killed, .. })));
}

// GS-15, GS-16
#[otp::test]
async fn a_call_that_times_out_says_what_the_server_is_doing(system: System) {
    let (server, _entries, _open) = busy(&system, 0).await;
    server.cast(Act::Note("waits in the queue"));
    let began = system.now();
    let error = echo(&server, "late").timeout(SHORT).await.unwrap_err();
    assert!(system.now() - began >= SHORT);
    let pid = server.pid().unwrap();
    let text = format!("call to puppet {pid} failed: no answer within 5ms (2 messages in its queue, handling a cast)");
    assert_eq!(error.to_string(), text);
    assert!(matches!(error, CallError::Timeout { after: SHORT, queued: 2, .. }));
}

// GS-15, SYS-5
#[otp::test(backends = [tokio_current])]
async fn calls_and_system_calls_time_out_after_five_seconds(system: System) {
    let (server, _entries, _open) = busy(&system, 0).await;
    let began = system.now();
    let (call, look) = futures::join!(echo(&server, "late"), otp::sys::status(&system, &server));
    let five = Duration::from_secs(5);
    assert!(matches!(call, Err(CallError::Timeout { after, .. }) if after == five));
    assert!(matches!(look, Err(CallError::Timeout { after, .. }) if after == five));
    assert!(system.now() - began >= five);
}

// GS-15
#[otp::test]
async fn a_call_without_a_limit_waits_for_the_answer(system: System) {
    let (server, _entries, open) = busy(&system, 0).await;
    let mut call = echo(&server, "at last").no_timeout();
    assert!((&mut call).now_or_never().is_none());
    drop(open);
    assert_eq!(call.await, Ok("at last"));
}

// GS-19, ALI-5
#[otp::test]
async fn a_call_that_timed_out_is_handled_all_the_same_and_its_reply_is_never_seen(system: System) {
    let (server, mut entries, open) = busy(&system, 0).await;
    let caller = server.clone();
    let mail = inside(&system, async move |mut ctx| {
        let late = caller.call(|from| Ask::Echo("late", from)).timeout(SHORT).await;
        assert!(matches!(late, Err(CallError::Timeout { .. })));
        drop(open);
        assert_eq!(caller.call(|from| Ask::Echo("in time", from)).await, Ok("in time"));
        ctx.try_receive_match(|_| true).is_some()
    });
    assert!(!mail.await);
    assert_eq!(entries.so_far(), ["call late", "call in time"]);
    assert_eq!(echo(&server, "goes on").await, Ok("goes on"));
}

// GS-18
#[otp::test]
async fn a_server_that_calls_itself_is_told_so_at_once(system: System) {
    struct Selfish;

    enum Ask {
        Call(ServerRef<Selfish>, ReplyTo<Result<(), CallError>>),
        Nothing(ReplyTo<()>),
    }

    impl GenServer for Selfish {
        type Args = ();
        type Call = Ask;
        type Cast = NoMessage;
        type Info = NoMessage;
        type Continue = NoMessage;

        async fn init((): (), _: &mut Context<Self>) -> Result<Init<Self>, ExitReason> {
            Ok(Init::Ok(Selfish))
        }

        async fn handle_call(&mut self, call: Ask, _: &mut Context<Self>) -> Result<Next<Self>, ExitReason> {
            match call {
                Ask::Call(server, from) => from.reply(server.call(Ask::Nothing).no_timeout().await),
                Ask::Nothing(from) => from.reply(()),
            }
            Ok(Next::Receive)
        }
    }

    let selfish = Selfish::start(&system, ()).name(ServerName::new("selfish")).await.unwrap();
    let pid = selfish.pid().unwrap();
    let named = ServerRef::named(&system, ServerName::new("selfish"));
    for itself in [selfish.clone(), named] {
        let error = selfish.call(|from| Ask::Call(itself, from)).await.unwrap().unwrap_err();
        assert!(matches!(error, CallError::CallingSelf(_)));
        assert_eq!(error.to_string(), format!("call to selfish {pid} failed: a process cannot call itself"));
        assert_eq!(error.callee().pid, Some(pid));
    }
}

/// A server that asks another one, and passes its failure on.
struct Relay;

enum RelayCall {
    /// Asks the puppet this.
    Ask(ServerRef<Puppet>, Act, ReplyTo<()>),
    /// Has another relay ask this one back, and tells what that is told.
    Cycle(ServerRef<Relay>, ServerRef<Relay>, ReplyTo<String>),
    /// Asks, for a short time.
    Back(ServerRef<Relay>, ReplyTo<String>),
    Nothing(ReplyTo<()>),
}

impl GenServer for Relay {
    type Args = ();
    type Call = RelayCall;
    type Cast = NoMessage;
    type Info = NoMessage;
    type Continue = NoMessage;

    async fn init((): (), _: &mut Context<Self>) -> Result<Init<Self>, ExitReason> {
        Ok(Init::Ok(Relay))
    }

    async fn handle_call(&mut self, call: RelayCall, _: &mut Context<Self>) -> Result<Next<Self>, ExitReason> {
        match call {
            RelayCall::Ask(puppet, act, from) => from.reply(puppet.call(|from| Ask::Do(act, from)).await?),
            RelayCall::Cycle(own, other, from) => from.reply(other.call(|from| RelayCall::Back(own, from)).await?),
            RelayCall::Back(other, from) => {
                from.reply(other.call(RelayCall::Nothing).timeout(SHORT).await.unwrap_err().to_string());
            }
            RelayCall::Nothing(from) => from.reply(()),
        }
        Ok(Next::Receive)
    }
}

// GS-17
#[otp::test]
async fn a_failed_call_that_nobody_handles_ends_the_caller_and_is_told_to_its_callers(system: System) {
    let (puppet, _entries) = idle(&system).await;
    let relay = Relay::start(&system, ()).await.unwrap();
    let asked = puppet.clone();
    let error = relay.call(|from| RelayCall::Ask(asked, Act::Panic("oh"), from)).await.unwrap_err();
    let CallError::Exited { reason: ExitReason::Error(crash), .. } = error else { panic!("{error}") };
    let behind = crash.error().and_then(|error| error.downcast_ref::<CallError>());
    let Some(CallError::Exited { callee, reason, .. }) = behind else { panic!("{behind:?}") };
    assert_eq!((callee.pid, reason), (puppet.pid(), &ExitReason::crash("oh")));
}

#[otp::test]
async fn a_cycle_of_calls_is_named_by_the_call_that_times_out(system: System) {
    let one = Relay::start(&system, ()).label("one").await.unwrap();
    let two = Relay::start(&system, ()).label("two").await.unwrap();
    let (own, other) = (one.clone(), two);
    let told = one.call(|from| RelayCall::Cycle(own, other, from)).await.unwrap();
    let pid = one.pid().unwrap();
    let text = format!("call to one {pid} failed: no answer within 5ms (1 messages in its queue, handling a call)");
    assert_eq!(told, text);
}

#[otp::test]
async fn a_call_that_is_dropped_unpolled_was_never_sent(system: System) {
    let (server, mut entries) = idle(&system).await;
    drop(echo(&server, "never"));
    assert_eq!(echo(&server, "sent").await, Ok("sent"));
    assert_eq!(entries.so_far(), ["starts", "call sent"]);
}

#[otp::test]
async fn a_call_that_is_given_up_is_seen_by_the_one_who_has_the_token(system: System) {
    let (given, mut taken) = futures::channel::mpsc::unbounded();

    struct Keeper(futures::channel::mpsc::UnboundedSender<ReplyTo<()>>);

    impl GenServer for Keeper {
        type Args = futures::channel::mpsc::UnboundedSender<ReplyTo<()>>;
        type Call = ReplyTo<()>;
        type Cast = NoMessage;
        type Info = NoMessage;
        type Continue = NoMessage;

        async fn init(given: Self::Args, _: &mut Context<Self>) -> Result<Init<Self>, ExitReason> {
            Ok(Init::Ok(Keeper(given)))
        }

        async fn handle_call(&mut self, from: ReplyTo<()>, _: &mut Context<Self>) -> Result<Next<Self>, ExitReason> {
            self.0.unbounded_send(from).unwrap();
            Ok(Next::Receive)
        }
    }

    let keeper = Keeper::start(&system, given).await.unwrap();
    let mut call = keeper.call(|from| from);
    assert!((&mut call).now_or_never().is_none());
    let token = futures::StreamExt::next(&mut taken).await.unwrap();
    assert!(token.is_awaited());
    drop(call);
    assert!(!token.is_awaited());
    token.reply(());
}

// GS-48
#[otp::test]
async fn answers_to_requests_are_fetched_in_any_order(system: System) {
    let (server, _entries) = idle(&system).await;
    let one = echo(&server, "one").send_request();
    let mut two = echo(&server, "two").send_request();
    let three = echo(&server, "three").send_request();
    assert_eq!(three.receive(LONG).await, Some(Ok("three")));
    assert_eq!(two.check(), Some(Ok("two")));
    assert_eq!(one.await, Ok("one"));
}

// GS-48
#[otp::test]
async fn a_request_is_sent_at_once(system: System) {
    let (server, mut entries) = idle(&system).await;
    let request = echo(&server, "sent").send_request();
    assert_eq!(entries.until("call sent").await, ["starts", "call sent"]);
    assert_eq!(request.await, Ok("sent"));
}

// GS-49
#[otp::test]
async fn wait_keeps_a_request_that_has_no_answer_yet(system: System) {
    let (server, _entries, open) = busy(&system, 0).await;
    let mut request = echo(&server, "kept").send_request();
    assert_eq!(request.wait(SHORT).await, None);
    assert_eq!(request.check(), None);
    drop(open);
    assert_eq!(request.wait(LONG).await, Some(Ok("kept")));
}

// GS-49
#[otp::test]
async fn receive_gives_a_request_up_and_its_answer_is_never_seen(system: System) {
    let (server, mut entries, open) = busy(&system, 0).await;
    let caller = server.clone();
    let mail = inside(&system, async move |mut ctx| {
        let request = caller.call(|from| Ask::Echo("given up", from)).send_request();
        assert_eq!(request.receive(SHORT).await, None);
        drop(open);
        assert_eq!(caller.call(|from| Ask::Echo("next", from)).await, Ok("next"));
        ctx.try_receive_match(|_| true).is_some()
    });
    assert!(!mail.await);
    assert_eq!(entries.so_far(), ["call given up", "call next"]);
}

// GS-50
#[otp::test]
async fn a_request_to_a_server_that_ends_or_does_not_exist_answers_with_the_error(system: System) {
    let (server, _entries, open) = busy(&system, 0).await;
    let lost = echo(&server, "lost").send_request();
    drop(open);
    server.exit(boom());
    // The server may have been fast enough to answer before the signal was there.
    match lost.await {
        Err(CallError::Exited { reason, .. }) => assert_eq!(reason, boom()),
        answered => assert_eq!(answered, Ok("lost")),
    }
    let mut dead = echo(&server, "lost").send_request();
    assert!(matches!(dead.wait(LONG).await, Some(Err(_))));
    let nobody = ServerRef::named(&system, ServerName::new("nobody"));
    assert!(matches!(echo(&nobody, "lost").send_request().check(), Some(Err(CallError::NoProc(_)))));
}

// GS-51
#[otp::test]
async fn a_collection_of_requests_gives_each_answer_with_its_label(system: System) {
    let (server, _entries) = idle(&system).await;
    let mut requests = Requests::new(&system);
    for (label, text) in [(1, "one"), (2, "two"), (3, "three")] {
        requests.add(label, echo(&server, text).send_request());
    }
    assert_eq!(requests.len(), 3);
    let mut answers = Vec::new();
    while !requests.is_empty() {
        let (label, answer) = requests.receive(LONG).await.unwrap();
        answers.push((label, answer.unwrap()));
    }
    answers.sort_unstable();
    assert_eq!(answers, [(1, "one"), (2, "two"), (3, "three")]);
    assert_eq!(requests.receive(LONG).await.unwrap_err(), NoResponse::NoRequest);
}

// GS-51, GS-50
#[otp::test]
async fn a_collection_keeps_what_has_no_answer_yet_and_gives_errors_too(system: System) {
    let (server, _entries, open) = busy(&system, 0).await;
    let mut requests = Requests::new(&system);
    requests.add("slow", echo(&server, "slow").send_request());
    assert_eq!(requests.receive(SHORT).await.unwrap_err(), NoResponse::Timeout);
    assert_eq!(requests.len(), 1);
    let nobody = ServerRef::named(&system, ServerName::new("nobody"));
    requests.add("nobody", echo(&nobody, "lost").send_request());
    let (label, answer) = requests.receive(LONG).await.unwrap();
    assert!(label == "nobody" && matches!(answer, Err(CallError::NoProc(_))));
    drop(open);
    assert_eq!(requests.receive(LONG).await, Ok(("slow", Ok("slow"))));
}

// GS-52
#[otp::test]
async fn multi_call_tells_who_answered_and_who_did_not(system: System) {
    let (journal, _entries) = journal(&system);
    let good = Puppet::start(&system, Script::new(&journal)).await.unwrap();
    let (slow, _slow_entries, _open) = busy(&system, 0).await;
    let dead = Puppet::start(&system, Script::new(&journal)).await.unwrap();
    dead.stop().await.unwrap();
    let nobody = ServerRef::named(&system, ServerName::new("nobody"));
    let servers = [good.clone(), slow.clone(), dead.clone(), nobody, good.clone()];
    let limit = Duration::from_millis(100);
    let outcome = multi_call(&servers, |from| Ask::Echo("all", from), limit).await;
    let pids = |server: &ServerRef<Puppet>| server.pid();
    let replies: Vec<_> = outcome.replies.iter().map(|(server, reply)| (pids(server), *reply)).collect();
    assert_eq!(replies, [(good.pid(), "all"), (good.pid(), "all")]);
    let failed: Vec<_> = outcome.failed.iter().map(|(server, _)| pids(server)).collect();
    assert_eq!(failed, [slow.pid(), dead.pid(), None]);
    let errors: Vec<_> = outcome.failed.into_iter().map(|(_, error)| error).collect();
    assert!(matches!(
        &errors[..],
        [CallError::Timeout { after, .. }, CallError::NoProc(_), CallError::NoProc(_)] if *after == limit
    ));
}

// GS-52
#[otp::test]
async fn multi_call_asks_all_at_once(system: System) {
    let (journal, mut entries) = journal(&system);
    let (open, closed) = gate();
    let waiting = Puppet::start(&system, Script::new(&journal)).await.unwrap();
    let quick = Puppet::start(&system, Script::new(&journal)).await.unwrap();
    waiting.cast(Act::Wait(closed));
    entries.until("waits").await;
    let servers = [waiting, quick];
    let mut all = Box::pin(multi_call(&servers, |from| Ask::Echo("asked", from), LONG));
    assert!((&mut all).now_or_never().is_none());
    // The second one has its request although the first one has not answered.
    assert_eq!(entries.until("call asked").await, ["call asked"]);
    drop(open);
    assert_eq!(all.await.replies.len(), 2);
}

// GS-52
#[otp::test]
async fn abcast_reaches_all_and_does_not_mind_the_dead(system: System) {
    struct Counter(u32);

    impl GenServer for Counter {
        type Args = ();
        type Call = ReplyTo<u32>;
        type Cast = u32;
        type Info = NoMessage;
        type Continue = NoMessage;

        async fn init((): (), _: &mut Context<Self>) -> Result<Init<Self>, ExitReason> {
            Ok(Init::Ok(Counter(0)))
        }

        async fn handle_call(&mut self, from: ReplyTo<u32>, _: &mut Context<Self>) -> Result<Next<Self>, ExitReason> {
            from.reply(self.0);
            Ok(Next::Receive)
        }

        async fn handle_cast(&mut self, n: u32, _: &mut Context<Self>) -> Result<Next<Self>, ExitReason> {
            self.0 += n;
            Ok(Next::Receive)
        }
    }

    let (one, two) = (Counter::start(&system, ()).await.unwrap(), Counter::start(&system, ()).await.unwrap());
    let dead = Counter::start(&system, ()).await.unwrap();
    dead.stop().await.unwrap();
    abcast([&one, &dead, &two], &5);
    assert_eq!((one.call(|from| from).await, two.call(|from| from).await), (Ok(5), Ok(5)));
}

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
