//! What ties processes of two nodes together does not outlast them.

use std::collections::HashSet;

use otp::dist::NodeEvent;
use otp::dist::proto::{Control, Limits, PidOrName};
use otp::etf::Term;
use otp::{ExitReason, System};

use crate::nodes::{Side, start_one, two};
use crate::rogue::Rogue;

fn ties(side: &Side) -> usize {
    side.cluster.info()[0].ties
}

#[otp::test]
async fn the_monitors_and_links_of_a_process_whose_end_was_awaited_do_not_outlast_it(system: System) {
    let a = start_one(&system, |node| node).await;
    let (process, _received) = a.recorder("log");
    let here = a.cluster.wire_pid(process.pid()).unwrap();
    let mut peer = Rogue::dial(&a, "x@127.0.0.9").await;
    assert!(peer.pings().await);
    let before = ties(&a);

    let (there, set) = (peer.pid(1), peer.reference(1));
    let target = PidOrName::Pid(here.clone());
    peer.send(&Control::Link { from: there.clone(), to: here.clone() }, None).await;
    peer.send(&Control::Monitor { from: there.clone(), target: target.clone(), reference: set.clone() }, None).await;
    assert!(peer.pings().await);
    let exited = system.exited(a.cluster.process(&there).pid().unwrap());
    let Some(Control::Monitor { from, target: watched, reference }) =
        peer.receive().await.map(|message| message.control)
    else {
        panic!("the end of the process is watched")
    };
    let normal = Term::atom("normal");
    let control = Control::MonitorExit { target: watched, to: from, reference, reason: None };
    peer.send(&control, Some(&normal)).await;
    assert_eq!(exited.await, ExitReason::Normal);
    peer.send(&Control::Demonitor { from: there.clone(), target, reference: set }, None).await;
    peer.send(&Control::Exit { from: there, to: here, reason: None }, Some(&normal)).await;
    assert!(peer.pings().await);
    assert_eq!(ties(&a), before);
}

#[otp::test]
async fn the_end_of_a_process_elsewhere_is_watched_once_and_not_for_those_who_have_left(system: System) {
    let a = start_one(&system, |node| node).await;
    let mut peer = Rogue::dial(&a, "x@127.0.0.9").await;
    assert!(peer.pings().await);
    let exited = |peer: &Rogue, id| system.exited(a.cluster.process(&peer.pid(id)).pid().unwrap());
    let _awaited = exited(&peer, 1);
    for _ in 0..3 {
        drop(exited(&peer, 1));
    }
    for id in 2..400 {
        drop(exited(&peer, id));
    }
    let _last = exited(&peer, 400);
    let (mut of_first, mut monitors) = (0, HashSet::new());
    loop {
        match peer.receive().await.unwrap().control {
            Control::Monitor { target: PidOrName::Pid(target), reference, .. } => {
                of_first += u32::from(target.id == 1);
                assert!(monitors.insert(reference));
                if target.id == 400 {
                    break;
                }
            }
            Control::Demonitor { target: PidOrName::Pid(target), reference, .. } => {
                assert_ne!(target.id, 1, "its end is awaited");
                assert!(monitors.remove(&reference));
            }
            other => panic!("{other:?}"),
        }
    }
    assert_eq!(of_first, 1);
    assert!(monitors.len() < 100, "{} monitors of processes whose ends nobody awaits", monitors.len());
}

#[otp::test]
async fn processes_that_nothing_is_tied_to_do_not_use_up_the_ties(system: System) {
    let a = start_one(&system, |node| node.limits(Limits::default().ties(4))).await;
    let (process, _received) = a.recorder("log");
    let here = a.cluster.wire_pid(process.pid()).unwrap();
    let mut peer = Rogue::dial(&a, "x@127.0.0.9").await;
    for id in 1..=8 {
        let signal = Control::Exit2 { from: peer.pid(id), to: here.clone(), reason: None };
        peer.send(&signal, Some(&Term::atom("normal"))).await;
    }
    let control = Control::Monitor { from: peer.pid(9), target: PidOrName::Pid(here), reference: peer.reference(1) };
    peer.send(&control, None).await;
    assert!(peer.pings().await);
}

#[otp::test]
async fn a_node_is_reported_as_up_before_it_is_reported_as_down(system: System) {
    let (a, b) = two(&system).await;
    let (send, events) = async_channel::unbounded();
    let cluster = a.cluster.clone();
    // The first to hear of the connection ends it.
    let _disconnects = system.on_event(move |event| {
        if let Some(NodeEvent::Up { node, .. }) = event.downcast_ref() {
            assert!(cluster.disconnect(node));
        }
    });
    let _records = system.on_event(move |event| {
        if let Some(event) = event.downcast_ref::<NodeEvent>() {
            send.try_send(matches!(event, NodeEvent::Up { .. })).unwrap();
        }
    });
    let _ = a.cluster.connect(&b.name).await;
    assert_eq!((events.recv().await, events.recv().await), (Ok(true), Ok(false)));
}
