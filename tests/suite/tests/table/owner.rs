//! Who has a table: its owner, its heir, and who was given it.

use otp::prelude::*;
use otp::process::{SpawnOptions, Target};
use otp::table::{self, Ending, GiveAwayError, Set, Transfer};
use otp_suite::servers::{gate, inside};

use super::actor::{Actor, Mail, Names};

#[otp::test]
async fn a_table_ends_with_its_owner(system: System) {
    // ETS-1
    let (owner, reader) = Actor::with_table(&system).await;
    assert_eq!(reader.lookup("a"), Ok(Some(1)));
    assert_eq!((reader.owner(), table::count(&system)), (Ok(owner.pid()), 1));
    owner.kill().await;
    let gone = reader.lookup("a").unwrap_err();
    assert_eq!(gone.how, Ending::OwnerEnded(owner.pid()));
    assert_eq!(gone.to_string(), format!("{} is gone: its owner {} has ended", reader.id(), owner.pid()));
    assert_eq!((reader.info(), reader.owner(), reader.len()), (Err(gone.clone()), Err(gone.clone()), Err(gone)));
    assert_eq!((table::list(&system), table::count(&system)), (Vec::new(), 0));
}

#[otp::test]
async fn when_the_end_of_the_owner_is_seen_its_table_is_gone(system: System) {
    // ETS-6
    let (owner, reader) = Actor::with_table(&system).await;
    let seen = system.spawn({
        let (owner, reader) = (owner.clone(), reader.clone());
        async move |mut ctx: ProcessContext<()>| {
            ctx.monitor(owner.pid());
            owner.0.exit(ExitReason::Kill);
            assert!(matches!(ctx.receive().await, Message::Down(_)));
            assert!(reader.lookup("a").is_err());
        }
    });
    assert_eq!(seen.exited().await, ExitReason::Normal);
}

#[otp::test]
async fn the_heir_gets_the_table_and_then_hears_of_the_end(system: System) {
    // ETS-1
    let (owner, reader) = Actor::with_table(&system).await;
    let heir = Actor::start(&system);
    let to = heir.heir();
    owner.act(move |desk| desk.table.as_ref().unwrap().set_heir(to, "bequest").unwrap()).await;
    let watched = owner.pid();
    heir.act(move |desk| desk.ctx.monitor(watched)).await;
    assert_eq!(reader.info().unwrap().heir, Some(heir.pid()));
    owner.kill().await;
    assert_eq!((reader.owner(), reader.lookup("a")), (Ok(heir.pid()), Ok(Some(1))));
    let (given, seen) = heir.act(|desk| (desk.given.clone(), desk.seen.clone())).await;
    assert_eq!(given, [(owner.pid(), "bequest")]);
    assert_eq!(seen, [format!("table from {watched}"), format!("down {}", Target::Pid(watched))]);
    heir.act(|desk| desk.table.as_ref().unwrap().insert("b", 2).unwrap()).await;
    assert_eq!(reader.lookup("b"), Ok(Some(2)));
    heir.kill().await;
    assert_eq!(reader.lookup("a").unwrap_err().how, Ending::OwnerEnded(heir.pid()));
}

#[otp::test]
async fn a_table_whose_heir_is_dead_ends(system: System) {
    // ETS-1
    let (owner, reader) = Actor::with_table(&system).await;
    let heir = Actor::start(&system);
    let to = heir.heir();
    owner.act(move |desk| desk.table.as_ref().unwrap().set_heir(to, "bequest").unwrap()).await;
    heir.kill().await;
    // It is still named.
    assert_eq!(reader.info().unwrap().heir, Some(heir.pid()));
    owner.kill().await;
    assert_eq!(reader.lookup("a").unwrap_err().how, Ending::OwnerEnded(owner.pid()));
}

#[otp::test]
async fn a_table_whose_heir_is_its_owner_ends_with_it(system: System) {
    // ETS-5
    let (owner, reader) = Actor::with_table(&system).await;
    let to = owner.heir();
    owner.act(move |desk| desk.table.as_ref().unwrap().set_heir(to, "own").unwrap()).await;
    owner.kill().await;
    assert_eq!(reader.lookup("a").unwrap_err().how, Ending::OwnerEnded(owner.pid()));
}

#[otp::test]
async fn an_heir_that_was_removed_gets_nothing(system: System) {
    // ETS-5
    let (owner, reader) = Actor::with_table(&system).await;
    let heir = Actor::start(&system);
    let to = heir.heir();
    owner
        .act(move |desk| {
            let table = desk.table.as_ref().unwrap();
            table.set_heir(to, "bequest").unwrap();
            table.remove_heir().unwrap();
        })
        .await;
    assert_eq!(reader.info().unwrap().heir, None);
    owner.kill().await;
    assert!(reader.lookup("a").is_err());
    assert_eq!(heir.act(|desk| desk.given.len()).await, 0);
}

#[otp::test]
async fn the_heir_stays_the_heir_when_it_gives_the_table_away(system: System) {
    // ETS-2, ETS-5
    let (owner, reader) = Actor::with_table(&system).await;
    let (heir, next) = (Actor::start(&system), Actor::start(&system));
    let to = heir.heir();
    owner.act(move |desk| desk.table.as_ref().unwrap().set_heir(to, "bequest").unwrap()).await;
    owner.kill().await;
    let to = next.heir();
    heir.act(move |desk| desk.table.take().unwrap().give_away(to, "gift").unwrap()).await;
    assert_eq!(reader.info().map(|info| (info.owner, info.heir)), Ok((next.pid(), Some(heir.pid()))));
    assert_eq!(next.act(|desk| desk.given.clone()).await, [(heir.pid(), "gift")]);
    next.kill().await;
    assert_eq!(heir.act(|desk| desk.given.clone()).await, [(owner.pid(), "bequest"), (next.pid(), "bequest")]);
    assert_eq!(reader.lookup("a"), Ok(Some(1)));
}

#[otp::test]
async fn the_former_owner_does_not_take_the_table_with_it(system: System) {
    // ETS-2
    let (owner, reader) = Actor::with_table(&system).await;
    let next = Actor::start(&system);
    let to = next.heir();
    owner.act(move |desk| desk.table.take().unwrap().give_away(to, "gift").unwrap()).await;
    owner.kill().await;
    assert_eq!(reader.lookup("a"), Ok(Some(1)));
    next.kill().await;
    assert_eq!(reader.lookup("a").unwrap_err().how, Ending::OwnerEnded(next.pid()));
}

#[otp::test]
async fn a_table_is_not_given_to_the_dead_nor_to_its_owner(system: System) {
    // ETS-2
    let (owner, reader) = Actor::with_table(&system).await;
    let dead = Actor::start(&system);
    dead.kill().await;
    let (to, own, late) = (dead.heir(), owner.heir(), owner.heir());
    owner
        .act(move |desk| {
            let error = desk.table.take().unwrap().give_away(to, "gift").unwrap_err();
            assert!(error.to_string().ends_with(": no such process"), "{error}");
            let GiveAwayError::NoProc { table, data: "gift", .. } = error else { panic!("{error}") };
            let error = table.give_away(own, "own").unwrap_err();
            let GiveAwayError::Owner { table, data: "own", .. } = error else { panic!("{error}") };
            table.insert("b", 2).unwrap();
            table.delete_table().unwrap();
            let error = table.give_away(late, "late").unwrap_err();
            assert!(matches!(error, GiveAwayError::Gone { data: "late", .. }), "{error}");
        })
        .await;
    assert_eq!(reader.lookup("a").unwrap_err().how, Ending::Deleted);
}

#[otp::test]
async fn the_message_of_a_table_waits_for_room(system: System) {
    let (owner, reader) = Actor::with_table(&system).await;
    let (open, gate) = gate();
    let options = SpawnOptions::new().mailbox(1);
    let heir = async move |mut ctx: ProcessContext<Option<Transfer<Names, &'static str>>>| {
        let _ = gate.await;
        assert!(matches!(ctx.receive().await, Message::User(None)));
        let Message::User(Some(transfer)) = ctx.receive().await else { panic!("it gets the table") };
        assert_eq!((transfer.data, transfer.table.lookup("a")), ("bequest", Ok(Some(1))));
    };
    let heir = system.spawn_with(options, heir).unwrap().process;
    let to = otp::Address::from(&heir).map_message(Some);
    owner.act(move |desk| desk.table.as_ref().unwrap().set_heir(to, "bequest").unwrap()).await;
    heir.try_send(None).unwrap();
    owner.kill().await;
    assert_eq!(reader.owner(), Ok(heir.pid()));
    drop(open);
    assert_eq!(heir.exited().await, ExitReason::Normal);
    assert!(reader.lookup("a").is_err());
}

#[otp::test]
async fn an_heir_by_name_is_whoever_holds_the_name_then(system: System) {
    const HEIR: Name<Mail> = Name::new("heir");
    let (owner, reader) = Actor::with_table(&system).await;
    let to = otp::Address::named(&system, HEIR).map_message(Mail::Table);
    owner.act(move |desk| desk.table.as_ref().unwrap().set_heir(to, "bequest").unwrap()).await;
    let named = Actor::start(&system);
    system.register(&HEIR, &named.0).unwrap();
    owner.kill().await;
    assert_eq!((reader.owner(), reader.info().unwrap().heir), (Ok(named.pid()), Some(named.pid())));
    // Its name is free before its tables have ended, and nobody else has it.
    named.kill().await;
    assert!(reader.lookup("a").is_err());
}

#[otp::test]
async fn a_table_of_a_process_that_has_ended_has_ended(system: System) {
    let (owner, _) = Actor::with_table(&system).await;
    let process = owner.act(|desk| otp::Process::clone(&desk.ctx)).await;
    owner.kill().await;
    let late = Names::new(&process);
    assert_eq!(late.lookup("a").unwrap_err().how, Ending::OwnerEnded(owner.pid()));
    assert_eq!(late.insert("a", 1).unwrap_err().into_rows(), ("a", 1));
    assert_eq!(table::count(&system), 0);
    let named = Set::<u8, u8>::named(&process, "late").unwrap();
    assert!(named.is_empty().is_err());
}

#[otp::test]
async fn a_table_that_is_deleted_is_gone_and_its_owner_lives(system: System) {
    inside(&system, async |ctx| {
        let table = Names::new(&ctx);
        let reader = table.reader();
        table.delete_table().unwrap();
        assert_eq!(table.delete_table().unwrap_err().how, Ending::Deleted);
        assert_eq!(reader.lookup("a").unwrap_err().to_string(), format!("{} is gone: it was deleted", reader.id()));
        assert_eq!(table.set_heir(Actor::start(ctx.system()).heir(), "late").unwrap_err().how, Ending::Deleted);
    })
    .await;
    assert_eq!(table::count(&system), 0);
}

#[otp::test]
async fn tables_live_as_long_as_their_system_needs_them_and_not_longer(system: System) {
    inside(&system, async |ctx| {
        // Handles come and go; the owner has the table.
        drop(Names::named(&ctx, "kept").unwrap());
        assert_eq!(table::count(ctx.system()), 1);
        assert!(Set::<&str, u32, table::Read>::find(ctx.system(), "kept").is_ok());
    })
    .await;
    assert_eq!(table::count(&system), 0);
}

/// Whoever wins, the table has an owner that is alive, or is gone; nobody is left with a table of nobody.
#[otp::test]
async fn a_gift_races_with_the_ends_of_giver_taker_and_heir(system: System) {
    for round in 0..24 {
        let (owner, reader) = Actor::with_table(&system).await;
        let (heir, next) = (Actor::start(&system), Actor::start(&system));
        let (to, give_to) = (heir.heir(), next.heir());
        owner.act(move |desk| desk.table.as_ref().unwrap().set_heir(to, "bequest").unwrap()).await;
        let act = Box::new(move |desk: &mut super::actor::Desk| {
            if let Err(GiveAwayError::NoProc { table, .. }) = desk.table.take().unwrap().give_away(give_to, "gift") {
                desk.table = Some(table);
            }
        });
        owner.0.send(Mail::Do(act)).await.unwrap();
        let doomed = [&owner, &next, &heir];
        // Every subset of them.
        let ending: Vec<_> = (0..3).filter(|nth| (round + 1) >> nth & 1 == 1).map(|nth| doomed[nth]).collect();
        ending.iter().for_each(|actor| actor.0.exit(ExitReason::Kill));
        for actor in &ending {
            actor.0.exited().await;
        }
        // What has been sent to those who live is done.
        for actor in doomed.iter().filter(|actor| !ending.contains(actor)) {
            actor.act(|_| ()).await;
        }
        match reader.owner() {
            Ok(pid) => {
                assert!(system.is_alive(pid), "round {round}");
                assert_eq!(reader.lookup("a"), Ok(Some(1)));
                let holder = doomed.iter().find(|actor| actor.pid() == pid).unwrap();
                assert!(holder.act(|desk| desk.table.is_some()).await, "round {round}: it was told");
            }
            Err(_) => assert!(ending.contains(&&heir), "round {round}: there was an heir"),
        }
        for actor in doomed {
            actor.0.exit(ExitReason::Kill);
            actor.0.exited().await;
        }
        assert_eq!(table::count(&system), 0, "round {round}");
    }
}
