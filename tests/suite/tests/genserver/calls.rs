//! What a call can end with: SPEC §9.

use std::time::Duration;

use futures::FutureExt;
use otp::prelude::*;
use otp_suite::journal::{Recorder, journal};
use otp_suite::servers::{Act, Ask, PUPPET, Puppet, Script, boom, gate, inside};

pub(crate) const SHORT: Duration = Duration::from_millis(5);
pub(crate) const LONG: Duration = Duration::from_secs(60);

/// A server that waits inside a cast, with a mailbox of `bound` messages if that is not zero, and what lets it go on.
pub(crate) async fn busy(
    system: &System,
    bound: usize,
) -> (ServerRef<Puppet>, Recorder, futures::channel::oneshot::Sender<()>) {
    let (journal, mut entries) = journal(system);
    let start = Puppet::start(system, Script::new(&journal)).name(PUPPET);
    let server = if bound == 0 { start.await } else { start.mailbox(bound).await }.unwrap();
    let (open, closed) = gate();
    server.cast(Act::Wait(closed));
    entries.until("waits").await;
    (server, entries, open)
}

pub(crate) async fn idle(system: &System) -> (ServerRef<Puppet>, Recorder) {
    let (journal, entries) = journal(system);
    (Puppet::start(system, Script::new(&journal)).name(PUPPET).await.unwrap(), entries)
}

pub(crate) fn echo(
    server: &ServerRef<Puppet>,
    text: &'static str,
) -> Call<otp::gen_server::Envelope<Puppet>, &'static str> {
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
                // Otherwise the deadlock is an error at once.
                let call = other.call(RelayCall::Nothing).timeout(SHORT).detect_deadlock(false);
                from.reply(call.await.unwrap_err().to_string());
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
async fn a_call_that_times_out_tells_what_its_callee_does(system: System) {
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
