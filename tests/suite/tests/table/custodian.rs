//! A server that keeps a table while its owner restarts.

use std::time::Duration;

use otp::prelude::*;
use otp::table::{self, Custodian, Read, Set, Step};

type Counts = Set<&'static str, u64>;

const KEEPER: ServerName<Custodian<Counts>> = ServerName::new("keeper");
const HITS: ServerName<Hits> = ServerName::new("hits");

struct Hits(Counts);

#[gen_server]
impl Hits {
    #[init]
    async fn init(ctx: &mut Context<Self>) -> Result<Self, ExitReason> {
        let make = |owner: &otp::Process| Set::named(owner, "hits").unwrap();
        Ok(Hits(Custodian::claim(ctx, KEEPER, make).await?))
    }

    #[call]
    fn hit(&mut self, page: &'static str) -> u64 {
        self.0.update_counter(page, Step::by(1).or_insert(0)).unwrap()
    }

    #[call]
    fn crash(&mut self) {
        panic!("as it was told");
    }
}

async fn tree(system: &System) -> ServerRef<Hits> {
    Supervisor::new(Strategy::OneForOne)
        .intensity(10, Duration::from_secs(5))
        .child(Custodian::child(()).name(KEEPER))
        .child(Hits::child(()).name(HITS))
        .start(system)
        .await
        .unwrap();
    ServerRef::named(system, HITS)
}

#[otp::test]
async fn a_restarted_server_gets_its_table_back(system: System) {
    // ETS-1, ETS-2
    let hits = tree(&system).await;
    let reader = Set::<&str, u64, Read>::find(&system, "hits").unwrap();
    for round in 1..=3 {
        assert_eq!(hits.hit("home").through_restart(Duration::from_secs(5)).await, Ok(round));
        let before = hits.pid().unwrap();
        hits.crash().await.unwrap_err();
        system.exited(before).await;
        // Others read all the time.
        assert_eq!(reader.lookup("home"), Ok(Some(round)));
    }
    assert_eq!(hits.hit("home").through_restart(Duration::from_secs(5)).await, Ok(4));
    assert_eq!((reader.owner().ok(), table::count(&system)), (hits.pid(), 1));
}

#[otp::test]
async fn a_custodian_that_was_restarted_is_still_the_heir(system: System) {
    let hits = tree(&system).await;
    let keeper = ServerRef::named(&system, KEEPER);
    assert_eq!(hits.hit("home").await, Ok(1));
    let first = keeper.pid().unwrap();
    system.exit(first, ExitReason::Kill);
    system.exited(first).await;
    keeper.address().await_holder().await.unwrap();
    hits.crash().await.unwrap_err();
    assert_eq!(hits.hit("home").through_restart(Duration::from_secs(5)).await, Ok(2));
}

#[otp::test]
async fn a_table_that_was_deleted_meanwhile_is_made_anew(system: System) {
    let keeper = Custodian::start(&system, ()).name(KEEPER).await.unwrap();
    let claim = async |ctx: ProcessContext<()>| {
        let table = Custodian::claim(&ctx, KEEPER, Set::new).await.unwrap();
        let rows = table.len().unwrap();
        table.insert("a", 1).unwrap();
        rows
    };
    assert_eq!(otp_suite::servers::inside(&system, claim).await, 0);
    assert_eq!(otp_suite::servers::inside(&system, claim).await, 1);
    drop(keeper);
    let gone = Custodian::<Counts>::claim;
    let missing: ServerName<Custodian<Counts>> = ServerName::new("nobody");
    let refused = otp_suite::servers::inside(&system, async move |ctx: ProcessContext<()>| {
        gone(&ctx, missing, Set::new).await.unwrap_err().to_string()
    });
    assert!(refused.await.contains("nobody"));
}
