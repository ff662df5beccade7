//! Groups that two nodes share. What Erlang's `pg` thinks of it is tried by tests/dist.

use std::time::Duration;

use otp::dist::Node;
use otp::etf::Term;
use otp::registry::{GroupChange, Groups, GroupsName};
use otp::{Address, ExitReason, Message, ProcessContext, ProcessRef, System};
use otp_suite::forever;

use super::nodes::{Side, free_port, node, start};

const ROOMS: GroupsName<String, Term> = GroupsName::new("rooms");

/// A node with a scope.
struct Home {
    side: Side,
    rooms: Groups<String, Term>,
}

impl Home {
    async fn new(system: &System, name: &str, port: u16) -> Home {
        Home::with(system, name, port, |node| node.shares(ROOMS)).await
    }

    async fn with(system: &System, name: &str, port: u16, options: impl FnOnce(Node) -> Node) -> Home {
        let rooms = Groups::start(system).name(ROOMS).await.unwrap();
        Home { side: start(system, port, options(node(name, port))).await, rooms }
    }

    async fn connect(&self, other: &Home) {
        self.side.cluster.connect(other.side.name.clone()).await.unwrap();
    }

    /// A process that receives terms, in a group.
    fn guest(&self, room: &str) -> ProcessRef<Term> {
        let guest = self.side.system.spawn(forever::<Term>);
        self.rooms.join(room, &guest).unwrap();
        guest
    }

    /// Waits until a group has as many members.
    async fn has(&self, room: &str, count: usize) {
        for _ in 0..10_000 {
            if self.rooms.members(room).len() == count {
                return;
            }
            self.side.system.sleep(Duration::from_millis(1)).await;
        }
        panic!("{room} has {:?} at {}", self.rooms.members(room), self.side.name);
    }
}

/// Two nodes that share a scope, and are not connected.
async fn two(system: &System) -> (Home, Home) {
    let port = free_port(system).await;
    let a = Home::new(system, "a@127.0.0.1", port).await;
    let b = Home::new(&System::on(system.runtime().clone()), "b@127.0.0.2", port).await;
    (a, b)
}

#[otp::test]
async fn who_joins_on_one_node_is_a_member_on_both_before_and_after_they_connect(system: System) {
    let (a, b) = two(&system).await;
    let (early, _) = (a.guest("kitchen"), b.guest("kitchen"));
    b.guest("attic");
    a.connect(&b).await;
    for home in [&a, &b] {
        home.has("kitchen", 2).await;
        home.has("attic", 1).await;
    }
    let late = a.guest("kitchen");
    a.rooms.join("kitchen", &late).unwrap();
    b.has("kitchen", 4).await;
    assert_eq!((a.rooms.local_members("kitchen").len(), b.rooms.local_members("kitchen").len()), (3, 1));
    assert_eq!(b.rooms.groups().unwrap().len(), 2);

    a.rooms.leave("kitchen", late.pid()).unwrap();
    b.has("kitchen", 3).await;
    late.exit(ExitReason::Kill);
    b.has("kitchen", 2).await;
    early.exit(ExitReason::Kill);
    a.has("kitchen", 1).await;
    b.has("kitchen", 1).await;
}

#[otp::test]
async fn a_message_reaches_members_of_both_nodes_in_the_order_in_which_it_is_sent(system: System) {
    let (a, b) = two(&system).await;
    let (there, received) = b.side.recorder("recorder");
    b.rooms.join("kitchen", &there).unwrap();
    a.connect(&b).await;
    a.has("kitchen", 1).await;
    for n in 0..100 {
        assert_eq!(a.rooms.broadcast("kitchen", Term::from(n)).sent, 1);
    }
    for n in 0..100 {
        assert_eq!(received.recv().await, Ok(Term::from(n)));
    }
    let member = a.rooms.members("kitchen").remove(0);
    assert!(!member.pid().is_here());
    member.address().send(Term::atom("alone")).await.unwrap();
    assert_eq!(received.recv().await, Ok(Term::atom("alone")));
}

#[otp::test]
async fn a_lost_connection_ends_memberships_and_a_new_one_brings_them_back(system: System) {
    let (a, b) = two(&system).await;
    a.guest("kitchen");
    b.guest("kitchen");
    for _ in 0..3 {
        a.connect(&b).await;
        a.has("kitchen", 2).await;
        b.has("kitchen", 2).await;
        a.side.cluster.disconnect(&b.side.name);
        a.has("kitchen", 1).await;
        b.has("kitchen", 1).await;
        b.guest("cellar").exit(ExitReason::Kill);
    }
}

#[otp::test]
async fn a_scope_that_is_started_again_is_shared_again_and_its_members_before_are_gone(system: System) {
    let (a, b) = two(&system).await;
    a.guest("kitchen");
    b.guest("kitchen");
    a.connect(&b).await;
    a.has("kitchen", 2).await;
    b.rooms.stop().await.unwrap();
    a.has("kitchen", 1).await;
    let rooms: Groups<String, Term> = Groups::start(&b.side.system).name(ROOMS).await.unwrap();
    let b = Home { rooms, side: b.side };
    b.has("kitchen", 1).await;
    b.guest("kitchen");
    a.has("kitchen", 2).await;
}

#[otp::test]
async fn who_monitors_a_group_is_told_of_members_of_other_nodes(system: System) {
    let (a, b) = two(&system).await;
    a.connect(&b).await;
    let (send, changes) = async_channel::unbounded();
    let watcher = system.spawn(async move |mut ctx: ProcessContext<(GroupChange, bool)>| {
        while let Message::User(change) = ctx.receive().await {
            send.try_send(change).unwrap();
        }
    });
    let change = |event: otp::registry::GroupEvent<String, Term>| (event.change, event.members[0].pid().is_here());
    let _monitor = a.rooms.monitor("kitchen", Address::from(&watcher).map_message(change)).unwrap();
    let guest = b.guest("kitchen");
    assert_eq!(changes.recv().await, Ok((GroupChange::Joined, false)));
    guest.exit(ExitReason::Kill);
    assert_eq!(changes.recv().await, Ok((GroupChange::Left, false)));
}

#[otp::test]
async fn keys_of_another_type_are_not_seen_and_harm_nobody(system: System) {
    const NUMBERS: GroupsName<u64, Term> = GroupsName::new("rooms");
    let port = free_port(&system).await;
    let a = Home::new(&system, "a@127.0.0.1", port).await;
    let other = System::on(system.runtime().clone());
    let numbers: Groups<u64, Term> = Groups::start(&other).name(NUMBERS).await.unwrap();
    let side = start(&other, port, node("b@127.0.0.2", port).shares(NUMBERS)).await;
    let guest = other.spawn(forever::<Term>);
    numbers.join(&7, &guest).unwrap();
    a.side.cluster.connect(side.name.clone()).await.unwrap();
    a.guest("kitchen");
    guest.exit(ExitReason::Kill);
    guest.exited().await;
    let (echo, received) = side.recorder("echo");
    numbers.join(&8, &echo).unwrap();
    // What b has said until now has been heard when this comes back.
    let asked = a.side.cluster.named("echo", "b@127.0.0.2").unwrap();
    asked.send(&1_u8).await.unwrap();
    received.recv().await.unwrap();
    assert_eq!(a.rooms.groups().unwrap().len(), 1);
    assert_eq!(numbers.groups().unwrap().len(), 1);
}

#[otp::test]
async fn a_node_cannot_speak_for_another_one_nor_confuse_a_scope(system: System) {
    let (a, b) = two(&system).await;
    let (mine, _) = (a.guest("kitchen"), b.guest("kitchen"));
    a.connect(&b).await;
    a.has("kitchen", 2).await;
    let wire = |pid| b.side.cluster.wire_pid(pid).unwrap();
    let (own, theirs) =
        (Term::from(wire(b.rooms.pid().unwrap())), Term::from(a.side.cluster.wire_pid(mine.pid()).unwrap()));
    let (word, scope) = (Term::atom, b.side.cluster.named("rooms", "a@127.0.0.1").unwrap());
    let third = otp::etf::Pid::new(otp::etf::Atom::from_static("c@127.0.0.1"), 7, 0, 1);
    let group = Term::from("kitchen");
    let said = [
        // With processes of others.
        Term::tuple([word("join"), own.clone(), group.clone(), theirs.clone()]),
        Term::tuple([word("join"), own.clone(), group.clone(), Term::from(third.clone())]),
        Term::tuple([word("leave"), own.clone(), theirs.clone(), Term::List(vec![group.clone()])]),
        // As the scope of another node.
        Term::tuple([word("discover"), third.into()]),
        Term::tuple([word("join"), theirs.clone(), group.clone(), theirs]),
        // Nothing at all.
        Term::tuple([]),
        Term::tuple([word("join"), own.clone()]),
        Term::tuple([word("$gen_cast"), Term::tuple([word("sync"), own.clone(), word("all")])]),
        Term::tuple([word("leave"), own.clone(), word("x"), word("y")]),
        Term::NIL,
    ];
    for message in said {
        scope.send(&message).await.unwrap();
    }
    // What the scope itself says comes after it, by the same connection.
    let guest = b.rooms.local_members("kitchen").remove(0);
    b.rooms.join("kitchen", guest.address()).unwrap();
    a.has("kitchen", 3).await;
    assert_eq!(a.rooms.local_members("kitchen").len(), 1);
}

#[otp::test]
async fn two_scopes_of_the_same_types_are_shared_apart(system: System) {
    const TOPICS: GroupsName<String, Term> = GroupsName::new("topics");
    let both = |node: Node| node.shares(ROOMS).shares(TOPICS);
    let (port, other) = (free_port(&system).await, System::on(system.runtime().clone()));
    let mut topics = Vec::new();
    for system in [&system, &other] {
        topics.push(Groups::start(system).name(TOPICS).await.unwrap());
    }
    let a = Home::with(&system, "a@127.0.0.1", port, both).await;
    let b = Home::with(&other, "b@127.0.0.2", port, both).await;
    b.guest("kitchen");
    a.connect(&b).await;
    a.has("kitchen", 1).await;
    let reader = other.spawn(forever::<Term>);
    topics[1].join("kitchen", &reader).unwrap();
    b.guest("kitchen");
    a.has("kitchen", 2).await;
    let there = Home { side: a.side, rooms: topics.remove(0) };
    there.has("kitchen", 1).await;
}

#[otp::test(seeds = 1)]
async fn as_many_members_as_fit_into_no_message_are_told_in_several(system: System) {
    const MANY: usize = 33_000;
    let (a, b) = two(&system).await;
    let guest = b.guest("kitchen");
    b.rooms.join_all("kitchen", vec![&guest; MANY]).unwrap();
    a.connect(&b).await;
    a.has("kitchen", MANY + 1).await;
    guest.exit(ExitReason::Kill);
    a.has("kitchen", 0).await;
}
