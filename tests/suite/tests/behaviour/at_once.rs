//! Starts and stops that run the process on the thread of the one that waits for them: nothing shows that they do, but for
//! the time they save.

use std::cell::Cell;
use std::future::poll_fn;
use std::pin::pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::Duration;

use futures::FutureExt;
use otp::behaviour::exit_at_once;
use otp::gen_server::{Context, GenServer, Init, NoMessage};
use otp::prelude::*;
use otp::process::yield_now;
use otp::runtime::Executor;
use otp::smol::SmolExecutor;
use otp::supervisor::{ChildSpec, Strategy, Supervisor};
use otp::tokio::TokioExecutor;
use otp_suite::{inside, until};

thread_local! {
    /// Whether this thread is in the poll of one that waits for a start or an end.
    static WAITS: Cell<bool> = const { Cell::new(false) };
}

/// Waits, so that what runs inside can tell.
async fn waiting<F: Future>(future: F) -> F::Output {
    let mut future = pin!(future);
    poll_fn(|cx| {
        WAITS.set(true);
        let poll = future.as_mut().poll(cx);
        WAITS.set(false);
        poll
    })
    .await
}

/// Tells where it was started, and where it has ended; works for so long in `init`.
struct Witness<const KIND: usize> {
    ended_inside: Arc<AtomicBool>,
}

#[derive(Clone, Default)]
struct Told {
    began_inside: Arc<AtomicBool>,
    ended_inside: Arc<AtomicBool>,
    work: Duration,
}

impl<const KIND: usize> GenServer for Witness<KIND> {
    type Args = Told;
    type Call = NoMessage;
    type Cast = NoMessage;
    type Info = NoMessage;
    type Continue = NoMessage;

    async fn init(told: Told, ctx: &mut Context<Self>) -> Result<Init<Self>, ExitReason> {
        let end = ctx.system().now() + told.work;
        while ctx.system().now() < end {
            std::hint::spin_loop();
        }
        told.began_inside.fetch_or(WAITS.get(), Ordering::SeqCst);
        Ok(Init::Ok(Witness { ended_inside: told.ended_inside }))
    }

    // Types are told apart by the code of this function.
    fn type_label() -> &'static str {
        ["Some", "Slow", "Scheduled", "Child", "Signalled", "Limited", "Left", "Many"][KIND]
    }
}

impl<const KIND: usize> Drop for Witness<KIND> {
    fn drop(&mut self) {
        self.ended_inside.store(WAITS.get(), Ordering::SeqCst);
    }
}

/// Starts and stops one; whether it began at once, and whether it ended at once.
async fn live<const KIND: usize>(system: &System, work: Duration) -> (bool, bool) {
    live_until(system, work, |server: ServerRef<Witness<KIND>>| server.stop().into_future().map(Result::unwrap)).await
}

/// As [`live`], until `end` has ended it.
async fn live_until<const KIND: usize, F: Future<Output = ()>>(
    system: &System,
    work: Duration,
    end: impl FnOnce(ServerRef<Witness<KIND>>) -> F,
) -> (bool, bool) {
    let told = Told { work, ..Told::default() };
    let server = waiting(Witness::<KIND>::start(system, told.clone()).into_future()).await.unwrap();
    waiting(async { end(server).await }).await;
    (told.began_inside.load(Ordering::SeqCst), told.ended_inside.load(Ordering::SeqCst))
}

#[otp::test(backends = [tokio, tokio_current, smol])]
async fn a_server_begins_and_ends_at_once_when_its_type_has_shown_that_it_is_fast(system: System) {
    inside(&system, async |ctx: ProcessContext<()>| {
        for _ in 0..4 {
            assert_eq!(live::<0>(ctx.system(), Duration::ZERO).await, (false, false), "each shows it twice");
        }
        // How often depends on what else the machine does.
        while live::<0>(ctx.system(), Duration::ZERO).await != (true, true) {}
    })
    .await;
}

#[otp::test(backends = [tokio, tokio_current, smol])]
async fn an_exit_signal_of_one_that_waits_for_the_end_ends_a_server_at_once(system: System) {
    inside(&system, async |ctx: ProcessContext<()>| {
        for reason in [ExitReason::Shutdown, ExitReason::Kill] {
            let exit = async |server: ServerRef<Witness<4>>| {
                let (pid, ends) = (server.pid().unwrap(), reason.clone());
                let told = exit_at_once(ctx.system(), pid, ends.clone()).await;
                assert!(told == ends || (ends, told) == (ExitReason::Kill, ExitReason::Killed));
            };
            while live_until::<4, _>(ctx.system(), Duration::ZERO, exit).await != (true, true) {}
        }
    })
    .await;
}

#[otp::test(backends = [tokio, tokio_current, smol])]
async fn a_type_that_was_slow_to_begin_is_left_to_the_executor(system: System) {
    const SLOW: Duration = Duration::from_millis(2);
    inside(&system, async |ctx: ProcessContext<()>| {
        while live::<1>(ctx.system(), Duration::ZERO).await != (true, true) {}
        live::<1>(ctx.system(), SLOW).await;
        for _ in 0..100 {
            assert_eq!(live::<1>(ctx.system(), Duration::ZERO).await, (false, false));
        }
    })
    .await;
}

#[otp::test]
async fn who_is_never_run_by_others_is_not_run_by_its_starter(system: System) {
    inside(&system, async |ctx: ProcessContext<()>| {
        let system = ctx.system();
        for _ in 0..40 {
            let told = Told::default();
            let server = waiting(Witness::<2>::start(system, told.clone()).inline(false).into_future()).await.unwrap();
            waiting(server.stop().into_future()).await.unwrap();
            assert!(!told.began_inside.load(Ordering::SeqCst) && !told.ended_inside.load(Ordering::SeqCst));
        }
        if system.runtime().director().is_none() {
            system.inline_calls(false);
            for _ in 0..40 {
                assert_eq!(live::<2>(system, Duration::ZERO).await, (false, false));
            }
            system.inline_calls(true);
        }
    })
    .await;
}

#[otp::test(backends = [tokio, tokio_current, smol])]
async fn many_starts_and_stops_in_a_row_are_all_at_once_and_let_others_run(system: System) {
    let turns = Arc::new(AtomicUsize::new(0));
    let counts = turns.clone();
    let other = system.spawn(async move |_: ProcessContext<()>| {
        loop {
            counts.fetch_add(1, Ordering::SeqCst);
            yield_now().await;
        }
    });
    inside(&system, async move |ctx: ProcessContext<()>| {
        let all_at_once = async || {
            let mut all = true;
            for _ in 0..64 {
                all &= live::<7>(ctx.system(), Duration::ZERO).await == (true, true);
            }
            all
        };
        // Again if something else that the machine does made one slow.
        for _ in 0..200 {
            let before = turns.load(Ordering::SeqCst);
            if all_at_once().await && turns.load(Ordering::SeqCst) > before {
                return;
            }
        }
        panic!("some are left to the executor, or others do not run");
    })
    .await;
    other.exit(ExitReason::Kill);
}

#[otp::test(backends = [tokio, tokio_current, smol])]
async fn a_limit_holds_also_for_a_type_that_was_always_fast(system: System) {
    const LIMIT: Duration = Duration::from_millis(10);
    inside(&system, async |ctx: ProcessContext<()>| {
        loop {
            while live::<5>(ctx.system(), Duration::ZERO).await != (true, true) {}
            let told = Told { work: 2 * LIMIT, ..Told::default() };
            let start = Witness::<5>::start(ctx.system(), told.clone()).init_timeout(LIMIT);
            let started = waiting(start.into_future()).await;
            // Otherwise something else made one slow in between, and it was left to the executor.
            if told.began_inside.load(Ordering::SeqCst) {
                assert!(matches!(started, Err(StartError::Timeout { limit: LIMIT, .. })), "{started:?}");
                break;
            }
        }
    })
    .await;
}

#[otp::test(backends = [tokio, tokio_current, smol])]
async fn a_supervisor_runs_children_that_begin_and_end_fast(system: System) {
    const CHILDREN: usize = 50;
    let told = Told::default();
    // How often depends on what else the machine does.
    while !told.began_inside.load(Ordering::SeqCst) {
        let told = told.clone();
        let child = move |n: usize| {
            let told = told.clone();
            ChildSpec::worker(n.to_string(), move |supervisor: Process| {
                waiting(Witness::<3>::start_link(&supervisor, told.clone()).into_future())
            })
        };
        let supervisor = Supervisor::new(Strategy::OneForOne).children((0..CHILDREN).map(child)).start(&system).await;
        supervisor.unwrap().stop().await.unwrap();
    }
}

/// Tells whether its caller runs it.
struct Callee;

#[gen_server]
impl Callee {
    #[init]
    fn init() -> Self {
        Callee
    }

    #[call]
    fn runs_inside(&self) -> bool {
        WAITS.get()
    }
}

#[otp::test(backends = [tokio, tokio_current, smol])]
async fn the_first_call_of_a_server_runs_it_when_all_that_were_new_of_its_type_were_fast(system: System) {
    inside(&system, async |ctx: ProcessContext<()>| {
        let first_runs_inside = async || {
            let server = Callee::start(ctx.system(), ()).await.unwrap();
            waiting(server.runs_inside().into_future()).await.unwrap()
        };
        for _ in 0..4 {
            assert!(!first_runs_inside().await, "none has shown it yet");
        }
        while !first_runs_inside().await {}
    })
    .await;
}

/// Takes long to crash, and tells whether it began inside, and is called inside.
struct Fragile {
    began_inside: bool,
    /// It crashes in `terminate`.
    at_its_end: Option<System>,
}

fn crash_slowly(system: &System) {
    let end = system.now() + Duration::from_millis(2);
    while system.now() < end {
        std::hint::spin_loop();
    }
    panic!("on purpose");
}

#[gen_server]
impl Fragile {
    #[init]
    fn init(at_its_end: Option<System>) -> Self {
        Fragile { began_inside: WAITS.get(), at_its_end }
    }

    #[call]
    fn runs_inside(&self) -> bool {
        self.began_inside && WAITS.get()
    }

    #[call]
    fn crash_inside(&mut self, system: System) {
        crash_slowly(&system);
    }

    #[cast]
    fn crash(&mut self, system: System) {
        crash_slowly(&system);
    }

    #[terminate]
    fn terminate(&mut self) {
        if let Some(system) = &self.at_its_end {
            crash_slowly(system);
        }
    }
}

/// When a server crashes.
#[derive(Clone, Copy)]
enum Crashes {
    Scheduled,
    Called,
    Stopped,
}

#[otp::test(backends = [tokio, tokio_current, smol])]
async fn a_crash_that_takes_long_does_not_count_against_the_others_of_the_type(system: System) {
    system.log_crashes(false);
    let next_run_inside = inside(&system, async |ctx: ProcessContext<()>| {
        let start = async |at_its_end| waiting(Fragile::start(ctx.system(), at_its_end).into_future()).await.unwrap();
        let runs_inside = async || {
            let server = start(None).await;
            waiting(server.runs_inside().into_future()).await.unwrap()
        };
        let mut next_run_inside = [false; 3];
        for crashes in [Crashes::Scheduled, Crashes::Called, Crashes::Stopped] {
            // Again if something else that the machine does made one slow.
            for _ in 0..20 {
                while !runs_inside().await {}
                match crashes {
                    Crashes::Scheduled => {
                        let server = start(None).await;
                        let exited = ctx.system().exited(server.pid().unwrap());
                        server.crash(ctx.system().clone());
                        assert!(exited.await.is_abnormal());
                    }
                    Crashes::Called => {
                        let call = start(None).await.crash_inside(ctx.system().clone()).into_future();
                        assert!(waiting(call).await.is_err());
                    }
                    Crashes::Stopped => {
                        let server = start(Some(ctx.system().clone())).await;
                        assert!(waiting(server.stop().into_future()).await.is_err());
                    }
                }
                if runs_inside().await {
                    next_run_inside[crashes as usize] = true;
                    break;
                }
            }
        }
        next_run_inside
    });
    assert_eq!(next_run_inside.await, [true; 3]);
}

/// Starts servers that begin at once, and drops the executor.
fn drop_with_servers(executor: impl Executor) {
    let system = System::on(executor.runtime());
    let mut exits = Vec::new();
    let starts = system.clone();
    let main = async {
        let started = inside(&system, async move |ctx: ProcessContext<()>| {
            // Until those begin at once that nobody is going to wake.
            while live::<6>(ctx.system(), Duration::ZERO).await != (true, true) {}
            for _ in 0..100 {
                Witness::<6>::start(&starts, Told::default()).await.unwrap();
            }
        });
        started.await;
        exits.extend(system.processes().into_iter().map(|pid| system.exited(pid)));
    };
    executor.block_on(pin!(main)).unwrap();
    assert_eq!(exits.len(), 100);
    drop(executor);
    for exited in exits {
        assert_eq!(futures::executor::block_on(exited), ExitReason::Killed);
    }
    assert_eq!(system.process_count(), 0);
}

#[test]
fn a_server_that_nobody_has_woken_ends_with_its_executor() {
    for _ in 0..20 {
        drop_with_servers(TokioExecutor::with_workers(2));
        drop_with_servers(TokioExecutor::current_thread());
        drop_with_servers(SmolExecutor::with_workers(2));
    }
}

/// Kills its starter, if it is told to.
struct Killer;

#[gen_server]
impl Killer {
    #[init]
    fn init(victim: Option<(System, Pid)>) -> Self {
        if let Some((system, victim)) = victim {
            system.exit(victim, ExitReason::Kill);
        }
        Killer
    }
}

/// Kills the one that stops it.
struct Avenger(System, Pid);

impl Drop for Avenger {
    fn drop(&mut self) {
        if WAITS.get() {
            self.0.exit(self.1, ExitReason::Kill);
        }
    }
}

#[gen_server]
impl Avenger {
    #[init]
    fn init(system: System, stopper: Pid) -> Self {
        Avenger(system, stopper)
    }
}

#[otp::test]
async fn a_starter_that_is_killed_by_what_it_starts_goes_no_further(system: System) {
    for _ in 0..40 {
        let went_on = Arc::new(AtomicBool::new(false));
        let goes_on = went_on.clone();
        let starter = system.spawn(async move |ctx: ProcessContext<()>| {
            for _ in 0..20 {
                Killer::start(ctx.system(), None).await.unwrap().stop().await.unwrap();
            }
            let victim = (ctx.system().clone(), ctx.pid());
            drop(Killer::start(ctx.system(), Some(victim)).await);
            goes_on.store(true, Ordering::SeqCst);
        });
        assert_eq!(starter.exited().await, ExitReason::Killed);
        assert!(!went_on.load(Ordering::SeqCst));
    }
}

#[otp::test(backends = [tokio, tokio_current, smol])]
async fn a_process_that_is_killed_by_what_it_stops_goes_no_further(system: System) {
    let went_on = Arc::new(AtomicBool::new(false));
    let goes_on = went_on.clone();
    let stopper = system.spawn(async move |ctx: ProcessContext<()>| {
        // Until one ends at once.
        loop {
            let avenger = Avenger::start(ctx.system(), (ctx.system().clone(), ctx.pid())).await.unwrap();
            waiting(avenger.stop().into_future()).await.unwrap();
            goes_on.store(ctx.is_ending(), Ordering::SeqCst);
        }
    });
    assert_eq!(stopper.exited().await, ExitReason::Killed);
    assert!(!went_on.load(Ordering::SeqCst));
}

/// Counts what it is sent back by an echo.
struct Counter(Arc<AtomicUsize>);

#[gen_server]
impl Counter {
    #[init]
    async fn init(count: Arc<AtomicUsize>, echo: ProcessRef<ServerRef<Counter>>, ctx: &mut Context<Self>) -> Self {
        echo.send(ctx.server()).await.unwrap();
        Counter(count)
    }

    #[cast]
    fn count(&mut self) {
        self.0.fetch_add(1, Ordering::SeqCst);
    }
}

#[otp::test]
async fn what_arrives_while_a_server_begins_is_received(system: System) {
    const SERVERS: usize = 500;
    let echo = system.spawn(async |mut ctx: ProcessContext<ServerRef<Counter>>| {
        while let Message::User(server) = ctx.receive().await {
            server.count();
        }
    });
    let count = Arc::new(AtomicUsize::new(0));
    let mut servers = Vec::new();
    for _ in 0..SERVERS {
        servers.push(Counter::start(&system, (count.clone(), echo.clone())).await.unwrap());
    }
    until(|| count.load(Ordering::SeqCst) == SERVERS).await;
}
