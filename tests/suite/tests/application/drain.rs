//! A gate: work that was taken is done, and no more is taken.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use futures::FutureExt;
use otp::application::{self, App, Gate};
use otp::prelude::*;

use crate::told::{Log, Told};

const LONG: Duration = Duration::from_secs(60);

#[otp::test]
async fn who_has_entered_is_waited_for_and_nobody_enters_any_more(system: System) {
    let gate = Gate::new();
    let (one, two) = (gate.enter().unwrap(), gate.enter().unwrap());
    assert_eq!((gate.inside(), gate.is_closed()), (2, false));
    assert_eq!(gate.drained().now_or_never(), None, "it is open");
    let draining = gate.drain(&system, LONG);
    let leaving = async {
        gate.closed().await;
        assert!(gate.enter().is_err());
        drop(one);
        otp::process::yield_now().await;
        drop(two);
    };
    let (drained, ()) = futures::join!(draining, leaving);
    assert_eq!(drained.left, 0);
    gate.drained().await;
}

#[otp::test]
async fn what_is_not_done_in_time_is_counted(system: System) {
    let gate = Gate::new();
    let passes = [gate.enter().unwrap(), gate.enter().unwrap()];
    let drained = gate.drain(&system, Duration::from_millis(5)).await;
    assert_eq!(drained.left, 2);
    assert!(drained.took >= Duration::from_millis(5));
    drop(passes);
    assert_eq!(gate.drain(&system, Duration::ZERO).await.left, 0);
}

#[otp::test]
async fn the_pass_of_a_process_that_ends_counts_no_longer(system: System) {
    let gate = Gate::new();
    let pass = gate.enter().unwrap();
    let worker = system.spawn(async move |_: ProcessContext<()>| {
        let _pass = pass;
        std::future::pending::<()>().await
    });
    worker.exit(ExitReason::Kill);
    assert_eq!(gate.drain(&system, LONG).await.left, 0);
}

#[otp::test]
async fn every_piece_of_work_is_refused_or_done(system: System) {
    let (gate, done) = (Gate::new(), Arc::new(AtomicUsize::new(0)));
    let mut taken = 0;
    let mut workers = Vec::new();
    for _ in 0..4 {
        let (gate, done) = (gate.clone(), done.clone());
        workers.push(system.spawn(async move |ctx: ProcessContext<()>| {
            let mut taken = 0_usize;
            while let Ok(pass) = gate.enter() {
                taken += 1;
                ctx.yield_now().await;
                done.fetch_add(1, Ordering::Relaxed);
                drop(pass);
            }
            ExitReason::other(taken)
        }));
    }
    system.sleep(Duration::from_millis(2)).await;
    assert_eq!(gate.drain(&system, LONG).await.left, 0);
    let at_the_end = done.load(Ordering::Relaxed);
    for worker in workers {
        let ExitReason::Other(term) = worker.exited().await else { panic!("it tells how many it has taken") };
        taken += term.downcast_ref::<usize>().unwrap();
    }
    assert_eq!(at_the_end, taken);
}

#[otp::test]
async fn an_application_drains_in_its_prep_stop(system: System) {
    let (log, gate) = (Log::default(), Gate::new());
    let (drains, tells) = (gate.clone(), log.clone());
    let app = Told::new("a", &log).on("prep_stop", move |system| {
        let (gate, log) = (drains.clone(), tells.clone());
        async move {
            log.add(format_args!("{} left", gate.drain(&system, LONG).await.left));
            Ok(())
        }
    });
    application::start(&system, App::new(app)).await.unwrap();
    let pass = gate.enter().unwrap();
    let finishing = async {
        gate.closed().await;
        log.add("done");
        drop(pass);
    };
    let (stopped, ()) = futures::join!(application::stop(&system, "a").into_future(), finishing);
    assert!(stopped.is_ok());
    assert_eq!(log.take(), ["a start", "a prep_stop", "done", "0 left", "a stop"]);
}
