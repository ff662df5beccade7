//! What a peer can make a node keep is bounded, and a peer that keeps to the rules is served all the same.

use std::pin::pin;
use std::time::Duration;

use futures::future::{Either, join_all, select};
use otp::dist::proto::{Control, Flags, Introduction, Limits, Status};
use otp::dist::{NodeEvent, Refused, RemoteServer, Reply};
use otp::etf::Term;
use otp::gen_server::{Context, GenServer, Init, Next, NoMessage, ServerName, ServerRef};
use otp::registry::{Groups, GroupsName};
use otp::supervisor::ChildState;
use otp::{Address, ExitReason, Message, ProcessContext, ReplyTo, System, sys};

use crate::nodes::{Side, start_one, two_as};
use crate::rogue::{Rogue, introduction};

#[otp::test]
async fn the_oldest_life_of_a_node_that_is_over_is_forgotten_for_another_one(system: System) {
    let a = start_one(&system, |node| node.limits(Limits::default().lives(2))).await;
    let first = Rogue::dial(&a, "x@127.0.0.9").await;
    let (wire, held) = (first.pid(1), a.cluster.pid(&first.pid(1)).unwrap());
    let mut second = Rogue::dial(&a, "y@127.0.0.9").await;
    // Those that are connected are not forgotten.
    let mut one_more = Rogue::claim(&a, introduction("z@127.0.0.9")).await;
    assert_eq!(one_more.log_in(&a, &[]).await, Err("refused"));
    drop(first);
    let mut third = until_let_in(&a, &introduction("z@127.0.0.9")).await;
    assert!(second.pings().await && third.pings().await);

    // Pids of the life that is forgotten are those of a node that was never connected.
    assert_eq!((a.cluster.pid(&wire), a.cluster.wire_pid(held)), (None, None));
    assert_eq!(system.exited(held).await, ExitReason::NoConnection);
    let names: Vec<_> = system.known_nodes().iter().map(|node| node.name.to_string()).collect();
    assert_eq!(names, ["y@127.0.0.9", "z@127.0.0.9"]);

    // Also when the node comes back: nothing that was meant for the process before reaches the one with its number.
    drop(third);
    let mut again = until_let_in(&a, &introduction("x@127.0.0.9")).await;
    let now = a.cluster.pid(&wire).unwrap();
    assert_ne!(held, now);
    assert_eq!(system.exited(held).await, ExitReason::NoConnection);
    system.exit(held, ExitReason::Kill);
    system.exit(now, ExitReason::Kill);
    let killed = again.receive().await.unwrap().control;
    assert!(matches!(&killed, Control::Exit2 { to, .. } if *to == wire), "{killed:?}");
    assert!(again.pings().await);
}

#[otp::test]
async fn a_node_that_is_restarted_has_its_own_earlier_lives_forgotten(system: System) {
    let a = start_one(&system, |node| node.limits(Limits::default().lives(1))).await;
    let mut before = None;
    for creation in 5..8 {
        let own = Introduction::new("x@127.0.0.9".parse().unwrap(), Flags::visible(), creation);
        let mut peer = until_let_in(&a, &own).await;
        assert!(peer.pings().await);
        assert!(a.cluster.pid(&peer.pid(1)).is_some());
        if let Some(before) = before.replace(peer.pid(1)) {
            assert_eq!(a.cluster.pid(&before), None);
        }
    }
}

/// Connects as soon as the node has noticed that another one is gone, and that this one was refused.
async fn until_let_in(a: &Side, own: &Introduction) -> Rogue {
    loop {
        let (mut rogue, status) = Rogue::knock(a, own.clone()).await;
        if status == Status::Ok && rogue.log_in(a, &[]).await.is_ok() {
            return rogue;
        }
    }
}

#[otp::test]
async fn processes_that_have_left_their_groups_are_no_ties(system: System) {
    const ROOMS: GroupsName<String, Term> = GroupsName::new("rooms");
    let rooms: Groups<String, Term> = Groups::start(&system).name(ROOMS).await.unwrap();
    let a = start_one(&system, |node| node.shares(ROOMS).limits(Limits::default().ties(16))).await;
    let mut peer = Rogue::dial(&a, "x@127.0.0.9").await;
    let scope = Term::from(peer.pid(1));
    peer.send_to("rooms", &Term::tuple([Term::atom("discover"), scope.clone()])).await;
    let join = |group: &str, member| Term::tuple([Term::atom("join"), scope.clone(), group.into(), member]);
    for id in 10..50 {
        let member = Term::from(peer.pid(id));
        peer.send_to("rooms", &join("kitchen", member.clone())).await;
        let groups = Term::list(["kitchen".into()], Term::NIL);
        peer.send_to("rooms", &Term::tuple([Term::atom("leave"), scope.clone(), member, groups])).await;
    }
    peer.send_to("rooms", &join("hall", peer.pid(50).into())).await;
    while rooms.members("hall").is_empty() {
        otp::process::yield_now().await;
    }
    assert!(rooms.members("kitchen").is_empty());
    assert!(a.cluster.info()[0].ties < 5, "{:?}", a.cluster.info());
    // One more tie is not one too many.
    let (process, _received) = a.recorder("log");
    let to = a.cluster.wire_pid(process.pid()).unwrap();
    peer.send(&Control::Link { from: peer.pid(2), to }, None).await;
    assert!(peer.pings().await);
}

/// A server whose answers are large, and come all at once: to how many calls, and the answer to each.
struct Large {
    calls: usize,
    answer: Term,
    waiting: Vec<ReplyTo<Term>>,
}

struct Ask(ReplyTo<Term>);

impl RemoteServer for Large {
    fn call(server: &ServerRef<Self>, _: Term) -> Result<Reply, Refused> {
        Ok(Reply::of(server.call(Ask)))
    }
}

impl GenServer for Large {
    type Args = (usize, Term);
    type Call = Ask;
    type Cast = NoMessage;
    type Info = NoMessage;
    type Continue = NoMessage;

    async fn init((calls, answer): (usize, Term), _: &mut Context<Self>) -> Result<Init<Self>, ExitReason> {
        Ok(Init::Ok(Large { calls, answer, waiting: Vec::new() }))
    }

    async fn handle_call(&mut self, Ask(from): Ask, _: &mut Context<Self>) -> Result<Next<Self>, ExitReason> {
        self.waiting.push(from);
        if self.waiting.len() == self.calls {
            self.waiting.drain(..).for_each(|from| from.reply(self.answer.clone()));
        }
        Ok(Next::Receive)
    }
}

#[otp::test]
async fn a_peer_that_reads_gets_more_answers_than_may_wait(system: System) {
    // Nothing is read while more than 1 MiB waits, and 3 MiB are asked for.
    let (a, b) = two_as(&system, |node| node.serves::<Large>().busy_limit(1 << 10)).await;
    let answer = Term::binary(vec![7; 64 << 10]);
    Large::start(&b.system, (50, answer.clone())).name(ServerName::new("large")).await.unwrap();
    let large = a.cluster.named("large", &b.name).unwrap();
    let answers = join_all((0..50).map(async |_| large.call::<Term>(&"ask").no_timeout().await)).await;
    assert!(answers.into_iter().all(|got| got.as_ref() == Ok(&answer)));
}

#[otp::test]
async fn a_peer_that_asks_for_more_than_the_node_keeps_for_it_is_closed(system: System) {
    // 64 MiB may wait, and 96 MiB are asked for before the first answer.
    let a = start_one(&system, |node| node.serves::<Large>().busy_limit(1 << 10)).await;
    Large::start(&system, (96, Term::binary(vec![7; 1 << 20]))).name(ServerName::new("large")).await.unwrap();
    let (send, events) = async_channel::unbounded();
    let listener = system.spawn(async move |mut ctx: ProcessContext<NodeEvent>| {
        while let Message::User(event) = ctx.receive().await {
            send.try_send(event).unwrap();
        }
    });
    let _monitor = a.cluster.monitor_nodes(Address::from(&listener));
    let mut peer = Rogue::dial(&a, "x@127.0.0.9").await;
    assert!(matches!(events.recv().await, Ok(NodeEvent::Up { .. })));
    for _ in 0..96 {
        peer.call("large", Term::atom("ask")).await;
    }
    let Ok(NodeEvent::Down { reason, .. }) = events.recv().await else { panic!("it was up before") };
    assert_eq!(reason, ExitReason::shutdown_with("too much waits to be written".to_owned()));
}

#[otp::test]
async fn what_a_peer_says_to_net_kernel_is_bounded_while_that_does_not_hear_it(system: System) {
    // The peer is not silent because it is not heard: it is not given up.
    let a = start_one(&system, |node| node.tick_time(Duration::from_millis(400))).await;
    let (_, received) = a.recorder("log");
    let mut peer = Rogue::dial(&a, "x@127.0.0.9").await;
    // It waits for the supervisor that starts a process for another connection.
    let children = a.root.which_children().await.unwrap();
    let child = children.iter().find(|child| child.id.as_str() == "connections").unwrap();
    let ChildState::Running(connections) = child.state else { panic!("{child:?}") };
    sys::suspend(&system, connections).await.unwrap();
    let _other = system.net().unwrap().connect(([127, 0, 0, 1], a.port)).await.unwrap();
    while system.info(connections).is_some_and(|info| info.queue == 0) {
        otp::process::yield_now().await;
    }

    // Four times as much as may wait, and then to another process, which the reader does not come to.
    system.spawn(async move |_: ProcessContext<()>| {
        for _ in 0..128 {
            peer.send_to("net_kernel", &Term::binary(vec![0; 32 << 10])).await;
        }
        peer.send_to("log", &Term::Int(1)).await;
        // It stays connected.
        peer.receive().await;
    });
    let is_heard = pin!(received.recv());
    let waited = pin!(system.sleep(Duration::from_millis(700)));
    let Either::Right(((), is_heard)) = select(is_heard, waited).await else { panic!("all of it was taken") };
    sys::resume(&system, connections).await.unwrap();
    assert_eq!(is_heard.await, Ok(Term::Int(1)));
}
