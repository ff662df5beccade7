//! Processes that are no behaviours, and never heard of system requests.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use futures::FutureExt;
use futures::channel::oneshot;
use otp::behaviour::send_stop;
use otp::prelude::*;
use otp::process::Term;
use otp::sys::{self, CodeChangeError, Mode, SysError};
use otp_suite::journal::journal;
use otp_suite::servers::{boom, inside};
use otp_suite::{forever, until};

// SYS-8
#[otp::test]
async fn the_status_of_a_process_that_never_receives_is_known_at_once(system: System) {
    let options = SpawnOptions::new().label("deaf").mailbox(1);
    let deaf = system.spawn_with(options, forever::<u32>).unwrap().process;
    deaf.try_send(1).unwrap();
    assert!(deaf.try_send(2).is_err());
    // The first poll answers.
    let status = sys::status(&system, deaf.pid()).now_or_never();
    let status = if let Some(status) = status { status } else { sys::status(&system, deaf.pid()).await }.unwrap();
    assert_eq!((status.mode, status.state), (Mode::Running, None));
    assert_eq!((status.info.label.unwrap().as_str(), status.info.queue), ("deaf", 1));
    assert_eq!((status.info.pid, status.info.parent), (deaf.pid(), Pid::SYSTEM));
}

#[otp::test]
async fn a_process_that_is_no_server_refuses_what_only_servers_can(system: System) {
    const PLAIN: Name<()> = Name::new("plain");
    let options = SpawnOptions::new().label("plain").name(PLAIN);
    let plain = system.spawn_with(options, forever::<()>).unwrap().process;
    let refused = [
        sys::suspend(&system, plain.pid()).await.unwrap_err(),
        sys::resume(&system, &plain).await.unwrap_err(),
        sys::get_state(&system, plain.pid(), |number: &i64| *number).await.unwrap_err(),
        sys::replace_state(&system, &PLAIN, |number: &mut i64| *number).await.unwrap_err(),
        match sys::change_code(&system, &PLAIN, Term::new(())).await {
            Err(CodeChangeError::Sys(error)) => error,
            other => panic!("{other:?}"),
        },
    ];
    let pid = plain.pid();
    for (error, request) in refused.into_iter().zip(["suspend", "resume", "get_state", "replace_state", "change_code"])
    {
        let SysError::NotSupported { callee, request: asked } = &error else { panic!("{error}") };
        assert_eq!((callee.pid, *asked), (Some(pid), request));
        assert_eq!(error.to_string(), format!("cannot {request} plain {pid}: it is no server that supports this"));
    }
}

#[otp::test]
async fn a_process_cannot_ask_itself(system: System) {
    let own = inside(&system, async |ctx| sys::status(ctx.system(), ctx.pid()).await);
    assert!(matches!(own.await, Err(CallError::CallingSelf(callee)) if callee.pid.is_some()));
}

#[otp::test]
async fn nobody_answers_for_a_process_that_does_not_exist(system: System) {
    let gone = system.spawn(async |_: ProcessContext<()>| {});
    gone.exited().await;
    assert!(
        matches!(sys::status(&system, gone.pid()).await, Err(CallError::NoProc(who)) if who.pid == Some(gone.pid()))
    );
    let nobody = &Name::<()>::new("nobody");
    assert_eq!(sys::status(&system, nobody).await.unwrap_err().to_string(), "call to nobody failed: no such process");
    assert!(!send_stop(&system, gone.pid(), ExitReason::Normal));
}

// GS-44, ORD-1
#[otp::test]
async fn a_request_to_stop_takes_its_turn_and_ends_the_process_with_its_reason(system: System) {
    for reason in [ExitReason::Normal, ExitReason::Shutdown, boom(), ExitReason::Kill] {
        let (journal, mut entries) = journal(&system);
        let (open, closed) = oneshot::channel::<()>();
        let process = system.spawn(async move |mut ctx: ProcessContext<&'static str>| {
            // A request to stop is no exit signal: it cannot be trapped.
            ctx.trap_exit(true);
            let _ = closed.await;
            loop {
                let Message::User(text) = ctx.receive().await else { panic!("nothing else was sent") };
                journal.note(text);
            }
        });
        let exited = process.exited();
        process.send("before").await.unwrap();
        assert!(send_stop(&system, process.pid(), reason.clone()));
        process.send("behind").await.unwrap();
        drop(open);
        assert_eq!(exited.await, reason);
        assert_eq!(entries.so_far(), ["before"]);
    }
}

#[otp::test]
async fn a_request_to_stop_is_shown_to_no_selective_receive_and_ends_it(system: System) {
    let looked = Arc::new(AtomicUsize::new(0));
    let counts = looked.clone();
    let process = system.spawn(async move |mut ctx: ProcessContext<u32>| {
        let nothing = |_: otp::process::MessageRef<'_, u32>| {
            counts.fetch_add(1, Ordering::SeqCst);
            false
        };
        ctx.receive_match(nothing).await;
    });
    let exited = process.exited();
    process.send(1).await.unwrap();
    send_stop(&system, process.pid(), boom());
    assert_eq!(exited.await, boom());
    assert_eq!(looked.load(Ordering::SeqCst), 1);
}

#[otp::test]
async fn a_look_into_the_mailbox_that_comes_to_a_request_to_stop_finds_nothing_more(system: System) {
    let (tell, mut told) = oneshot::channel();
    let (open, closed) = oneshot::channel::<()>();
    let process = system.spawn(async move |mut ctx: ProcessContext<u32>| {
        let _ = closed.await;
        let first = ctx.try_receive_match(|_| true);
        let behind = ctx.try_receive_match(|_| true);
        tell.send((first, behind)).unwrap();
        // It ends where it would wait next.
        std::future::pending::<()>().await;
    });
    let exited = process.exited();
    process.send(1).await.unwrap();
    send_stop(&system, process.pid(), ExitReason::Shutdown);
    process.send(2).await.unwrap();
    drop(open);
    assert_eq!(exited.await, ExitReason::Shutdown);
    assert_eq!(told.try_recv(), Ok(Some((Some(Message::User(1)), None))));
}

#[otp::test]
async fn a_request_to_stop_ends_a_process_whose_mailbox_a_task_reads(system: System) {
    let process = system.spawn(async move |mut ctx: ProcessContext<u32>| {
        let system = ctx.system().clone();
        let mut tasks = otp::scope::TaskGroup::<(), String>::new(&system);
        tasks.spawn(async move {
            ctx.receive().await;
            Ok(())
        });
        let _ = tasks.join().await;
        std::future::pending::<()>().await;
    });
    let exited = process.exited();
    send_stop(&system, process.pid(), ExitReason::Shutdown);
    assert_eq!(exited.await, ExitReason::Shutdown);
}

#[otp::test]
async fn a_process_that_never_receives_does_not_see_a_request_to_stop(system: System) {
    let deaf = system.spawn(forever::<u32>);
    send_stop(&system, deaf.pid(), ExitReason::Normal);
    until(|| system.info(deaf.pid()).is_some_and(|info| info.queue == 1)).await;
    assert!(sys::status(&system, deaf.pid()).await.is_ok());
    let exited = deaf.exited();
    deaf.exit(ExitReason::Kill);
    assert_eq!(exited.await, ExitReason::Killed);
}

#[otp::test]
async fn a_full_mailbox_refuses_no_request_to_stop(system: System) {
    let (open, closed) = oneshot::channel::<()>();
    let body = async move |mut ctx: ProcessContext<u32>| {
        let _ = closed.await;
        loop {
            ctx.receive().await;
        }
    };
    let process = system.spawn_with(SpawnOptions::new().mailbox(1), body).unwrap().process;
    let exited = process.exited();
    process.try_send(1).unwrap();
    assert!(send_stop(&system, process.pid(), ExitReason::Shutdown));
    // It does not count either: there is room once the message has been received.
    drop(open);
    assert_eq!(exited.await, ExitReason::Shutdown);
}
