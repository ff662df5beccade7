//! Several systems and executors in one program, and the end of an executor under live processes.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use futures::FutureExt;
use futures::channel::oneshot;
use futures::executor::block_on;
use otp::event::Event;
use otp::process::{NameError, SpawnOptions};
use otp::runtime::{BoxTimer, Executor, Instant, Job, Runtime, Task};
use otp::scope::{BlockingError, TaskGroup};
use otp::smol::SmolExecutor;
use otp::tokio::TokioExecutor;
use otp::{Call, CallError, ExitReason, Message, Name, ProcessContext, ProcessRef, ReplyTo, System};
use otp_suite::{Drops, down, exit, forever, inside, obey};

#[otp::test]
async fn two_systems_on_one_executor_do_not_see_each_other(system: System) {
    const NAME: Name<ExitReason> = Name::new("same name");
    let other = System::on(system.runtime().clone());
    assert_ne!(system, other);
    let mut events = other.subscribe();
    let here = system.spawn_with(SpawnOptions::new().name(NAME), obey).unwrap().process;
    assert_eq!(other.whereis(&NAME), Ok(None));
    assert_eq!((other.process_count(), events.try_next()), (0, None));
    let there = other.spawn_with(SpawnOptions::new().name(NAME), obey).unwrap().process;
    assert_eq!(here.pid(), there.pid(), "pids mean nothing in another system");
    other.exit(here.pid(), ExitReason::Kill);
    assert_eq!(there.exited().await, ExitReason::Killed);
    assert!(here.is_alive());
    assert_eq!(system.whereis(&NAME), Ok(Some(here)));
}

#[otp::test]
async fn a_process_cannot_be_registered_in_another_system(system: System) {
    let other = System::on(system.runtime().clone());
    let (here, there) = (system.spawn(obey), other.spawn(obey));
    assert_eq!(here.pid(), there.pid());
    let name = Name::new("stranger");
    let refused = NameError::NoProc { name: "stranger".into(), pid: here.pid() };
    assert_eq!(other.register(&name, &here), Err(refused));
    assert_eq!(other.whereis(&name), Ok(None));
    other.register(&name, &there).unwrap();
    assert_eq!(other.shutdown(Duration::MAX).await.ended.len(), 1);
}

#[otp::test]
async fn code_of_a_process_is_outside_any_process_in_another_system(system: System) {
    let other = System::on(system.runtime().clone());
    let (second, world) = (other.clone(), system.clone());
    inside(&system, async move |ctx: ProcessContext<()>| {
        let root = second.spawn(async |ctx: ProcessContext<()>| assert_eq!(ctx.parent(), otp::Pid::SYSTEM));
        assert_eq!(root.exited().await, ExitReason::Normal);
        let child = world.spawn(async |ctx: ProcessContext<()>| ExitReason::other(ctx.parent()));
        assert_eq!(child.exited().await, ExitReason::other(ctx.pid()));
        // The same pid, and not itself.
        let twin = (0..).map(|_| second.spawn(answer)).find(|twin| twin.pid() >= ctx.pid()).unwrap();
        assert_eq!(Call::new(&twin, |from| from).timeout(Duration::from_secs(3600)).await, Ok(42));
    })
    .await;
    other.shutdown(Duration::ZERO).await;
}

async fn answer(mut ctx: ProcessContext<ReplyTo<u32>>) {
    loop {
        if let Message::User(from) = ctx.receive().await {
            from.reply(42);
        }
    }
}

#[test]
fn processes_on_two_backends_talk_to_each_other() {
    let (tokio, smol) = (TokioExecutor::with_workers(1), SmolExecutor::with_workers(1));
    let (on_tokio, on_smol) = (System::on(tokio.runtime()), System::on(smol.runtime()));
    assert_eq!((on_tokio.runtime().name(), on_smol.runtime().name()), ("tokio", "smol"));
    for (server, client) in [(&on_tokio, &on_smol), (&on_smol, &on_tokio)] {
        let bounded = server.spawn_with(SpawnOptions::new().mailbox(1), answer).unwrap().process;
        let callee = bounded.clone();
        let sum = inside(client, async move |_: ProcessContext<()>| {
            let mut sum = 0;
            for _ in 0..200 {
                sum += Call::new(&callee, |from| from).timeout(Duration::from_secs(3600)).await.unwrap();
            }
            sum
        });
        assert_eq!(block_on(sum), 200 * 42);
        let exited = bounded.exited();
        bounded.exit(ExitReason::Shutdown);
        assert_eq!(block_on(exited), ExitReason::Shutdown);
    }
}

#[test]
fn an_executor_that_is_run_inside_another_one_is_refused() {
    let (tokio, smol) = (TokioExecutor::current_thread(), SmolExecutor::with_workers(0));
    let refused = tokio.run(async |_| smol.run(async |_| ()).unwrap_err().to_string()).unwrap();
    assert!(refused.starts_with("cannot run the smol executor here"), "{refused}");
}

/// Drops an executor under live processes, and looks from outside at what becomes of them.
fn drop_under_live_processes<E: Executor>(executor: E, start: impl FnOnce(&E)) {
    let system = System::on(executor.runtime());
    let mut events = system.subscribe();
    let dropped = Drops::default();
    let guard = dropped.guard();
    let server = system.spawn(async move |mut ctx: ProcessContext<ReplyTo<u32>>| {
        let _guard = guard;
        let _kept = ctx.receive().await;
        forever(ctx).await;
    });
    let options = SpawnOptions::new().name(Name::new("held")).trap_exit(true);
    let holder = system.spawn_with(options, forever::<()>).unwrap().process;
    start(&executor);

    // These wait on another executor.
    let elsewhere = SmolExecutor::with_workers(1);
    let other = System::on(elsewhere.runtime());
    let callee = server.clone();
    let (tell, answered) = oneshot::channel();
    other.spawn(async move |_: ProcessContext<()>| {
        let answer = Call::new(&callee, |from: ReplyTo<u32>| from).no_timeout().await;
        let _ = tell.send(answer);
    });
    let awaited = server.clone();
    let ended = other.spawn(async move |_: ProcessContext<()>| awaited.exited().await);
    let ended = ended.exited();
    let blocked = system.spawn_with(SpawnOptions::new().mailbox(1), forever::<u32>).unwrap().process;
    blocked.try_send(1).unwrap();
    let mut full = Box::pin(blocked.send(2));
    assert!(full.as_mut().now_or_never().is_none());
    let mut group = TaskGroup::<(), std::io::Error>::new(&system);
    group.spawn(std::future::pending());
    let timer = system.send_after(Duration::from_secs(3600), &holder, ());

    drop(executor);

    assert_eq!(block_on(ended), ExitReason::Killed);
    match block_on(answered).unwrap().unwrap_err() {
        CallError::Exited { reason, .. } => assert_eq!(reason, ExitReason::Killed),
        // The call may come only after the end.
        CallError::NoProc(callee) => assert_eq!(callee.pid, Some(server.pid())),
        other => panic!("{other}"),
    }
    assert_eq!(block_on(full).unwrap_err().into_message(), 2);
    assert_eq!(block_on(group.join()).unwrap_err().errors.len(), 0);
    assert_eq!(block_on(holder.exited()), ExitReason::Killed);
    assert_eq!((dropped.count(), system.process_count(), system.registered().len()), (1, 0, 0));
    assert_eq!((timer.read(), system.timer_count()), (None, 0));
    let crashed = std::iter::from_fn(|| events.try_next()).any(|event| matches!(event, Event::Crashed(_)));
    assert!(!crashed, "they were ended from outside");

    // Nothing that is started afterwards is lost without a word.
    let late = system.spawn(async |_: ProcessContext<()>| {});
    assert_eq!(block_on(late.exited()), ExitReason::Killed);
    assert_eq!(block_on(system.spawn_blocking(|| 1)), Err(BlockingError::NotRun));
    drop(elsewhere);
}

#[test]
fn the_processes_of_a_dropped_tokio_executor_end_for_all_who_wait() {
    drop_under_live_processes(TokioExecutor::with_workers(2), |_| {});
}

#[test]
fn the_processes_of_a_dropped_smol_executor_end_for_all_who_wait() {
    drop_under_live_processes(SmolExecutor::with_workers(2), |_| {});
}

#[test]
fn the_processes_of_an_executor_without_threads_end_for_all_who_wait() {
    let turn = async |_: System| {
        for _ in 0..10 {
            otp::process::yield_now().await;
        }
    };
    drop_under_live_processes(TokioExecutor::current_thread(), |executor| executor.run(turn).unwrap());
    drop_under_live_processes(SmolExecutor::with_workers(0), |executor| executor.run(turn).unwrap());
    // Not even started.
    drop_under_live_processes(TokioExecutor::current_thread(), |_| {});
    drop_under_live_processes(SmolExecutor::with_workers(0), |_| {});
}

/// Drops an executor whose processes are linked to and monitor each other.
fn drop_under_linked_processes<E: Executor>(executor: E) {
    let system = System::on(executor.runtime());
    let doomed: ProcessRef<()> = system.spawn(async |ctx: ProcessContext<()>| {
        ctx.trap_exit(true);
        // Its peers die with it, in whichever order the executor drops them, and each hears of the others or is dead.
        ctx.spawn_link(forever::<()>);
        ctx.spawn_monitor(forever::<()>);
        forever(ctx).await;
    });
    let ended = doomed.exited();
    drop(executor);
    assert_eq!(block_on(ended), ExitReason::Killed);
    assert_eq!(system.process_count(), 0);
}

#[test]
fn links_and_monitors_among_the_processes_of_a_dropped_executor_do_no_harm() {
    drop_under_linked_processes(TokioExecutor::with_workers(2));
    drop_under_linked_processes(TokioExecutor::current_thread());
    drop_under_linked_processes(SmolExecutor::with_workers(2));
    drop_under_linked_processes(SmolExecutor::with_workers(0));
}

/// A runtime that runs the processes of one system on two executors in turn, so that one of them can go away.
struct Either {
    first: Arc<dyn Runtime>,
    second: Arc<dyn Runtime>,
    on_second: Arc<AtomicBool>,
}

impl Either {
    fn now(&self) -> &dyn Runtime {
        let second = self.on_second.load(Ordering::SeqCst);
        if second { &*self.second } else { &*self.first }
    }
}

impl Runtime for Either {
    fn name(&self) -> &'static str {
        "either"
    }

    fn spawn(&self, task: Task) {
        self.now().spawn(task);
    }

    fn spawn_blocking(&self, job: Job) {
        self.now().spawn_blocking(job);
    }

    fn timer(&self, deadline: Instant) -> BoxTimer {
        self.second.timer(deadline)
    }

    fn now(&self) -> Instant {
        self.second.now()
    }

    fn random(&self) -> u64 {
        self.second.random()
    }
}

fn survivors_hear<E: Executor, F: Executor>(goes: E, stays: F) {
    let on_second = Arc::new(AtomicBool::new(false));
    let runtime = Either { first: goes.runtime(), second: stays.runtime(), on_second: on_second.clone() };
    let system = System::new(runtime);
    let doomed = system.spawn_with(SpawnOptions::new().name(Name::new("on the first")), forever::<()>).unwrap().process;
    on_second.store(true, Ordering::SeqCst);
    let pid = doomed.pid();
    let (plain_is_ready, plain_ready) = oneshot::channel();
    let plain = system.spawn(async move |ctx: ProcessContext<()>| {
        ctx.link(pid).unwrap();
        plain_is_ready.send(()).unwrap();
        forever(ctx).await;
    });
    let (watcher_is_ready, watcher_ready) = oneshot::channel();
    let options = SpawnOptions::new().trap_exit(true);
    let watcher = system.spawn_with(options, async move |mut ctx: ProcessContext<()>| {
        ctx.link(pid).unwrap();
        let monitor = ctx.monitor(pid);
        watcher_is_ready.send(()).unwrap();
        let told = exit(ctx.receive().await);
        assert_eq!((told.from, told.reason), (pid, ExitReason::Killed));
        assert_eq!(ctx.system().registered(), []);
        let told = down(ctx.receive().await);
        assert_eq!((told.monitor, told.reason), (monitor, ExitReason::Killed));
    });
    let (plain, watcher) = (plain.exited(), watcher.unwrap().process.exited());
    block_on(plain_ready).unwrap();
    block_on(watcher_ready).unwrap();
    drop(goes);
    assert_eq!(block_on(plain), ExitReason::Killed);
    assert_eq!(block_on(watcher), ExitReason::Normal);
}

#[test]
fn processes_on_another_executor_hear_through_links_and_monitors_that_one_was_dropped() {
    survivors_hear(TokioExecutor::with_workers(1), SmolExecutor::with_workers(1));
    survivors_hear(SmolExecutor::with_workers(1), TokioExecutor::with_workers(1));
    survivors_hear(TokioExecutor::current_thread(), TokioExecutor::with_workers(1));
    survivors_hear(SmolExecutor::with_workers(0), SmolExecutor::with_workers(1));
}

#[test]
fn the_system_of_a_run_is_shut_down_when_its_main_function_returns() {
    let process = TokioExecutor::current_thread().run(async |system| system.spawn(obey)).unwrap();
    assert_eq!(block_on(process.exited()), ExitReason::Shutdown);
    let process = SmolExecutor::with_workers(1).run(async |system| system.spawn(obey)).unwrap();
    assert_eq!(block_on(process.exited()), ExitReason::Shutdown);
}
