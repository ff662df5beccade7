//! What the observer stands on: a hook for what is out of the ordinary, and supervisors that describe themselves.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use otp::event::Event;
use otp::prelude::*;
use otp::supervisor::{ChildState, Dynamic, Kind, supervision};
use otp::sys::SysError;
use otp::{ExitReason, System};

use super::{Counter, CounterClient};

#[otp::test]
async fn a_hook_for_reports_hears_of_crashes_and_restarts_and_of_no_start_or_end(system: System) {
    system.log_crashes(false);
    let heard = Arc::new(Mutex::new(Vec::new()));
    let hears = heard.clone();
    let hook = system.on_report(move |event| hears.lock().unwrap().push(event.clone()));
    let tree = Supervisor::new(Strategy::OneForOne).child(Counter::child(1).name(Counter::NAME));
    let tree = tree.start(&system).await.unwrap();
    // One that hears everything changes nothing for it, whether it comes or goes.
    let all = system.on_event(|_| {});
    let counter = ServerRef::named(&system, Counter::NAME);
    let (exited, before) = (counter.exited(), heard.lock().unwrap().len());
    counter.boom();
    exited.await;
    tree.which_children().await.unwrap();
    drop(all);
    tree.stop().await.unwrap();
    drop(hook);
    system.spawn(async |_: ProcessContext<()>| ExitReason::other("unheard")).exited().await;

    assert_eq!(before, 0, "the start of a tree is nothing to report");
    let heard = heard.lock().unwrap();
    assert!(matches!(&heard[..], [Event::Crashed(_), Event::Other(_)]), "{heard:?}");
}

#[otp::test]
async fn a_supervisor_of_any_kind_describes_itself_by_its_pid(system: System) {
    async fn describes<K: Kind>(system: &System, supervisor: &SupervisorRef<K>) -> otp::supervisor::Supervision {
        supervision(system, supervisor.pid().unwrap(), Vec::new()).await.unwrap()
    }
    let fixed = Supervisor::new(Strategy::OneForAll)
        .intensity(7, Duration::from_secs(9))
        .child(Counter::child(1).with_id("one"))
        .child(Counter::child(2).with_id("two"));
    let fixed = fixed.start(&system).await.unwrap();
    fixed.terminate_child("one").await.unwrap();
    let about = describes(&system, &fixed).await;
    assert_eq!((about.strategy, about.limit, about.period), (Strategy::OneForAll, 7, Duration::from_secs(9)));
    let ids: Vec<_> = about.children.iter().map(|child| child.id.as_str()).collect();
    assert_eq!((ids, about.is_dynamic, about.specs, about.used), (vec!["one", "two"], false, 2, 0));
    assert_eq!(about.children[0].state, ChildState::Stopped);

    let dynamic: SupervisorRef<Dynamic> = DynamicSupervisor::new().start(&system).await.unwrap();
    dynamic.start_child(Counter::child(1)).await.unwrap();
    let about = describes(&system, &dynamic).await;
    assert_eq!((about.is_dynamic, about.specs, about.children.len()), (true, 1, 1));

    let template = DynamicSupervisor::template(|start: u64| Counter::child(start)).start(&system).await.unwrap();
    template.start_child(5).await.unwrap();
    assert_eq!(describes(&system, &template).await.specs, 1);
}

#[otp::test]
async fn what_is_no_supervisor_says_so(system: System) {
    let counter = Counter::start(&system, 1).await.unwrap();
    let plain = system.spawn(async |_: ProcessContext<()>| std::future::pending::<()>().await);
    for pid in [counter.pid().unwrap(), plain.pid()] {
        let error = supervision(&system, pid, Vec::new()).await.unwrap_err();
        assert!(matches!(error, SysError::NotSupported { .. }), "{error}");
    }
}
