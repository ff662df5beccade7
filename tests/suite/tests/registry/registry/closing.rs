//! The process of a registry, its end and its restart: EREG-15.

use std::time::Duration;

use otp::gen_server::ServerRef;
use otp::prelude::*;
use otp::registry::{Registry, RegistryName, RegistryServer, Unique};

use super::actor::{Actor, Mail, Names, open};

const NAMES: RegistryName<&str, Mail, u32> = RegistryName::new("names");

type Running = ServerRef<RegistryServer<&'static str, Mail, u32, Unique>>;

#[otp::test]
async fn the_end_of_a_registry_ends_its_holders_and_is_told_to_those_that_trap_exits(system: System) {
    for (ended_by, told) in [
        (ExitReason::Shutdown, ExitReason::Shutdown),
        (ExitReason::other("oops"), ExitReason::Shutdown),
        (ExitReason::Kill, ExitReason::Killed),
    ] {
        let names: Names = Registry::new(&system);
        let running: Running = names.start(&system).await.unwrap();
        let pid = running.pid().unwrap();
        assert_eq!(names.pid(), Some(pid));
        let [plain, other, former, stranger] = [(); 4].map(|()| Actor::start(&system));
        let trapping = Actor::trapping(&system);
        plain.register(&names, "a", 1).await;
        trapping.register(&names, "b", 2).await;
        other.register(&names, "c", 3).await;
        former.register(&names, "d", 4).await;
        let own = names.clone();
        former.act(move |ctx| own.unregister(ctx, &"d")).await;
        running.exit(ended_by);
        running.exited().await;
        assert_eq!(names.pid(), None);
        assert_eq!(names.count(), 0);
        assert!(names.lookup("a").is_none() && names.keys(trapping.pid()).is_empty());
        assert_eq!(plain.0.exited().await, told);
        assert_eq!(other.0.exited().await, told);
        assert_eq!(trapping.0.exited().await, ExitReason::other((pid, told.to_string())));
        for spared in [former, stranger] {
            spared.act(|_| ()).await;
        }
    }
}

#[otp::test]
async fn a_registry_is_found_by_its_name_also_before_it_runs_and_by_its_types(system: System) {
    let early = Registry::named(&system, NAMES);
    let names = Registry::named(&system, NAMES);
    assert_eq!(names.label().as_str(), "names");
    names.start(&system).await.unwrap();
    let one = Actor::start(&system);
    one.register(&early, "k", 1).await;
    assert_eq!(names.lookup("k").unwrap().pid(), one.pid());
    let others: Registry<&str, Mail, u64> = Registry::named(&system, RegistryName::new("names"));
    assert!(others.pid().is_none() && others.lookup("k").is_none());
    let dynamic: Registry<&str, Mail, u32> = Registry::named(&system, RegistryName::dynamic("names".to_owned()));
    assert_eq!(dynamic.pid(), names.pid());
    // Two of the same name do not run.
    let error = early.start(&system).await.unwrap_err();
    assert!(matches!(error, StartError::AlreadyStarted { pid, .. } if Some(pid) == names.pid()));
    assert_eq!(system.info(names.pid().unwrap()).unwrap().label.unwrap().as_str(), "names");
}

#[otp::test]
async fn a_supervised_registry_is_restarted_empty_and_the_handles_lead_to_it(system: System) {
    let names = Registry::named(&system, NAMES);
    let tree = Supervisor::new(Strategy::OneForOne).child(names.child()).start(&system).await.unwrap();
    let trapping = Actor::trapping(&system);
    trapping.register(&names, "k", 1).await;
    names.put_meta("colour", 1_u8).unwrap();
    let first = names.pid().unwrap();
    system.exit(first, ExitReason::Kill);
    system.exited(first).await;
    otp_suite::until(|| names.pid().is_some()).await;
    assert_ne!(names.pid(), Some(first));
    assert!(names.lookup("k").is_none() && names.meta::<u8>("colour").is_err());
    trapping.0.exited().await;
    let next = Actor::start(&system);
    next.register(&names, "k", 2).await;
    assert_eq!(names.lookup("k").unwrap().pid(), next.pid());
    tree.stop().await.unwrap();
    assert_eq!(next.0.exited().await, ExitReason::Shutdown);
    assert_eq!(names.pid(), None);
}

#[otp::test]
async fn a_process_that_traps_exits_registers_again_after_the_restart(system: System) {
    let names = Registry::named(&system, NAMES);
    let tree = Supervisor::new(Strategy::OneForOne).intensity(9, Duration::from_secs(5)).child(names.child());
    tree.start(&system).await.unwrap();
    let own = names.clone();
    let holder = system.spawn(async move |mut ctx: ProcessContext<Mail>| {
        ctx.trap_exit(true);
        for round in 0..3 {
            own.register(&ctx, "k", round).unwrap();
            own.register(&ctx, "z", round).unwrap();
            let keeper = own.pid().unwrap();
            ctx.system().exit(keeper, ExitReason::Kill);
            let Message::Exit(exit) = ctx.receive().await else { panic!("an exit") };
            assert_eq!((exit.from, exit.reason), (keeper, ExitReason::Killed));
            otp_suite::until(|| own.pid().is_some_and(|pid| pid != keeper)).await;
        }
    });
    assert_eq!(holder.exited().await, ExitReason::Normal);
    assert_eq!(names.count(), 0);
}

#[otp::test]
async fn two_systems_have_registries_of_their_own(system: System) {
    let elsewhere = System::on(system.runtime().clone());
    let (here, there) = (Registry::named(&system, NAMES), Registry::named(&elsewhere, NAMES));
    here.start(&system).await.unwrap();
    there.start(&elsewhere).await.unwrap();
    let (one, other) = (Actor::start(&system), Actor::start(&elsewhere));
    one.register(&here, "k", 1).await;
    other.register(&there, "k", 2).await;
    assert_eq!((*here.lookup("k").unwrap().value(), *there.lookup("k").unwrap().value()), (1, 2));
    // A process of another system is none here, whatever its pid.
    let (own, away) = (there.clone(), there.clone());
    one.act(move |ctx| {
        let error = own.register(ctx, "z", 3).unwrap_err();
        assert!(matches!(error, otp::registry::RegisterError::NoProc { .. }));
        assert_eq!(own.unregister(ctx, &"k"), 0);
        assert!(own.update_value(ctx, &"k", |_| 4).is_err());
    })
    .await;
    assert_eq!(away.count(), 1);
    elsewhere.shutdown(Duration::ZERO).await;
    assert_eq!((here.count(), there.count()), (1, 0));
}

#[otp::test]
async fn entries_are_kept_by_whoever_looked_them_up(system: System) {
    let (names, one): (Names<std::sync::Arc<()>>, _) = (open(&system).await, Actor::start(&system));
    let value = std::sync::Arc::new(());
    one.register(&names, "k", value.clone()).await;
    let found = names.lookup("k").unwrap();
    one.kill().await;
    assert_eq!(std::sync::Arc::strong_count(&value), 2);
    assert!(!found.process().is_alive());
    drop(found);
    assert_eq!(std::sync::Arc::strong_count(&value), 1);
}
