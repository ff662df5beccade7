//! Processes on threads of their own, which their code may block, and whose state need not be `Send`.

use std::cell::RefCell;
use std::collections::{HashMap, HashSet};
use std::rc::Rc;
use std::sync::mpsc;
use std::thread::{self, ThreadId};
use std::time::Duration;

use futures::FutureExt;
use futures::channel::oneshot;
use futures::executor::block_on;
use otp::event::Event;
use otp::prelude::*;
use otp::process::{Local, RunsOn, SpawnOptions, ThreadEvent, Threads};
use otp_suite::{Drops, begin, caught, down, exit, forever, idle, inside, until, user};

type Question = ReplyTo<ThreadId>;

/// Tells its thread when it is dropped.
struct Tells(Option<oneshot::Sender<ThreadId>>);

impl Drop for Tells {
    fn drop(&mut self) {
        let _ = self.0.take().map(|tell| tell.send(thread::current().id()));
    }
}

fn tells() -> (Tells, oneshot::Receiver<ThreadId>) {
    let (tell, told) = oneshot::channel();
    (Tells(Some(tell)), told)
}

/// Answers with the thread on which it runs.
async fn answer(mut ctx: ProcessContext<Question>) {
    loop {
        user(ctx.receive().await).reply(thread::current().id());
    }
}

fn ask(process: &ProcessRef<Question>) -> Call<Question, ThreadId> {
    Call::new(process, |from| from)
}

/// A process on its own thread that blocks the thread until `open` is dropped or sent something; and then waits for mail.
/// It is ready when `blocks` is.
struct Blocked {
    process: ProcessRef<()>,
    open: mpsc::Sender<()>,
    dropped: oneshot::Receiver<ThreadId>,
    thread: ThreadId,
}

async fn blocked(system: &System, options: SpawnOptions<()>, threads: &Threads) -> Blocked {
    let (open, opened) = mpsc::channel::<()>();
    let (blocks, is_blocked) = oneshot::channel();
    let (guard, dropped) = tells();
    let body = async move |mut ctx: ProcessContext<()>| {
        let _guard = (Rc::new(()), guard);
        blocks.send(thread::current().id()).unwrap();
        let _ = opened.recv();
        ctx.receive().await;
    };
    let process = threads.spawn(system, options, body).unwrap().process;
    Blocked { process, open, dropped, thread: is_blocked.await.unwrap() }
}

#[otp::test]
async fn all_code_of_the_process_runs_on_one_thread_and_none_but_its_own_does(system: System) {
    let (guard, dropped) = tells();
    let body = async move |mut ctx: ProcessContext<Question>| {
        let state = Rc::new(RefCell::new((guard, HashSet::new())));
        for _ in 0..10 {
            let from = user(ctx.receive().await);
            ctx.yield_now().await;
            ctx.system().sleep(Duration::from_millis(1)).await;
            state.borrow_mut().1.insert(thread::current().id());
            from.reply(thread::current().id());
        }
        assert_eq!(state.borrow().1.len(), 1);
    };
    let process = Threads::own().spawn(&system, SpawnOptions::new(), body).unwrap().process;
    let mut own = None;
    for _ in 0..10 {
        let thread = ask(&process).await.unwrap();
        assert_eq!(*own.get_or_insert(thread), thread);
    }
    assert_eq!(process.exited().await, ExitReason::Normal);
    assert_eq!(dropped.await.ok(), own);
    let is_simulated = system.runtime().name() == "sim";
    assert_eq!(own == Some(thread::current().id()), is_simulated);
}

#[otp::test]
async fn info_says_that_the_process_is_on_a_thread(system: System) {
    let options = || SpawnOptions::<()>::new();
    let placed = [
        (system.spawn_with(options().on_thread(), forever).unwrap(), RunsOn::Thread),
        (system.spawn_with(options().on(&Threads::bounded(1)), forever).unwrap(), RunsOn::Thread),
        (system.spawn_with(options(), forever).unwrap(), RunsOn::Executor),
    ];
    for (spawned, expected) in placed {
        assert_eq!(system.info(spawned.process.pid()).unwrap().on, expected);
    }
}

#[otp::test]
async fn links_monitors_and_names_are_those_of_any_process(system: System) {
    inside(&system, async |mut ctx: ProcessContext<()>| {
        ctx.trap_exit(true);
        const NAME: Name<Question> = Name::new("on a thread");
        let options = SpawnOptions::new().name(NAME).link().monitor();
        let spawned = Threads::own().spawn(&ctx, options.clone(), answer).unwrap();
        let address = otp::Address::named(ctx.system(), NAME);
        assert!(Call::new(&address, |from| from).await.is_ok());
        assert!(Threads::own().spawn(&ctx, options.clone(), answer).is_err());
        assert_eq!(ctx.system().info(spawned.process.pid()).unwrap().parent, ctx.pid());

        spawned.process.exit(ExitReason::other("enough"));
        let (mut exits, mut downs) = (0, 0);
        for _ in 0..2 {
            match ctx.receive().await {
                message @ Message::Exit(_) => {
                    assert_eq!(exit(message).reason, ExitReason::other("enough"));
                    exits += 1;
                }
                message => {
                    assert_eq!(Some(down(message).monitor), spawned.monitor);
                    downs += 1;
                }
            }
        }
        assert_eq!((exits, downs), (1, 1));
        let _again = Threads::own().spawn(&ctx, options, answer).unwrap();
    })
    .await;
}

#[otp::test]
async fn a_panic_on_the_thread_is_the_reason_of_the_process(system: System) {
    system.log_crashes(false);
    let body = async |_: ProcessContext<()>| panic!("a wire broke");
    let process = Threads::own().spawn(&system, SpawnOptions::new(), body).unwrap().process;
    assert!(matches!(process.exited().await, ExitReason::Error(crash) if crash.message() == "a wire broke"));
    let next = system.spawn_with(SpawnOptions::new().on_thread(), answer).unwrap().process;
    assert!(ask(&next).await.is_ok());
}

#[otp::test]
async fn a_kill_ends_a_process_that_waits_for_mail_and_drops_its_state_on_its_thread(system: System) {
    let (guard, dropped) = tells();
    let body = async move |ctx: ProcessContext<Question>| {
        let _guard = (Rc::new(()), guard);
        answer(ctx).await;
    };
    let process = Threads::own().spawn(&system, SpawnOptions::new(), body).unwrap().process;
    let own = ask(&process).await.unwrap();
    process.exit(ExitReason::Kill);
    assert_eq!(process.exited().await, ExitReason::Killed);
    assert_eq!(dropped.now_or_never(), Some(Ok(own)), "before the end is known");
}

#[otp::test]
async fn a_process_that_is_killed_before_it_runs_ends(system: System) {
    for threads in [Threads::own(), Threads::bounded(1)] {
        let body = async |ctx: ProcessContext<()>| forever(ctx).await;
        let process = threads.spawn(&system, SpawnOptions::new(), body).unwrap().process;
        process.exit(ExitReason::Kill);
        assert_eq!(process.exited().await, ExitReason::Killed);
    }
}

// In a simulation there is no other thread that could kill or open.
#[otp::test(backends = [tokio, tokio_current, smol])]
async fn a_kill_acts_when_the_code_returns_and_until_then_nothing_of_the_end_is_seen(system: System) {
    const NAME: Name<()> = Name::new("driver");
    let watch = inside(&system, async move |mut ctx: ProcessContext<()>| {
        let blocked = blocked(ctx.system(), SpawnOptions::new().name(NAME), &Threads::own()).await;
        let process = &blocked.process;
        let monitor = ctx.monitor(process);
        let mut exited = process.exited();
        process.exit(ExitReason::Kill);
        assert!(begin(&mut exited).await.is_pending());
        assert!(ctx.receive_timeout(Duration::from_millis(20)).await.is_none());
        assert!(ctx.system().is_alive(process.pid()));
        assert!(ctx.system().spawn_with(SpawnOptions::new().name(NAME), forever).is_err());

        blocked.open.send(()).unwrap();
        let down = down(ctx.receive().await);
        assert_eq!((down.monitor, down.reason), (monitor, ExitReason::Killed));
        assert_eq!(blocked.dropped.now_or_never(), Some(Ok(blocked.thread)), "before the end is known");
        ctx.system().spawn_with(SpawnOptions::new().name(NAME), forever).is_ok()
    });
    assert!(watch.await);
}

#[otp::test(backends = [tokio, tokio_current, smol])]
async fn a_process_whose_code_goes_on_after_the_signal_that_ends_it_is_reported(system: System) {
    let mut events = system.subscribe();
    let blocked = blocked(&system, SpawnOptions::new().label("driver"), &Threads::own()).await;
    blocked.process.exit(ExitReason::Kill);
    let delayed = loop {
        if let Some(event @ ThreadEvent::EndDelayed { .. }) = events.next().await.downcast_ref::<ThreadEvent>() {
            break event.clone();
        }
    };
    let ThreadEvent::EndDelayed { pid, ref label, since, .. } = delayed else { unreachable!("there is no other") };
    assert_eq!((pid, label.clone()), (blocked.process.pid(), Some("driver".into())));
    assert!(since >= Duration::from_secs(1));
    let text = delayed.to_string();
    assert!(text.starts_with(&format!("driver {pid} was to end ")), "{text}");
    blocked.open.send(()).unwrap();
    assert_eq!(blocked.process.exited().await, ExitReason::Killed);
}

#[otp::test(backends = [tokio, tokio_current, smol])]
async fn a_shutdown_leaves_a_process_behind_whose_code_does_not_return(system: System) {
    let other = System::on(system.runtime().clone());
    let quiet = other.spawn_with(SpawnOptions::new().on_thread(), forever::<()>).unwrap().process;
    // Its thread is there, and ends it when it is told.
    idle(&quiet).await;
    // The younger one is told first.
    let blocked = blocked(&other, SpawnOptions::new().label("driver"), &Threads::own()).await;
    let report = other.shutdown(Duration::from_millis(1)).await;
    let [left] = &report.still_running[..] else { panic!("{report:?}") };
    assert_eq!((left.pid, left.label.clone()), (blocked.process.pid(), Some("driver".into())));
    assert!(report.ended.iter().any(|ended| ended.pid == quiet.pid()), "{report:?}");
    blocked.open.send(()).unwrap();
    assert_eq!(blocked.process.exited().await, ExitReason::Shutdown, "the first signal decides");
}

#[otp::test(backends = [tokio, tokio_current, smol])]
async fn a_handler_may_block_in_calls_and_sleeps_and_a_kill_ends_it_there(system: System) {
    let clerk = system.spawn(answer);
    let elsewhere = ask(&clerk).await.is_ok();
    let body = async move |ctx: ProcessContext<Question>| {
        assert!(elsewhere && block_on(ask(&clerk)).is_ok());
        block_on(ctx.system().sleep(Duration::from_millis(1)));
        let process = ctx.system().spawn(async |_: ProcessContext<()>| ());
        assert_eq!(block_on(process.exited()), ExitReason::Normal);
        block_on(answer(ctx));
    };
    let process = system.spawn_with(SpawnOptions::new().on_thread(), body).unwrap().process;
    assert!(ask(&process).await.is_ok());
    process.exit(ExitReason::Kill);
    assert_eq!(process.exited().await, ExitReason::Killed);
}

/// Nothing else says that it is not so: a call that runs its callee is only faster.
#[otp::test]
async fn a_caller_never_runs_the_process(system: System) {
    let process = system.spawn_with(SpawnOptions::new().inline(true).on_thread(), answer).unwrap().process;
    let is_simulated = system.runtime().name() == "sim";
    inside(&system, async move |_: ProcessContext<()>| {
        for _ in 0..if is_simulated { 10 } else { 1000 } {
            assert_eq!(ask(&process).await == Ok(thread::current().id()), is_simulated);
        }
    })
    .await;
}

#[otp::test]
async fn a_pool_has_so_many_threads_and_a_process_keeps_the_one_it_got(system: System) {
    let threads = Threads::bounded(3);
    let start = |_| threads.spawn(&system, SpawnOptions::new(), answer).unwrap().process;
    let processes: Vec<_> = (0..9).map(start).collect();
    let mut places = HashMap::new();
    for process in processes.iter().cycle().take(90) {
        let thread = ask(process).await.unwrap();
        assert_eq!(*places.entry(process.pid()).or_insert(thread), thread);
    }
    let mut load = HashMap::new();
    places.values().for_each(|thread| *load.entry(*thread).or_insert(0) += 1);
    let expected: &[i32] = if system.runtime().name() == "sim" { &[9] } else { &[3, 3, 3] };
    assert_eq!(load.into_values().collect::<Vec<_>>(), expected);
}

#[otp::test(backends = [tokio, tokio_current, smol])]
async fn processes_on_one_thread_wait_for_each_other_and_others_do_not(system: System) {
    let threads = Threads::bounded(2);
    let first = blocked(&system, SpawnOptions::new(), &threads).await;
    let free = threads.spawn(&system, SpawnOptions::new(), answer).unwrap().process;
    let free_thread = ask(&free).await.unwrap();
    assert_ne!(free_thread, first.thread);
    // The third goes to either; a fourth goes to the other.
    let rest = [(); 2].map(|()| threads.spawn(&system, SpawnOptions::new(), answer).unwrap().process);
    let mut calls = rest.each_ref().map(|process| ask(process).no_timeout().into_future());
    let mut answers = Vec::new();
    for (index, call) in calls.iter_mut().enumerate() {
        if let Ok(thread) = system.timeout(Duration::from_millis(200), call).await {
            answers.push((index, thread.unwrap()));
        }
    }
    let [(index, thread)] = answers[..] else { panic!("one of two can answer: {answers:?}") };
    assert_eq!(thread, free_thread);
    let [_, _] = &calls;
    first.open.send(()).unwrap();
    let late = calls.into_iter().enumerate().find(|(other, _)| *other != index).unwrap().1;
    assert_eq!(late.await, Ok(first.thread));
}

#[otp::test(backends = [tokio, tokio_current, smol])]
async fn a_kill_of_a_process_on_a_thread_that_another_one_blocks_acts_when_that_returns(system: System) {
    let threads = Threads::bounded(1);
    let blocked = blocked(&system, SpawnOptions::new(), &threads).await;
    let second = threads.spawn(&system, SpawnOptions::new(), answer).unwrap().process;
    second.exit(ExitReason::Kill);
    assert!(system.timeout(Duration::from_millis(20), second.exited()).await.is_err());
    blocked.open.send(()).unwrap();
    assert_eq!(second.exited().await, ExitReason::Killed);
    assert!(system.is_alive(blocked.process.pid()));
}

/// How many threads have that name, of at most 15 bytes.
#[cfg(target_os = "linux")]
fn threads_called(name: &str) -> usize {
    let tasks = std::fs::read_dir("/proc/self/task").expect("the threads of this program");
    let names = tasks.filter_map(|task| std::fs::read_to_string(task.ok()?.path().join("comm")).ok());
    names.filter(|other| other.trim_end() == name).count()
}

#[cfg(target_os = "linux")]
#[otp::test(backends = [tokio, tokio_current, smol])]
async fn a_thread_is_named_after_its_process_and_ends_with_it(system: System) {
    let name = format!("leaves-{}", system.random() % 10_000_000);
    let start = |_| {
        let options = SpawnOptions::new().label(name.clone());
        Threads::own().spawn(&system, options, answer).unwrap().process
    };
    let processes: Vec<_> = (0..8).map(start).collect();
    for process in &processes {
        ask(process).await.unwrap();
    }
    assert_eq!(threads_called(&name), 8);
    processes.iter().for_each(|process| process.exit(ExitReason::Shutdown));
    until(|| threads_called(&name) == 0).await;
}

#[otp::test(backends = [tokio, tokio_current, smol])]
async fn the_thread_of_a_pool_ends_with_its_last_process_and_the_next_one_gets_a_new_one(system: System) {
    let threads = Threads::bounded(1);
    let mut used = HashSet::new();
    for _ in 0..20 {
        let processes = [(); 3].map(|()| threads.spawn(&system, SpawnOptions::new(), answer).unwrap().process);
        for process in &processes {
            used.insert(ask(process).await.unwrap());
        }
        for process in processes {
            process.exit(ExitReason::Kill);
            process.exited().await;
        }
    }
    // The end of a process is known a little before its thread knows it: the next may find the thread still there.
    assert!(used.len() > 1 && used.len() <= 20, "{}", used.len());
}

#[test]
fn a_pool_gives_each_runtime_its_own_threads() {
    let threads = Threads::bounded(1);
    let place = |system: &System| threads.spawn(system, SpawnOptions::new(), answer).unwrap().process;
    otp::tokio::TokioExecutor::current_thread()
        .run(async |tokio| {
            let smol = System::new(otp::smol::SmolRuntime::global());
            let (one, two) = (place(&tokio), place(&smol));
            assert_ne!(ask(&one).await, ask(&two).await);
            assert_eq!(ask(&one).await, ask(&place(&tokio)).await);
            smol.shutdown(Duration::from_secs(5)).await;
        })
        .unwrap();
}

/// Ends an executor whose processes are on threads, and gives what is left of them.
fn drop_executor(executor: impl otp::runtime::Executor) {
    let system = System::on(executor.runtime());
    let started = system.clone();
    let mut left = None;
    let (guard, dropped) = tells();
    let main = async {
        let body = async move |ctx: ProcessContext<Question>| {
            let _guard = (Rc::new(()), guard);
            answer(ctx).await;
        };
        let waiting = Threads::own().spawn(&started, SpawnOptions::new(), body).unwrap().process;
        let thread = ask(&waiting).await.unwrap();
        let pooled = Threads::bounded(1).spawn(&started, SpawnOptions::new(), answer).unwrap().process;
        ask(&pooled).await.unwrap();
        let blocked = blocked(&started, SpawnOptions::new(), &Threads::own()).await;
        left = Some((waiting, thread, pooled, blocked));
    };
    executor.block_on(std::pin::pin!(main)).unwrap();
    let (waiting, thread, pooled, blocked) = left.unwrap();
    drop(executor);
    // They end by themselves: nobody wakes them.
    assert_eq!(block_on(waiting.exited()), ExitReason::Killed);
    assert_eq!(block_on(dropped), Ok(thread));
    assert_eq!(block_on(pooled.exited()), ExitReason::Killed);
    assert!(system.is_alive(blocked.process.pid()), "its code has not returned");
    // Not even who wakes it ends it on another thread.
    blocked.process.try_send(()).unwrap();
    assert!(system.is_alive(blocked.process.pid()));
    blocked.open.send(()).unwrap();
    let exited = block_on(blocked.process.exited());
    assert!(exited == ExitReason::Killed || exited == ExitReason::Normal, "{exited}");
    assert_eq!(block_on(blocked.dropped), Ok(blocked.thread));
    let late = Threads::own().spawn(&system, SpawnOptions::new(), answer).unwrap().process;
    assert_eq!(block_on(late.exited()), ExitReason::Killed);
}

#[test]
fn the_processes_on_threads_end_with_their_executor_on_their_threads() {
    drop_executor(otp::tokio::TokioExecutor::multi_thread());
    drop_executor(otp::tokio::TokioExecutor::current_thread());
    drop_executor(otp::smol::SmolExecutor::with_workers(2));
    drop_executor(otp::smol::SmolExecutor::with_workers(0));
}

#[test]
fn a_simulation_with_processes_on_threads_is_the_same_for_the_same_seed() {
    let run = |seed| {
        let executor = otp::sim::SimExecutor::new(seed);
        let main = async |system: System| {
            let threads = Threads::bounded(2);
            let start = |_| threads.spawn(&system, SpawnOptions::new(), answer).unwrap().process;
            let processes: Vec<_> = (0..5).map(start).collect();
            for process in &processes {
                idle(process).await;
                assert_eq!(ask(process).await, Ok(thread::current().id()));
            }
        };
        executor.run(main).unwrap();
        executor.hash()
    };
    assert_eq!(run(7), run(7));
    assert_ne!(run(7), run(8));
}

#[otp::test]
async fn a_process_on_a_thread_may_start_others_there(system: System) {
    let body = async |ctx: ProcessContext<()>| {
        let child = Threads::own().spawn(&ctx, SpawnOptions::new().link(), answer).unwrap().process;
        let inner = ask(&child).await.unwrap();
        assert_eq!(inner == thread::current().id(), ctx.system().runtime().name() == "sim");
    };
    let process = Threads::own().spawn(&system, SpawnOptions::new(), body).unwrap().process;
    assert_eq!(process.exited().await, ExitReason::Normal);
}

#[test]
fn a_local_value_is_used_on_its_thread_alone() {
    let mut local = Local::new(Rc::new(1));
    assert!(local.is_here() && **local == 1);
    *local = Rc::new(2);
    let elsewhere = thread::scope(|scope| {
        let used = scope.spawn(|| (local.is_here(), caught(|| drop(Rc::clone(&local))), format!("{local:?}")));
        used.join().unwrap()
    });
    assert!(!elsewhere.0);
    assert!(elsewhere.1.starts_with("a `Local<alloc::rc::Rc<i32>>` was used"), "{}", elsewhere.1);
    assert_eq!(elsewhere.2, "Local(on another thread)");
    assert_eq!(format!("{local:?}"), "Local(2)");
    assert_eq!(*local.into_inner(), 2);
}

#[test]
fn a_local_value_that_is_dropped_elsewhere_is_kept_and_one_without_a_drop_is_not_missed() {
    let drops = Drops::default();
    let local = Local::new(drops.guard());
    let number = Local::new(7);
    let panicked = thread::scope(|scope| scope.spawn(|| (drop(number), caught(|| drop(local)))).join().unwrap().1);
    assert!(panicked.starts_with("a `Local<"), "{panicked}");
    assert_eq!(drops.count(), 0);
}

#[otp::test]
async fn crashes_of_dropping_the_state_are_reported_and_the_process_ends(system: System) {
    system.log_crashes(false);
    let mut events = system.subscribe();
    let body = async |ctx: ProcessContext<()>| {
        let _bomb = (Rc::new(()), otp_suite::Bomb("in the drop"));
        forever(ctx).await;
    };
    let process = Threads::own().spawn(&system, SpawnOptions::new(), body).unwrap().process;
    idle(&process).await;
    process.exit(ExitReason::Kill);
    assert_eq!(process.exited().await, ExitReason::Killed);
    until(|| matches!(events.try_next(), Some(Event::Crashed(report)) if report.reason.to_string().contains("in the drop")))
        .await;
}
