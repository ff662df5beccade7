//! How a server starts, and what is left when it does not: SPEC §9, start.

use std::time::Duration;

use futures::FutureExt;
use otp::prelude::*;
use otp::process::MessageRef;
use otp_suite::journal::journal;
use otp_suite::servers::{Act, Ask, First, PUPPET, Puppet, Script, boom, gate, inside};

/// Each `init` that does not start the server, what `start` returns then, and how the process ends.
fn refusals() -> Vec<(First, StartError, ExitReason)> {
    let failed = |reason: ExitReason| (StartError::failed(reason.clone()).of("puppet"), reason);
    let mut all = vec![
        (First::Ignore, StartError::Ignore("puppet".into()), ExitReason::Normal),
        (First::Error(boom()), StartError::failed(boom()).of("puppet"), ExitReason::Normal),
    ];
    for reason in [boom(), ExitReason::Normal, ExitReason::Shutdown] {
        let (error, end) = failed(reason.clone());
        all.push((First::Stop(reason), error, end));
    }
    let (error, end) = failed(boom());
    all.push((First::Act(Act::Fail(boom())), error, end));
    let (error, end) = failed(ExitReason::crash("out of paint"));
    all.push((First::Act(Act::Panic("out of paint")), error, end));
    all
}

/// The signals in the mailbox.
fn signals(ctx: &mut ProcessContext<()>) -> Vec<String> {
    let signal = |message: MessageRef<'_, ()>| !matches!(message, MessageRef::User(_));
    std::iter::from_fn(|| ctx.try_receive_match(signal)).map(|message| format!("{message:?}")).collect()
}

// GS-1
#[otp::test]
async fn start_returns_when_init_is_done(system: System) {
    let (journal, mut entries) = journal(&system);
    let (open, closed) = gate();
    let mut start = Puppet::start(&system, Script::init(&journal, First::Act(Act::Wait(closed)))).into_future();
    assert!((&mut start).now_or_never().is_none());
    assert_eq!(entries.until("waits").await, ["starts", "waits"]);
    assert!((&mut start).now_or_never().is_none());
    drop(open);
    let server = start.await.unwrap();
    assert_eq!(server.call(|from| Ask::Echo("hello", from)).await, Ok("hello"));
}

// GS-1
#[otp::test]
async fn init_runs_in_the_new_process(system: System) {
    struct Own(Pid, Option<Pid>);

    impl GenServer for Own {
        type Args = ();
        type Call = NoMessage;
        type Cast = NoMessage;
        type Info = NoMessage;
        type Continue = NoMessage;

        async fn init((): (), ctx: &mut Context<Self>) -> Result<Init<Self>, ExitReason> {
            Ok(Init::Ok(Own(ctx.pid(), Process::current().map(|process| process.pid()))))
        }
    }

    let server = Own::start(&system, ()).await.unwrap();
    let (own, current) = otp::sys::get_state(&system, &server, |own| (own.0, own.1)).await.unwrap();
    assert_eq!((Some(own), current), (server.pid(), server.pid()));
}

// GS-2
#[otp::test]
async fn every_way_to_go_on_after_init_starts_the_server(system: System) {
    let (journal, _entries) = journal(&system);
    let hour = Duration::from_secs(3600);
    for act in [Act::Nothing, Act::Timeout(hour), Act::Hibernate, Act::continuing(Act::Nothing)] {
        let server = Puppet::start(&system, Script::init(&journal, First::Act(act))).await.unwrap();
        assert_eq!(server.call(|from| Ask::Echo("hello", from)).await, Ok("hello"));
    }
}

// GS-3, GS-4, GS-5, GS-9
#[otp::test]
async fn a_failed_start_returns_what_init_said_and_ends_the_process_so(system: System) {
    for (init, error, end) in refusals() {
        let (journal, mut entries) = journal(&system);
        assert_eq!(Puppet::start(&system, Script::init(&journal, init)).name(PUPPET).await.unwrap_err(), error);
        // It is over already, and terminate did not run (GS-7).
        assert_eq!(entries.so_far(), ["starts".to_owned(), format!("puppet ended {end}")]);
    }
}

// GS-7
#[otp::test]
async fn terminate_does_not_run_when_init_has_failed(system: System) {
    for (init, ..) in refusals() {
        let (journal, mut entries) = journal(&system);
        let script = Script { trap_exit: true, ..Script::init(&journal, init) };
        assert!(Puppet::start(&system, script).label("puppet").await.is_err());
        assert!(entries.so_far().iter().all(|entry| !entry.contains("terminate")));
    }
}

// GS-8, GS-9
#[otp::test]
async fn a_failed_start_link_leaves_no_exit_in_the_mailbox_of_a_trapping_starter(system: System) {
    for (init, error, _) in refusals() {
        let (journal, _entries) = journal(&system);
        let left = inside(&system, async move |mut ctx| {
            ctx.trap_exit(true);
            assert_eq!(Puppet::start_link(&ctx, Script::init(&journal, init)).name(PUPPET).await.unwrap_err(), error);
            signals(&mut ctx)
        });
        assert!(left.await.is_empty());
    }
}

// GS-8, GS-9
#[otp::test]
async fn a_failed_start_link_ends_a_plain_starter_with_an_abnormal_reason(system: System) {
    for (init, error, end) in refusals() {
        let (journal, _entries) = journal(&system);
        let starter = system.spawn(async move |ctx: ProcessContext<()>| {
            assert_eq!(Puppet::start_link(&ctx, Script::init(&journal, init)).name(PUPPET).await.unwrap_err(), error);
            // What the link brings acts when the process waits next.
            ctx.yield_now().await;
            ExitReason::other("it goes on")
        });
        let expected = if end == ExitReason::Normal { ExitReason::other("it goes on") } else { end };
        assert_eq!(starter.exited().await, expected);
    }
}

// GS-5, GS-9
#[otp::test]
async fn a_server_that_is_killed_in_its_init_leaves_no_exit_and_no_down(system: System) {
    struct Suicidal;

    impl GenServer for Suicidal {
        type Args = ();
        type Call = NoMessage;
        type Cast = NoMessage;
        type Info = NoMessage;
        type Continue = NoMessage;

        async fn init((): (), ctx: &mut Context<Self>) -> Result<Init<Self>, ExitReason> {
            ctx.system().exit(ctx.pid(), ExitReason::Kill);
            std::future::pending().await
        }
    }

    let left = inside(&system, async |mut ctx| {
        ctx.trap_exit(true);
        let killed = StartError::failed(ExitReason::Killed).of("Suicidal");
        assert_eq!(Suicidal::start_link(&ctx, ()).await.unwrap_err(), killed);
        assert_eq!(Suicidal::start_monitor(&ctx, ()).await.unwrap_err(), killed);
        signals(&mut ctx)
    });
    assert!(left.await.is_empty());
}

// GS-5
#[otp::test]
async fn an_init_that_panics_before_it_returns_a_future_fails_the_start(system: System) {
    struct Eager;

    impl GenServer for Eager {
        type Args = ();
        type Call = NoMessage;
        type Cast = NoMessage;
        type Info = NoMessage;
        type Continue = NoMessage;

        #[allow(clippy::manual_async_fn, reason = "it is the point")]
        fn init((): (), _: &mut Context<Self>) -> impl Future<Output = Result<Init<Self>, ExitReason>> + Send {
            if true {
                panic!("too eager");
            }
            async { Ok(Init::Ok(Eager)) }
        }
    }

    let left = inside(&system, async |mut ctx| {
        ctx.trap_exit(true);
        let error = Eager::start_link(&ctx, ()).await.unwrap_err();
        assert_eq!(error, StartError::failed(ExitReason::crash("too eager")).of("Eager"));
        signals(&mut ctx)
    });
    assert!(left.await.is_empty());
}

// GS-10
#[otp::test]
async fn an_init_that_takes_too_long_is_killed(system: System) {
    let limit = Duration::from_millis(20);
    let (journal, mut entries) = journal(&system);
    let began = system.now();
    let hanging = Script::init(&journal, First::Act(Act::Hang));
    let error = Puppet::start(&system, hanging).name(PUPPET).init_timeout(limit).await.unwrap_err();
    assert_eq!(error, StartError::Timeout { label: "puppet".into(), limit });
    assert!(system.now() - began >= limit);
    assert_eq!(entries.so_far(), ["starts", "hangs", "puppet ended killed"]);
    assert!(system.registered().is_empty());
}

// GS-10
#[otp::test]
async fn an_init_that_takes_too_long_leaves_its_starter_alone(system: System) {
    for trap_exit in [false, true] {
        let (journal, _entries) = journal(&system);
        let left = inside(&system, async move |mut ctx| {
            ctx.trap_exit(trap_exit);
            let hanging = Script::init(&journal, First::Act(Act::Hang));
            let start = Puppet::start_link(&ctx, hanging).init_timeout(Duration::from_millis(5));
            assert!(matches!(start.await, Err(StartError::Timeout { .. })));
            ctx.yield_now().await;
            signals(&mut ctx)
        });
        assert!(left.await.is_empty());
    }
}

// GS-11
#[otp::test]
async fn start_makes_no_link_and_no_parent(system: System) {
    let (journal, mut entries) = journal(&system);
    let starter = system.spawn(async move |ctx: ProcessContext<()>| {
        let server = Puppet::start(&ctx, Script::trapping(&journal)).name(PUPPET).await.unwrap();
        assert!(ctx.system().info(ctx.pid()).unwrap().links.is_empty());
        // For a server that it had linked, the starter's signal would be the end.
        server.exit(boom());
        server.call(|from| Ask::Echo("still here", from)).await.unwrap();
        boom()
    });
    assert_eq!(starter.exited().await, boom());
    assert_eq!(entries.so_far(), ["starts", "exit Boom", "call still here"]);
    assert!(otp_suite::trees::puppet(&system, "puppet").pid().is_some());
}

// GS-11
#[otp::test]
async fn start_link_links_the_server_to_its_starter(system: System) {
    let (journal, _entries) = journal(&system);
    inside(&system, async move |ctx| {
        let server = Puppet::start_link(&ctx, Script::new(&journal)).await.unwrap();
        let info = ctx.system().info(ctx.pid()).unwrap();
        assert_eq!(info.links, [server.pid().unwrap()]);
        assert_eq!(ctx.system().info(server.pid().unwrap()).unwrap().parent, ctx.pid());
    })
    .await;
}

// GS-11
#[otp::test]
async fn start_monitor_tells_of_the_end_and_links_nobody(system: System) {
    let (journal, _entries) = journal(&system);
    inside(&system, async move |mut ctx| {
        let (server, monitor) = Puppet::start_monitor(&ctx, Script::new(&journal)).await.unwrap();
        server.cast(Act::Stop(boom()));
        let Message::Down(down) = ctx.receive().await else { panic!("it is a down") };
        assert_eq!((down.monitor, down.reason), (monitor, boom()));
    })
    .await;
}

// GS-11
#[otp::test]
async fn a_failed_start_monitor_leaves_no_down(system: System) {
    for (init, error, _) in refusals() {
        let (journal, _entries) = journal(&system);
        let left = inside(&system, async move |mut ctx| {
            assert_eq!(
                Puppet::start_monitor(&ctx, Script::init(&journal, init)).name(PUPPET).await.unwrap_err(),
                error
            );
            let info = ctx.system().info(ctx.pid()).unwrap();
            assert!(info.monitors.is_empty());
            signals(&mut ctx)
        });
        assert!(left.await.is_empty());
    }
}

// GS-10, GS-11
#[otp::test]
async fn start_monitor_takes_the_options_of_a_start(system: System) {
    let (journal, mut entries) = journal(&system);
    inside(&system, async move |ctx| {
        let hanging = Script::init(&journal, First::Act(Act::Hang));
        let start = Puppet::start_monitor(&ctx, hanging)
            .with(|start| start.name(PUPPET).init_timeout(Duration::from_millis(5)));
        assert!(matches!(start.await, Err(StartError::Timeout { label, .. }) if label == PUPPET.into()));
    })
    .await;
    assert_eq!(entries.so_far(), ["starts", "hangs", "puppet ended killed"]);
}

// GS-12
#[otp::test]
async fn a_name_is_registered_before_init_runs(system: System) {
    let (journal, mut entries) = journal(&system);
    let (open, closed) = gate();
    let script = Script::init(&journal, First::Act(Act::Wait(closed)));
    let mut start = Puppet::start(&system, script).name(PUPPET).into_future();
    assert!((&mut start).now_or_never().is_none());
    entries.until("waits").await;
    let named = otp_suite::trees::pid(&system, "puppet");
    drop(open);
    assert_eq!(start.await.unwrap().pid(), Some(named));
}

// GS-12
#[otp::test]
async fn a_taken_name_refuses_the_start_without_running_init(system: System) {
    let (journal, mut entries) = journal(&system);
    let first = Puppet::start(&system, Script::new(&journal)).name(PUPPET).await.unwrap();
    let second = Puppet::start(&system, Script::new(&journal)).name(PUPPET).await.unwrap_err();
    assert_eq!(second, StartError::AlreadyStarted { name: "puppet".into(), pid: first.pid().unwrap() });
    assert_eq!(entries.so_far(), ["starts"]);
    assert_eq!(system.process_count(), 1);
}

// GS-12
#[otp::test]
async fn a_taken_name_leaves_the_starter_alone(system: System) {
    let (journal, _entries) = journal(&system);
    let first = Puppet::start(&system, Script::new(&journal)).name(PUPPET).await.unwrap().pid().unwrap();
    let left = inside(&system, async move |mut ctx| {
        let linked = Puppet::start_link(&ctx, Script::new(&journal)).name(PUPPET).await.unwrap_err();
        assert_eq!(linked, StartError::AlreadyStarted { name: "puppet".into(), pid: first });
        ctx.yield_now().await;
        signals(&mut ctx)
    });
    assert!(left.await.is_empty());
}

// GS-13
#[otp::test]
async fn the_name_is_free_when_a_start_has_failed(system: System) {
    for (init, ..) in refusals() {
        let (journal, _entries) = journal(&system);
        assert!(Puppet::start(&system, Script::init(&journal, init)).name(PUPPET).await.is_err());
        let next = Puppet::start(&system, Script::new(&journal)).name(PUPPET).await.unwrap();
        next.stop().await.unwrap();
    }
}

// GS-14
#[otp::test]
async fn a_reference_by_name_finds_the_next_holder(system: System) {
    let (journal, _entries) = journal(&system);
    let named: ServerRef<Puppet> = ServerRef::named(&system, ServerName::new("puppet"));
    assert_eq!(named.pid(), None);
    for _ in 0..2 {
        let server = Puppet::start(&system, Script::new(&journal)).name(PUPPET).await.unwrap();
        assert_eq!(named.pid(), server.pid());
        assert_eq!(named.call(|from| Ask::Echo("hello", from)).await, Ok("hello"));
        named.stop().await.unwrap();
    }
}

#[otp::test]
async fn a_server_is_called_by_its_type_by_its_label_or_by_its_name(system: System) {
    let (journal, _entries) = journal(&system);
    let label = |server: &ServerRef<Puppet>| system.info(server.pid().unwrap()).unwrap().label.unwrap().to_string();
    let start = || Puppet::start(&system, Script::new(&journal));
    assert_eq!(label(&start().await.unwrap()), "Puppet");
    assert_eq!(label(&start().name(ServerName::new("punch")).await.unwrap()), "punch");
    assert_eq!(label(&start().label("judy").await.unwrap()), "judy");
}

#[otp::test]
async fn dropping_a_start_leaves_the_server_running(system: System) {
    let (journal, mut entries) = journal(&system);
    let (open, closed) = gate();
    let script = Script::init(&journal, First::Act(Act::Wait(closed)));
    let mut start = Puppet::start(&system, script).name(PUPPET).into_future();
    assert!((&mut start).now_or_never().is_none());
    drop(start);
    entries.until("waits").await;
    drop(open);
    let server = otp_suite::trees::puppet(&system, "puppet");
    assert_eq!(server.call(|from| Ask::Echo("hello", from)).await, Ok("hello"));
}

#[otp::test]
async fn a_start_error_says_why_in_one_line(system: System) {
    let (journal, _entries) = journal(&system);
    let holder = Puppet::start(&system, Script::new(&journal)).name(PUPPET).await.unwrap().pid().unwrap();
    let taken = Puppet::start(&system, Script::new(&journal)).name(PUPPET).await.unwrap_err();
    assert_eq!(taken.to_string(), format!("puppet was not started: {holder} holds the name"));
    let failed = Puppet::start(&system, Script::init(&journal, First::Act(Act::Panic("no paint")))).await.unwrap_err();
    assert_eq!(failed.to_string(), "Puppet was not started: crash: no paint");
    let ignored = Puppet::start(&system, Script::init(&journal, First::Ignore)).await.unwrap_err();
    assert_eq!(ignored.to_string(), "Puppet was not started: its init answered ignore");
    let hanging = Script::init(&journal, First::Act(Act::Hang));
    let late = Puppet::start(&system, hanging).label("Punch").init_timeout(Duration::from_millis(5)).await.unwrap_err();
    assert_eq!(late.to_string(), "Punch was not started: its init took longer than 5ms");
}
