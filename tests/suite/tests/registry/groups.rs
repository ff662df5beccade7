//! Groups of processes, as those of `pg`.

use std::time::Duration;

use futures::channel::oneshot;
use otp::prelude::*;
use otp::process::Belonging;
use otp::registry::{Groups, GroupsName, JoinError, LeaveError, Member, NoScope};
use otp::supervisor::Started;
use otp_suite::servers::boom;

const SCOPE: GroupsName<String, u32> = GroupsName::new("scope");

async fn scope(system: &System) -> Groups<String, u32> {
    Groups::start(system).await.unwrap()
}

/// A process that does nothing until it is ended.
fn idle(system: &System) -> ProcessRef<u32> {
    system.spawn(async |_: ProcessContext<u32>| std::future::pending::<()>().await)
}

/// A process that adds up what it is sent until that is a zero, and gives the sum.
fn adder(system: &System) -> (ProcessRef<u32>, oneshot::Receiver<u32>) {
    let (tell, told) = oneshot::channel();
    let process = system.spawn(async move |mut ctx: ProcessContext<u32>| {
        let mut sum = 0;
        loop {
            match ctx.receive().await {
                Message::User(0) => break,
                Message::User(n) => sum += n,
                _ => {}
            }
        }
        let _ = tell.send(sum);
    });
    (process, told)
}

fn pids(members: Vec<Member<u32>>) -> Vec<Pid> {
    let mut pids: Vec<Pid> = members.iter().map(Member::pid).collect();
    pids.sort();
    pids
}

fn names(groups: &Groups<String, u32>) -> Vec<String> {
    groups.groups().unwrap().iter().map(|name| String::clone(name)).collect()
}

// PG-1, PG-2, PG-4
#[otp::test]
async fn a_process_joins_several_times_and_must_leave_as_often(system: System) {
    let (groups, p, q) = (scope(&system).await, idle(&system), idle(&system));
    assert!(groups.members("a").is_empty());
    groups.join("a", &p).unwrap();
    groups.join("a", &p).unwrap();
    groups.join("a", &q).unwrap();
    groups.join("b", &p).unwrap();
    assert_eq!(pids(groups.members("a")), [p.pid(), p.pid(), q.pid()]);
    assert_eq!(pids(groups.local_members("a")), pids(groups.members("a")));
    assert_eq!(names(&groups), ["a", "b"]);
    groups.leave("a", p.pid()).unwrap();
    assert_eq!(pids(groups.members("a")), [p.pid(), q.pid()]);
    groups.leave("a", p.pid()).unwrap();
    let error = groups.leave("a", p.pid()).unwrap_err();
    assert_eq!(error, LeaveError::NotJoined { scope: "groups".into(), process: p.pid() });
    assert_eq!(error.to_string(), format!("{} is not in this group of groups", p.pid()));
    groups.leave("a", q.pid()).unwrap();
    assert_eq!(names(&groups), ["b"]);
    assert!(matches!(groups.leave("none", p.pid()), Err(LeaveError::NotJoined { .. })));
    assert!(matches!(groups.leave("b", q.pid()), Err(LeaveError::NotJoined { .. })));
}

// PG-6
#[otp::test]
async fn lists_may_have_repetitions_and_strangers(system: System) {
    let (groups, p, q) = (scope(&system).await, idle(&system), idle(&system));
    groups.join_all("a", [&p, &q, &p]).unwrap();
    assert_eq!(pids(groups.members("a")), [p.pid(), p.pid(), q.pid()]);
    groups.leave_all("a", [p.pid(), q.pid(), q.pid()]).unwrap();
    assert_eq!(pids(groups.members("a")), [p.pid()]);
    assert!(groups.leave_all("a", [q.pid(), q.pid()]).is_err());
    groups.join_all("a", Vec::<ProcessRef<u32>>::new()).unwrap();
    groups.leave_all("a", []).unwrap();
    groups.join_all("new", Vec::<ProcessRef<u32>>::new()).unwrap();
    assert_eq!(names(&groups), ["a"]);
}

// PG-3
#[otp::test]
async fn memberships_are_gone_before_anybody_sees_the_end(system: System) {
    struct Looks(Groups<String, u32>, oneshot::Sender<usize>);
    impl Belonging for Looks {
        fn owner_ended(self: Box<Self>, _: &otp::process::End<'_>) {
            let _ = self.1.send(self.0.members("a").len());
        }
    }
    let groups = scope(&system).await;
    for reason in [ExitReason::Kill, ExitReason::Normal, boom()] {
        let (seen, saw) = oneshot::channel();
        let looks = groups.clone();
        let member = system.spawn(async move |mut ctx: ProcessContext<u32>| {
            looks.join("a", ctx.this()).unwrap();
            looks.join_all("b", [ctx.this(), ctx.this()]).unwrap();
            // Attached later, it is told later.
            ctx.keep(Looks(looks, seen));
            ctx.receive().await;
            reason
        });
        let looks = groups.clone();
        let watcher = system.spawn({
            let member = member.clone();
            async move |mut ctx: ProcessContext<()>| {
                ctx.monitor(&member);
                if member.try_send(1).is_err() {
                    member.exit(ExitReason::Kill);
                }
                assert!(matches!(ctx.receive().await, Message::Down(_)));
                assert!(looks.members("a").is_empty() && looks.members("b").is_empty());
            }
        });
        assert_eq!(watcher.exited().await, ExitReason::Normal);
        assert_eq!(saw.await, Ok(0));
        assert!(names(&groups).is_empty());
    }
}

#[otp::test]
async fn a_member_that_joined_a_thousand_times_is_gone_at_once(system: System) {
    let (groups, p, q) = (scope(&system).await, idle(&system), idle(&system));
    for n in 0..1000 {
        groups.join(&format!("{}", n % 10), &p).unwrap();
    }
    groups.join("0", &q).unwrap();
    assert_eq!(groups.members("0").len(), 101);
    p.exit(ExitReason::Kill);
    p.exited().await;
    assert_eq!(pids(groups.members("0")), [q.pid()]);
    assert_eq!(names(&groups), ["0"]);
}

// PG-7
#[otp::test]
async fn scopes_are_independent_and_their_end_does_not_touch_the_members(system: System) {
    let (one, two, p) = (scope(&system).await, scope(&system).await, idle(&system));
    one.join("a", &p).unwrap();
    two.join("a", &p).unwrap();
    one.leave("a", p.pid()).unwrap();
    assert_eq!(two.members("a").len(), 1);
    one.join("a", &p).unwrap();
    two.stop().await.unwrap();
    assert!(two.members("a").is_empty());
    let gone = NoScope::Ended { scope: "groups".into() };
    assert_eq!(two.groups(), Err(gone.clone()));
    assert_eq!(two.join("a", &p), Err(JoinError::NoScope(gone.clone())));
    assert_eq!(two.leave("a", p.pid()), Err(LeaveError::NoScope(gone)));
    assert!(p.is_alive());
    assert_eq!(one.members("a").len(), 1);
    p.exit(ExitReason::Kill);
    p.exited().await;
    assert!(one.members("a").is_empty());
}

#[otp::test]
async fn a_scope_is_found_by_its_name_and_begins_empty_after_a_restart(system: System) {
    let spec = Groups::child(SCOPE);
    assert_eq!(spec.id().as_str(), "scope");
    let groups = Groups::named(&system, SCOPE);
    assert!(matches!(groups.groups(), Err(NoScope::Ended { .. })));
    assert_eq!(groups.groups().unwrap_err().to_string(), "there is no scope of groups scope");
    let _supervisor = Supervisor::new(Strategy::OneForOne).child(spec).start(&system).await.unwrap();
    let p = idle(&system);
    groups.join("a", &p).unwrap();
    assert_eq!(groups.members("a").len(), 1);

    let old = Started::pid(&groups).unwrap();
    let other = Groups::named(&system, GroupsName::<u8, u32>::new("scope"));
    assert!(matches!(other.groups(), Err(NoScope::WrongType(_))));
    assert!(other.members(&1).is_empty());

    system.exit(old, ExitReason::Kill);
    system.exited(old).await;
    otp::test::eventually(&system, async || groups.pid().is_some_and(|pid| pid != old)).await;
    assert!(groups.members("a").is_empty() && names(&groups).is_empty());
    groups.join("a", &p).unwrap();
    assert_eq!(groups.members("a").len(), 1);
}

#[otp::test]
async fn who_has_ended_or_is_of_another_type_or_system_cannot_join(system: System) {
    let (groups, p) = (scope(&system).await, idle(&system));
    p.exit(ExitReason::Kill);
    p.exited().await;
    let error = groups.join("a", &p).unwrap_err();
    assert!(matches!(&error, JoinError::NoProc { process, .. } if *process == (&p).into()), "{error}");
    let q = idle(&system);
    groups.join_all("a", [&p, &q]).unwrap();
    assert_eq!(pids(groups.members("a")), [q.pid()]);
    groups.leave("a", q.pid()).unwrap();

    let nobody: Address<u32> = Address::named(&system, Name::new("nobody"));
    assert!(matches!(groups.join("a", &nobody), Err(JoinError::NoProc { .. })));
    system.register(&Name::<u32>::new("somebody"), &q).unwrap();
    let wrong = ProcessRef::of(&system, q.pid()).map(|_: ProcessRef<u32>| Name::<u32>::new("somebody")).unwrap();
    groups.join("a", Address::named(&system, wrong)).unwrap();
    assert_eq!(pids(groups.members("a")), [q.pid()]);

    let other = System::on(system.runtime().clone());
    let stranger = idle(&other);
    assert!(matches!(groups.join("a", &stranger), Err(JoinError::OtherSystem { .. })));
    assert!(names(&groups) == ["a"]);
    stranger.exit(ExitReason::Kill);
}

#[otp::test]
async fn the_scopes_of_two_systems_do_not_see_each_other(system: System) {
    let other = System::on(system.runtime().clone());
    let one: Groups<String, u32> = Groups::start(&system).name(SCOPE).await.unwrap();
    let two = Groups::start(&other).name(SCOPE).await.unwrap();
    one.join("a", &idle(&system)).unwrap();
    assert!(Groups::named(&other, SCOPE).members("a").is_empty());
    assert_eq!(Groups::named(&system, SCOPE).members("a").len(), 1);
    two.stop().await.unwrap();
    assert_eq!(Groups::named(&system, SCOPE).members("a").len(), 1);
    one.stop().await.unwrap();
    other.shutdown(Duration::ZERO).await;
}

#[otp::test]
async fn a_broadcast_reaches_each_membership_and_a_dispatch_chooses(system: System) {
    let groups = scope(&system).await;
    let ((p, of_p), (q, of_q)) = (adder(&system), adder(&system));
    groups.join_all("a", [&p, &q, &q]).unwrap();
    assert_eq!(groups.broadcast("a", 5).sent, 3);
    groups.dispatch("a", |member| {
        if member.pid() == p.pid() {
            member.address().try_send(100).unwrap();
        }
    });
    groups.dispatch("none", |_| panic!("nobody is there"));
    assert_eq!(groups.broadcast("none", 5).sent, 0);
    groups.leave("a", q.pid()).unwrap();
    assert_eq!(groups.broadcast("a", 0).sent, 2);
    assert_eq!((of_p.await, of_q.await), (Ok(105), Ok(10)));
}

#[otp::test]
async fn a_broadcast_drops_what_a_full_mailbox_does_not_take(system: System) {
    let groups = scope(&system).await;
    let options = otp::process::SpawnOptions::new().mailbox(1);
    let full = system.spawn_with(options, async |_: ProcessContext<u32>| std::future::pending::<()>().await).unwrap();
    groups.join("a", &full.process).unwrap();
    assert_eq!(groups.broadcast("a", 1).sent, 1);
    let outcome = groups.broadcast("a", 1);
    assert_eq!((outcome.sent, outcome.full, outcome.failed), (0, 1, 0));
}

struct Trader(Vec<u32>);

#[gen_server]
impl Trader {
    #[init]
    fn init(groups: Groups<String, u32>, ctx: &mut Context<Self>) -> Result<Self, ExitReason> {
        groups.join("prices", ctx.server().info_address(TraderInfo::Price))?;
        Ok(Trader(Vec::new()))
    }

    #[call]
    fn prices(&mut self) -> Vec<u32> {
        self.0.clone()
    }

    #[info]
    fn price(&mut self, price: u32) {
        self.0.push(price);
    }
}

#[otp::test]
async fn a_server_joins_with_an_address_for_its_own_messages(system: System) {
    let groups = scope(&system).await;
    let trader = Trader::start(&system, groups.clone()).await.unwrap();
    assert_eq!(groups.broadcast("prices", 12).sent, 1);
    assert_eq!(trader.prices().await, Ok(vec![12]));
    trader.stop().await.unwrap();
    assert!(groups.members("prices").is_empty());
}
