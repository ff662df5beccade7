//! A node against peers that know the cookie, and break the rules or use up what there is.

use std::io;
use std::sync::Arc;
use std::time::Duration;

use futures::future::{Either, select};
use otp::dist::proto::{Control, Flags, Introduction, Limits, PidOrName};
use otp::dist::{Cluster, Cookie, Node, NodeStartError, Refused, RemoteServer, Reply};
use otp::etf::{Atom, Term};
use otp::gen_server::{Context, GenServer, Init, Next, NoMessage, ServerName, ServerRef};
use otp::registry::{Groups, GroupsName};
use otp::runtime::net::{NoNet, Sockets};
use otp::runtime::{BoxTimer, Instant, Job, Runtime, Task};
use otp::{ExitReason, Message, Name, Pid, ProcessContext, ReplyTo, System};

use crate::nodes::{node, start_one, two_as};
use crate::rogue::{Rogue, introduction, listen};

#[otp::test]
async fn a_request_to_net_kernel_that_is_an_empty_tuple_is_dropped(system: System) {
    let a = start_one(&system, |node| node).await;
    let mut peer = Rogue::dial(&a, "x@127.0.0.9").await;
    peer.call("net_kernel", Term::tuple([])).await;
    assert!(peer.pings().await);
}

#[otp::test]
async fn a_node_that_connects_is_not_forgotten_because_an_earlier_attempt_in_its_name_ends(system: System) {
    let a = start_one(&system, |node| node).await;
    let mut first = Rogue::claim(&a, introduction("x@127.0.0.9")).await;
    let mut second = Rogue::claim(&a, introduction("x@127.0.0.9")).await;
    assert!(first.log_in(&a, &[]).await.is_err());
    assert_eq!(second.log_in(&a, &[]).await, Ok(()));
    assert!(second.pings().await);
    assert_eq!(a.cluster.nodes().visible, ["x@127.0.0.9".parse().unwrap()]);
}

#[otp::test]
async fn a_message_that_comes_together_with_the_end_of_the_handshake_is_handled(system: System) {
    let a = start_one(&system, |node| node).await;
    let (_, received) = a.recorder("log");
    let mut peer = Rogue::claim(&a, introduction("x@127.0.0.9")).await;
    let control = Control::RegSend { from: peer.pid(1), name: Atom::from_static("log") };
    let first = peer.frame(&control, Some(&Term::Int(1)));
    assert_eq!(peer.log_in(&a, &first).await, Ok(()));
    assert_eq!(received.recv().await, Ok(Term::Int(1)));
}

#[otp::test]
async fn a_host_beyond_the_loopback_interface_is_not_dialled_without_tls(system: System) {
    let a = start_one(&system, |node| node).await;
    // An address for documentation, which nobody has.
    let error = a.cluster.connect("x@192.0.2.1").await.unwrap_err().to_string();
    assert!(error.contains("there is no TLS"), "{error}");
}

#[otp::test]
async fn a_node_does_not_answer_its_own_challenges_for_a_stranger(system: System) {
    let a = start_one(&system, |node| node).await;
    let listener = listen(&system, [127, 0, 0, 8], a.port).await;
    let cluster = a.cluster.clone();
    let connecting = system.spawn(async move |_: ProcessContext<()>| {
        let error = cluster.connect("known@127.0.0.8").await.unwrap_err().to_string();
        assert!(error.contains("does not know the cookie"), "{error}");
    });
    let mut stranger = Rogue::claim(&a, introduction("x@127.0.0.9")).await;
    let challenge = stranger.challenge().await;
    assert_eq!(Rogue::ask(&listener, "known@127.0.0.8", challenge).await, None);
    assert_eq!(connecting.exited().await, ExitReason::Normal);
}

#[otp::test]
async fn the_end_of_a_call_or_of_what_is_monitored_is_only_believed_of_the_node_that_it_is_at(system: System) {
    let a = start_one(&system, |node| node).await;
    let listener = listen(&system, [127, 0, 0, 8], a.port).await;
    let server = a.cluster.named("server", "callee@127.0.0.8").unwrap();
    let call = system.spawn(async move |_: ProcessContext<()>| {
        assert_eq!(server.call::<u8>(&"ask").await, Ok(7));
    });
    let mut callee = Rogue::accept(&listener, "callee@127.0.0.8").await;
    let Control::Monitor { from, reference, .. } = callee.receive().await.unwrap().control else {
        panic!("a monitor comes first")
    };
    let mut other = Rogue::dial(&a, "x@127.0.0.9").await;
    for target in [PidOrName::Pid(other.pid(1)), PidOrName::Name(Atom::from_static("server"))] {
        let reason = Some(Term::atom("lie"));
        let (to, reference) = (from.clone(), reference.clone());
        other.send(&Control::MonitorExit { target, to, reference, reason }, None).await;
    }
    assert!(other.pings().await);
    let answer = Term::tuple([reference.clone().into(), Term::Int(7)]);
    callee.send(&Control::AliasSend { from: callee.pid(1), alias: reference }, Some(&answer)).await;
    assert_eq!(call.exited().await, ExitReason::Normal);
}

#[otp::test]
async fn the_ends_of_processes_that_nobody_monitors_leave_no_names(system: System) {
    let a = start_one(&system, |node| node).await;
    let mut peer = Rogue::dial(&a, "x@127.0.0.9").await;
    let to = a.cluster.wire_pid(Pid::SYSTEM).unwrap();
    for name in ["one", "two", "three"] {
        let (target, reason) = (PidOrName::Name(Atom::from_static(name)), Some(Term::atom("gone")));
        let reference = a.cluster.wire_reference(system.make_ref());
        peer.send(&Control::MonitorExit { target, to: to.clone(), reference, reason }, None).await;
    }
    assert!(peer.pings().await);
    // The pids that stand for names are counted.
    let asked = a.cluster.named("asked", "x@127.0.0.9").unwrap();
    assert_eq!(asked.pid().unwrap().number(), 1);
}

#[otp::test]
async fn a_node_that_tells_of_scope_after_scope_has_one(system: System) {
    const ROOMS: GroupsName<String, Term> = GroupsName::new("rooms");
    let rooms: Groups<String, Term> = Groups::start(&system).name(ROOMS).await.unwrap();
    let a = start_one(&system, |node| node.shares(ROOMS)).await;
    let mut peer = Rogue::dial(&a, "x@127.0.0.9").await;
    for scope in 1..=3 {
        let (scope, member) = (Term::from(peer.pid(scope)), Term::from(peer.pid(10 + scope)));
        peer.send_to("rooms", &Term::tuple([Term::atom("discover"), scope.clone()])).await;
        peer.send_to("rooms", &Term::tuple([Term::atom("join"), scope, "kitchen".into(), member])).await;
    }
    let last = a.cluster.pid(&peer.pid(13));
    while rooms.members("kitchen").iter().map(|member| Some(member.pid())).ne([last]) {
        otp::process::yield_now().await;
    }
}

#[otp::test]
async fn a_scope_that_tells_its_members_first_is_told_of_those_here_before_they_leave(system: System) {
    const ROOMS: GroupsName<String, Term> = GroupsName::new("rooms");
    let rooms: Groups<String, Term> = Groups::start(&system).name(ROOMS).await.unwrap();
    let a = start_one(&system, |node| node.shares(ROOMS)).await;
    let (member, _received) = a.recorder("log");
    rooms.join("kitchen", &member).unwrap();
    let mut peer = Rogue::dial(&a, "x@127.0.0.9").await;
    // The scope hears what it is told once it has asked for the one of the peer.
    while !matches!(peer.receive().await.unwrap().control, Control::RegSend { .. }) {}
    let groups = Term::list([Term::tuple(["hall".into(), Term::list([peer.pid(2).into()], Term::NIL)])], Term::NIL);
    let sync = Term::tuple([Term::atom("sync"), peer.pid(1).into(), groups]);
    peer.send_to("rooms", &Term::tuple([Term::atom("$gen_cast"), sync])).await;
    while rooms.members("hall").is_empty() {
        otp::process::yield_now().await;
    }
    rooms.leave("kitchen", member.pid()).unwrap();
    let mut said = Vec::new();
    while said.last().is_none_or(|last: &String| !last.starts_with("{leave")) {
        let message = peer.receive().await.unwrap();
        if let (Control::Send { to, .. }, Some(payload)) = (message.control, message.payload)
            && to == peer.pid(1)
        {
            said.push(payload.term().unwrap().to_string());
        }
    }
    // With the first message, or as one that has joined since: this scope may hear of its own group later than the test.
    let (leave, before) = said.split_last().unwrap();
    assert!(leave.contains("kitchen") && before.iter().any(|said| said.contains("kitchen")), "{said:?}");
    assert!(before[0].starts_with("{'$gen_cast',{sync"), "{said:?}");
}

#[otp::test]
async fn an_epmd_that_does_not_answer_does_not_hold_up_the_start_of_a_node(system: System) {
    let listener = listen(&system, [127, 0, 0, 1], 0).await;
    let port = listener.local().unwrap().port().unwrap();
    let node = Node::named("a@127.0.0.1").unwrap().cookie(Cookie::new("secret")).epmd(port);
    let error = node.setup_time(Duration::from_millis(50)).start(&system).await.unwrap_err();
    let Some(NodeStartError::Epmd { source, .. }) = NodeStartError::behind(&error) else { panic!("{error}") };
    assert_eq!(source.kind(), io::ErrorKind::TimedOut);
}

#[otp::test]
async fn a_peer_that_does_not_acknowledge_unlinks_because_it_is_old_can_link_again(system: System) {
    let a = start_one(&system, |node| node).await;
    let old = Flags::from_bits(Flags::visible().bits() & !Flags::UNLINK_ID.bits());
    let name = introduction("x@127.0.0.9").name;
    let mut peer = Rogue::dial_as(&a, Introduction::new(name, old, 5)).await;
    let there = a.cluster.pid(&peer.pid(1)).unwrap();
    let linked = system.spawn(async move |mut ctx: ProcessContext<()>| {
        ctx.trap_exit(true);
        ctx.link(there).unwrap();
        ctx.unlink(there);
        let Message::Exit(exit) = ctx.receive().await else { panic!("an exit signal is expected") };
        assert_eq!((exit.from, exit.reason), (there, ExitReason::other(Term::atom("boom"))));
    });
    assert!(matches!(peer.receive().await.unwrap().control, Control::Link { .. }));
    let Control::Unlink { from: here, id: None, .. } = peer.receive().await.unwrap().control else {
        panic!("the link is removed as such a node knows it")
    };
    peer.send(&Control::Link { from: peer.pid(1), to: here.clone() }, None).await;
    let reason = Some(Term::atom("boom"));
    peer.send(&Control::Exit { from: peer.pid(1), to: here, reason }, None).await;
    assert_eq!(linked.exited().await, ExitReason::Normal);
}

#[otp::test]
async fn links_of_one_process_there_to_many_here_are_bounded(system: System) {
    let a = start_one(&system, |node| node.limits(Limits::default().ties(8))).await;
    let mut peer = Rogue::dial(&a, "x@127.0.0.9").await;
    let here: Vec<_> = (0..8)
        .map(|_| system.spawn(async |mut ctx: ProcessContext<()>| while ctx.receive().await != Message::User(()) {}))
        .collect();
    for process in &here[..5] {
        let to = a.cluster.wire_pid(process.pid()).unwrap();
        peer.send(&Control::Link { from: peer.pid(1), to }, None).await;
    }
    // A link that was removed leaves room.
    let to = a.cluster.wire_pid(here[0].pid()).unwrap();
    peer.send(&Control::Unlink { from: peer.pid(1), to, id: Some(1) }, None).await;
    assert!(peer.pings().await);
    for process in &here {
        let to = a.cluster.wire_pid(process.pid()).unwrap();
        peer.send(&Control::Link { from: peer.pid(1), to }, None).await;
    }
    assert!(!peer.pings().await, "the connection is closed");
}

#[otp::test]
async fn a_monitor_counts_until_the_process_that_has_set_it_removes_it(system: System) {
    let a = start_one(&system, |node| node.limits(Limits::default().ties(4))).await;
    let (process, _received) = a.recorder("log");
    let mut peer = Rogue::dial(&a, "x@127.0.0.9").await;
    let target = PidOrName::Pid(a.cluster.wire_pid(process.pid()).unwrap());
    let mut closed = false;
    for (word, by) in
        [(1, 1), (2, 1), (3, 1), (4, 1), (5, 1), (6, 1), (7, 1), (8, 1), (9, 2), (10, 2), (11, 2), (12, 2)]
    {
        let (target, reference) = (target.clone(), peer.reference(word));
        peer.send(&Control::Monitor { from: peer.pid(1), target: target.clone(), reference: reference.clone() }, None)
            .await;
        peer.send(&Control::Demonitor { from: peer.pid(by), target, reference }, None).await;
        closed = !peer.pings().await;
        assert!(!closed || by == 2, "monitors that were removed leave room");
        if closed {
            break;
        }
    }
    assert!(closed, "those that another process has removed are still there");
}

/// A server that does not answer.
pub(crate) struct Silent(Vec<ReplyTo<()>>);

pub(crate) struct Ask(ReplyTo<()>);

impl RemoteServer for Silent {
    fn call(server: &ServerRef<Self>, _: Term) -> Result<Reply, Refused> {
        Ok(Reply::of(server.call(Ask)))
    }
}

impl GenServer for Silent {
    type Args = ();
    type Call = Ask;
    type Cast = NoMessage;
    type Info = NoMessage;
    type Continue = NoMessage;

    async fn init(_: (), _: &mut Context<Self>) -> Result<Init<Self>, ExitReason> {
        Ok(Init::Ok(Silent(Vec::new())))
    }

    async fn handle_call(&mut self, Ask(from): Ask, _: &mut Context<Self>) -> Result<Next<Self>, ExitReason> {
        self.0.push(from);
        Ok(Next::Receive)
    }
}

#[otp::test]
async fn calls_of_a_peer_that_wait_for_their_answers_are_bounded(system: System) {
    let a = start_one(&system, |node| node.serves::<Silent>().limits(Limits::default().calls(3))).await;
    Silent::start(&system, ()).name(ServerName::new("silent")).await.unwrap();
    let mut peer = Rogue::dial(&a, "x@127.0.0.9").await;
    for _ in 0..3 {
        peer.call("silent", Term::Int(1)).await;
    }
    assert!(peer.pings().await);
    peer.call("silent", Term::Int(1)).await;
    assert!(!peer.pings().await, "the connection is closed");
    // They wait still, and a new connection does not change that.
    let mut again = Rogue::dial(&a, "x@127.0.0.9").await;
    again.call("silent", Term::Int(1)).await;
    assert!(!again.pings().await, "the connection is closed");
}

/// A message whose maker panics.
struct Touchy;

impl TryFrom<Term> for Touchy {
    type Error = ();

    fn try_from(_: Term) -> Result<Touchy, ()> {
        panic!("what the program makes of terms may panic")
    }
}

#[otp::test]
async fn a_panic_of_what_makes_messages_of_terms_does_not_end_the_connection(system: System) {
    let a = start_one(&system, Node::receives::<Touchy>).await;
    system.log_crashes(false);
    let process = system.spawn(async |mut ctx: ProcessContext<Touchy>| {
        ctx.receive().await;
    });
    system.register(&Name::new("touchy"), &process).unwrap();
    let mut peer = Rogue::dial(&a, "x@127.0.0.9").await;
    peer.send_to("touchy", &Term::Int(1)).await;
    assert!(peer.pings().await);
    assert!(process.is_alive());
}

#[otp::test]
async fn an_empty_cookie_is_none(system: System) {
    let error = node("a@127.0.0.1", 1).cookie(Cookie::new("")).start(&system).await.unwrap_err();
    assert!(matches!(NodeStartError::behind(&error), Some(NodeStartError::NoCookie { .. })), "{error}");
}

/// A runtime whose random numbers may be guessed.
struct Predictable(Arc<dyn Runtime>);

impl Runtime for Predictable {
    fn name(&self) -> &'static str {
        "predictable"
    }

    fn spawn(&self, task: Task) {
        self.0.spawn(task);
    }

    fn spawn_blocking(&self, job: Job) {
        self.0.spawn_blocking(job);
    }

    fn timer(&self, deadline: Instant) -> BoxTimer {
        self.0.timer(deadline)
    }

    fn now(&self) -> Instant {
        self.0.now()
    }

    fn random(&self) -> u64 {
        4
    }

    fn net(&self) -> Result<Arc<dyn Sockets>, NoNet> {
        self.0.net()
    }
}

#[otp::test]
async fn a_node_does_not_start_on_a_runtime_without_random_numbers_that_nobody_can_guess(system: System) {
    let system = System::on(Arc::new(Predictable(system.runtime().clone())));
    let error = node("a@127.0.0.1", 1).start(&system).await.unwrap_err();
    let Some(NodeStartError::NoChallenge { source, .. }) = NodeStartError::behind(&error) else { panic!("{error}") };
    assert_eq!(source.kind(), io::ErrorKind::Unsupported);
    assert!(Cluster::of(&system).is_err());
}

#[otp::test]
async fn a_first_message_that_is_larger_than_what_may_wait_connects_and_arrives(system: System) {
    let (a, b) = two_as(&system, |node| node.limits(Limits::default().message(64 << 20))).await;
    let (_, received) = b.recorder("log");
    let log = a.cluster.named("log", &b.name).unwrap();
    log.send(&"x".repeat(17 << 20)).await.unwrap();
    log.send(&2).await.unwrap();
    assert!(matches!(received.recv().await, Ok(Term::Binary(text)) if text.len() == 17 << 20));
    assert_eq!(received.recv().await, Ok(Term::Int(2)));
}

#[otp::test]
async fn who_waits_for_a_connection_gets_an_error_when_there_is_none_or_the_node_ends(system: System) {
    let a = start_one(&system, |node| node.busy_limit(1)).await;
    let nowhere = a.cluster.named("log", "nowhere@127.0.0.3").unwrap();
    let error = nowhere.send(&1).await.unwrap_err().to_string();
    assert!(error.contains("no connection"), "{error}");

    // It is connected to, and says nothing.
    let listener = listen(&system, [127, 0, 0, 8], a.port).await;
    let (dull, dull_too) = (a.cluster.named("log", "dull@127.0.0.8").unwrap(), a.cluster.clone());
    let sender = system.spawn(async move |_: ProcessContext<()>| {
        dull.send(&1).await.unwrap_err();
    });
    let connecting = system.spawn(async move |_: ProcessContext<()>| {
        dull_too.connect("dull@127.0.0.8").await.unwrap_err();
    });
    let _silent = listener.accept().await.unwrap();
    a.root.stop().await.unwrap();
    let both = async {
        assert_eq!(sender.exited().await, ExitReason::Normal);
        assert_eq!(connecting.exited().await, ExitReason::Normal);
    };
    assert!(matches!(select(std::pin::pin!(both), system.sleep(Duration::from_secs(5))).await, Either::Left(_)));
    let error = a.cluster.connect("dull@127.0.0.8").await.unwrap_err().to_string();
    assert!(error.contains("this node has ended"), "{error}");
}
