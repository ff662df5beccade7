//! Who may do what: at compile time, in the documentation of the rights, and at run time.

use otp::prelude::*;
use otp::table::{Access, Bag, DuplicateBag, Kind, OrderedSet, Private, Public, Read, Set, Write};
use otp_suite::servers::inside;

#[otp::test]
async fn others_read_a_protected_table_and_write_a_public_one(system: System) {
    // ETS-3
    let (reader, writer) = inside(&system, async |ctx: ProcessContext<()>| {
        let protected: Set<&str, u32> = Set::new(&ctx);
        let public: Set<&str, u32, Public> = Set::new(&ctx);
        protected.insert("k", 1).unwrap();
        public.insert("k", 1).unwrap();
        let (reader, writer) = (protected.reader(), public.writer());
        let others = ctx.spawn(async move |_: ProcessContext<()>| {
            assert_eq!(reader.lookup("k"), Ok(Some(1)));
            writer.insert("k", 2).unwrap();
            assert!(writer.insert_new("n", 1).unwrap());
            assert_eq!(writer.delete("k"), Ok(true));
            assert_eq!(writer.update_counter("n", 1), Ok(2));
            assert_eq!(writer.reader().lookup("n"), Ok(Some(2)));
            // A public table may be deleted by anybody.
            writer.delete_table().unwrap();
        });
        assert_eq!(others.exited().await, ExitReason::Normal);
        assert!(public.lookup("k").is_err());
        (protected.reader(), public.writer())
    })
    .await;
    assert!(reader.lookup("k").is_err() && writer.insert("k", 1).is_err());
}

#[otp::test]
async fn a_table_says_what_it_is(system: System) {
    inside(&system, async |ctx| {
        let set: Set<u8, String, Private> = Set::named(&ctx, "set").unwrap();
        let ordered: OrderedSet<u8, String> = OrderedSet::new(&ctx);
        let bag: Bag<u8, String, Public> = Bag::new(&ctx);
        let duplicates: DuplicateBag<u8, String> = DuplicateBag::new(&ctx);
        duplicates.insert_all([(1, String::new()), (1, String::new())]).unwrap();
        let infos = otp::table::list(ctx.system());
        let kinds: Vec<_> = infos.iter().map(|info| (info.kind, info.access)).collect();
        let expected = [
            (Kind::Set, Access::Private),
            (Kind::OrderedSet, Access::Protected),
            (Kind::Bag, Access::Public),
            (Kind::DuplicateBag, Access::Protected),
        ];
        assert_eq!(kinds, expected);
        assert_eq!((infos[0].name.as_ref().map(|name| name.as_str()), infos[3].rows), (Some("set"), 2));
        assert_eq!((infos[0].key, infos[0].value, infos[0].owner), ("u8", "alloc::string::String", ctx.pid()));
        assert_eq!((set.label().as_str(), format!("{bag:?}")), ("set", format!("Table({}, bag)", bag.id())));
        assert!(ordered.is_empty().unwrap());
    })
    .await;
}

#[otp::test]
async fn handles_are_the_same_if_their_table_is(system: System) {
    inside(&system, async |ctx| {
        let one: Set<u8, u8, Public> = Set::new(&ctx);
        let other: Set<u8, u8, Public> = Set::new(&ctx);
        assert_eq!((one.writer() == one.writer().clone(), one.reader() == other.reader()), (true, false));
        let (_, _): (Set<u8, u8, Read>, Set<u8, u8, Write>) = (one.writer().reader(), one.writer());
    })
    .await;
}
