//! Waiting for the next holder of a name, or of another route.

use std::any::type_name;
use std::future::poll_fn;
use std::pin::pin;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll, Waker};

use futures::FutureExt;
use futures::channel::oneshot;
use futures::future::join_all;
use futures::task::{ArcWake, waker};
use otp::prelude::*;
use otp::process::{Label, Route, SpawnOptions, Watch, WrongType};
use otp_suite::servers::{PUPPET, Puppet, Script};
use otp_suite::{begin, forever, inside, obey};

const SHOP: Name<ExitReason> = Name::new("shop");

fn open(system: &System) -> ProcessRef<ExitReason> {
    system.spawn_with(SpawnOptions::new().name(SHOP), obey).unwrap().process
}

fn shop(system: &System) -> Address<ExitReason> {
    Address::named(system, SHOP)
}

#[otp::test]
async fn who_waits_for_a_name_gets_its_holder(system: System) {
    let waiting: Vec<_> = (0..5)
        .map(|n| {
            inside(&system, async move |ctx: ProcessContext<()>| match n {
                0 => ctx.system().await_holder(&SHOP).await.unwrap().pid(),
                _ => shop(ctx.system()).await_holder().await.unwrap().pid().unwrap().unwrap(),
            })
        })
        .collect();
    let mut waiting = pin!(join_all(waiting));
    for _ in 0..100 {
        assert!(begin(&mut waiting).await.is_pending());
        otp::process::yield_now().await;
    }
    let holder = open(&system);
    assert_eq!(waiting.await, [holder.pid(); 5]);
    // Who comes later need not wait.
    assert_eq!(system.await_holder(&SHOP).now_or_never(), Some(Ok(holder.clone())));
    // Nor does who has the address of a process, whatever has become of it.
    let found = shop(&system).find().unwrap().unwrap();
    holder.exit(ExitReason::Kill);
    holder.exited().await;
    assert!(found.await_holder().now_or_never().unwrap().is_ok());
    assert!(system.await_holder(&SHOP).now_or_never().is_none());
}

#[otp::test]
async fn the_holder_that_is_known_is_not_the_one_that_is_waited_for(system: System) {
    let first = open(&system);
    let mut next = pin!(shop(&system).await_holder().other_than(first.pid()));
    assert!(begin(&mut next).await.is_pending());
    // It lets the name go and takes it again.
    system.unregister(&SHOP).unwrap();
    system.register(&SHOP, &first).unwrap();
    assert!(begin(&mut next).await.is_pending());
    system.unregister(&SHOP).unwrap();
    let second = system.spawn(obey);
    system.register(&SHOP, &second).unwrap();
    assert_eq!(next.await.unwrap().pid(), Ok(Some(second.pid())));
}

#[otp::test]
async fn every_successor_is_found_as_it_is_registered(system: System) {
    let follower = inside(&system, async |ctx: ProcessContext<()>| {
        let mut seen = Vec::new();
        let mut last = Pid::SYSTEM;
        while seen.len() < 20 {
            let holder = shop(ctx.system()).await_holder().other_than(last).await.unwrap();
            last = holder.pid().unwrap().unwrap();
            seen.push(last);
            holder.send(ExitReason::Shutdown).await.unwrap();
        }
        seen
    });
    let keeper = async {
        let mut opened = Vec::new();
        for _ in 0..20 {
            let holder = open(&system);
            opened.push(holder.pid());
            assert_eq!(holder.exited().await, ExitReason::Shutdown);
        }
        opened
    };
    let (seen, opened) = futures::join!(follower, keeper);
    assert_eq!(seen, opened);
}

#[otp::test]
async fn a_holder_of_another_type_is_an_error(system: System) {
    let mut waiting = pin!(shop(&system).await_holder());
    assert!(begin(&mut waiting).await.is_pending());
    let other = system.spawn_with(SpawnOptions::new().name(Name::<u8>::new("shop")), forever).unwrap().process;
    let wrong = waiting.await.unwrap_err();
    assert_eq!((wrong.pid, wrong.receives), (other.pid(), type_name::<u8>()));
    assert!(shop(&system).await_holder().other_than(other.pid()).now_or_never().is_none(), "it is not waited for");
}

#[otp::test]
async fn a_server_is_waited_for_by_its_name(system: System) {
    let (_journal, recorder) = otp_suite::journal::journal(&system);
    let puppet = ServerRef::<Puppet>::named(&system, PUPPET);
    let mut waiting = pin!(puppet.await_holder());
    assert!(begin(&mut waiting).await.is_pending());
    let started = Puppet::start(&system, Script::new(&recorder.journal())).name(PUPPET).await.unwrap();
    let found = waiting.await.unwrap();
    assert_eq!(found.pid(), started.pid());
    started.stop().await.unwrap();
    assert_eq!((found.pid().is_some(), puppet.pid()), (true, None), "it is a reference to that one server");
}

#[derive(Default)]
struct Counted(AtomicUsize);

impl ArcWake for Counted {
    fn wake_by_ref(this: &Arc<Self>) {
        this.0.fetch_add(1, Ordering::SeqCst);
    }
}

#[otp::test]
async fn who_waits_no_longer_leaves_nothing_behind_and_is_woken_once(system: System) {
    let counted = Arc::new(Counted::default());
    let own = waker(counted.clone());
    let before = Arc::strong_count(&counted);
    let mut given_up = Box::pin(shop(&system).await_holder());
    let mut waiting = Box::pin(shop(&system).await_holder());
    // Under a waker that belongs to nobody, at first: a simulation lets nobody run before, and so wakes nobody.
    for wait in [&mut given_up, &mut waiting] {
        assert!(wait.as_mut().poll(&mut Context::from_waker(Waker::noop())).is_pending());
    }
    for _ in 0..3 {
        assert!(given_up.as_mut().poll(&mut Context::from_waker(&own)).is_pending());
        assert!(waiting.as_mut().poll(&mut Context::from_waker(&own)).is_pending());
    }
    assert_eq!(Arc::strong_count(&counted), before + 2, "each waits once, however often it is polled");
    drop(given_up);
    assert_eq!(Arc::strong_count(&counted), before + 1);
    let holder = open(&system);
    assert_eq!((counted.0.load(Ordering::SeqCst), Arc::strong_count(&counted)), (1, before));
    let found = waiting.as_mut().poll(&mut Context::from_waker(&own));
    assert!(matches!(found, Poll::Ready(Ok(address)) if address.pid() == Ok(Some(holder.pid()))));
}

/// Registers something as it is woken, looks names up, and panics.
struct Rude(System);

impl ArcWake for Rude {
    fn wake_by_ref(this: &Arc<Self>) {
        assert!(this.0.whereis(&SHOP).unwrap().is_some());
        let other = this.0.spawn(obey);
        this.0.register(&Name::new("kiosk"), &other).unwrap();
        panic!("rude");
    }
}

#[otp::test]
async fn a_waker_runs_without_a_lock_and_its_panic_harms_nobody(system: System) {
    let rude = waker(Arc::new(Rude(system.clone())));
    let mut first = pin!(shop(&system).await_holder());
    for waker in [Waker::noop(), &rude] {
        assert!(first.as_mut().poll(&mut Context::from_waker(waker)).is_pending());
    }
    let mut second = pin!(shop(&system).await_holder());
    let woken = poll_fn(|cx| match second.as_mut().poll(cx) {
        Poll::Pending => Poll::Ready(()),
        Poll::Ready(_) => panic!("nobody holds it"),
    });
    woken.await;
    let holder = open(&system);
    assert!(system.whereis(&Name::<ExitReason>::new("kiosk")).unwrap().is_some());
    assert_eq!(second.await.unwrap().pid(), Ok(Some(holder.pid())));
}

/// A route that is pointed somewhere by hand; with a list of wakers if it can tell.
#[derive(Clone, Debug)]
struct Sign {
    system: System,
    to: Arc<Mutex<Option<ProcessRef<ExitReason>>>>,
    watched: Option<Arc<Mutex<Vec<Waker>>>>,
}

impl Route<ExitReason> for Sign {
    fn find(&self) -> Result<Option<ProcessRef<ExitReason>>, WrongType> {
        Ok(self.to.lock().unwrap().clone())
    }

    fn system(&self) -> &System {
        &self.system
    }

    fn label(&self) -> Label {
        "sign".into()
    }

    fn watch(&self, waker: &Waker) -> Option<Watch> {
        let watched = self.watched.as_ref()?.clone();
        watched.lock().unwrap().push(waker.clone());
        Some(Watch::new(move || watched.lock().unwrap().clear()))
    }
}

#[otp::test]
async fn other_routes_are_waited_for_too(system: System) {
    for watched in [None, Some(Arc::default())] {
        let sign = Sign { system: system.clone(), to: Arc::default(), watched };
        let (tell, told) = oneshot::channel();
        let own = sign.clone();
        let waiting = inside(&system, async move |_: ProcessContext<()>| {
            let address: Address<ExitReason> = Address::via(own);
            // Mapped, it is the same.
            let mapped = address.map_message(|()| ExitReason::Shutdown);
            tell.send(()).unwrap();
            mapped.await_holder().await.unwrap().send(()).await.unwrap();
        });
        let point = async {
            told.await.unwrap();
            let process = system.spawn(obey);
            *sign.to.lock().unwrap() = Some(process.clone());
            let wakers = sign.watched.as_ref().map(|watched| std::mem::take(&mut *watched.lock().unwrap()));
            wakers.into_iter().flatten().for_each(Waker::wake);
            process.exited().await
        };
        assert_eq!(futures::join!(waiting, point).1, ExitReason::Shutdown);
        if let Some(watched) = &sign.watched {
            assert!(watched.lock().unwrap().is_empty());
        }
    }
}
