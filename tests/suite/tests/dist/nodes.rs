//! Two nodes of this library, in two systems on one runtime. What BEAM nodes think of one is tried by tests/dist.

use std::time::Duration;

use futures::future::join;
use futures::{AsyncReadExt, AsyncWriteExt};
use otp::dist::proto::{Flags, Introduction, Status};
use otp::dist::{
    Cluster, ConnectError, Cookie, Node, NodeEvent, NodeName, NodeStartError, Refused, RemoteCallError,
    RemoteSendError, RemoteServer, Reply, term_of_reason,
};
use otp::etf::{Atom, Term, from_term};
use otp::gen_server::{Context, GenServer, Init, Next, NoMessage, ServerName, ServerRef};
use otp::process::AliasMode;
use otp::runtime::net::Stream;
use otp::supervisor::SupervisorRef;
use otp::{Address, ExitReason, Message, Name, ProcessContext, ProcessRef, ReplyTo, System};

/// A system that is a node.
pub(crate) struct Side {
    pub(crate) system: System,
    pub(crate) cluster: Cluster,
    pub(crate) name: NodeName,
    /// Where it listens.
    pub(crate) port: u16,
    pub(crate) root: SupervisorRef,
}

/// The connection of a stranger to the first node on this port, who claims to be another one.
pub(crate) async fn claim_to_be(name: &NodeName, system: &System, port: u16) -> Stream {
    let mut stranger = system.net().unwrap().connect(([127, 0, 0, 1], port)).await.unwrap();
    let claim = Introduction::new(name.clone(), Flags::visible(), 9).name_message();
    stranger.write_all(&u16::try_from(claim.len()).unwrap().to_be_bytes()).await.unwrap();
    stranger.write_all(&claim).await.unwrap();
    let mut status = [0; 5];
    stranger.read_exact(&mut status).await.unwrap();
    assert_eq!(&status[2..], Status::Ok.message(), "it is believed until it has to prove it");
    stranger
}

/// The node `a` in the system of the test, and `b` in another one.
pub(crate) async fn two(system: &System) -> (Side, Side) {
    two_as(system, |node| node).await
}

/// The same, with options of `b`.
pub(crate) async fn two_as(system: &System, options: impl FnOnce(Node) -> Node) -> (Side, Side) {
    let port = free_port(system).await;
    let a = start(system, port, node("a@127.0.0.1", port)).await;
    let b = start(&System::on(system.runtime().clone()), port, options(node("b@127.0.0.2", port))).await;
    (a, b)
}

/// The node `a` alone.
pub(crate) async fn start_one(system: &System, options: impl FnOnce(Node) -> Node) -> Side {
    let port = free_port(system).await;
    start(system, port, options(node("a@127.0.0.1", port))).await
}

pub(crate) fn node(name: &str, port: u16) -> Node {
    Node::named(name).unwrap().cookie(Cookie::new("secret")).fixed_port(port)
}

pub(crate) async fn start(system: &System, port: u16, node: Node) -> Side {
    let name = node.name().clone();
    let root = node.start(system).await.unwrap();
    Side { root, system: system.clone(), cluster: Cluster::of(system).unwrap(), name, port }
}

/// Every node listens on this port of its host, and so on another address.
pub(crate) async fn free_port(system: &System) -> u16 {
    let listener = system.net().unwrap().listen(([127, 0, 0, 1], 0)).await.unwrap();
    listener.local().unwrap().port().unwrap()
}

impl Side {
    /// A process with this name that passes on what it receives.
    pub(crate) fn recorder(&self, name: &'static str) -> (ProcessRef<Term>, async_channel::Receiver<Term>) {
        let (send, received) = async_channel::unbounded();
        let process = self.system.spawn(async move |mut ctx: ProcessContext<Term>| {
            loop {
                match ctx.receive().await {
                    Message::User(term) if term.as_atom() == Some("die") => {
                        return ExitReason::other(Term::atom("died"));
                    }
                    Message::User(term) => send.try_send(term).unwrap(),
                    _ => {}
                }
            }
        });
        self.system.register(&Name::new(name), &process).unwrap();
        (process, received)
    }
}

#[otp::test]
async fn messages_arrive_by_name_and_by_pid_in_order_and_however_large(system: System) {
    let (a, b) = two(&system).await;
    let (process, received) = b.recorder("log");
    let by_name = a.cluster.named("log", "b@127.0.0.2").unwrap();
    let by_pid = a.cluster.process(&b.cluster.wire_pid(process.pid()).unwrap());
    let (done, sent) = futures::channel::oneshot::channel();
    system.spawn(async move |_: ProcessContext<()>| {
        by_name.send(&1).await.unwrap();
        by_pid.send(&vec![7_u16; 100_000]).await.unwrap();
        by_name.send(&(3, "three")).await.unwrap();
        let _ = done.send(());
    });
    sent.await.unwrap();
    assert_eq!(received.recv().await, Ok(Term::Int(1)));
    assert_eq!(from_term::<Vec<u16>>(&received.recv().await.unwrap()), Ok(vec![7; 100_000]));
    assert_eq!(received.recv().await.unwrap().to_string(), "{3,<<\"three\">>}");
    assert_eq!(a.cluster.nodes().visible, std::slice::from_ref(&b.name));
    assert_eq!(b.cluster.nodes().visible, std::slice::from_ref(&a.name));
}

#[otp::test]
async fn the_end_of_a_process_is_told_to_a_monitor_a_link_and_a_wait_elsewhere(system: System) {
    let (a, b) = two(&system).await;
    a.cluster.connect(&b.name).await.unwrap();
    let (process, _received) = b.recorder("log");
    let remote = a.cluster.process(&b.cluster.wire_pid(process.pid()).unwrap());
    let named = a.cluster.named("log", &b.name).unwrap();
    let pid = remote.pid().unwrap();
    let exited = system.exited(pid);
    let (ready, is_ready) = futures::channel::oneshot::channel();
    let watcher = system.spawn(async move |mut ctx: ProcessContext<()>| {
        ctx.trap_exit(true);
        let monitors = [ctx.monitor(&remote), ctx.monitor(&named)];
        ctx.link(pid).unwrap();
        assert!(ctx.is_linked(pid));
        let _ = ready.send(());
        let died = ExitReason::other(Term::atom("died"));
        let mut downs = Vec::new();
        for _ in 0..3 {
            match ctx.receive().await {
                Message::Down(down) => {
                    assert_eq!(down.reason, died);
                    downs.push(down.monitor);
                }
                Message::Exit(exit) => assert_eq!((exit.from, exit.reason), (pid, died.clone())),
                other => panic!("{other:?}"),
            }
        }
        downs.sort();
        assert_eq!(downs, monitors);
    });
    is_ready.await.unwrap();
    // Behind the monitors and the link on the same connection.
    a.cluster.named("log", &b.name).unwrap().call::<Term>(&"ask").timeout(Duration::from_millis(1)).await.unwrap_err();
    a.cluster.named("log", &b.name).unwrap().send(&Atom::from_static("die")).await.unwrap();
    assert_eq!(watcher.exited().await, ExitReason::Normal);
    assert_eq!(term_of_reason(&exited.await), Term::atom("died"));
}

#[otp::test]
async fn a_name_without_a_holder_is_no_process_and_a_node_that_does_not_exist_no_connection(system: System) {
    let (a, b) = two(&system).await;
    let nobody = a.cluster.named("nobody", &b.name).unwrap();
    let nowhere = a.cluster.named("nobody", "nowhere@127.0.0.3").unwrap();
    let reason = |error| match error {
        RemoteCallError::Exited { reason, .. } => reason,
        other => panic!("{other}"),
    };
    assert_eq!(reason(nobody.call::<Term>(&1).await.unwrap_err()), ExitReason::NoProc);
    assert_eq!(reason(nowhere.call::<Term>(&1).await.unwrap_err()), ExitReason::NoConnection);
    let watcher = system.spawn(async move |mut ctx: ProcessContext<()>| {
        for (remote, expected) in [(nobody, ExitReason::NoProc), (nowhere, ExitReason::NoConnection)] {
            let monitor = ctx.monitor(&remote);
            let Message::Down(down) = ctx.receive().await else { panic!("a Down is expected") };
            assert_eq!((down.monitor, down.reason), (monitor, expected));
        }
    });
    assert_eq!(watcher.exited().await, ExitReason::Normal);
    let failed = a.cluster.connect("nowhere@127.0.0.3").await.unwrap_err();
    assert!(matches!(failed, ConnectError::Failed { .. }), "{failed}");
}

#[otp::test]
async fn everything_that_is_tied_to_a_node_is_told_at_once_that_the_connection_is_lost(system: System) {
    let (a, b) = two(&system).await;
    a.cluster.connect(&b.name).await.unwrap();
    let (process, _received) = b.recorder("log");
    let remote = a.cluster.process(&b.cluster.wire_pid(process.pid()).unwrap());
    let pid = remote.pid().unwrap();
    let exited = system.exited(pid);
    let (ready, is_ready) = futures::channel::oneshot::channel();
    let watcher = system.spawn(async move |mut ctx: ProcessContext<()>| {
        ctx.trap_exit(true);
        ctx.monitor(&remote);
        ctx.link(pid).unwrap();
        let _ = ready.send(());
        for _ in 0..2 {
            let reason = match ctx.receive().await {
                Message::Down(down) => down.reason,
                Message::Exit(exit) => exit.reason,
                other => panic!("{other:?}"),
            };
            assert_eq!(reason, ExitReason::NoConnection);
        }
    });
    is_ready.await.unwrap();
    let calling = a.cluster.named("log", &b.name).unwrap();
    let call = system.spawn(async move |_: ProcessContext<()>| {
        let error = calling.call::<Term>(&"never answered").no_timeout().await.unwrap_err();
        assert!(matches!(error, RemoteCallError::Exited { reason: ExitReason::NoConnection, .. }), "{error}");
    });
    b.root.stop().await.unwrap();
    assert_eq!(watcher.exited().await, ExitReason::Normal);
    assert_eq!(call.exited().await, ExitReason::Normal);
    assert_eq!(exited.await, ExitReason::NoConnection);
    assert!(a.cluster.nodes().visible.is_empty());
    assert!(Cluster::of(&b.system).is_err());
}

/// A bank, written by hand.
pub(crate) struct Bank(u64);

pub(crate) enum Request {
    Withdraw(u64, ReplyTo<Result<u64, String>>),
    Crash,
}

impl RemoteServer for Bank {
    fn call(server: &ServerRef<Self>, request: Term) -> Result<Reply, Refused> {
        match request.as_atom() {
            Some("crash") => Ok(Reply::of(server.call(|_: ReplyTo<()>| Request::Crash))),
            _ => {
                let (tag, amount): (Atom, u64) = from_term(&request)?;
                if tag != "withdraw" {
                    return Err(Refused::new(format!("{tag} is unknown")));
                }
                Ok(Reply::of(server.call(|from| Request::Withdraw(amount, from))))
            }
        }
    }
}

impl GenServer for Bank {
    type Args = u64;
    type Call = Request;
    type Cast = NoMessage;
    type Info = NoMessage;
    type Continue = NoMessage;

    async fn init(balance: u64, _: &mut Context<Self>) -> Result<Init<Self>, ExitReason> {
        Ok(Init::Ok(Bank(balance)))
    }

    async fn handle_call(&mut self, call: Request, _: &mut Context<Self>) -> Result<Next<Self>, ExitReason> {
        match call {
            Request::Withdraw(amount, from) => from.reply(match self.0.checked_sub(amount) {
                Some(left) => {
                    self.0 = left;
                    Ok(left)
                }
                None => Err(format!("there are only {}", self.0)),
            }),
            Request::Crash => return Err(ExitReason::other(Term::atom("boom"))),
        }
        Ok(Next::Receive)
    }
}

pub(crate) const BANK: ServerName<Bank> = ServerName::new("bank");

#[otp::test]
async fn a_server_is_called_from_another_node_with_errors_as_values_and_its_end_as_an_exit(system: System) {
    let (a, b) = two_as(&system, Node::serves::<Bank>).await;
    b.system.log_crashes(false);
    Bank::start(&b.system, 70).name(BANK).await.unwrap();
    let bank = a.cluster.named("bank", &b.name).unwrap();
    let withdraw = |amount: u64| (Atom::from_static("withdraw"), amount);
    assert_eq!(bank.call(&withdraw(30)).await, Ok(Ok::<u64, String>(40)));
    assert_eq!(bank.call(&withdraw(50)).await, Ok(Err::<u64, _>("there are only 40".to_owned())));
    let refused: Result<(), (Atom, String)> = bank.call(&(Atom::from_static("steal"), 1)).await.unwrap();
    assert_eq!(refused, Err((Atom::from_static("bad_request"), "steal is unknown".to_owned())));
    let error = bank.call::<Term>(&Atom::from_static("crash")).await.unwrap_err();
    let boom = ExitReason::other(Term::atom("boom"));
    assert!(matches!(&error, RemoteCallError::Exited { reason, .. } if *reason == boom), "{error}");
}

#[otp::test]
pub(crate) async fn two_nodes_that_connect_at_the_same_moment_have_one_connection(system: System) {
    let (a, b) = two(&system).await;
    let (to_b, to_a) = join(a.cluster.connect(&b.name), b.cluster.connect(&a.name)).await;
    assert_eq!((to_b, to_a), (Ok(()), Ok(())));
    let (_, received) = b.recorder("log");
    a.cluster.named("log", &b.name).unwrap().send(&5).await.unwrap();
    assert_eq!(received.recv().await, Ok(Term::Int(5)));
    assert_eq!((a.cluster.nodes().visible.len(), b.cluster.nodes().visible.len()), (1, 1));
}

#[otp::test]
async fn a_node_with_another_cookie_or_that_is_not_allowed_does_not_connect(system: System) {
    let (a, b) = two_as(&system, |node| node.cookie(Cookie::new("another"))).await;
    let error = a.cluster.connect(&b.name).await.unwrap_err().to_string();
    assert!(error.contains("cookie"), "{error}");
    assert_eq!(b.cluster.nodes(), otp::dist::Nodes::default());

    let third = System::on(system.runtime().clone());
    let port = free_port(&third).await;
    let c = start(&third, port, node("c@127.0.0.4", port).allow(["only@127.0.0.1".parse().unwrap()])).await;
    let fourth = System::on(system.runtime().clone());
    let d = start(&fourth, port, node("d@127.0.0.5", port)).await;
    let error = d.cluster.connect(&c.name).await.unwrap_err().to_string();
    assert!(error.contains("not allowed"), "{error}");
    let error = c.cluster.connect(&d.name).await.unwrap_err().to_string();
    assert!(error.contains("not allowed"), "{error}");
}

#[otp::test]
async fn a_name_that_is_not_exposed_is_as_if_nobody_held_it(system: System) {
    let (a, b) = two_as(&system, |node| node.expose(["public"])).await;
    let (_, private) = b.recorder("private");
    let (_, public) = b.recorder("public");
    let error = a.cluster.named("private", &b.name).unwrap().call::<Term>(&1).await.unwrap_err();
    assert!(matches!(error, RemoteCallError::Exited { reason: ExitReason::NoProc, .. }), "{error}");
    a.cluster.named("private", &b.name).unwrap().send(&1).await.unwrap();
    a.cluster.named("public", &b.name).unwrap().send(&2).await.unwrap();
    assert_eq!(public.recv().await, Ok(Term::Int(2)));
    assert!(private.is_empty());
}

#[otp::test]
async fn nodes_that_come_and_go_are_reported_and_a_lost_one_is_connected_to_again(system: System) {
    let (a, b) = two_as(&system, |node| node.hidden(true)).await;
    let (send, events) = async_channel::unbounded();
    let listener = system.spawn(async move |mut ctx: ProcessContext<NodeEvent>| {
        while let Message::User(event) = ctx.receive().await {
            send.try_send(event).unwrap();
        }
    });
    let _monitor = a.cluster.monitor_nodes(Address::from(&listener));
    let (_, received) = b.recorder("log");
    let log = a.cluster.named("log", &b.name).unwrap();
    for round in 0..3 {
        log.send(&round).await.unwrap();
        assert_eq!(received.recv().await, Ok(Term::Int(round)));
        let up = events.recv().await.unwrap();
        assert!(matches!(&up, NodeEvent::Up { node, hidden: true, .. } if *node == b.name), "{up}");
        assert_eq!(a.cluster.nodes().hidden, std::slice::from_ref(&b.name));
        assert!(a.cluster.disconnect(&b.name));
        let down = events.recv().await.unwrap();
        assert!(matches!(&down, NodeEvent::Down { node, .. } if *node == b.name), "{down}");
        while b.cluster.nodes() != otp::dist::Nodes::default() {
            otp::process::yield_now().await;
        }
    }
}

#[otp::test]
async fn an_alias_is_sent_to_from_another_node_until_it_is_switched_off(system: System) {
    let (a, b) = two(&system).await;
    let cluster = b.cluster.clone();
    let (send, aliases) = async_channel::unbounded();
    let process = b.system.spawn(async move |mut ctx: ProcessContext<Term>| {
        let alias = ctx.alias(AliasMode::Explicit);
        let remote = cluster.alias(&alias);
        send.try_send((remote.reference().clone(), cluster.wire_pid(ctx.pid()).unwrap())).unwrap();
        assert_eq!(ctx.receive().await, Message::User(Term::Int(1)));
        ctx.unalias(&alias);
        drop(remote);
        send.try_send((
            otp::etf::Reference::new(Atom::from_static("x"), 1, &[1]).unwrap(),
            cluster.wire_pid(ctx.pid()).unwrap(),
        ))
        .unwrap();
        assert_eq!(ctx.receive().await, Message::User(Term::Int(3)));
    });
    a.cluster.connect(&b.name).await.unwrap();
    let (alias, pid) = aliases.recv().await.unwrap();
    a.cluster.behind(&alias).send(&1).await.unwrap();
    aliases.recv().await.unwrap();
    a.cluster.behind(&alias).send(&2).await.unwrap();
    a.cluster.process(&pid).send(&3).await.unwrap();
    assert_eq!(process.exited().await, ExitReason::Normal);
}

#[otp::test]
async fn what_only_a_term_has_named_is_not_connected_to(system: System) {
    let (a, b) = two(&system).await;
    let (process, _received) = b.recorder("log");
    let pid = b.cluster.wire_pid(process.pid()).unwrap();
    let remote = a.cluster.process(&pid);
    assert_eq!(remote.pid(), None);
    let error = remote.send(&1).await.unwrap_err();
    assert!(matches!(error, RemoteSendError::NoConnection { .. }), "{error}");
    assert_eq!(a.cluster.nodes(), otp::dist::Nodes::default());
}

#[otp::test]
async fn a_node_is_not_started_without_a_cookie_beyond_the_loopback_interface_or_twice(system: System) {
    let port = free_port(&system).await;
    let error = Node::named("a@127.0.0.1").unwrap().fixed_port(port).start(&system).await.unwrap_err();
    assert!(matches!(NodeStartError::behind(&error), Some(NodeStartError::NoCookie { .. })), "{error}");
    let beyond = node("a@127.0.0.1", port).listen(([0, 0, 0, 0], port));
    let error = beyond.start(&system).await.unwrap_err();
    assert!(matches!(NodeStartError::behind(&error), Some(NodeStartError::NotLoopback { .. })), "{error}");
    assert!(Cluster::of(&system).is_err());
    start(&system, port, node("a@127.0.0.1", port)).await;
    let second = node("a@127.0.0.2", port).start(&system).await.unwrap_err();
    assert!(matches!(NodeStartError::behind(&second), Some(NodeStartError::SecondNode { .. })), "{second}");
    assert_eq!(Cluster::of(&system).unwrap().name().as_str(), "a@127.0.0.1");
}

#[otp::test]
async fn a_stranger_who_claims_to_be_a_node_does_not_keep_the_node_from_being_reached(system: System) {
    let port = free_port(&system).await;
    let a = start(&system, port, node("a@127.0.0.1", port).setup_time(Duration::from_millis(300))).await;
    let b = start(&System::on(system.runtime().clone()), port, node("b@127.0.0.2", port)).await;
    let _stranger = claim_to_be(&b.name, &system, port).await;
    assert_eq!(a.cluster.connect(&b.name).await, Ok(()));
}
