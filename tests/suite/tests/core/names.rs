//! Registered names: SPEC §6.

use std::any::type_name;
use std::time::Duration;

use futures::channel::oneshot;
use futures::future::join_all;
use otp::process::{NameError, SendError, SpawnOptions, Target, TrySendError};
use otp::{Address, ExitReason, Name, ProcessContext, ProcessRef, System};
use otp_suite::{down, forever, inside, obey};

const SHOP: Name<ExitReason> = Name::new("shop");
const KIOSK: Name<ExitReason> = Name::new("kiosk");

// REG-1, REG-4
#[otp::test]
async fn a_name_finds_its_holder_as_long_as_that_lives(system: System) {
    assert_eq!(system.whereis(&SHOP), Ok(None));
    let holder = system.spawn(obey);
    system.register(&SHOP, &holder).unwrap();
    assert_eq!(system.whereis(&SHOP), Ok(Some(holder.clone())));
    assert_eq!(system.registered(), [("shop".into(), holder.pid())]);
    assert_eq!(system.info(holder.pid()).unwrap().name, Some("shop".into()));
    holder.send(ExitReason::Normal).await.unwrap();
    holder.exited().await;
    assert_eq!(system.whereis(&SHOP), Ok(None));
    assert!(system.registered().is_empty());
}

// REG-2
#[otp::test]
async fn a_registration_is_refused_for_every_reason_of_otp(system: System) {
    let (first, second, dead) = (system.spawn(obey), system.spawn(obey), system.spawn(obey));
    dead.exit(ExitReason::Kill);
    dead.exited().await;
    system.register(&SHOP, &first).unwrap();

    let taken = NameError::Taken { name: "shop".into(), holder: first.pid() };
    assert_eq!(taken.to_string(), format!("cannot register \"shop\": {} holds it", first.pid()));
    assert_eq!(system.register(&SHOP, &second), Err(taken.clone()));
    assert_eq!(system.register(&SHOP, &first), Err(taken), "also by the same process");

    let named = NameError::AlreadyNamed { name: "kiosk".into(), pid: first.pid(), has: "shop".into() };
    let text = format!("cannot register {} as \"kiosk\": it is registered as \"shop\"", first.pid());
    assert_eq!(named.to_string(), text);
    assert_eq!(system.register(&KIOSK, &first), Err(named));

    let gone = NameError::NoProc { name: "kiosk".into(), pid: dead.pid() };
    assert_eq!(gone.to_string(), format!("cannot register {} as \"kiosk\": no such process", dead.pid()));
    assert_eq!(system.register(&KIOSK, &dead), Err(gone));

    assert_eq!(system.whereis(&SHOP), Ok(Some(first)), "a refusal changes nothing");
    assert_eq!(system.whereis(&KIOSK), Ok(None));
}

// REG-3, REG-7
#[otp::test]
async fn anybody_may_unregister_a_name_that_is_held(system: System) {
    let nobody = NameError::NotRegistered { name: "shop".into() };
    assert_eq!(nobody.to_string(), "cannot unregister \"shop\": nobody holds it");
    assert_eq!(system.unregister(&SHOP), Err(nobody.clone()));
    let holder = system.spawn_with(SpawnOptions::new().name(SHOP), obey).unwrap().process;
    inside(&system, async |ctx: ProcessContext<()>| ctx.system().unregister(&SHOP).unwrap()).await;
    assert_eq!(system.unregister(&SHOP), Err(nobody));
    assert!(holder.is_alive());
    system.register(&KIOSK, &holder).expect("it has no name any more");
    assert_eq!(system.whereis(&KIOSK), Ok(Some(holder)));
}

// REG-5
#[otp::test]
async fn a_message_to_a_name_that_nobody_holds_comes_back(system: System) {
    let shop = Address::named(&system, SHOP);
    assert_eq!(shop.pid(), Ok(None));
    let error = shop.send(ExitReason::Shutdown).await.unwrap_err();
    assert_eq!(error.to_string(), "cannot send to shop: no such process");
    assert!(matches!(error, SendError::NoProc { to: Target::Name(_), message: ExitReason::Shutdown }));
    let error = shop.try_send(ExitReason::Shutdown).unwrap_err();
    assert!(matches!(error, TrySendError::NoProc { to: Target::Name(_), message: ExitReason::Shutdown }));
}

// REG-6
#[otp::test]
async fn a_name_can_be_taken_as_soon_as_the_end_of_its_holder_is_seen(system: System) {
    inside(&system, async |mut ctx: ProcessContext<()>| {
        for _ in 0..200 {
            let options = SpawnOptions::new().name(SHOP).monitor();
            let holder = ctx.spawn_with(options, obey).expect("the name is free").process;
            holder.exit(ExitReason::Kill);
            assert_eq!(down(ctx.receive().await).target, (&holder).into());
        }
    })
    .await;
}

#[otp::test]
async fn an_address_with_a_name_reaches_the_successor(system: System) {
    let shop = Address::named(&system, SHOP);
    for reason in [ExitReason::other("first"), ExitReason::other("second")] {
        let holder = system.spawn_with(SpawnOptions::new().name(SHOP), obey).unwrap().process;
        assert_eq!(shop.pid(), Ok(Some(holder.pid())));
        shop.send(reason.clone()).await.unwrap();
        assert_eq!(holder.exited().await, reason);
    }
    assert_eq!(shop.label(), Some("shop".into()));
}

#[otp::test]
async fn a_name_of_another_message_type_finds_nobody_and_says_so(system: System) {
    let holder = system.spawn_with(SpawnOptions::new().name(SHOP), obey).unwrap().process;
    let wrong = system.whereis(&Name::<String>::new("shop")).unwrap_err();
    assert_eq!((wrong.pid, &wrong.label), (holder.pid(), &Some("shop".into())));
    let text = format!("shop {} receives {}, not {}", holder.pid(), type_name::<ExitReason>(), type_name::<String>());
    assert_eq!(wrong.to_string(), text);

    let address = Address::named(&system, Name::<String>::new("shop"));
    assert_eq!(address.pid(), Err(wrong.clone()));
    let error = address.try_send("no".to_owned()).unwrap_err();
    let text = format!(
        "cannot send to shop {}: it receives {}, not {}",
        holder.pid(),
        type_name::<ExitReason>(),
        type_name::<String>()
    );
    assert_eq!(error.to_string(), text);
    assert_eq!(error, TrySendError::WrongType { wrong: wrong.clone(), message: "no".to_owned() });
    let error = address.send("no".to_owned()).await.unwrap_err();
    assert_eq!(error.to_string(), text);
    assert_eq!(error, SendError::WrongType { wrong, message: "no".to_owned() });
    assert!(holder.is_alive());

    // A monitor asks for no type.
    inside(&system, async move |mut ctx: ProcessContext<()>| {
        ctx.monitor(&address);
        holder.send(ExitReason::Normal).await.unwrap();
        let down = down(ctx.receive().await);
        assert_eq!((down.target, down.reason), (Target::Name("shop".into()), ExitReason::Normal));
    })
    .await;
}

#[otp::test]
async fn names_made_at_run_time_and_literals_are_the_same_names(system: System) {
    let holder = system.spawn_with(SpawnOptions::new().name(Name::dynamic("sh".to_owned() + "op")), obey);
    let holder: ProcessRef<ExitReason> = holder.unwrap().process;
    assert_eq!(system.whereis(&SHOP), Ok(Some(holder)));
}

// REG-1
#[otp::test]
async fn one_of_many_that_want_a_name_gets_it(system: System) {
    for _ in 0..20 {
        let (go_on, wait) = oneshot::channel::<()>();
        let wait = futures::FutureExt::shared(wait);
        let racers: Vec<ProcessRef<ExitReason>> = (0..50)
            .map(|_| {
                let wait = wait.clone();
                system.spawn(async move |ctx: ProcessContext<ExitReason>| {
                    let _ = wait.await;
                    match ctx.system().register(&SHOP, &ctx.this()) {
                        Ok(()) => obey(ctx).await,
                        Err(NameError::Taken { .. }) => ExitReason::other("refused"),
                        Err(other) => ExitReason::from(other),
                    }
                })
            })
            .collect();
        let refused = futures::stream::FuturesUnordered::from_iter(racers.iter().map(ProcessRef::exited));
        go_on.send(()).unwrap();
        let refused: Vec<_> = futures::StreamExt::collect(futures::StreamExt::take(refused, 49)).await;
        assert_eq!(refused, vec![ExitReason::other("refused"); 49]);
        let holder = system.whereis(&SHOP).unwrap().unwrap();
        holder.exit(ExitReason::Kill);
        assert_eq!(holder.exited().await, ExitReason::Killed);
    }
}

#[otp::test]
async fn twenty_thousand_processes_register_a_name_as_their_first_act(system: System) {
    let (tell, told) = async_channel::unbounded();
    let processes: Vec<_> = (0..20_000)
        .map(|n| {
            let tell = tell.clone();
            system.spawn(async move |ctx: ProcessContext<()>| {
                let done = ctx.system().register(&Name::dynamic(format!("process {n}")), &ctx.this());
                tell.try_send(done).unwrap();
                forever(ctx).await;
            })
        })
        .collect();
    for _ in 0..20_000 {
        assert_eq!(told.recv().await, Ok(Ok(())));
    }
    assert_eq!(system.registered().len(), 20_000);
    for (n, process) in processes.iter().enumerate().step_by(997) {
        assert_eq!(system.whereis(&Name::<()>::dynamic(format!("process {n}"))), Ok(Some(process.clone())));
    }
    let ends: Vec<_> = processes.iter().map(ProcessRef::exited).collect();
    processes.iter().for_each(|process| process.exit(ExitReason::Kill));
    assert!(join_all(ends).await.into_iter().all(|reason| reason == ExitReason::Killed));
    assert!(system.registered().is_empty());
}

/// The shortest of several times that it takes to start and end some named processes.
async fn time_of_named_lives(system: &System) -> Duration {
    let mut best = Duration::MAX;
    for _ in 0..5 {
        let start = system.now();
        for n in 0..500 {
            let options = SpawnOptions::new().name(Name::dynamic(format!("short-lived {n}")));
            let process = system.spawn_with(options, async |_: ProcessContext<()>| {}).unwrap().process;
            process.exited().await;
        }
        best = best.min(system.now() - start);
    }
    best
}

// A search through all names would make it thousands of times slower, so the margin is wide.
#[otp::test]
async fn the_end_of_a_process_costs_the_same_among_a_hundred_thousand_names(system: System) {
    let alone = time_of_named_lives(&system).await;
    for n in 0..100_000 {
        system.spawn_with(SpawnOptions::new().name(Name::dynamic(format!("bystander {n}"))), forever::<()>).unwrap();
    }
    assert_eq!(system.registered().len(), 100_000);
    let among_many = time_of_named_lives(&system).await;
    assert!(among_many < alone * 50 + Duration::from_millis(100), "{among_many:?} instead of {alone:?}");
}
