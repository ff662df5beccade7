//! Timers that send messages: SPEC §7.

use std::collections::HashMap;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use futures::channel::oneshot;
use otp::event::Event;
use otp::process::{SpawnOptions, TimerRef};
use otp::{Address, ExitReason, Name, ProcessContext, System};
use otp_suite::{Drops, Guard, inside, obey, user};

const MOMENT: Duration = Duration::from_millis(5);
const AGES: Duration = Duration::from_secs(3600);

#[derive(Debug, PartialEq)]
enum Mail {
    Plain(u32),
    Timer(TimerRef, u32),
}

/// Waits for a timer that is due later than all that are due already.
async fn all_due_have_fired(system: &System) {
    inside(system, async |mut ctx: ProcessContext<()>| {
        ctx.system().send_after(Duration::from_millis(1), ctx.this(), ());
        ctx.receive().await;
    })
    .await;
}

// TMR-1, TMR-7
#[otp::test]
async fn send_after_delivers_the_bare_message_and_start_timer_its_own_reference(system: System) {
    inside(&system, async |mut ctx: ProcessContext<Mail>| {
        let (system, me) = (ctx.system().clone(), ctx.this());
        let start = system.now();
        system.send_after(MOMENT, &me, Mail::Plain(1));
        assert_eq!(user(ctx.receive().await), Mail::Plain(1));
        assert!(system.now() - start >= MOMENT, "never before its time");
        let timer = system.start_timer(MOMENT, &me, |timer| Mail::Timer(timer, 2));
        assert_eq!(user(ctx.receive().await), Mail::Timer(timer, 2));
        assert_eq!(system.timer_count(), 0);
    })
    .await;
}

// TMR-2, TMR-3, TMR-4
#[otp::test]
async fn a_cancel_returns_the_time_that_was_left_once_and_the_message_never_arrives(system: System) {
    inside(&system, async |mut ctx: ProcessContext<u32>| {
        let (system, me) = (ctx.system().clone(), ctx.this());
        let timer = system.send_after(AGES, &me, 1);
        assert!(timer.read().is_some_and(|left| left <= AGES && left > AGES / 2));
        let left = timer.cancel().expect("it was running");
        assert!(left <= AGES && left > AGES / 2, "{left:?}");
        assert_eq!((timer.cancel(), timer.read()), (None, None));
        // A later timer is the fence.
        let cancelled = system.send_after(MOMENT, &me, 2);
        system.send_after(MOMENT * 2, &me, 3);
        if cancelled.cancel().is_none() {
            // The machine was slow, and it has fired.
            assert_eq!(user(ctx.receive().await), 2);
        }
        assert_eq!(user(ctx.receive().await), 3);
    })
    .await;
}

// TMR-2, TMR-3
#[otp::test]
async fn a_timer_that_has_fired_cannot_be_cancelled_and_its_message_stays(system: System) {
    inside(&system, async |mut ctx: ProcessContext<u32>| {
        let (system, me) = (ctx.system().clone(), ctx.this());
        let timer = system.send_after(MOMENT, &me, 1);
        system.send_after(MOMENT * 2, &me, 2);
        ctx.receive_match(|message| matches!(message, otp::process::MessageRef::User(2))).await;
        assert_eq!((timer.read(), timer.cancel()), (None, None));
        assert_eq!(user(ctx.receive().await), 1);
    })
    .await;
}

// TMR-4: the cancel races with the timer.
#[otp::test]
async fn a_timer_either_fires_or_is_cancelled(system: System) {
    inside(&system, async |mut ctx: ProcessContext<u32>| {
        let (system, me) = (ctx.system().clone(), ctx.this());
        for n in 0..100 {
            let timer = system.send_after(Duration::from_millis(1), &me, n);
            system.sleep(Duration::from_millis(1)).await;
            match timer.cancel() {
                Some(_) => assert_eq!(ctx.try_receive_match(|_| true), None),
                None => assert_eq!(user(ctx.receive().await), n),
            }
        }
        assert_eq!(ctx.try_receive_match(|_| true), None);
    })
    .await;
}

// TMR-5
#[otp::test]
async fn a_timer_survives_the_process_that_made_it(system: System) {
    inside(&system, async |mut ctx: ProcessContext<u32>| {
        let me = ctx.this();
        let maker = ctx.spawn(async move |ctx: ProcessContext<()>| {
            ctx.system().send_after(MOMENT, me, 7);
        });
        assert_eq!(maker.exited().await, ExitReason::Normal);
        assert_eq!(user(ctx.receive().await), 7);
    })
    .await;
}

// TMR-5, PROC-12
#[otp::test]
async fn the_timers_of_a_process_that_ends_are_dropped_without_trace(system: System) {
    let dropped = Drops::default();
    let target =
        system.spawn(async |mut ctx: ProcessContext<Option<Guard>>| while user(ctx.receive().await).is_some() {});
    let to_a_name = system.send_after(AGES, Address::named(&system, Name::<u32>::new("nobody")), 1);
    let timer = system.send_after(AGES, &target, Some(dropped.guard()));
    let interval = system.send_interval(AGES, &target, || None);
    assert_eq!(system.timer_count(), 3);
    target.send(None).await.unwrap();
    target.exited().await;
    assert_eq!((timer.read(), interval.read(), system.timer_count()), (None, None, 1));
    assert_eq!(dropped.count(), 1, "with its message");
    let late = system.send_after(AGES, &target, Some(dropped.guard()));
    assert_eq!((late.read(), late.cancel()), (None, None));
    assert_eq!(dropped.count(), 2);
    assert!(to_a_name.cancel().is_some());
}

// TMR-5
#[otp::test]
async fn the_end_of_a_process_cancels_all_of_its_many_timers_and_no_other(system: System) {
    const MANY: usize = 5_000;
    let dropped = Drops::default();
    let wait = async |mut ctx: ProcessContext<Option<Guard>>| while user(ctx.receive().await).is_some() {};
    let (ends, stays) = (system.spawn(wait), system.spawn(wait));
    let arm = |target| system.send_after(AGES, target, Some(dropped.guard()));
    let timers: Vec<_> = (0..MANY).map(|_| (arm(&ends), arm(&stays))).collect();
    // Their slots are used again.
    for (one, other) in timers.iter().step_by(3) {
        assert!(one.cancel().is_some() && other.cancel().is_some());
    }
    let cancelled = 2 * MANY.div_ceil(3);
    let more: Vec<_> = (0..MANY).map(|_| (arm(&ends), arm(&stays))).collect();
    ends.try_send(None).unwrap();
    ends.exited().await;
    let left = (4 * MANY - cancelled) / 2;
    assert_eq!((system.timer_count(), dropped.count()), (left, cancelled + left));
    for (n, (gone, there)) in timers.iter().chain(&more).enumerate() {
        let was_cancelled = n < MANY && n % 3 == 0;
        assert_eq!((gone.cancel(), there.cancel().is_some()), (None, !was_cancelled));
    }
    assert_eq!(system.timer_count(), 0);
}

#[otp::test]
async fn a_timer_whose_message_cannot_be_made_leaves_nothing_behind(system: System) {
    let target = system.spawn(obey);
    let mut known = None;
    let start = AssertUnwindSafe(|| {
        system.start_timer(AGES, &target, |timer| {
            known = Some(timer);
            panic!("no message today")
        })
    });
    assert!(catch_unwind(start).is_err());
    assert_eq!((known.unwrap().cancel(), system.timer_count()), (None, 0));
}

#[otp::test]
async fn a_timer_that_is_cancelled_while_its_message_is_made_is_never_armed(system: System) {
    let dropped = Drops::default();
    let target = system.spawn(async |mut ctx: ProcessContext<Guard>| drop(ctx.receive().await));
    let timer = system.start_timer(AGES, &target, |timer| {
        assert_eq!(timer.cancel(), None);
        dropped.guard()
    });
    assert_eq!((timer.read(), system.timer_count(), dropped.count()), (None, 0, 1));
}

// TMR-6
#[otp::test]
async fn anybody_may_cancel_a_timer(system: System) {
    let target = system.spawn(obey);
    let timer = system.send_after(AGES, &target, ExitReason::Normal);
    let cancelled = inside(&system, async move |_: ProcessContext<()>| timer.cancel()).await;
    assert!(cancelled.is_some());
    assert_eq!(system.timer_count(), 0);
}

// TMR-7
#[otp::test]
async fn timers_fire_in_the_order_of_their_deadlines(system: System) {
    inside(&system, async |mut ctx: ProcessContext<u32>| {
        let (system, me) = (ctx.system().clone(), ctx.this());
        let mut between = HashMap::new();
        for n in [7, 3, 9, 1, 5, 0, 8, 2, 6, 4] {
            let delay = Duration::from_millis(20 + 3 * u64::from(n));
            let earliest = system.now() + delay;
            system.send_after(delay, &me, n);
            between.insert(n, (earliest, system.now() + delay));
        }
        let mut passed = system.now();
        for _ in 0..10 {
            let (earliest, latest) = between.remove(&user(ctx.receive().await)).expect("each comes once");
            assert!(system.now() >= earliest, "never before its time");
            assert!(passed <= latest, "one that was due later came before");
            passed = passed.max(earliest);
        }
    })
    .await;
}

// TMR-7
#[otp::test]
async fn a_timer_of_no_time_fires_and_one_that_is_added_may_be_the_first(system: System) {
    inside(&system, async |mut ctx: ProcessContext<u32>| {
        let (system, me) = (ctx.system().clone(), ctx.this());
        let far = system.send_after(Duration::MAX, &me, 9);
        let later = system.send_after(AGES, &me, 8);
        for n in 0..50 {
            system.send_after(Duration::ZERO, &me, n);
            assert_eq!(user(ctx.receive().await), n);
        }
        assert!(later.cancel().is_some() && far.cancel().is_some());
    })
    .await;
}

// TMR-8
#[otp::test]
async fn a_name_is_looked_up_when_the_timer_is_due(system: System) {
    let name = Name::<ExitReason>::new("found later");
    let address = Address::named(&system, name.clone());
    // Nobody holds the name when this one is due.
    system.send_after(Duration::ZERO, &address, ExitReason::other("too early"));
    all_due_have_fired(&system).await;
    let timer = system.send_after(MOMENT, &address, ExitReason::other("found"));
    let holder = system.spawn_with(SpawnOptions::new().name(name), obey).unwrap().process;
    if timer.read().is_none() {
        // The machine was slow: it was due before there was a holder.
        address.send(ExitReason::other("found")).await.unwrap();
    }
    assert_eq!(holder.exited().await, ExitReason::other("found"));
}

#[otp::test]
async fn an_interval_sends_again_and_again_until_it_is_cancelled(system: System) {
    inside(&system, async |mut ctx: ProcessContext<u32>| {
        let (system, me) = (ctx.system().clone(), ctx.this());
        let period = Duration::from_millis(2);
        let start = system.now();
        let mut n = 0;
        let interval = system.send_interval(period, &me, move || {
            n += 1;
            n
        });
        for n in 1..=10 {
            assert_eq!(user(ctx.receive().await), n);
            assert!(system.now() - start >= period * n, "never before its time");
        }
        // If it is just firing, one more message may be on its way.
        let on_its_way = u32::from(interval.cancel().is_none());
        assert_eq!((interval.read(), system.timer_count()), (None, 0));
        while ctx.try_receive_match(|_| true).is_some() {}
        system.send_after(period * 3, &me, u32::MAX);
        let mut late = 0;
        while user(ctx.receive().await) != u32::MAX {
            late += 1;
        }
        assert!(late <= on_its_way, "{late}");
    })
    .await;
}

#[otp::test]
async fn an_interval_that_is_cancelled_while_it_fires_does_not_fire_again(system: System) {
    inside(&system, async |mut ctx: ProcessContext<u32>| {
        let (system, me) = (ctx.system().clone(), ctx.this());
        let own = Arc::new(Mutex::new(None::<TimerRef>));
        let this = own.clone();
        let interval = system.send_interval(Duration::from_millis(1), &me, move || {
            // It may fire before it is known here; then it is cancelled the next time.
            if let Some(interval) = &*this.lock().unwrap() {
                interval.cancel();
                return 1;
            }
            0
        });
        *own.lock().unwrap() = Some(interval.clone());
        while user(ctx.receive().await) == 0 {}
        assert_eq!(system.timer_count(), 0);
        system.send_after(MOMENT, &me, 2);
        assert_eq!(user(ctx.receive().await), 2);
        assert_eq!(interval.cancel(), None);
    })
    .await;
}

#[otp::test]
async fn an_interval_ends_with_its_target(system: System) {
    let made = Arc::new(AtomicU32::new(0));
    let count = made.clone();
    let target = system.spawn(async |mut ctx: ProcessContext<u32>| while user(ctx.receive().await) < 3 {});
    let interval =
        system.send_interval(Duration::from_millis(1), &target, move || count.fetch_add(1, Ordering::SeqCst));
    assert_eq!(target.exited().await, ExitReason::Normal);
    assert_eq!((interval.read(), system.timer_count()), (None, 0));
    assert!(made.load(Ordering::SeqCst) >= 4);
}

#[otp::test]
async fn a_timer_that_panics_ends_alone_and_is_reported(system: System) {
    let mut events = system.subscribe();
    inside(&system, async |mut ctx: ProcessContext<u32>| {
        let (system, me) = (ctx.system().clone(), ctx.this());
        system.send_after(MOMENT * 2, &me, 1);
        let broken = system.send_interval(Duration::from_millis(1), &me, || panic!("no message today"));
        assert_eq!(user(ctx.receive().await), 1);
        assert_eq!((broken.read(), system.timer_count()), (None, 0));
        system.send_after(Duration::ZERO, &me, 2);
        assert_eq!(user(ctx.receive().await), 2);
    })
    .await;
    let crashes = std::iter::from_fn(|| events.try_next()).filter_map(|event| match event {
        Event::Crashed(report) => Some((report.pid, report.reason)),
        _ => None,
    });
    assert_eq!(crashes.collect::<Vec<_>>(), [(None, ExitReason::crash("no message today"))]);
}

#[otp::test]
async fn a_timer_loses_its_message_if_a_bounded_mailbox_is_full(system: System) {
    let dropped = Drops::default();
    let (go_on, wait) = oneshot::channel::<()>();
    let body = async |mut ctx: ProcessContext<Option<Guard>>| {
        let _ = wait.await;
        assert!(user(ctx.receive().await).is_none());
        assert!(ctx.try_receive_match(|_| true).is_none());
    };
    let target = system.spawn_with(SpawnOptions::new().mailbox(1), body).unwrap().process;
    target.try_send(None).unwrap();
    let timer = system.send_after(Duration::ZERO, &target, Some(dropped.guard()));
    all_due_have_fired(&system).await;
    go_on.send(()).unwrap();
    assert_eq!(target.exited().await, ExitReason::Normal);
    assert_eq!((timer.cancel(), dropped.count()), (None, 1));
}
