//! Processes of other nodes: pids that mean nothing here, and stand-ins with ties and no mailbox. The node here is a
//! fake, which writes down what it is sent.

use std::collections::HashMap;
use std::num::NonZeroU64;
use std::sync::{Arc, Mutex};

use futures::channel::oneshot;
use otp::node::{Node, Nodes, Outbound, Peer, StandIn};
use otp::process::{Alias, AliasMode, LookupError, NameError, SpawnOptions, Target, yield_now};
use otp::{Call, CallError, ExitReason, Message, Name, Pid, Process, ProcessContext, ProcessRef, ReplyTo, System};
use otp_suite::{down, exit, inside, obey};

/// A node whose processes are made when they are asked for.
#[derive(Default)]
struct Other {
    processes: Mutex<HashMap<Pid, StandIn>>,
    sent: Arc<Mutex<Vec<(Pid, Outbound)>>>,
}

#[derive(Clone)]
struct Writes(Arc<Mutex<Vec<(Pid, Outbound)>>>);

impl Peer for Writes {
    fn send(&self, to: Pid, signal: Outbound) {
        self.0.lock().unwrap().push((to, signal));
    }
}

impl Nodes for Other {
    fn stand_in(&self, pid: Pid) -> Option<StandIn> {
        self.processes.lock().unwrap().get(&pid).cloned()
    }
}

impl Other {
    /// Connects `system` with a node that has processes of these ids.
    fn connect<const N: usize>(system: &System, ids: [u64; N]) -> (Arc<Other>, [StandIn; N]) {
        let other = Arc::new(Other::default());
        let processes = ids.map(|id| StandIn::new(system, there(system, id), Arc::new(Writes(other.sent.clone()))));
        let known = processes.iter().map(|process| (process.pid(), process.clone()));
        other.processes.lock().unwrap().extend(known);
        system.connect(other.clone()).expect("it is the first one");
        (other, processes)
    }

    fn sent(&self) -> Vec<Outbound> {
        self.sent.lock().unwrap().drain(..).map(|(_, signal)| signal).collect()
    }
}

fn there(system: &System, id: u64) -> Pid {
    Pid::elsewhere(system.node("other@localhost", 1), NonZeroU64::new(id).unwrap())
}

// A pid of another node never finds the process of this one that has the same number.
#[otp::test]
async fn without_a_connection_a_pid_of_another_node_reaches_nobody_in_any_function(system: System) {
    let twin = system.spawn(obey);
    let pid = there(&system, twin.pid().number());
    assert_eq!((pid.number(), pid == twin.pid()), (twin.pid().number(), false));
    system.exit(pid, ExitReason::Kill);
    assert_eq!(system.exited(pid).await, ExitReason::NoConnection);
    assert!(!system.is_alive(pid) && system.info(pid).is_none());
    let status = otp::sys::status(&system, pid).await;
    assert!(matches!(status, Err(CallError::Exited { reason: ExitReason::NoConnection, .. })));
    assert!(!otp::behaviour::send_stop(&system, pid, ExitReason::Kill));
    assert_eq!(ProcessRef::<ExitReason>::of(&system, pid), Err(LookupError::NoConnection(pid)));
    let linker = system.spawn(async move |ctx: ProcessContext<()>| {
        let error = ctx.link(pid).unwrap_err();
        assert_eq!((error.from, error.to), (ctx.pid(), pid));
        assert_eq!(error.to_string(), format!("cannot link {} to {pid}: no connection to its node", ctx.pid()));
        ctx.unlink(pid);
    });
    assert_eq!(linker.exited().await, ExitReason::Normal);
    inside(&system, async move |mut ctx: ProcessContext<()>| {
        ctx.trap_exit(true);
        ctx.link(pid).unwrap();
        let exit = exit(ctx.receive().await);
        assert_eq!((exit.from, exit.reason), (pid, ExitReason::NoConnection));
        let monitor = ctx.monitor(pid);
        let down = down(ctx.receive().await);
        assert_eq!((down.monitor, down.target, down.reason), (monitor, Target::Pid(pid), ExitReason::NoConnection));
        assert!(!ctx.demonitor(monitor));
    })
    .await;
    assert!(twin.is_alive(), "it has the same number, and is another process");
    twin.exit(ExitReason::Kill);
    twin.exited().await;
}

#[otp::test]
async fn the_end_of_a_stand_in_fires_every_link_monitor_and_wait_once(system: System) {
    let (other, [process]) = Other::connect(&system, [7]);
    let pid = process.pid();
    let (ready, is_ready) = oneshot::channel();
    let linked = system.spawn(async move |ctx: ProcessContext<ExitReason>| {
        ctx.link(pid).unwrap();
        ready.send(()).unwrap();
        obey(ctx).await
    });
    is_ready.await.unwrap();
    let (waits, ended) = (system.exited(pid), process.clone());
    let seen = inside(&system, async move |mut ctx: ProcessContext<()>| {
        ctx.trap_exit(true);
        ctx.link(pid).unwrap();
        let monitors = [ctx.monitor(pid), ctx.monitor(pid)];
        let gone = ctx.monitor(pid);
        assert!(ctx.demonitor(gone));
        ended.end(ExitReason::NoConnection);
        ended.end(ExitReason::other("a second end"));
        let exit = exit(ctx.receive().await);
        assert_eq!((exit.from, exit.reason), (pid, ExitReason::NoConnection));
        for monitor in monitors {
            let down = down(ctx.receive().await);
            assert_eq!((down.monitor, down.target, down.reason), (monitor, pid.into(), ExitReason::NoConnection));
        }
        ctx.receive_timeout(std::time::Duration::ZERO).await
    })
    .await;
    assert_eq!(seen, None, "each fires once");
    assert_eq!(waits.await, ExitReason::NoConnection);
    assert_eq!(system.exited(pid).await, ExitReason::NoConnection, "also for who comes late");
    assert_eq!(linked.exited().await, ExitReason::NoConnection);
    assert!(!process.is_alive() && !system.is_alive(pid));
    // What was tied to it has told it so, and nothing is sent to it after its end.
    let sent = other.sent();
    let count = |is: fn(&Outbound) -> bool| sent.iter().filter(|signal| is(signal)).count();
    assert_eq!(count(|signal| matches!(signal, Outbound::Link { .. })), 2);
    assert_eq!(count(|signal| matches!(signal, Outbound::Monitor { .. })), 3);
    assert_eq!(count(|signal| matches!(signal, Outbound::Demonitor { .. })), 1);
    assert_eq!(count(|signal| matches!(signal, Outbound::Watch)), 1);
    assert_eq!(sent.len(), 7, "{sent:?}");
}

/// The server behind it is elsewhere; what is here has its pid, and a mailbox.
#[otp::test]
async fn a_call_to_a_process_that_stands_for_one_elsewhere_ends_with_it_once(system: System) {
    let pid = there(&system, 9);
    let other = Arc::new(Other::default());
    let options = SpawnOptions::new().label("far").stands_for(pid);
    let proxy = system.spawn_with(options, async |mut ctx: ProcessContext<ReplyTo<u8>>| {
        let mut kept = Vec::new();
        loop {
            match ctx.receive().await {
                Message::User(reply_to) if kept.is_empty() => kept.push(reply_to),
                Message::User(reply_to) => {
                    reply_to.reply(1);
                    return ExitReason::NoConnection;
                }
                _ => {}
            }
        }
    });
    let proxy = proxy.unwrap().process;
    other.processes.lock().unwrap().insert(pid, StandIn::from(&proxy));
    system.connect(other).unwrap();
    assert_eq!((proxy.pid(), system.is_alive(pid)), (pid, true));
    assert!(!system.processes().contains(&pid), "it counts as a process of its node");
    let waits = system.exited(pid);
    let watcher = system.spawn(async move |mut ctx: ProcessContext<()>| {
        ctx.monitor(pid);
        down(ctx.receive().await).reason
    });
    // The monitor is there before the end: the watcher is polled before it has something to wait for.
    while system.info(watcher.pid()).is_none_or(|info| info.monitors.is_empty()) {
        yield_now().await;
    }
    let unanswered = Call::new(&proxy, |reply_to| reply_to).send_request();
    assert_eq!(Call::new(&proxy, |reply_to| reply_to).await, Ok(1));
    match unanswered.await {
        Err(CallError::Exited { callee, reason, .. }) => {
            assert_eq!((callee.to_string(), reason), (format!("far {pid}"), ExitReason::NoConnection));
        }
        other => panic!("{other:?}"),
    }
    assert_eq!(waits.await, ExitReason::NoConnection);
    assert_eq!(watcher.exited().await, ExitReason::NoConnection);
}

#[otp::test]
async fn a_process_elsewhere_links_monitors_and_ends_those_that_run_here(system: System) {
    const NAME: Name<ExitReason> = Name::new("watched");
    let (other, [process, second]) = Other::connect(&system, [7, 8]);
    let nobody = system.spawn(async |_: ProcessContext<()>| {});
    nobody.exited().await;
    assert_eq!(process.link(nobody.pid()), Err(ExitReason::NoProc));
    assert_eq!(process.link(second.pid()), Err(ExitReason::NoProc), "it does not run here");
    let late = process.monitor(nobody.pid());
    let unnamed = process.monitor(Target::Name("watched".into()));

    let target = system.spawn(obey);
    system.register(&NAME, &target).unwrap();
    process.link(target.pid()).unwrap();
    second.link(target.pid()).unwrap();
    second.unlink(target.pid());
    let monitors = [process.monitor(target.pid()), process.monitor(&NAME), process.monitor(target.pid())];
    assert!(process.demonitor(monitors[2]) && !process.demonitor(monitors[2]));
    let mut linked = system.info(target.pid()).unwrap();
    assert_eq!((linked.links, linked.monitored_by.pop()), (vec![process.pid()], Some(process.pid())));
    process.exit(target.pid(), ExitReason::other("from afar"));
    assert_eq!(target.exited().await, ExitReason::other("from afar"));

    let reason = ExitReason::other("from afar");
    let down = |monitor, target, reason: &ExitReason| Outbound::Down { monitor, target, reason: reason.clone() };
    let expected = [
        down(late, nobody.pid().into(), &ExitReason::NoProc),
        down(unnamed, Target::Name("watched".into()), &ExitReason::NoProc),
        Outbound::LinkExit { from: target.pid(), reason: reason.clone() },
        down(monitors[0], target.pid().into(), &reason),
        down(monitors[1], Target::Name("watched".into()), &reason),
    ];
    assert_eq!(other.sent(), expected);
}

#[otp::test]
async fn what_a_process_here_does_to_one_elsewhere_is_sent_there_in_order(system: System) {
    let (other, [process]) = Other::connect(&system, [7]);
    let pid = process.pid();
    let (tell, told) = oneshot::channel();
    let acts = system.spawn(async move |ctx: ProcessContext<()>| {
        ctx.link(pid).unwrap();
        let monitor = ctx.monitor(pid);
        ctx.system().exit(pid, ExitReason::Kill);
        assert!(ctx.demonitor(monitor));
        ctx.unlink(pid);
        ctx.link(pid).unwrap();
        tell.send(monitor).unwrap();
    });
    let (own, monitor) = (acts.pid(), told.await.unwrap());
    // Whoever has waited for the end knows that its links have fired.
    assert_eq!(acts.exited().await, ExitReason::Normal);
    system.exit(pid, ExitReason::Shutdown);
    let expected = [
        Outbound::Link { from: own },
        Outbound::Monitor { from: own, monitor },
        Outbound::Exit { from: own, reason: ExitReason::Kill },
        Outbound::Demonitor { from: own, monitor },
        Outbound::Unlink { from: own },
        Outbound::Link { from: own },
        Outbound::LinkExit { from: own, reason: ExitReason::Normal },
        Outbound::Exit { from: Pid::SYSTEM, reason: ExitReason::Shutdown },
    ];
    assert_eq!(other.sent(), expected);
}

/// A peer may do anything on the thread of whoever has made it hear of something.
#[otp::test]
async fn a_peer_may_end_its_process_in_the_middle_of_being_told(system: System) {
    struct Ends(Mutex<Option<StandIn>>);
    impl Peer for Ends {
        fn send(&self, _: Pid, _: Outbound) {
            if let Some(process) = self.0.lock().unwrap().take() {
                process.end(ExitReason::NoConnection);
            }
        }
    }
    let (other, peer) = (Arc::new(Other::default()), Arc::new(Ends(Mutex::new(None))));
    let process = StandIn::new(&system, there(&system, 5), peer.clone());
    other.processes.lock().unwrap().insert(process.pid(), process.clone());
    system.connect(other).unwrap();
    *peer.0.lock().unwrap() = Some(process.clone());
    let pid = process.pid();
    let linked = system.spawn(async move |ctx: ProcessContext<ExitReason>| {
        ctx.link(pid).unwrap();
        obey(ctx).await
    });
    assert_eq!(linked.exited().await, ExitReason::NoConnection);
}

#[otp::test]
async fn a_system_knows_a_node_by_name_and_creation_and_is_connected_once(system: System) {
    let (first, again, reborn) = (system.node("a@b", 1), system.node("a@b", 1), system.node("a@b", 2));
    assert_eq!((first == again, first == reborn), (true, false));
    let name = system.node_name(reborn).unwrap();
    assert_eq!((name.name.as_str(), name.creation), ("a@b", 2));
    assert_eq!((system.node_name(Node::HERE), Process::current().is_some()), (None, false));
    system.forget_node(first);
    assert_eq!((system.node_name(first), system.known_nodes()), (None, vec![name]));
    assert!(system.node("a@b", 1) > reborn, "no pid gets another meaning");
    assert_eq!(system.spawn(async |_: ProcessContext<()>| {}).pid().node(), Node::HERE);
    assert!(system.connect(Arc::new(Other::default())).is_ok());
    assert!(system.connect(Arc::new(Other::default())).is_err());
}

#[otp::test]
async fn references_of_monitors_timers_and_aliases_are_told_apart_and_printed(system: System) {
    inside(&system, async |ctx: ProcessContext<()>| {
        let timer = ctx.system().send_after(std::time::Duration::from_secs(9), ctx.this(), ());
        let second = ctx.system().send_after(std::time::Duration::from_secs(9), ctx.this(), ());
        let aliases = [ctx.alias(AliasMode::Explicit), ctx.alias(AliasMode::Explicit)];
        let monitor = ctx.monitor(ctx.pid());
        let mut all = vec![timer.reference(), second.reference(), monitor.reference(), ctx.system().make_ref()];
        all.extend(aliases.iter().map(Alias::reference));
        assert_eq!(monitor.to_string(), format!("#Ref<{}>", monitor.reference().number()));
        let unique: std::collections::BTreeSet<_> = all.iter().copied().collect();
        assert_eq!(unique.len(), all.len(), "{all:?}");
    })
    .await;
}

#[otp::test]
async fn a_typed_reference_to_a_process_elsewhere_is_one_to_what_stands_for_it(system: System) {
    let (unreachable, untyped, typed) = (there(&system, 6), there(&system, 7), there(&system, 9));
    let lookup = |pid| ProcessRef::<ExitReason>::of(&system, pid);
    assert_eq!(lookup(unreachable), Err(LookupError::NoConnection(unreachable)));
    let text = format!("the node of {unreachable} cannot be reached");
    assert_eq!(LookupError::NoConnection(unreachable).to_string(), text);

    let (other, _) = Other::connect(&system, [7]);
    let proxy = system.spawn_with(SpawnOptions::new().label("far").stands_for(typed), obey).unwrap().process;
    other.processes.lock().unwrap().insert(typed, StandIn::from(&proxy));
    assert_eq!(lookup(typed), Ok(proxy.clone()));
    let refused = system.register(&Name::new("far"), &proxy);
    assert_eq!(refused, Err(NameError::NoProc { name: "far".into(), pid: typed }), "names are for those that run here");
    let wrong = ProcessRef::<u8>::of(&system, typed).unwrap_err();
    assert!(matches!(wrong, LookupError::WrongType(wrong) if wrong.pid == typed && wrong.label == Some("far".into())));
    let wrong = lookup(untyped).unwrap_err();
    assert!(matches!(&wrong, LookupError::WrongType(wrong) if wrong.pid == untyped), "it has no mailbox here");
    let expected = std::any::type_name::<ExitReason>();
    assert_eq!(wrong.to_string(), format!("{untyped} receives what is not known here, not {expected}"));
    proxy.exit(ExitReason::Kill);
    proxy.exited().await;
}
