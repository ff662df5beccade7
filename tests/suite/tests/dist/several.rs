//! Calls of servers at several nodes, the own one among them, and the figures of nodes.

use std::error::Error;
use std::sync::Mutex;
use std::time::Duration;

use otp::dist::{Cluster, Node, NodeEvent, NodeInfo, NodeName, Refused, RemoteCallError, RemoteServer, Reply};
use otp::etf::{Atom, Term};
use otp::gen_server::{Context, GenServer, Init, Next, NoMessage, ServerName, ServerRef};
use otp::supervisor::{ChildSpec, ChildState, Restart, Strategy, Supervisor};
use otp::{ExitReason, Pid, Process, ProcessContext, ProcessRef, ReplyTo, System};

use crate::attacks::Silent;
use crate::nodes::{BANK, Bank, Side, start_one, two_as};
use crate::rogue::Rogue;

fn withdraw(amount: u64) -> (Atom, u64) {
    (Atom::from_static("withdraw"), amount)
}

const SECOND: Duration = Duration::from_secs(1);

#[otp::test]
async fn a_multi_call_asks_all_nodes_and_names_those_that_have_not_answered(system: System) {
    let (a, b) = two_as(&system, Node::serves::<Bank>).await;
    Bank::start(&b.system, 70).name(BANK).await.unwrap();
    let nowhere: NodeName = "nowhere@127.0.0.3".parse().unwrap();
    let nodes = [a.name.clone(), nowhere.clone(), b.name.clone()];
    let asked = a.cluster.multi_call::<Result<u64, String>>(nodes.clone(), "bank", &withdraw(30), SECOND).await;
    assert_eq!(asked.replies, [(b.name.clone(), Ok(40))]);
    let reasons: Vec<_> = asked.failed.into_iter().map(|(node, error)| (node, reason(error))).collect();
    assert_eq!(reasons, [(a.name.clone(), ExitReason::NoProc), (nowhere, ExitReason::NoConnection)]);
}

#[otp::test]
async fn a_multi_call_waits_no_longer_than_its_limit_and_drops_what_comes_later(system: System) {
    let (a, b) = two_as(&system, |node| node.serves::<Bank>().serves::<Silent>()).await;
    Silent::start(&b.system, ()).name(ServerName::new("bank")).await.unwrap();
    let asked = a.cluster.multi_call::<Term>([b.name.clone()], "bank", &1, Duration::from_millis(20)).await;
    assert!(asked.replies.is_empty());
    assert!(matches!(&asked.failed[..], [(node, RemoteCallError::Timeout { .. })] if *node == b.name));
}

fn reason(error: RemoteCallError) -> ExitReason {
    match error {
        RemoteCallError::Exited { reason, .. } => reason,
        other => panic!("{other}"),
    }
}

#[otp::test]
async fn a_server_of_this_node_is_called_as_one_of_another(system: System) {
    let a = start_one(&system, Node::serves::<Bank>).await;
    system.log_crashes(false);
    let server = Bank::start(&system, 70).name(BANK).await.unwrap();
    let by_name = a.cluster.named("bank", &a.name).unwrap();
    let by_pid = a.cluster.process(&a.cluster.wire_pid(server.pid().unwrap()).unwrap());
    assert_eq!(by_name.call(&withdraw(30)).await, Ok(Ok::<u64, String>(40)));
    assert_eq!(by_pid.call(&withdraw(30)).await, Ok(Ok::<u64, String>(10)));
    let crashed = by_name.call::<Term>(&Atom::from_static("crash")).await.unwrap_err();
    assert_eq!(reason(crashed), ExitReason::other(Term::atom("boom")));
    assert_eq!(reason(by_name.call::<Term>(&withdraw(1)).await.unwrap_err()), ExitReason::NoProc);
    assert_eq!(reason(by_pid.call::<Term>(&withdraw(1)).await.unwrap_err()), ExitReason::NoProc);
}

#[otp::test]
async fn the_figures_of_a_node_count_what_goes_both_ways_and_the_last_ones_come_with_its_end(system: System) {
    let (a, b) = two_as(&system, Node::serves::<Bank>).await;
    Bank::start(&b.system, 70).name(BANK).await.unwrap();
    let (send, downs) = async_channel::unbounded();
    let _hook = system.on_event(move |event| {
        if let Some(NodeEvent::Down { info, .. }) = event.downcast_ref() {
            send.try_send(info.clone()).unwrap();
        }
    });
    assert!(a.cluster.info().is_empty());
    let bank = a.cluster.named("bank", &b.name).unwrap();
    for _ in 0..3 {
        bank.call::<Term>(&withdraw(1)).await.unwrap();
    }
    let [of_b] = &a.cluster.info()[..] else { panic!("one node is connected") };
    assert_eq!((&of_b.node, of_b.creation, of_b.hidden), (&b.name, b.cluster.creation(), false));
    assert!(of_b.since <= system.now());
    // A monitor, the call, and its removal, three times; and three answers.
    assert_eq!((of_b.sent.messages, of_b.received.messages), (9, 3));
    assert!(of_b.received.bytes > 3 * 20, "{of_b:?}");

    // In the end, what one side has sent is what the other has received.
    // The last message removes a monitor: it counts when it comes, which is before it has done that.
    let of_a = figures(&b, &a.name, |info| (info.received.messages, info.ties) == (9, 0)).await;
    assert_eq!((of_a.sent.messages, of_a.calls), (3, 0), "{of_a:?}");
    figures(&a, &b.name, |info| info.sent.bytes == of_a.received.bytes).await;
    figures(&b, &a.name, |info| info.sent.bytes == of_b.received.bytes).await;
    assert!(a.cluster.disconnect(&b.name));
    let last = downs.recv().await.unwrap();
    assert_eq!((last.sent.messages, last.received), (9, of_b.received));
    assert!(a.cluster.info().is_empty());
}

/// The figures at `side`, once this is true of them.
async fn figures(side: &Side, of: &NodeName, is_so: impl Fn(&NodeInfo) -> bool) -> NodeInfo {
    loop {
        let info = side.cluster.info().into_iter().find(|info| info.node == *of).unwrap();
        if is_so(&info) {
            return info;
        }
        otp::process::yield_now().await;
    }
}

/// Starts processes for other nodes.
struct Workers;

impl RemoteServer for Workers {
    fn call(server: &ServerRef<Self>, _: Term) -> Result<Reply, Refused> {
        let worker = server.system().spawn(async |_: ProcessContext<()>| std::future::pending::<()>().await);
        let pid = Cluster::of(server.system()).unwrap().wire_pid(worker.pid());
        server.system().slot::<Started>().0.lock().unwrap().push(worker);
        Ok(Reply::ready(&pid))
    }
}

/// The workers of a system, the first one first.
#[derive(Default)]
struct Started(Mutex<Vec<ProcessRef<()>>>);

impl Started {
    fn nth(&self, at: usize) -> Option<ProcessRef<()>> {
        self.0.lock().unwrap().get(at).cloned()
    }
}

impl GenServer for Workers {
    type Args = ();
    type Call = NoMessage;
    type Cast = NoMessage;
    type Info = NoMessage;
    type Continue = NoMessage;

    async fn init(_: (), _: &mut Context<Self>) -> Result<Init<Self>, ExitReason> {
        Ok(Init::Ok(Workers))
    }
}

/// A child that is started at another node by a server there.
fn worker_at(node: NodeName) -> ChildSpec {
    ChildSpec::worker("worker", async move |supervisor: Process| {
        let cluster = Cluster::of(supervisor.system())?;
        let started = cluster.named("workers", &node)?.call::<otp::etf::Pid>(&Atom::from_static("start")).await?;
        let pid = cluster.pid(&started).ok_or(ConnectionLost)?;
        supervisor.link(pid)?;
        Ok::<Pid, Box<dyn Error + Send + Sync>>(pid)
    })
}

/// The answer comes after what was sent before on the same connection was handled.
async fn link_is_known(a: &Side, b: &Side) {
    a.cluster.named("nobody", &b.name).unwrap().call::<Term>(&1).await.unwrap_err();
}

#[derive(Debug, thiserror::Error)]
#[error("the connection was lost at once")]
struct ConnectionLost;

#[otp::test]
async fn a_child_at_another_node_is_restarted_there_when_the_connection_is_lost_and_stopped_with_its_supervisor(
    system: System,
) {
    let (a, b) = two_as(&system, Node::serves::<Workers>).await;
    Workers::start(&b.system, ()).name(ServerName::new("workers")).await.unwrap();
    let supervisor = Supervisor::new(Strategy::OneForOne).child(worker_at(b.name.clone()));
    let supervisor = supervisor.start(&system).await.unwrap();
    let started = b.system.slot::<Started>();
    let first = started.nth(0).unwrap();
    let children = supervisor.which_children().await.unwrap();
    let pid = a.cluster.pid(&b.cluster.wire_pid(first.pid()).unwrap());
    assert_eq!(children[0].state, ChildState::Running(pid.unwrap()));

    link_is_known(&a, &b).await;
    assert!(a.cluster.disconnect(&b.name));
    assert_eq!(first.exited().await, ExitReason::NoConnection);
    let second = loop {
        match started.nth(1) {
            Some(second) => break second,
            None => otp::process::yield_now().await,
        }
    };
    supervisor.stop().await.unwrap();
    assert_eq!(second.exited().await, ExitReason::Shutdown);
}

#[otp::test]
async fn a_temporary_child_at_another_node_is_not_restarted_when_the_connection_is_lost(system: System) {
    let (a, b) = two_as(&system, Node::serves::<Workers>).await;
    Workers::start(&b.system, ()).name(ServerName::new("workers")).await.unwrap();
    let spec = worker_at(b.name.clone()).restart(Restart::Temporary);
    let supervisor = Supervisor::new(Strategy::OneForOne).child(spec).start(&system).await.unwrap();
    link_is_known(&a, &b).await;
    assert!(a.cluster.disconnect(&b.name));
    assert_eq!(supervisor.which_children().await.unwrap(), []);
    assert_eq!(b.system.slot::<Started>().nth(0).unwrap().exited().await, ExitReason::NoConnection);
    assert_eq!(b.system.slot::<Started>().nth(1).map(|second| second.pid()), None);
}

/// A server that answers, and ends.
struct Brief;

struct Last(ReplyTo<u8>);

impl RemoteServer for Brief {
    fn call(server: &ServerRef<Self>, _: Term) -> Result<Reply, Refused> {
        Ok(Reply::of(server.call(Last)))
    }
}

impl GenServer for Brief {
    type Args = ();
    type Call = Last;
    type Cast = NoMessage;
    type Info = NoMessage;
    type Continue = NoMessage;

    async fn init(_: (), _: &mut Context<Self>) -> Result<Init<Self>, ExitReason> {
        Ok(Init::Ok(Brief))
    }

    async fn handle_call(&mut self, Last(from): Last, _: &mut Context<Self>) -> Result<Next<Self>, ExitReason> {
        from.reply(7);
        Ok(Next::Stop(ExitReason::Normal))
    }
}

#[otp::test]
async fn the_answer_of_a_server_comes_before_its_end_although_another_thread_waits_for_it(system: System) {
    let (a, b) = two_as(&system, Node::serves::<Brief>).await;
    a.cluster.connect(&b.name).await.unwrap();
    for _ in 0..300 {
        let brief = Brief::start(&b.system, ()).await.unwrap();
        let pid = b.cluster.wire_pid(brief.pid().unwrap()).unwrap();
        assert_eq!(a.cluster.process(&pid).call::<u8>(&"last").await, Ok(7));
    }
}

#[otp::test]
async fn many_who_send_and_call_at_once_wait_for_room(system: System) {
    let a = start_one(&system, |node| node.busy_limit(1)).await;
    let mut peer = Rogue::dial(&a, "x@127.0.0.9").await;
    assert!(peer.pings().await);
    let log = a.cluster.process(&peer.pid(1));
    for sender in 0..100 {
        let log = log.clone();
        system.spawn(async move |_: ProcessContext<()>| {
            let message = "x".repeat(1 << 18);
            if sender % 2 == 0 {
                log.send(&message).await.unwrap();
            } else {
                log.call::<()>(&message).no_timeout().await.unwrap_err();
            }
        });
    }
    let mut arrived = 0;
    while arrived < 100 {
        assert!(a.cluster.info()[0].queue < 16 << 20, "most of it waits outside");
        arrived += usize::from(peer.receive().await.unwrap().payload.is_some());
    }
}
