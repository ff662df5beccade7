//! What can be known of a process.

use std::time::Duration;

use futures::channel::oneshot;
use otp::process::{Doing, Label, MessageRef, ProcessInfo, SpawnOptions, Status};
use otp::{ExitReason, Name, Pid, ProcessContext, ReplyTo, System};
use otp_suite::{forever, idle, inside, obey, until};

fn info(system: &System, pid: Pid) -> ProcessInfo {
    system.info(pid).expect("it is alive")
}

#[otp::test]
async fn a_process_that_nothing_is_known_of_has_nothing_to_tell(system: System) {
    let before = system.now();
    let process = system.spawn(obey);
    idle(&process).await;
    let info = info(&system, process.pid());
    assert_eq!(info.pid, process.pid());
    assert_eq!((info.label, info.name), (None, None));
    assert_eq!((info.parent, info.ancestors), (Pid::SYSTEM, vec![]));
    assert_eq!((info.status, info.doing.as_str()), (Status::Waiting, "waiting for a message"));
    assert!(!info.traps_exits);
    assert_eq!((info.queue, info.queue_limit, info.handled), (0, None, 0));
    assert_eq!((info.links, info.monitors, info.monitored_by), (vec![], vec![], vec![]));
    assert!(info.age <= system.now() - before);
    process.send(ExitReason::Normal).await.unwrap();
    process.exited().await;
    assert_eq!(system.info(process.pid()), None);
}

#[otp::test]
async fn label_and_name_are_told_and_the_name_stands_in_for_a_label(system: System) {
    let both =
        system.spawn_with(SpawnOptions::new().label("front desk").name(Name::new("desk")), obey).unwrap().process;
    let named = system.spawn_with(SpawnOptions::new().name(Name::new("back office")), obey).unwrap().process;
    let typed = system.spawn_with(otp::behaviour::options(|| "Office"), obey).unwrap().process;
    let told = |pid| {
        let info = info(&system, pid);
        (info.label.map(|label| label.to_string()), info.name.map(|name| name.to_string()))
    };
    assert_eq!(told(both.pid()), (Some("front desk".to_owned()), Some("desk".to_owned())));
    assert_eq!(told(named.pid()), (Some("back office".to_owned()), Some("back office".to_owned())));
    assert_eq!(told(typed.pid()), (Some("Office".to_owned()), None));
}

#[otp::test]
async fn ancestors_are_told_as_far_as_they_are_alive(system: System) {
    let (tell, told) = oneshot::channel();
    let top = system.spawn(async |ctx: ProcessContext<()>| {
        let middle = ctx.spawn(async |ctx: ProcessContext<ExitReason>| {
            let _ = tell.send(ctx.spawn(forever::<()>).pid());
            obey(ctx).await
        });
        std::future::pending::<()>().await;
        drop(middle);
    });
    let leaf = told.await.unwrap();
    let middle = info(&system, leaf).parent;
    assert_eq!(info(&system, leaf).ancestors, [middle, top.pid()]);
    let ended = system.exited(middle);
    system.exit(middle, ExitReason::Kill);
    ended.await;
    let leaf = info(&system, leaf);
    assert_eq!((leaf.parent, leaf.ancestors), (middle, vec![]));
}

#[otp::test]
async fn the_status_tells_whether_a_process_runs(system: System) {
    let world = system.clone();
    inside(&system, async move |ctx: ProcessContext<()>| {
        assert_eq!(info(&world, ctx.pid()).status, Status::Running);
        // What it starts cannot have run while it runs itself, on one thread; on several it may.
        let child = ctx.spawn(forever::<()>);
        let status = info(&world, child.pid()).status;
        assert!([Status::Runnable, Status::Running, Status::Waiting].contains(&status), "{status:?}");
        until(|| info(&world, child.pid()).status == Status::Waiting).await;
    })
    .await;
    let (world, (tell, told)) = (system.clone(), oneshot::channel());
    let hook = system.on_event({
        let tell = std::sync::Mutex::new(Some(tell));
        move |event| {
            if let otp::event::Event::Exited { pid, .. } = event
                && let Some(tell) = tell.lock().unwrap().take()
            {
                let info = info(&world, *pid);
                tell.send((info.status, info.doing)).unwrap();
            }
        }
    });
    system.spawn(async |_: ProcessContext<()>| {}).exited().await;
    assert_eq!(told.await, Ok((Status::Exiting, Label::from("exiting"))));
    drop(hook);
}

#[otp::test]
async fn what_a_process_says_that_it_is_doing_is_told(system: System) {
    let world = system.clone();
    inside(&system, async move |mut ctx: ProcessContext<u8>| {
        let doing = || info(&world, world_pid()).doing.to_string();
        assert_eq!(doing(), "starting");
        ctx.this().send(1).await.unwrap();
        ctx.receive().await;
        assert_eq!(doing(), "running");
        ctx.set_doing(Doing::EXITING);
        assert_eq!(doing(), "exiting");
        ctx.set_status("reading 3 of 7 files");
        assert_eq!(doing(), "reading 3 of 7 files");
        ctx.set_doing(Doing::RUNNING);
        assert_eq!(doing(), "reading 3 of 7 files", "until it says something else");
    })
    .await;
}

#[otp::test]
async fn a_behaviour_has_words_of_its_own_for_what_its_process_is_doing(system: System) {
    const HANDLING_EVENT: Doing = Doing::new(|| "in handle_event");
    let (tell, told) = oneshot::channel();
    let manager = system.spawn(async |ctx: ProcessContext<ReplyTo<()>>| {
        ctx.set_doing(HANDLING_EVENT);
        let _ = tell.send(());
        forever(ctx).await;
    });
    told.await.unwrap();
    assert_eq!(info(&system, manager.pid()).doing.as_str(), HANDLING_EVENT.as_str());
    let error = otp::Call::new(&manager, |reply_to| reply_to).timeout(Duration::ZERO).await.unwrap_err().to_string();
    assert!(error.ends_with("(1 messages in its queue, in handle_event)"), "{error}");
}

fn world_pid() -> Pid {
    otp::Process::current().expect("a process runs this").pid()
}

#[otp::test]
async fn the_queue_is_counted_on_both_sides(system: System) {
    let world = system.clone();
    inside(&system, async move |mut ctx: ProcessContext<u8>| {
        let me = ctx.this();
        for n in 0..5 {
            me.send(n).await.unwrap();
        }
        let counted = || (info(&world, me.pid()).queue, info(&world, me.pid()).handled);
        assert_eq!(counted(), (5, 0));
        ctx.receive().await;
        assert_eq!(counted(), (4, 1));
        me.send(5).await.unwrap();
        assert_eq!(counted(), (5, 1));
        ctx.receive_match(|message| matches!(message, MessageRef::User(3))).await;
        assert_eq!(counted(), (4, 2));
        ctx.try_receive_match(|message| matches!(message, MessageRef::User(5))).unwrap();
        assert_eq!(counted(), (3, 3));
        while ctx.receive_timeout(Duration::ZERO).await.is_some() {}
        assert_eq!(counted(), (0, 6));
    })
    .await;
    let bounded = system.spawn_with(SpawnOptions::new().mailbox(7), obey).unwrap().process;
    assert_eq!(info(&system, bounded.pid()).queue_limit, Some(7));
    let least = system.spawn_with(SpawnOptions::new().mailbox(0), obey).unwrap().process;
    assert_eq!(info(&system, least.pid()).queue_limit, Some(1), "at least one");
}

#[otp::test]
async fn links_monitors_and_the_trapping_of_exits_are_told(system: System) {
    let world = system.clone();
    inside(&system, async move |ctx: ProcessContext<()>| {
        ctx.trap_exit(true);
        let (linked, monitored) = (ctx.spawn_link(obey), ctx.spawn(obey));
        let monitor = ctx.monitor(&monitored);
        let own = info(&world, ctx.pid());
        assert!(own.traps_exits);
        assert_eq!((own.links, own.monitors, own.monitored_by), (vec![linked.pid()], vec![monitored.pid()], vec![]));
        assert_eq!(info(&world, linked.pid()).links, [ctx.pid()]);
        assert_eq!(info(&world, monitored.pid()).monitored_by, [ctx.pid()]);
        ctx.unlink(linked.pid());
        ctx.demonitor(monitor);
        ctx.trap_exit(false);
        let own = info(&world, ctx.pid());
        assert_eq!((own.links, own.monitors, own.traps_exits), (vec![], vec![], false));
        assert!(info(&world, monitored.pid()).monitored_by.is_empty());
    })
    .await;
}

#[otp::test]
async fn a_process_grows_older(system: System) {
    let process = system.spawn(obey);
    let first = info(&system, process.pid()).age;
    let start = system.now();
    until(|| system.now() - start > Duration::from_millis(2)).await;
    assert!(info(&system, process.pid()).age >= first + Duration::from_millis(2));
}

#[otp::test]
async fn the_processes_of_a_system_are_listed_by_age(system: System) {
    let pids: Vec<_> = (0..50).map(|_| system.spawn(obey).pid()).collect();
    assert_eq!(system.processes(), pids);
    assert_eq!(system.process_count(), 50);
    let name = system.runtime().name();
    assert_eq!(format!("{system:?}"), format!("System({name}, 50 processes)"));
}
