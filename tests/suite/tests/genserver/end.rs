//! How a server ends, and when `terminate` runs: SPEC §9, stop and terminate.

use std::time::Duration;

use futures::FutureExt;
use otp::event::Event;
use otp::prelude::*;
use otp_suite::journal::{Journal, Recorder, journal};
use otp_suite::servers::{Act, Ask, First, Puppet, Script, boom, gate, inside};

pub(crate) async fn start(system: &System, change: impl FnOnce(&mut Script)) -> (ServerRef<Puppet>, Journal, Recorder) {
    let (journal, mut entries) = journal(system);
    let mut script = Script::new(&journal);
    change(&mut script);
    let server = Puppet::start(system, script).label("puppet").await.unwrap();
    assert_eq!(entries.so_far(), ["starts"]);
    (server, journal, entries)
}

pub(crate) fn plain(_: &mut Script) {}

pub(crate) fn trapping(script: &mut Script) {
    script.trap_exit = true;
}

/// What is noted from now on until the server has ended with `reason`.
pub(crate) async fn until_ended(entries: &mut Recorder, reason: &ExitReason) -> Vec<String> {
    entries.until(format!("puppet ended {reason}")).await
}

// GS-35
#[otp::test]
async fn a_callback_that_stops_the_server_runs_terminate_and_the_caller_hears_the_reason(system: System) {
    for reason in [ExitReason::Normal, ExitReason::Shutdown, ExitReason::shutdown_with("late"), boom()] {
        let (server, _journal, mut entries) = start(&system, plain).await;
        let act = Act::Stop(reason.clone());
        let error = server.call(|from| Ask::Do(act, from)).await.unwrap_err();
        assert!(matches!(error, CallError::Exited { reason: ended, .. } if ended == reason));
        assert_eq!(entries.so_far(), [format!("terminate {reason}"), format!("puppet ended {reason}")]);
    }
}

// GS-36
#[otp::test]
async fn a_stop_with_a_reply_answers_after_terminate(system: System) {
    let (open, closed) = gate();
    let (server, _journal, mut entries) = start(&system, |script| script.terminate = Act::Wait(closed)).await;
    let exited = system.exited(server.pid().unwrap());
    let mut answer = server.call(|from| Ask::StopReply(boom(), "bye", from)).send_request();
    assert_eq!(entries.until("waits").await, ["terminate Boom", "waits"]);
    assert_eq!(answer.check(), None);
    drop(open);
    assert_eq!(answer.await, Ok("bye"));
    assert_eq!(exited.await, boom());
}

// GS-36
#[otp::test]
async fn a_stop_with_a_reply_answers_a_caller_that_is_a_process(system: System) {
    let (server, _journal, mut entries) = start(&system, plain).await;
    let answer =
        inside(&system, async move |_| server.call(|from| Ask::StopReply(ExitReason::Normal, "bye", from)).await);
    assert_eq!(answer.await, Ok("bye"));
    assert_eq!(until_ended(&mut entries, &ExitReason::Normal).await, ["terminate normal", "puppet ended normal"]);
}

// GS-36, GS-39
#[otp::test]
async fn a_stop_with_a_reply_answers_also_when_terminate_fails(system: System) {
    for act in [Act::Fail(boom()), Act::Panic("no end")] {
        let (server, _journal, _entries) = start(&system, |script| script.terminate = act).await;
        let exited = system.exited(server.pid().unwrap());
        assert_eq!(server.call(|from| Ask::StopReply(ExitReason::Normal, "bye", from)).await, Ok("bye"));
        assert!(matches!(exited.await, ExitReason::Other(_) | ExitReason::Error(_)));
    }
}

/// Sends the act to the server in every way that a callback can get it.
fn deliver(server: &ServerRef<Puppet>, way: &str, act: Act) {
    match way {
        // Nobody waits for the answer.
        "call" => drop(server.call(|from| Ask::Do(act, from)).send_request()),
        "cast" => server.cast(act),
        "info" => server.info(act),
        "continue" => server.cast(Act::continuing(act)),
        _ => unreachable!("{way}"),
    }
}

// GS-37, GS-47
#[otp::test]
async fn a_panic_in_any_callback_runs_terminate_with_the_crash_and_ends_the_server_with_it(system: System) {
    for way in ["call", "cast", "info", "continue"] {
        let (server, _journal, mut entries) = start(&system, plain).await;
        deliver(&server, way, Act::Panic("oh"));
        let seen = until_ended(&mut entries, &ExitReason::crash("oh")).await;
        let terminate = seen.iter().position(|entry| entry == "terminate crash: oh");
        assert_eq!(terminate, Some(seen.len() - 2), "{way}: {seen:?}");
    }
}

// GS-37, GS-47
#[otp::test]
async fn an_error_out_of_any_callback_runs_terminate_with_it_and_ends_the_server_with_it(system: System) {
    for way in ["call", "cast", "info", "continue"] {
        let (server, _journal, mut entries) = start(&system, plain).await;
        deliver(&server, way, Act::Fail(boom()));
        let seen = until_ended(&mut entries, &boom()).await;
        let terminate = seen.iter().position(|entry| entry == "terminate Boom");
        assert_eq!(terminate, Some(seen.len() - 2), "{way}: {seen:?}");
    }
}

// GS-31, GS-47
#[otp::test]
async fn a_panic_at_a_timeout_ends_the_server(system: System) {
    let (server, _journal, mut entries) = start(&system, |script| script.on_timeout = Act::Panic("late")).await;
    server.cast(Act::Timeout(Duration::ZERO));
    let seen = until_ended(&mut entries, &ExitReason::crash("late")).await;
    assert_eq!(seen, ["timeout", "terminate crash: late", "puppet ended crash: late"]);
}

// GS-39
#[otp::test]
async fn a_panic_or_an_error_in_terminate_replaces_the_reason(system: System) {
    let ends = [(Act::Panic("no end"), ExitReason::crash("no end")), (Act::Fail(boom()), boom())];
    for (act, expected) in ends {
        let (server, _journal, mut entries) = start(&system, |script| script.terminate = act).await;
        server.cast(Act::Stop(ExitReason::Shutdown));
        let seen = until_ended(&mut entries, &expected).await;
        assert_eq!(seen, ["terminate shutdown".to_owned(), format!("puppet ended {expected}")]);
    }
}

// GS-39
#[otp::test]
async fn what_terminate_decides_is_ignored(system: System) {
    let (server, _journal, mut entries) = start(&system, |script| script.terminate = Act::Stop(boom())).await;
    server.stop().await.unwrap();
    assert_eq!(entries.so_far(), ["terminate normal", "puppet ended normal"]);
}

// GS-39
#[otp::test]
async fn a_terminate_that_panics_before_it_returns_a_future_replaces_the_reason_too(system: System) {
    struct Eager;

    enum Ask {
        Stop(ReplyTo<&'static str>),
    }

    impl GenServer for Eager {
        type Args = ();
        type Call = Ask;
        type Cast = NoMessage;
        type Info = NoMessage;
        type Continue = NoMessage;

        async fn init((): (), _: &mut Context<Self>) -> Result<Init<Self>, ExitReason> {
            Ok(Init::Ok(Eager))
        }

        async fn handle_call(&mut self, call: Ask, _: &mut Context<Self>) -> Result<Next<Self>, ExitReason> {
            let Ask::Stop(from) = call;
            Ok(Next::stop_reply(ExitReason::Normal, from, "bye"))
        }

        #[allow(clippy::manual_async_fn, reason = "it is the point")]
        fn terminate(
            &mut self,
            _: &ExitReason,
            _: &mut Context<Self>,
        ) -> impl Future<Output = Result<(), ExitReason>> + Send {
            if true {
                panic!("too eager");
            }
            async { Ok(()) }
        }
    }

    let server = Eager::start(&system, ()).await.unwrap();
    let exited = system.exited(server.pid().unwrap());
    assert_eq!(server.call(Ask::Stop).await, Ok("bye"));
    assert_eq!(exited.await, ExitReason::crash("too eager"));
}

// GS-39, GS-47
#[otp::test]
async fn a_panic_in_terminate_after_a_panic_is_the_one_that_is_told(system: System) {
    let (server, _journal, mut entries) = start(&system, |script| script.terminate = Act::Panic("second")).await;
    let error = server.call(|from| Ask::Do(Act::Panic("first"), from)).await.unwrap_err();
    assert!(matches!(error, CallError::Exited { reason, .. } if reason == ExitReason::crash("second")));
    assert_eq!(entries.so_far(), ["terminate crash: first", "puppet ended crash: second"]);
}

#[otp::test]
async fn a_panic_while_the_state_is_dropped_is_the_end_of_that_server_alone(system: System) {
    let (server, journal, mut entries) = start(&system, |script| script.on_drop = Act::Panic("slippery")).await;
    let neighbour = Puppet::start(&system, Script::new(&journal)).name(ServerName::new("neighbour")).await.unwrap();
    entries.until("starts").await;
    let mut events = system.subscribe();
    let Err(StopError::Exited { reason, .. }) = server.stop().await else { panic!("it ended in another way") };
    assert_eq!(reason, ExitReason::crash("slippery"));
    let seen = entries.so_far();
    assert_eq!(seen, ["terminate normal", "drops", "puppet ended crash: slippery"]);
    let Event::Crashed(report) = events.next().await else { panic!("the crash is told first") };
    assert_eq!((report.reason, report.label.unwrap().as_str()), (ExitReason::crash("slippery"), "puppet"));
    assert_eq!(neighbour.call(|from| Ask::Echo("alive", from)).await, Ok("alive"));
}

#[otp::test]
async fn a_panic_while_a_killed_server_is_dropped_is_told_and_does_not_change_the_reason(system: System) {
    let (server, _journal, mut entries) = start(&system, |script| script.on_drop = Act::Panic("slippery")).await;
    let mut events = system.subscribe();
    server.exit(ExitReason::Kill);
    assert_eq!(until_ended(&mut entries, &ExitReason::Killed).await, ["drops", "puppet ended killed"]);
    let Event::Crashed(report) = events.next().await else { panic!("the crash is told first") };
    assert_eq!(report.reason, ExitReason::crash("slippery"));
}

#[otp::test]
async fn a_callback_terminate_and_the_drop_of_the_state_may_all_panic(system: System) {
    let both = |script: &mut Script| {
        script.terminate = Act::Panic("second");
        script.on_drop = Act::Panic("third");
    };
    let (server, _journal, mut entries) = start(&system, both).await;
    let error = server.call(|from| Ask::Do(Act::Panic("first"), from)).await.unwrap_err();
    assert!(matches!(error, CallError::Exited { reason, .. } if reason == ExitReason::crash("third")));
    assert_eq!(entries.so_far(), ["terminate crash: first", "drops", "puppet ended crash: third"]);
}

#[otp::test]
async fn the_state_is_dropped_when_no_panic_is_under_way(system: System) {
    struct Careful(otp_suite::journal::Journal);

    impl Drop for Careful {
        fn drop(&mut self) {
            // A second panic would be the end of the program.
            self.0.note(format!("dropped while panicking: {}", std::thread::panicking()));
        }
    }

    impl GenServer for Careful {
        type Args = Journal;
        type Call = NoMessage;
        type Cast = ();
        type Info = NoMessage;
        type Continue = NoMessage;

        async fn init(journal: Journal, _: &mut Context<Self>) -> Result<Init<Self>, ExitReason> {
            Ok(Init::Ok(Careful(journal)))
        }

        async fn handle_cast(&mut self, (): (), _: &mut Context<Self>) -> Result<Next<Self>, ExitReason> {
            panic!("oh")
        }
    }

    let (journal, mut entries) = journal(&system);
    let server = Careful::start(&system, journal).await.unwrap();
    server.cast(());
    let seen = entries.until("Careful ended crash: oh").await;
    assert_eq!(seen, ["dropped while panicking: false", "Careful ended crash: oh"]);
}

// PROC-6
#[otp::test]
async fn what_a_callback_holds_is_dropped_when_the_server_is_killed_in_it(system: System) {
    let (server, _journal, mut entries) = start(&system, plain).await;
    server.cast(Act::Hang);
    entries.until("hangs").await;
    let held = server.call(Ask::Keep).send_request();
    server.exit(ExitReason::Kill);
    assert!(matches!(held.await, Err(CallError::Exited { reason: ExitReason::Killed, .. })));
    assert_eq!(entries.so_far(), ["puppet ended killed"]);
}

#[otp::test]
async fn a_server_that_is_killed_in_terminate_ends_at_once(system: System) {
    let (server, _journal, mut entries) = start(&system, |script| script.terminate = Act::Hang).await;
    let mut stop = server.stop().into_future();
    assert_eq!((&mut stop).now_or_never(), None);
    assert_eq!(entries.until("hangs").await, ["terminate normal", "hangs"]);
    server.exit(ExitReason::Kill);
    assert!(matches!(stop.await, Err(StopError::Exited { reason: ExitReason::Killed, .. })));
}

// GS-35, GS-7
#[otp::test]
async fn a_stop_out_of_continue_after_init_runs_terminate(system: System) {
    let (journal, mut entries) = journal(&system);
    let script = Script::init(&journal, First::Act(Act::continuing(Act::Stop(boom()))));
    // It has started, and then it stops.
    let server = Puppet::start(&system, script).label("puppet").await;
    assert!(server.is_ok());
    let seen = until_ended(&mut entries, &boom()).await;
    assert_eq!(seen, ["starts", "continues", "terminate Boom", "puppet ended Boom"]);
}
