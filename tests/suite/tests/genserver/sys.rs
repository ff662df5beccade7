//! System messages: SPEC §20.

use std::time::Duration;

use futures::FutureExt;
use otp::prelude::*;
use otp::process::Term;
use otp::sys::{self, CodeChangeError, Mode, SysError};
use otp_suite::journal::{Journal, Recorder, journal};
use otp_suite::servers::{Act, Ask, Puppet, Script, boom, inside};

/// A server with a state to look at.
struct Number(i64);

enum NumberCall {
    Get(ReplyTo<i64>),
}

impl GenServer for Number {
    type Args = i64;
    type Call = NumberCall;
    type Cast = NoMessage;
    type Info = NoMessage;
    type Continue = NoMessage;

    async fn init(start: i64, _: &mut Context<Self>) -> Result<Init<Self>, ExitReason> {
        Ok(Init::Ok(Number(start)))
    }

    async fn handle_call(&mut self, call: NumberCall, _: &mut Context<Self>) -> Result<Next<Self>, ExitReason> {
        let NumberCall::Get(from) = call;
        from.reply(self.0);
        Ok(Next::Receive)
    }

    fn code_change(&mut self, extra: Term) -> Result<(), ExitReason> {
        let factor = extra.downcast_ref::<i64>().ok_or_else(boom)?;
        assert_ne!(*factor, 0, "the number would be lost");
        self.0 *= factor;
        Ok(())
    }

    fn format_status(&self) -> String {
        assert_ne!(self.0, 13, "bad luck");
        format!("the number {}", self.0)
    }
}

async fn puppet(system: &System) -> (ServerRef<Puppet>, Journal, Recorder) {
    let (journal, entries) = journal(system);
    (Puppet::start(system, Script::new(&journal)).label("puppet").await.unwrap(), journal, entries)
}

// SYS-1
#[otp::test]
async fn the_state_can_be_looked_at_and_changed(system: System) {
    let number = Number::start(&system, 5).await.unwrap();
    assert_eq!(sys::get_state(&system, &number, |number| number.0).await, Ok(5));
    assert_eq!(sys::replace_state(&system, &number, |number| std::mem::replace(&mut number.0, 6)).await, Ok(5));
    assert_eq!(number.call(NumberCall::Get).await, Ok(6));
}

// SYS-1
#[otp::test]
async fn a_look_that_panics_leaves_the_server_as_it_was(system: System) {
    let number = Number::start(&system, 5).await.unwrap();
    let looked = sys::get_state(&system, &number, |number| assert_eq!(number.0, 0, "not zero"));
    let error = looked.no_timeout().await.unwrap_err();
    assert!(error.to_string().contains("not zero"), "{error}");
    let changed = sys::replace_state(&system, &number, |_| -> i64 { panic!("before it has changed anything") });
    assert!(matches!(changed.no_timeout().await, Err(SysError::Panicked { request: "replace_state", .. })));
    assert_eq!(number.call(NumberCall::Get).await, Ok(5));
}

// SYS-2
#[otp::test]
async fn a_suspended_server_handles_its_messages_in_order_when_it_is_resumed(system: System) {
    let (server, journal, mut entries) = puppet(&system).await;
    server.call(|from| Ask::Do(Act::Trap, from)).await.unwrap();
    sys::suspend(&system, &server).await.unwrap();
    assert_eq!(sys::status(&system, &server).await.unwrap().mode, Mode::Suspended);
    server.cast(Act::Note("cast"));
    server.info(Act::Note("info"));
    let call = server.call(|from| Ask::Echo("1", from)).send_request();
    let stranger = Puppet::start(&system, Script::new(&journal)).await.unwrap();
    let signal = Act::Exit(server.pid().unwrap(), boom());
    stranger.call(|from| Ask::Do(signal, from)).await.unwrap();
    server.cast(Act::Note("last"));
    // System messages are handled meanwhile, behind all of them.
    sys::get_state(&system, &server, |_| ()).await.unwrap();
    assert_eq!(entries.so_far(), ["starts", "starts"]);
    sys::resume(&system, &server).await.unwrap();
    assert_eq!(call.await, Ok("1"));
    assert_eq!(entries.until("last").await, ["cast", "info", "call 1", "exit Boom", "last"]);
    assert_eq!(sys::status(&system, &server).await.unwrap().mode, Mode::Running);
}

// SYS-2
#[otp::test]
async fn one_resume_ends_any_number_of_suspensions(system: System) {
    let number = Number::start(&system, 5).await.unwrap();
    sys::suspend(&system, &number).await.unwrap();
    sys::suspend(&system, &number).await.unwrap();
    sys::resume(&system, &number).await.unwrap();
    assert_eq!(number.call(NumberCall::Get).await, Ok(5));
    sys::resume(&system, &number).await.unwrap();
    assert_eq!(number.call(NumberCall::Get).await, Ok(5));
}

// SYS-2
#[otp::test]
async fn system_messages_take_their_turn(system: System) {
    let (server, _journal, mut entries) = puppet(&system).await;
    let (open, closed) = otp_suite::servers::gate();
    server.cast(Act::Wait(closed));
    server.cast(Act::Note("before"));
    let mut suspend = sys::suspend(&system, &server);
    assert!((&mut suspend).now_or_never().is_none());
    server.cast(Act::Note("behind"));
    drop(open);
    suspend.await.unwrap();
    assert_eq!(entries.so_far(), ["starts", "waits", "before"]);
    sys::resume(&system, &server).await.unwrap();
    assert_eq!(entries.until("behind").await, ["behind"]);
}

// SYS-2, GS-31
#[otp::test]
async fn a_system_message_does_not_cancel_a_timeout(system: System) {
    let (server, _journal, mut entries) = puppet(&system).await;
    server.cast(Act::Timeout(Duration::from_millis(20)));
    sys::get_state(&system, &server, |_| ()).await.unwrap();
    assert_eq!(entries.until("timeout").await, ["starts", "timeout"]);
}

// SYS-2, GS-31
#[otp::test]
async fn a_timeout_does_not_come_while_the_server_is_suspended(system: System) {
    let (server, _journal, mut entries) = puppet(&system).await;
    let (open, closed) = otp_suite::servers::gate();
    server.cast(Act::Wait(closed).then(Act::Timeout(Duration::ZERO)));
    // It is there before the server could time out.
    let mut suspend = sys::suspend(&system, &server);
    assert!((&mut suspend).now_or_never().is_none());
    drop(open);
    suspend.await.unwrap();
    sys::get_state(&system, &server, |_| ()).await.unwrap();
    assert_eq!(entries.so_far(), ["starts", "waits"]);
    sys::resume(&system, &server).await.unwrap();
    assert_eq!(entries.until("timeout").await, ["timeout"]);
}

// SYS-3
#[otp::test]
async fn code_is_changed_only_while_the_server_is_suspended(system: System) {
    let number = Number::start(&system, 5).await.unwrap();
    let early = sys::change_code(&system, &number, Term::new(3_i64)).await;
    assert!(matches!(early, Err(CodeChangeError::NotSuspended(callee)) if callee.pid == number.pid()));
    sys::suspend(&system, &number).await.unwrap();
    assert_eq!(sys::change_code(&system, &number, Term::new(3_i64)).await, Ok(()));
    let error = sys::change_code(&system, &number, Term::new("three")).await.unwrap_err();
    assert!(matches!(&error, CodeChangeError::Refused { reason, .. } if *reason == boom()), "{error}");
    sys::resume(&system, &number).await.unwrap();
    assert_eq!(number.call(NumberCall::Get).await, Ok(15));
}

// SYS-3
#[otp::test]
async fn a_code_change_that_panics_is_refused_and_the_server_goes_on(system: System) {
    let number = Number::start(&system, 5).await.unwrap();
    sys::suspend(&system, &number).await.unwrap();
    let error = sys::change_code(&system, &number, Term::new(0_i64)).await.unwrap_err();
    assert!(error.to_string().contains("the number would be lost"), "{error}");
    sys::resume(&system, &number).await.unwrap();
    assert_eq!(number.call(NumberCall::Get).await, Ok(5));
}

// SYS-3
#[otp::test]
async fn without_code_change_nothing_is_refused(system: System) {
    let (server, ..) = puppet(&system).await;
    sys::suspend(&system, &server).await.unwrap();
    assert_eq!(sys::change_code(&system, &server, Term::new(())).await, Ok(()));
}

// GS-53
#[otp::test]
async fn status_shows_the_state_as_the_server_wants_it(system: System) {
    let number = Number::start(&system, 5).await.unwrap();
    let status = sys::status(&system, &number).await.unwrap();
    assert_eq!((status.mode, status.state.as_deref()), (Mode::Running, Some("the number 5")));
    let (server, ..) = puppet(&system).await;
    assert_eq!(sys::status(&system, &server).await.unwrap().state.as_deref(), Some(std::any::type_name::<Puppet>()));
}

// GS-53
#[otp::test]
async fn a_format_status_that_panics_does_not_end_the_server(system: System) {
    let number = Number::start(&system, 13).await.unwrap();
    let shown = sys::status(&system, &number).await.unwrap().state.unwrap();
    assert!(shown.contains("bad luck"), "{shown}");
    assert_eq!(number.call(NumberCall::Get).await, Ok(13));
}

// SYS-5
#[otp::test]
async fn system_calls_fail_as_calls_do(system: System) {
    let (server, _journal, mut entries) = puppet(&system).await;
    server.cast(Act::Hang);
    entries.until("hangs").await;
    let limit = Duration::from_millis(5);
    assert!(
        matches!(sys::status(&system, &server).timeout(limit).await, Err(CallError::Timeout { after, .. }) if after == limit)
    );
    let mut look = sys::get_state(&system, &server, |_| ());
    assert!((&mut look).now_or_never().is_none());
    server.exit(ExitReason::Kill);
    let killed = look.await;
    assert!(matches!(killed, Err(SysError::Call(CallError::Exited { reason: ExitReason::Killed, .. }))));
    assert!(matches!(sys::suspend(&system, &server).await, Err(SysError::Call(CallError::NoProc(_)))));
    assert!(matches!(sys::resume(&system, &server).await, Err(SysError::Call(CallError::NoProc(_)))));
    let change = sys::change_code(&system, &server, Term::new(())).await;
    assert!(matches!(change, Err(CodeChangeError::Sys(SysError::Call(CallError::NoProc(_))))));
}

// SYS-5
#[otp::test]
async fn a_server_cannot_send_system_calls_to_itself(system: System) {
    struct Vain;

    impl GenServer for Vain {
        type Args = ();
        type Call = ReplyTo<Result<(), SysError>>;
        type Cast = NoMessage;
        type Info = NoMessage;
        type Continue = NoMessage;

        async fn init((): (), _: &mut Context<Self>) -> Result<Init<Self>, ExitReason> {
            Ok(Init::Ok(Vain))
        }

        async fn handle_call(&mut self, from: Self::Call, ctx: &mut Context<Self>) -> Result<Next<Self>, ExitReason> {
            let server = ctx.server();
            from.reply(sys::get_state(ctx.system(), &server, |_| ()).await);
            Ok(Next::Receive)
        }
    }

    let vain = Vain::start(&system, ()).await.unwrap();
    assert!(matches!(vain.call(|from| from).await, Ok(Err(SysError::Call(CallError::CallingSelf(_))))));
}

// SYS-6
#[otp::test]
async fn a_suspended_server_obeys_its_parent(system: System) {
    let (journal, mut entries) = journal(&system);
    inside(&system, async move |ctx| {
        ctx.trap_exit(true);
        let server = Puppet::start_link(&ctx, Script::trapping(&journal)).label("puppet").await.unwrap();
        sys::suspend(ctx.system(), &server).await.unwrap();
        server.cast(Act::Note("lost"));
        server.exit(ExitReason::Shutdown);
        ctx.system().exited(server.pid().unwrap()).await;
    })
    .await;
    assert_eq!(entries.so_far(), ["starts", "terminate shutdown", "puppet ended shutdown"]);
}

// SYS-6
#[otp::test]
async fn a_suspended_server_ends_with_its_parent(system: System) {
    let (journal, mut entries) = journal(&system);
    let parent = system.spawn(async move |ctx: ProcessContext<()>| {
        let server = Puppet::start_link(&ctx, Script::trapping(&journal)).label("puppet").await?;
        sys::suspend(ctx.system(), &server).await?;
        Err::<(), ExitReason>(boom())
    });
    assert_eq!(parent.exited().await, boom());
    let seen = entries.until("puppet ended Boom").await;
    assert_eq!(seen, ["starts", "terminate Boom", "puppet ended Boom"]);
}

// SYS-6
#[otp::test]
async fn a_suspended_server_can_be_killed(system: System) {
    let (server, _journal, mut entries) = puppet(&system).await;
    sys::suspend(&system, &server).await.unwrap();
    server.exit(ExitReason::Kill);
    assert_eq!(entries.until("puppet ended killed").await, ["starts", "puppet ended killed"]);
}

#[otp::test]
async fn a_suspended_server_whose_mailbox_is_full_can_be_resumed_and_stopped(system: System) {
    let (journal, mut entries) = journal(&system);
    let server = Puppet::start(&system, Script::new(&journal)).label("puppet").mailbox(1).await.unwrap();
    sys::suspend(&system, &server).await.unwrap();
    server.try_cast(Act::Note("waited")).unwrap();
    assert!(server.try_cast(Act::Note("no room")).is_err());
    assert_eq!(sys::status(&system, &server).await.unwrap().mode, Mode::Suspended);
    sys::resume(&system, &server).await.unwrap();
    assert_eq!(entries.until("waited").await, ["starts", "waited"]);

    sys::suspend(&system, &server).await.unwrap();
    server.try_cast(Act::Note("lost")).unwrap();
    server.stop().await.unwrap();
    assert_eq!(entries.so_far(), ["terminate normal", "puppet ended normal"]);
}

#[otp::test]
async fn system_calls_work_from_inside_a_process(system: System) {
    let number = Number::start(&system, 5).await.unwrap();
    let seen = inside(&system, async move |ctx| {
        let system = ctx.system();
        sys::suspend(system, &number).await?;
        let changed = sys::change_code(system, &number, Term::new(2_i64)).await;
        sys::resume(system, &number).await?;
        Ok::<_, SysError>((changed, sys::get_state(system, &number, |number| number.0).await?))
    });
    assert_eq!(seen.await, Ok((Ok(()), 10)));
}
