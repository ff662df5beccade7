//! Each kind of fault happens, does what it says, and can be kept from a part of a run.

use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, SystemTime};

use otp_core::{
    Call, CallError, ExitReason, Message, MonitorRef, ProcessContext, ReplyTo, SpawnOptions, System, behaviour,
};
use otp_sim::{Config, Failure, Faults, check, set_faults, try_check};

/// What the environment says of seeds is not for tests that count on theirs.
fn config() -> Config {
    Config::new().ignore_environment()
}

/// Runs a body on a hundred seeds and tells how often it counted something.
fn count<Fut: Future<Output = ()>>(faults: Faults, body: impl Fn(System, Arc<AtomicU32>) -> Fut) -> u32 {
    let counter = Arc::new(AtomicU32::new(0));
    check(config().seeds(100).faults(faults), |system| body(system, counter.clone()));
    counter.load(Ordering::Relaxed)
}

async fn napper(mut ctx: ProcessContext<()>) {
    for _ in 0..10 {
        ctx.receive_timeout(Duration::from_millis(1)).await;
    }
}

#[test]
fn a_random_process_is_killed_at_a_random_step() {
    let victims = Mutex::new(Vec::new());
    check(config().seeds(100).faults(Faults::none().kill(20).at_most(1)), async |system| {
        let processes: Vec<_> = (0..3).map(|_| system.spawn(napper)).collect();
        for (n, process) in processes.iter().enumerate() {
            if process.exited().await == ExitReason::Killed {
                victims.lock().unwrap().push(n);
            }
        }
    });
    let victims = victims.into_inner().unwrap();
    assert!(victims.len() > 50 && victims.len() <= 100, "at most one in a run: {}", victims.len());
    assert!((0..3).all(|n| victims.contains(&n)), "any of them: {victims:?}");
}

#[test]
fn only_those_are_killed_that_may_be() {
    let faults = Faults::none().kill(5).only(|info| info.label.as_ref().is_some_and(|label| label.as_str() == "prey"));
    let killed = count(faults, async |system, killed| {
        let start = |label| system.spawn_with(SpawnOptions::new().label(label), napper).unwrap().process;
        let (prey, other) = (start("prey"), start("other"));
        if prey.exited().await == ExitReason::Killed {
            killed.fetch_add(1, Ordering::Relaxed);
        }
        assert_eq!(other.exited().await, ExitReason::Normal);
    });
    assert!(killed > 50, "{killed}");
}

#[test]
fn nobody_is_killed_while_faults_are_off() {
    let killed = count(Faults::none().kill(2), async |system, killed| {
        set_faults(false);
        assert_eq!(system.spawn(napper).exited().await, ExitReason::Normal);
        set_faults(true);
        if system.spawn(napper).exited().await == ExitReason::Killed {
            killed.fetch_add(1, Ordering::Relaxed);
        }
    });
    assert!(killed > 90, "{killed}");
}

#[test]
fn a_paused_process_runs_late_and_others_do_not_wait_for_it() {
    const LONG: Duration = Duration::from_secs(60);
    let late = count(Faults::none().pause(30, LONG).at_most(1), async |system, late| {
        let start = system.now();
        let (a, b) = (system.spawn(napper), system.spawn(napper));
        let ended = |took: Duration| u32::from(took > Duration::from_millis(20));
        a.exited().await;
        let first = ended(system.now() - start);
        b.exited().await;
        let second = ended(system.now() - start);
        assert!(system.now() - start < LONG + Duration::from_millis(20));
        late.fetch_add(first.max(second), Ordering::Relaxed);
    });
    assert!(late > 10, "{late}");
}

#[test]
fn a_process_that_could_not_be_started_ends_at_once() {
    let failed = count(Faults::none().fail_spawn(3), async |system, failed| {
        let ran = Arc::new(AtomicU32::new(0));
        let runs = ran.clone();
        let process = system.spawn(async move |_: ProcessContext<()>| {
            runs.fetch_add(1, Ordering::Relaxed);
        });
        match process.exited().await {
            ExitReason::Normal => assert_eq!(ran.load(Ordering::Relaxed), 1),
            reason => {
                assert_eq!((reason, ran.load(Ordering::Relaxed)), (ExitReason::Killed, 0));
                failed.fetch_add(1, Ordering::Relaxed);
            }
        }
    });
    assert!((10..60).contains(&failed), "about a third: {failed}");
}

#[test]
fn a_stretched_timer_is_late_and_never_early() {
    let late = count(Faults::none().stretch_timer(3, Duration::from_secs(1)), async |system, late| {
        let deadline = system.now() + Duration::from_millis(10);
        system.sleep_until(deadline).await;
        assert!(system.now() >= deadline);
        if system.now() > deadline + Duration::from_millis(1) {
            late.fetch_add(1, Ordering::Relaxed);
        }
    });
    assert!((10..60).contains(&late), "about a third: {late}");
}

#[test]
fn the_wall_clock_jumps_and_timers_do_not() {
    const HOUR: Duration = Duration::from_secs(3600);
    let jumped = [Mutex::new(Vec::new()), Mutex::new(Vec::new())];
    check(config().seeds(100).faults(Faults::none().jump_wall_clock(10, HOUR).at_most(1)), async |system| {
        let (start, wall) = (system.now(), system.system_time());
        for _ in 0..10 {
            system.sleep(Duration::from_millis(1)).await;
        }
        let took = system.now() - start;
        assert!((Duration::from_millis(10)..Duration::from_millis(11)).contains(&took), "{took:?}");
        match system.system_time().duration_since(wall) {
            Ok(forward) if forward > took => jumped[0].lock().unwrap().push(forward),
            Ok(same) => assert_eq!(same, took),
            Err(back) => jumped[1].lock().unwrap().push(back.duration()),
        }
    });
    let jumped = jumped.map(|direction| direction.into_inner().unwrap());
    assert!(jumped.iter().all(|direction| direction.len() > 10), "forward and back: {jumped:?}");
    assert!(jumped.iter().flatten().all(|by| *by <= HOUR + Duration::from_millis(11)), "not too far: {jumped:?}");
}

#[test]
fn the_wall_clock_begins_in_2020() {
    let wall = otp_sim::run(1, async |system| system.system_time());
    let years = wall.duration_since(SystemTime::UNIX_EPOCH).unwrap().as_secs() / (365 * 24 * 3600);
    assert_eq!(years, 50);
}

fn delays() -> Faults {
    Faults::none().delay_message(3, Duration::from_millis(5))
}

#[test]
fn messages_of_two_senders_overtake_each_other_and_those_of_one_do_not() {
    let overtaken = count(delays(), async |system, overtaken| {
        let receiver = system.spawn(async move |mut ctx: ProcessContext<(u32, u32)>| {
            let mut got = Vec::new();
            while got.len() < 20 {
                got.extend(ctx.receive().await.user());
            }
            for sender in 0..2 {
                let numbers = got.iter().filter(|(from, _)| *from == sender).map(|(_, n)| *n);
                assert!(numbers.eq(0..10), "in order: {got:?}");
            }
            let by_rounds = got.iter().map(|(_, n)| *n).is_sorted();
            ExitReason::other(by_rounds)
        });
        // The second one sends each message only when the first one has sent its own.
        let second = {
            let receiver = receiver.clone();
            system.spawn(async move |mut ctx: ProcessContext<u32>| {
                for _ in 0..10 {
                    if let Message::User(n) = ctx.receive().await {
                        receiver.try_send((1, n)).unwrap();
                    }
                }
            })
        };
        let exited = receiver.exited();
        system.spawn(async move |_: ProcessContext<()>| {
            for n in 0..10 {
                receiver.try_send((0, n)).unwrap();
                second.try_send(n).unwrap();
            }
        });
        if exited.await == ExitReason::other(false) {
            overtaken.fetch_add(1, Ordering::Relaxed);
        }
    });
    assert!(overtaken > 50, "{overtaken}");
}

#[test]
fn messages_come_before_the_down_and_the_answer_of_their_sender() {
    check(config().seeds(200).faults(delays()), async |system| {
        let observer = system.spawn(async |mut ctx: ProcessContext<u32>| {
            let this = ctx.this();
            let (talker, monitor): (_, MonitorRef) =
                ctx.spawn_monitor(async move |mut ctx: ProcessContext<ReplyTo<u32>>| {
                    (0..5).for_each(|n| this.try_send(n).unwrap());
                    if let Message::User(from) = ctx.receive().await {
                        from.reply(5);
                    }
                    (5..8).for_each(|n| this.try_send(n).unwrap());
                });
            assert_eq!(Call::new(&talker, |from| from).await, Ok(5));
            for n in 0..5 {
                // They were sent before the answer, which is here: nothing is waited for.
                let message = ctx.receive_timeout(Duration::ZERO).await;
                assert_eq!(message, Some(Message::User(n)));
            }
            for n in 5..8 {
                assert_eq!(ctx.receive().await, Message::User(n));
            }
            assert!(matches!(ctx.receive().await, Message::Down(down) if down.monitor == monitor));
        });
        assert_eq!(observer.exited().await, ExitReason::Normal);
    });
}

#[test]
fn messages_come_before_the_request_to_stop_of_their_sender() {
    check(config().seeds(200).faults(delays()), async |system| {
        let received = Arc::new(AtomicU32::new(0));
        let counts = received.clone();
        let receiver = system.spawn(async move |mut ctx: ProcessContext<u32>| {
            loop {
                ctx.receive().await;
                counts.fetch_add(1, Ordering::Relaxed);
            }
        });
        let exited = receiver.exited();
        system.spawn(async move |ctx: ProcessContext<()>| {
            (0..5).for_each(|n| receiver.try_send(n).unwrap());
            assert!(behaviour::send_stop(ctx.system(), receiver.pid(), ExitReason::Shutdown));
        });
        assert_eq!((exited.await, received.load(Ordering::Relaxed)), (ExitReason::Shutdown, 5));
    });
}

#[test]
fn a_kill_that_matters_is_part_of_the_simplest_schedule_and_others_are_not() {
    let faults = Faults::none().kill(8).pause(8, Duration::from_millis(1)).delay_message(4, Duration::from_millis(1));
    let failed = try_check(config().seeds(100).faults(faults), async |system| {
        let (a, b) = (system.spawn(napper), system.spawn(napper));
        for process in [&a, &b] {
            let _ = process.try_send(());
        }
        b.exited().await;
        assert_eq!(a.exited().await, ExitReason::Normal, "it was killed");
    })
    .unwrap_err();
    assert!(matches!(failed.failure, Failure::Panicked(_)), "{failed}");
    assert_eq!(failed.schedule.faults(), 1, "{failed}");
    assert!(failed.trace.iter().any(|line| line.contains("FAULT: kill <0.2.0>")), "{failed}");
}

/// Calls a server that counts what it handles, and says how the call went and how many were handled.
async fn one_call(system: System) -> (Result<u32, CallError>, u32) {
    let handled = Arc::new(AtomicU32::new(0));
    let counts = handled.clone();
    let server = system.spawn(async move |mut ctx: ProcessContext<ReplyTo<u32>>| {
        while let Message::User(from) = ctx.receive().await {
            from.reply(counts.fetch_add(1, Ordering::Relaxed));
        }
    });
    let caller = {
        let server = server.clone();
        system.spawn(async move |_: ProcessContext<()>| ExitReason::other(Call::new(&server, |from| from).await))
    };
    let ExitReason::Other(outcome) = caller.exited().await else { panic!("it tells the outcome") };
    let outcome = outcome.downcast_ref::<Result<u32, CallError>>().expect("of a call").clone();
    if outcome.is_err() {
        assert_eq!(server.exited().await, ExitReason::Killed);
    }
    (outcome, handled.load(Ordering::Relaxed))
}

#[test]
fn a_callee_dies_before_it_has_handled_a_call_or_after() {
    for (faults, handles) in [(Faults::none().kill_before_handling(1), 0), (Faults::none().kill_after_handling(1), 1)] {
        check(config().seeds(50).faults(faults), async |system| {
            let (outcome, handled) = one_call(system).await;
            assert!(
                matches!(outcome, Err(CallError::Exited { reason: ExitReason::Killed, .. })),
                "inline or not: {outcome:?}"
            );
            assert_eq!(handled, handles);
        });
    }
}

#[test]
fn only_those_die_in_a_call_that_may() {
    let faults = Faults::none().kill_before_handling(1).kill_after_handling(1).only(|_| false);
    check(config().seeds(50).faults(faults), async |system| {
        assert_eq!(one_call(system).await, (Ok(0), 1));
    });
}
