//! A server that is offered more than it can do.

use std::time::Duration;

use futures::channel::oneshot;
use futures::future::join_all;
use otp::gen_server::Received;
use otp::prelude::*;
use otp::process::{Key, Overflow};
use otp_suite::begin;

/// Handles nothing before it is opened.
struct Clerk(Vec<u32>);

#[gen_server]
impl Clerk {
    #[init]
    fn init() -> Self {
        Clerk(Vec::new())
    }

    #[call]
    async fn open(&mut self, gate: oneshot::Receiver<()>) {
        gate.await.unwrap();
    }

    #[call]
    fn file(&mut self, n: u32) -> u32 {
        self.0.push(n);
        n
    }

    #[cast]
    fn drop_in(&mut self, n: u32) {
        self.0.push(n);
    }

    #[info]
    fn news(&mut self, n: u32) {
        self.0.push(n);
    }

    #[call]
    fn done(&mut self) -> Vec<u32> {
        self.0.clone()
    }
}

/// A clerk that handles something until the gate is opened.
async fn busy(clerk: &ServerRef<Clerk>) -> (oneshot::Sender<()>, otp::call::Request<()>) {
    let (open, gate) = oneshot::channel();
    let request = clerk.open(gate).no_timeout().send_request();
    let pid = clerk.pid().unwrap();
    otp_suite::until(|| clerk.system().info(pid).is_some_and(|info| info.queue == 0 && info.handled > 0)).await;
    (open, request)
}

#[otp::test]
async fn calls_and_casts_have_one_bound_and_infos_another(system: System) {
    let start = Clerk::start(&system, ()).input(2, Overflow::Refuse).broadcast(2, Overflow::DropOldest);
    let clerk = start.await.unwrap();
    let (open, opened) = busy(&clerk).await;
    for n in 0..5 {
        clerk.try_info(ClerkInfo::News(n)).unwrap();
    }
    clerk.try_cast(ClerkCast::DropIn(10)).unwrap();
    let filed = clerk.file(11).send_request();
    let full = clerk.try_cast(ClerkCast::DropIn(12)).unwrap_err();
    assert!(matches!(full, TrySendError::Full { message: ClerkCast::DropIn(12), .. }));
    let error = clerk.file(13).await.unwrap_err();
    assert!(matches!(error, CallError::Full { limit: 2, after: Duration::ZERO, shed: false, .. }), "{error}");
    let news = clerk.info_address(ClerkInfo::News);
    news.try_send(5).unwrap();
    open.send(()).unwrap();
    opened.await.unwrap();
    assert_eq!(filed.await, Ok(11));
    assert_eq!(clerk.done().await.unwrap(), [4, 10, 11, 5]);
}

#[otp::test]
async fn a_server_merges_messages_by_key_and_skips_calls_that_nobody_awaits(system: System) {
    let key_of = |received: &Received<Clerk>| match received {
        Received::Info(ClerkInfo::News(n)) => Some(Key::from(n % 2)),
        _ => None,
    };
    let clerk = Clerk::start(&system, ()).coalesce(key_of).skip_expired(true).await.unwrap();
    let (open, opened) = busy(&clerk).await;
    for n in 0..10 {
        clerk.info(ClerkInfo::News(n));
    }
    let mut given_up = Box::pin(clerk.file(10));
    assert!(begin(&mut given_up).await.is_pending());
    drop(given_up);
    let error = clerk.file(11).timeout(Duration::from_millis(1)).await.unwrap_err();
    assert!(matches!(error, CallError::Timeout { begun: false, .. }), "{error}");
    open.send(()).unwrap();
    opened.await.unwrap();
    assert_eq!(clerk.done().await.unwrap(), [8, 9]);
    let load = system.info(clerk.pid().unwrap()).unwrap().load.unwrap();
    assert_eq!((load.coalesced, load.expired, load.shed()), (8, 2, 0));
}

/// Takes ten milliseconds for each call.
struct Slow;

const WORK: Duration = Duration::from_millis(10);

#[gen_server]
impl Slow {
    #[init]
    fn init() -> Self {
        Slow
    }

    #[call]
    async fn work(&mut self, ctx: &mut Context<Self>) {
        ctx.system().sleep(WORK).await;
    }
}

const LIMIT: Duration = Duration::from_millis(500);

/// Offers ten times what the server can do for three seconds; returns how much of its capacity it has used for answers in
/// time, and after which time 99 % of them came.
async fn offer(system: &System, slow: &ServerRef<Slow>) -> (f64, Duration) {
    let start = system.now();
    let mut calls = Vec::new();
    for _ in 0..3000 {
        system.sleep(WORK / 10).await;
        let call = slow.work().timeout(LIMIT);
        let (tell, told) = oneshot::channel();
        system.spawn(async move |ctx: ProcessContext<()>| {
            let asked = ctx.system().now();
            let answered = call.await.is_ok();
            tell.send(answered.then(|| ctx.system().now() - asked)).unwrap();
        });
        calls.push(told);
    }
    let mut answered: Vec<_> = join_all(calls).await.into_iter().filter_map(Result::unwrap).collect();
    answered.sort_unstable();
    let capacity = (system.now() - start).as_secs_f64() / WORK.as_secs_f64();
    let goodput = answered.len() as f64 / capacity;
    (goodput, answered[answered.len() * 99 / 100])
}

#[otp::test(backends = [sim], seeds = 1)]
async fn a_server_that_is_offered_ten_times_what_it_can_do_uses_its_time_for_what_is_awaited(system: System) {
    // Handles in order what nobody awaits any more.
    let plain = Slow::start(&system, ()).await.unwrap();
    let (goodput, _) = offer(&system, &plain).await;
    assert!(goodput < 0.3, "{goodput}");
    plain.exit(ExitReason::Kill);
    // Each of the ways to shed load.
    let by_age = Slow::start(&system, ()).max_queue_age(Duration::from_millis(200));
    let by_length = Slow::start(&system, ()).input(20, Overflow::Refuse);
    let for_the_latest = Slow::start(&system, ()).input(20, Overflow::DropOldest).skip_expired(true);
    for start in [by_age, by_length, for_the_latest] {
        let slow = start.await.unwrap();
        let (goodput, p99) = offer(&system, &slow).await;
        assert!(goodput >= 0.9 && p99 < LIMIT / 2, "{goodput} {p99:?}");
    }
}
