//! A running server goes from one type to another: SPEC §20, SYS-11.

use std::time::Duration;

use futures::channel::mpsc;
use futures::{FutureExt, StreamExt};
use otp::prelude::*;
use otp::process::Term;
use otp::sys::{self, CodeChangeError, Mode, SysError};
use otp_suite::inside;
use otp_suite::servers::{boom, gate};
use otp_suite::versions::{Doer, Extra, Version, VersionCall, VersionCast};

const NAME: ServerName<Version<1>> = ServerName::new("version");

fn nothing() -> Term {
    Term::new(Extra::Nothing)
}

async fn number(system: &System, number: i64) -> ServerRef<Version<1>> {
    Version::<1>::start(system, number).name(NAME).await.unwrap()
}

/// Has the server do something, and returns what it says.
async fn has<F>(server: &ServerRef<Version<1>>, act: F) -> String
where
    F: FnOnce(&mut dyn Doer) -> String + Send + 'static,
{
    server.call(|from| VersionCall::Do(Box::new(act), from)).await.unwrap()
}

#[otp::test]
async fn a_server_keeps_its_pid_its_name_and_its_state_of_another_type(system: System) {
    let server = number(&system, 5).await;
    let pid = server.pid();
    assert_eq!(server.upgrade::<Version<2>>(nothing()).await, Ok(()));
    assert_eq!(server.call(VersionCall::Which).await, Ok((2, 5)));
    assert_eq!(ServerRef::named(&system, NAME).call(VersionCall::Which).await, Ok((2, 5)));
    assert_eq!((server.pid(), ServerRef::named(&system, NAME).pid()), (pid, pid));
    let state = sys::get_state(&system, pid.unwrap(), |version: &Version<2>| version.number);
    assert_eq!(state.await, Ok(5));
    let retyped = server.retyped::<Version<2>>();
    assert_eq!((retyped.pid(), retyped.call(VersionCall::Which).await), (pid, Ok((2, 5))));
}

#[otp::test]
async fn one_upgrade_follows_another(system: System) {
    let server = number(&system, 5).await;
    server.upgrade::<Version<2>>(nothing()).await.unwrap();
    server.retyped::<Version<2>>().upgrade::<Version<3>>(nothing()).await.unwrap();
    assert_eq!(server.call(VersionCall::Which).await, Ok((3, 5)));
    server.retyped::<Version<3>>().upgrade::<Version<1>>(nothing()).await.unwrap();
    assert_eq!(server.call(VersionCall::Which).await, Ok((1, 5)));
    assert_eq!(
        has(&server, |doer| {
            doer.send_self("own");
            String::new()
        })
        .await,
        ""
    );
    assert_eq!(server.call(VersionCall::Heard).await.unwrap(), ["own in 1"]);
}

// Each poll would go through all versions that ever were, and overflow the stack in the end, if they ran each other.
#[otp::test(seeds = 1)]
async fn any_number_of_upgrades_may_follow(system: System) {
    let server = number(&system, 5).await;
    for _ in 0..2500 {
        server.upgrade::<Version<2>>(nothing()).await.unwrap();
        server.retyped::<Version<2>>().upgrade::<Version<1>>(nothing()).await.unwrap();
    }
    assert_eq!(server.call(VersionCall::Which).await, Ok((1, 5)));
    server.stop().await.unwrap();
}

#[otp::test]
async fn messages_that_wait_are_handled_by_the_new_version_in_order(system: System) {
    let server = number(&system, 5).await;
    sys::suspend(&system, &server).await.unwrap();
    server.cast(VersionCast::Add(1));
    server.info("first");
    let call = server.call(VersionCall::Which).send_request();
    server.info("second");
    server.upgrade::<Version<2>>(nothing()).await.unwrap();
    assert_eq!(sys::status(&system, &server).await.unwrap().mode, Mode::Suspended);
    sys::resume(&system, &server).await.unwrap();
    assert_eq!(call.await, Ok((2, 6)));
    assert_eq!(server.call(VersionCall::Heard).await.unwrap(), ["first in 2", "second in 2"]);
}

#[otp::test]
async fn a_call_that_waits_for_its_answer_is_answered_by_the_new_version(system: System) {
    let server = number(&system, 5).await;
    let call = server.call(VersionCall::Later).send_request();
    server.upgrade::<Version<2>>(nothing()).await.unwrap();
    server.cast(VersionCast::Answer);
    assert_eq!(call.await, Ok((2, 5)));
}

#[otp::test]
async fn timers_of_all_kinds_run_on(system: System) {
    let server = number(&system, 5).await;
    let (tell, mut told) = mpsc::unbounded();
    server.cast(VersionCast::Tell(tell));
    let set = |doer: &mut dyn Doer| {
        doer.send_after(Duration::from_millis(100), "a message");
        doer.process().set_timer(Duration::from_millis(150));
        String::new()
    };
    has(&server, set).await;
    server.upgrade::<Version<2>>(nothing()).await.unwrap();
    assert_eq!(told.next().await.unwrap(), "a message in 2");
    assert_eq!(told.next().await.unwrap(), "a timer in 2");
}

// SYS-7
#[otp::test]
async fn a_wait_for_a_message_goes_on(system: System) {
    let server = number(&system, 5).await;
    let (tell, mut told) = mpsc::unbounded();
    server.cast(VersionCast::Tell(tell));
    server.cast(VersionCast::Wait(Duration::from_millis(100)));
    server.upgrade::<Version<2>>(nothing()).await.unwrap();
    assert_eq!(told.next().await.unwrap(), "a timeout in 2");
}

#[otp::test]
async fn links_and_monitors_stay(system: System) {
    let server = number(&system, 5).await;
    let (tell, mut told) = mpsc::unbounded();
    server.cast(VersionCast::Tell(tell));
    let peer = system.spawn(async |mut ctx: ProcessContext<()>| drop(ctx.receive().await));
    let pid = peer.pid();
    let tie = move |doer: &mut dyn Doer| {
        doer.process().link(pid).unwrap();
        doer.process().monitor(pid);
        String::new()
    };
    has(&server, tie).await;
    let watched = inside(&system, async move |mut ctx: ProcessContext<()>| {
        ctx.monitor(&server);
        server.upgrade::<Version<2>>(nothing()).await.unwrap();
        peer.send(()).await.unwrap();
        let mut heard = [told.next().await.unwrap(), told.next().await.unwrap()];
        heard.sort_unstable();
        assert_eq!(heard, ["a down in 2", "an exit in 2"]);
        server.stop().await.unwrap();
        ctx.receive().await
    });
    assert!(matches!(watched.await, Message::Down(down) if down.reason == ExitReason::Normal));
}

#[otp::test]
async fn the_context_of_the_new_version_works_as_that_of_the_old_one(system: System) {
    let server = number(&system, 5).await;
    server.upgrade::<Version<2>>(nothing()).await.unwrap();
    let (tell, mut told) = mpsc::unbounded();
    server.cast(VersionCast::Tell(tell));
    let dead = system.spawn(async |_: ProcessContext<()>| {});
    dead.exited().await;
    let pid = dead.pid();
    let done = has(&server, move |doer| {
        let monitor = doer.process().monitor(pid);
        let flushed = doer.demonitor_flush(monitor);
        doer.process().link(pid).unwrap();
        let exit = doer.take_exit(pid);
        doer.send_self("own");
        doer.attach("an item");
        format!("{flushed} {exit} {}", doer.take_exit(pid))
    });
    // The monitor of a dead process is over, and its down is flushed.
    assert_eq!(done.await, "false true false");
    assert_eq!(told.next().await.unwrap(), "own in 2");
    assert_eq!(told.next().await.unwrap(), "an item in 2");
    assert_eq!(told.next().await.unwrap(), "the end in 2");
}

// SYS-11
#[otp::test]
async fn a_refused_upgrade_leaves_the_server_as_it_was(system: System) {
    let server = number(&system, 5).await;
    let refused = server.upgrade::<Version<2>>(Term::new(Extra::Refuse(5))).await;
    assert!(matches!(&refused, Err(CodeChangeError::Refused { reason, .. }) if *reason == boom()), "{refused:?}");
    assert_eq!(server.call(VersionCall::Which).await, Ok((1, 5)));
    let panicked = server.upgrade::<Version<2>>(Term::new(Extra::Panic(5))).await.unwrap_err().to_string();
    assert!(panicked.contains("this number cannot be upgraded"), "{panicked}");
    assert_eq!(server.call(VersionCall::Which).await, Ok((1, 5)));
}

#[otp::test]
async fn a_panic_of_the_new_version_when_it_takes_over_ends_it(system: System) {
    let server = number(&system, 5).await;
    let (tell, mut told) = mpsc::unbounded();
    server.cast(VersionCast::Tell(tell));
    server.call(VersionCall::Which).await.unwrap();
    let exited = server.exited();
    assert_eq!(server.upgrade::<Version<2>>(Term::new(Extra::PanicAfter)).await, Ok(()));
    assert!(exited.await.to_string().contains("it cannot take over"));
    assert!(told.next().await.unwrap().starts_with("the end, "));
}

#[otp::test]
async fn what_is_no_server_of_the_old_type_is_not_upgraded(system: System) {
    let server = number(&system, 5).await;
    server.upgrade::<Version<2>>(nothing()).await.unwrap();
    let again = server.upgrade::<Version<2>>(nothing()).await;
    assert!(matches!(again, Err(CodeChangeError::Sys(SysError::WrongType { request: "upgrade", .. }))), "{again:?}");
    assert_eq!(server.call(VersionCall::Which).await, Ok((2, 5)));
    server.stop().await.unwrap();
    let gone = server.upgrade::<Version<2>>(nothing()).await;
    assert!(matches!(gone, Err(CodeChangeError::Sys(SysError::Call(CallError::NoProc(_))))), "{gone:?}");
}

#[otp::test]
async fn an_upgrade_that_nobody_awaits_any_more_is_not_made(system: System) {
    let server = number(&system, 5).await;
    let (open, closed) = gate();
    server.cast(VersionCast::Hold(closed));
    let mut upgrade = server.upgrade::<Version<2>>(nothing());
    assert!((&mut upgrade).now_or_never().is_none());
    drop(upgrade);
    drop(open);
    assert_eq!(server.call(VersionCall::Which).await, Ok((1, 5)));
}

#[otp::test]
async fn a_server_with_a_thread_of_its_own_is_upgraded(system: System) {
    let server = Version::<1>::start(&system, 5).on_thread().await.unwrap();
    server.upgrade::<Version<2>>(nothing()).await.unwrap();
    assert_eq!(server.call(VersionCall::Which).await, Ok((2, 5)));
    server.stop().await.unwrap();
}

/// Counts.
pub struct Counter(i64);

#[gen_server]
impl Counter {
    #[init]
    fn init(start: i64) -> Self {
        Counter(start)
    }

    #[call]
    fn add(&mut self, n: i64) -> i64 {
        self.0 += n;
        self.0
    }

    #[call]
    fn count(&self) -> i64 {
        self.0
    }

    #[cast]
    fn reset(&mut self) {
        self.0 = 0;
    }
}

/// Counts, and counts how often it was asked to.
pub struct Careful {
    count: i64,
    asked: u32,
}

#[gen_server(messages = Counter)]
impl Careful {
    #[init]
    fn init(count: i64, asked: u32) -> Self {
        Careful { count, asked }
    }

    #[call]
    fn add(&mut self, n: i64) -> i64 {
        self.asked += 1;
        self.count = self.count.saturating_add(n);
        self.count
    }

    #[call]
    fn count(&self) -> i64 {
        self.count
    }

    #[cast]
    fn reset(&mut self) {
        self.count = 0;
    }
}

impl otp::gen_server::Upgrade<Counter> for Careful {
    fn upgrade(old: &Counter, _: &Term) -> Result<Careful, ExitReason> {
        Ok(Careful { count: old.0, asked: 0 })
    }
}

#[otp::test]
async fn a_server_by_macro_has_the_messages_of_another_one(system: System) {
    let counter = Counter::start(&system, i64::MAX - 1).await.unwrap();
    counter.upgrade::<Careful>(nothing()).await.unwrap();
    assert_eq!(counter.add(7).await, Ok(i64::MAX));
    assert_eq!(counter.retyped::<Careful>().count().await, Ok(i64::MAX));
    counter.reset();
    assert_eq!(counter.count().await, Ok(0));
    let asked = sys::get_state(&system, counter.pid().unwrap(), |careful: &Careful| careful.asked);
    assert_eq!(asked.await, Ok(1));
    // It can also be started by itself.
    assert_eq!(Careful::start(&system, (1, 0)).await.unwrap().add(1).await, Ok(2));
}
