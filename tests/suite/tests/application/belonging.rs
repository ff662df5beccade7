//! Which application a process belongs to, and what becomes of it.

use otp::application::{self, App};
use otp::prelude::*;

use crate::told::{Log, Told, texts, top};

fn sleeper(by: &Process) -> ProcessRef<()> {
    by.spawn(async |_: ProcessContext<()>| std::future::pending::<()>().await)
}

// APP-10
#[otp::test]
async fn what_a_process_of_an_application_starts_belongs_to_it_and_ends_with_it(system: System) {
    let app = App::new(Told::new("a", &Log::default()));
    application::start(&system, app).await.unwrap();
    let supervisor = SupervisorRef::<otp::supervisor::Static>::of(&system, top(&system, "a")).unwrap();
    let (tell, told) = async_channel::bounded(1);
    let child = ChildSpec::worker("w", move |supervisor: Process| {
        let tell = tell.clone();
        let worker = supervisor.spawn_link(async move |ctx: ProcessContext<()>| {
            tell.send(sleeper(&ctx)).await.unwrap();
            std::future::pending::<()>().await
        });
        std::future::ready(worker)
    });
    let worker = supervisor.start_child(child).await.unwrap().unwrap();
    let stray = told.recv().await.unwrap();
    let outside = system.spawn(async |_: ProcessContext<()>| std::future::pending::<()>().await);
    for pid in [supervisor.pid().unwrap(), worker.pid(), stray.pid()] {
        assert_eq!(application::application_of(&system, pid), Some("a".into()));
    }
    assert_eq!(application::application_of(&system, outside.pid()), None);
    let end = application::stop(&system, "a").await.unwrap();
    assert_eq!(end.strays.iter().map(|stray| stray.pid).collect::<Vec<_>>(), [stray.pid()]);
    assert_eq!(stray.exited().await, ExitReason::Killed);
    assert!(outside.is_alive());
    outside.exit(ExitReason::Kill);
}

#[otp::test]
async fn an_application_that_a_process_starts_does_not_belong_to_it(system: System) {
    let log = Log::default();
    let starter = system.spawn(async move |ctx: ProcessContext<()>| {
        application::start(ctx.system(), App::new(Told::new("a", &log))).await.unwrap();
    });
    assert_eq!(starter.exited().await, ExitReason::Normal);
    let info = &application::applications(&system)[0];
    assert_eq!(system.parent(info.master.unwrap()), Some(Pid::SYSTEM));
    assert_eq!(texts(&application::running(&system)), ["a"]);
}

#[otp::test]
async fn a_shutdown_of_the_system_stops_its_applications(system: System) {
    let log = Log::default();
    let other = System::on(system.runtime().clone());
    let base = App::new(Told::new("base", &log));
    application::ensure_all_started(&other, Told::new("user", &log).depends_on(base)).await.unwrap();
    log.take();
    let report = other.shutdown(std::time::Duration::from_secs(5)).await;
    assert_eq!(report.killed().count(), 0);
    assert_eq!(log.take(), ["user prep_stop", "user stop", "base prep_stop", "base stop"]);
}
