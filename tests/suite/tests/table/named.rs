//! Tables that are found by a name.

use otp::prelude::*;
use otp::table::{Bag, Ending, FindError, OrderedSet, Private, Public, Read, Set, Write};
use otp_suite::servers::inside;

use super::actor::Actor;

#[otp::test]
async fn a_name_belongs_to_one_table_until_it_ends(system: System) {
    // ETS-4
    let owner = Actor::start(&system);
    owner.act(|desk| desk.table = Some(Set::named(&desk.ctx, "sessions").unwrap())).await;
    let pid = owner.pid();
    inside(&system, async move |ctx: ProcessContext<()>| {
        let taken = Set::<&str, u32>::named(&ctx, "sessions").unwrap_err();
        assert_eq!(taken.holder, Some(pid));
        assert_eq!(taken.to_string(), format!("cannot name a table \"sessions\": a table of {pid} has that name"));
        // Whatever the types of its rows.
        assert!(Bag::<u8, u8>::named(&ctx, "sessions").is_err());
        let other: Set<u8, u8> = Set::named(&ctx, "other").unwrap();
        assert!(other.rename("sessions").is_err() && other.rename("other").is_err());
        other.rename("third").unwrap();
        let find = |name| Set::<u8, u8, Read>::find(ctx.system(), name);
        assert!(matches!(find("other"), Err(FindError::NoTable { .. })) && find("third").is_ok());
        assert_eq!(other.label().as_str(), "third");
        let unnamed: Set<u8, u8> = Set::new(&ctx);
        unnamed.rename("named").unwrap();
        assert!(find("named").unwrap() == unnamed.reader());
        unnamed.delete_table().unwrap();
        assert!(find("named").is_err() && unnamed.rename("late").is_err());
    })
    .await;
    owner.kill().await;
    inside(&system, async |ctx| {
        let again: Bag<u8, u8> = Bag::named(&ctx, "sessions").unwrap();
        assert!(again.is_empty().unwrap());
    })
    .await;
}

#[otp::test]
async fn types_and_rights_of_a_named_table_are_checked_when_it_is_found(system: System) {
    // ETS-3
    inside(&system, async |ctx: ProcessContext<()>| {
        let system = ctx.system();
        let _private: Set<u8, u8, Private> = Set::named(&ctx, "private").unwrap();
        let _protected: Set<u8, u8> = Set::named(&ctx, "protected").unwrap();
        let public: Set<u8, u8, Public> = Set::named(&ctx, "public").unwrap();
        let read = |name| Set::<u8, u8, Read>::find(system, name).map(drop);
        let write = |name| Set::<u8, u8, Write>::find(system, name).map(drop);
        assert!(read("protected").is_ok() && read("public").is_ok() && write("public").is_ok());
        assert_eq!(read("private").unwrap_err().to_string(), "cannot read table \"private\": it is private");
        assert_eq!(write("protected").unwrap_err().to_string(), "cannot write table \"protected\": it is protected");
        assert_eq!(read("none").unwrap_err().to_string(), "there is no table \"none\"");
        let wrong = OrderedSet::<u8, i8, Read>::find(system, "public").unwrap_err();
        let text = "table \"public\" is a set of u8 and u8, not a ordered set of u8 and i8";
        assert_eq!(wrong.to_string(), text);
        let found = Set::<u8, u8, Write>::find(system, "public").unwrap();
        found.insert(1, 2).unwrap();
        assert_eq!(public.lookup(&1), Ok(Some(2)));
    })
    .await;
}

#[otp::test]
async fn a_handle_leads_to_its_table_and_not_to_the_next_of_that_name(system: System) {
    let owner = Actor::start(&system);
    owner.act(|desk| desk.table = Some(Set::named(&desk.ctx, "t").unwrap())).await;
    let found = Set::<&str, u32, Read>::find(&system, "t").unwrap();
    owner.kill().await;
    inside(&system, async move |ctx: ProcessContext<()>| {
        let next: Set<&str, u32> = Set::named(&ctx, "t").unwrap();
        next.insert("a", 1).unwrap();
        let gone = found.lookup("a").unwrap_err();
        assert_eq!((gone.table.as_str(), matches!(gone.how, Ending::OwnerEnded(_))), ("t", true));
        assert_eq!(Set::<&str, u32, Read>::find(ctx.system(), "t").unwrap().lookup("a"), Ok(Some(1)));
    })
    .await;
}

#[otp::test]
async fn a_name_stays_with_a_table_that_is_inherited(system: System) {
    let (owner, heir) = (Actor::start(&system), Actor::start(&system));
    let to = heir.heir();
    owner
        .act(move |desk| {
            let table = Set::named(&desk.ctx, "t").unwrap();
            table.set_heir(to, "bequest").unwrap();
            desk.table = Some(table);
        })
        .await;
    owner.kill().await;
    assert_eq!(Set::<&str, u32, Read>::find(&system, "t").unwrap().owner(), Ok(heir.pid()));
    heir.kill().await;
    assert!(Set::<&str, u32, Read>::find(&system, "t").is_err());
}
