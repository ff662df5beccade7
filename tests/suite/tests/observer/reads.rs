//! What the JSON says of a system.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use futures::channel::oneshot;
use futures::future::{join, join_all};
use otp::event::Events;
use otp::prelude::*;
use otp::registry::{Groups, Pool, Registry, RegistryName};
use otp::supervisor::{ChildSpec, SupervisorEvent};
use otp::test::eventually;
use otp::{System, sys};
use otp_suite::http::{Client, get};
use serde_json::Value;

use super::{Counter, CounterClient, bare, json, observing};

/// A supervisor of two counters, the first one with a name.
fn pair() -> Supervisor {
    Supervisor::new(Strategy::RestForOne)
        .intensity(3, Duration::from_secs(60))
        .child(Counter::child(1).name(Counter::NAME))
        .child(Counter::child(2).with_id("second"))
}

#[otp::test]
async fn the_tree_shows_supervisors_with_their_children_in_order_and_what_has_been_restarted(system: System) {
    system.log_crashes(false);
    let observer = observing(&system).await;
    let supervisor = pair().start(&system).label("pair").await.unwrap();
    let pid = supervisor.pid().unwrap();

    let mut events = system.subscribe();
    ServerRef::named(&system, Counter::NAME).boom();
    restarted(&mut events).await;
    restarted(&mut events).await;

    let roots = json(&system, &observer, "/api/tree").await;
    let root = find(&roots["rows"], "pair");
    assert_eq!((&root["pid"], &root["type"]), (&pid.to_string().into(), &"Supervisor".into()));
    let about = &root["supervisor"];
    assert_eq!((&about["strategy"], &about["limit"], &about["used"]), (&"rest_for_one".into(), &3.into(), &1.into()));

    let tree = json(&system, &observer, &format!("/api/tree?pid={}", bare(pid))).await;
    assert_eq!((&tree["total"], &tree["of"]["label"]), (&2.into(), &"pair".into()));
    let ids: Vec<_> = tree["rows"].as_array().unwrap().iter().map(|row| row["child"]["id"].as_str().unwrap()).collect();
    assert_eq!(ids, ["counter <b>&\"'", "second"]);
    let first = &tree["rows"][0];
    assert_eq!((&first["name"], &first["type"]), (&"counter <b>&\"'".into(), &"Counter".into()));
    assert_eq!((&first["child"]["restarts"], &first["child"]["restart"]), (&1.into(), &"permanent".into()));
    assert_eq!(first["incident"]["kind"], "restart");
    let page = json(&system, &observer, &format!("/api/tree?pid={}&from=1&limit=1", bare(pid))).await;
    assert_eq!((&page["total"], &page["rows"][0]["child"]["id"]), (&2.into(), &"second".into()));

    supervisor.terminate_child("second").await.unwrap();
    let tree = json(&system, &observer, &format!("/api/tree?pid={}", bare(pid))).await;
    assert_eq!((&tree["rows"][1]["status"], &tree["rows"][1]["pid"]), (&"stopped".into(), &Value::Null));
}

/// Waits until a child has been restarted.
async fn restarted(events: &mut Events) {
    while !matches!(events.next().await.downcast_ref(), Some(SupervisorEvent::Restarted { .. })) {}
}

/// The row with this label.
fn find<'a>(rows: &'a Value, label: &str) -> &'a Value {
    rows.as_array().unwrap().iter().find(|row| row["label"] == label).unwrap_or_else(|| panic!("{label} in {rows}"))
}

#[otp::test]
async fn a_process_shows_what_it_is_does_and_has_handled(system: System) {
    let observer = observing(&system).await;
    let supervisor = pair().start(&system).await.unwrap();
    let counter = ServerRef::named(&system, Counter::NAME);
    let pid = counter.pid().unwrap();
    sys::keep_log(&system, pid, 3).await.unwrap();
    counter.add(41).await.unwrap();

    let target = format!("/api/process?pid={}", bare(pid));
    let page = json(&system, &observer, &target).await;
    let row = &page["process"];
    assert_eq!(
        (&row["name"], &row["status"], &row["queue"]),
        (&"counter <b>&\"'".into(), &"waiting".into(), &0.into())
    );
    assert_eq!(page["said"]["state"], "at 42 </script>", "as JSON; the page shows it as text");
    let log: Vec<_> =
        page["said"]["log"].as_array().unwrap().iter().map(|line| line["what"].as_str().unwrap()).collect();
    assert_eq!(log, ["in", "out", "state"]);
    assert_eq!(page["parent"]["pid"], supervisor.pid().unwrap().to_string());
    assert_eq!((&page["links"]["total"], &page["links"]["first"][0]["label"]), (&1.into(), &"supervisor".into()));

    // A plain process, and one that was asked while it is in a handler that never ends.
    let plain = system.spawn(async |_: ProcessContext<u32>| std::future::pending::<()>().await);
    plain.try_send(1).unwrap();
    let page = json(&system, &observer, &format!("/api/process?pid={}", bare(plain.pid()))).await;
    assert_eq!(
        (&page["process"]["queue"], &page["said"]["state"], &page["process"]["type"]),
        (&1.into(), &Value::Null, &Value::Null)
    );
    counter.wait_for_ever();
    eventually(&system, async || system.info(pid).unwrap().doing.as_str() == "handling a cast").await;
    counter.boom();
    for _ in 0..4 {
        let page = json(&system, &observer, &target).await;
        assert_eq!(page["said"], Value::Null, "it does not answer");
        assert_eq!(page["process"]["doing"], "handling a cast");
    }
    let page = json(&system, &observer, &target).await;
    assert!(page["since"].as_u64().unwrap() > 0);
    assert!(page["process"]["queue"].as_u64().unwrap() <= 3, "one that does not answer is not asked again and again");
}

#[otp::test]
async fn a_process_that_has_ended_is_not_found(system: System) {
    let observer = observing(&system).await;
    let gone = system.spawn(async |_: ProcessContext<()>| {});
    gone.exited().await;
    for target in ["/api/process?pid=", "/api/tree?pid="] {
        assert_eq!(get(&system, observer.address(), &format!("{target}{}", bare(gone.pid()))).await.status, 404);
    }
}

#[otp::test]
async fn crashes_show_reason_place_and_how_many_there_were_of_the_child(system: System) {
    system.log_crashes(false);
    let observer = observing(&system).await;
    let supervisor = pair().start(&system).await.unwrap();
    let mut events = system.subscribe();
    for _ in 0..2 {
        ServerRef::named(&system, Counter::NAME).boom();
        restarted(&mut events).await;
        restarted(&mut events).await;
    }
    let all = json(&system, &observer, "/api/crashes").await;
    assert_eq!((&all["crashes"], &all["restarts"]), (&2.into(), &4.into()));
    let crash = &all["list"][0];
    assert_eq!((&crash["reason"], &crash["same"]), (&"crash: boom <script>alert(1)</script>".into(), &2.into()));
    assert_eq!((&crash["state"], &crash["running"]["total"]), (&"at 1 </script>".into(), &1.into()));
    let now = ServerRef::named(&system, Counter::NAME).pid().unwrap();
    assert_eq!(crash["running"]["first"][0]["pid"], now.to_string(), "the one that was started in its place");
    assert!(crash["place"].as_str().unwrap().contains("tests/observer/main.rs:"), "{crash}");
    assert_eq!(crash["parent"], supervisor.pid().unwrap().to_string());
    assert_eq!((&all["others"][0]["kind"], &all["others"][0]["label"]), (&"restart".into(), &"second".into()));

    // They survive a restart of the observer, and are shown at the new process of the child.
    observer.stop().await.unwrap();
    let observer = observing(&system).await;
    assert_eq!(json(&system, &observer, "/api/crashes").await["list"].as_array().unwrap().len(), 2);
    let pid = ServerRef::named(&system, Counter::NAME).pid().unwrap();
    let page = json(&system, &observer, &format!("/api/process?pid={}", bare(pid))).await;
    assert_eq!(page["crashes"].as_array().unwrap().len(), 2);
}

#[otp::test]
async fn two_observers_of_one_system_record_each_crash_once(system: System) {
    system.log_crashes(false);
    let (first, second) = (observing(&system).await, observing(&system).await);
    let crash = async || system.spawn(async |_: ProcessContext<()>| ExitReason::crash("once")).exited().await;
    crash().await;
    for observer in [&first, &second] {
        let all = json(&system, observer, "/api/crashes").await;
        assert_eq!((&all["crashes"], all["list"].as_array().unwrap().len()), (&1.into(), 1));
    }
    first.stop().await.unwrap();
    crash().await;
    assert_eq!(json(&system, &second, "/api/crashes").await["crashes"], 2);
}

#[otp::test]
async fn a_busy_supervisor_is_asked_one_question_however_often_it_is_looked_at(system: System) {
    let observer = observing(&system).await;
    let supervisor = DynamicSupervisor::new().start(&system).label("busy").await.unwrap();
    let pid = supervisor.pid().unwrap();
    let (begins, begun) = oneshot::channel();
    let (ends, over) = oneshot::channel::<()>();
    let doors = Arc::new(Mutex::new(Some((begins, over))));
    let slow = ChildSpec::worker("slow", move |supervisor: Process| {
        let (begins, over) = doors.lock().unwrap().take().unwrap();
        async move {
            let _ = (begins.send(()), over.await);
            supervisor.spawn_link(async |_: ProcessContext<()>| std::future::pending::<()>().await)
        }
    });
    let starting = supervisor.start_child(slow).into_future();
    let looking = async {
        begun.await.unwrap();
        let targets =
            ["/api/tree".to_owned(), format!("/api/tree?pid={}", bare(pid)), format!("/api/process?pid={}", bare(pid))];
        for _ in 0..2 {
            join_all(targets.iter().map(async |target| json(&system, &observer, target).await)).await;
        }
        assert_eq!(system.summary(pid).unwrap().activity.queue, 1, "of six looks");
        let _ = ends.send(());
    };
    let (started, ()) = join(starting, looking).await;
    started.unwrap();
    // It answers again.
    let tree = json(&system, &observer, &format!("/api/tree?pid={}", bare(pid))).await;
    assert_eq!((&tree["of"]["supervisor"]["specs"], &tree["rows"][0]["child"]["id"]), (&1.into(), &"slow".into()));
}

#[otp::test]
async fn no_more_crashes_are_kept_than_were_asked_for(system: System) {
    system.log_crashes(false);
    let observer = otp::observer::Observer::on("127.0.0.1:0").crashes(3).start(&system).await.unwrap();
    for n in 0..10 {
        let text = format!("{n}{}", "x".repeat(10_000));
        let doomed = system.spawn(async move |_: ProcessContext<()>| ExitReason::crash(text));
        doomed.exited().await;
    }
    let all = json(&system, &observer, "/api/crashes").await;
    let reasons: Vec<_> =
        all["list"].as_array().unwrap().iter().map(|crash| &crash["reason"].as_str().unwrap()[7..8]).collect();
    assert_eq!((&all["crashes"], reasons), (&10.into(), vec!["9", "8", "7"]));
    assert!(all["list"][0]["reason"].as_str().unwrap().len() < 4000, "a long reason is cut");
}

#[otp::test]
async fn the_busiest_processes_come_first(system: System) {
    let observer = observing(&system).await;
    let idle = async |_: ProcessContext<u32>| std::future::pending::<()>().await;
    let some: Vec<_> = (0..4).map(|_| system.spawn(idle)).collect();
    for (index, process) in some.iter().enumerate() {
        (0..index as u32).for_each(|n| process.try_send(n).unwrap());
    }
    let top = json(&system, &observer, "/api/top?by=queue").await;
    let figures: Vec<_> = top["rows"].as_array().unwrap().iter().map(|row| row["figure"].as_f64().unwrap()).collect();
    assert_eq!(figures, [3.0, 2.0, 1.0]);
    assert_eq!(top["rows"][0]["pid"], some[3].pid().to_string());
    for by in ["messages", "runs", "busy"] {
        json(&system, &observer, &format!("/api/top?by={by}")).await;
    }
    assert_eq!(get(&system, observer.address(), "/api/top?by=beauty").await.status, 400);
}

/// In a simulation no run takes time.
#[otp::test(backends = [tokio, tokio_current, smol])]
async fn how_long_processes_run_is_measured_while_somebody_wants_to_know(system: System) {
    let observer = observing(&system).await;
    let spinning = system.spawn(async |ctx: ProcessContext<()>| {
        loop {
            let begin = ctx.system().now();
            while ctx.system().now() - begin < Duration::from_micros(200) {
                std::hint::spin_loop();
            }
            ctx.yield_now().await;
        }
    });
    let first = json(&system, &observer, "/api/top?by=time").await;
    assert_eq!(first["rows"].as_array().unwrap().len(), 0, "it begins now");
    let row = loop {
        let top = json(&system, &observer, "/api/top?by=time").await;
        if let Some(row) = top["rows"].get(0) {
            break row.clone();
        }
        system.sleep(Duration::from_millis(50)).await;
    };
    assert_eq!(row["pid"], spinning.pid().to_string());
    let share = row["figure"].as_f64().unwrap();
    assert!((0.01..1.1).contains(&share), "{share} of a processor");
    spinning.exit(ExitReason::Kill);
}

#[otp::test]
async fn processes_are_found_by_name_label_type_and_pid_in_any_case(system: System) {
    let observer = observing(&system).await;
    let _pair = pair().start(&system).label("a pair").await.unwrap();
    let pid = ServerRef::named(&system, Counter::NAME).pid().unwrap();
    for (words, found) in [("COUNTER%20%3Cb", 1), ("counter", 2), ("A+Pair", 1), (&bare(pid), 1), ("nobody", 0)] {
        let all = json(&system, &observer, &format!("/api/search?q={words}")).await;
        assert_eq!(all["rows"].as_array().unwrap().len(), found, "{words}");
    }
    let some = json(&system, &observer, "/api/search?q=counter&limit=1").await;
    assert_eq!((some["rows"].as_array().unwrap().len(), &some["more"]), (1, &true.into()));
}

#[otp::test]
async fn the_system_shows_its_executor_its_names_and_its_sums(system: System) {
    let observer = observing(&system).await;
    let _pair = pair().start(&system).await.unwrap();
    let about = json(&system, &observer, "/api/system").await;
    assert_eq!(about["runtime"], system.runtime().name());
    assert_eq!((&about["writable"], &about["names"][0]["name"]), (&true.into(), &"counter <b>&\"'".into()));
    let processes = about["now"]["processes"].as_u64().unwrap();
    assert!((4..20).contains(&processes), "{processes}");
    assert_eq!(about["history"].as_array().unwrap().len(), 1);
}

#[otp::test]
async fn the_system_shows_its_registries_pools_and_groups_with_their_sizes(system: System) {
    let observer = observing(&system).await;
    let sessions: Registry<u32, u32> = Registry::named(&system, RegistryName::new("sessions"));
    let _server = sessions.start(&system).await.unwrap();
    let rooms: Groups<String, u32> = Groups::start(&system).label("rooms").await.unwrap();
    let pool = Pool::new(Counter::child(0)).size(2).start(&system).label("counters").await.unwrap();
    let borrowed = pool.checkout().await.unwrap();
    let registers = sessions.clone();
    let member = system.spawn(async move |ctx: ProcessContext<u32>| {
        registers.register(&ctx, 7, ()).unwrap();
        otp_suite::forever(ctx).await;
    });
    for room in ["kitchen", "hall"] {
        rooms.join(room, &member).unwrap();
    }
    // What a pool knows is told when its process has done its work.
    while otp::registry::pools(&system)[0].workers < 2 || sessions.count() < 1 {
        system.sleep(Duration::from_millis(1)).await;
    }
    let about = json(&system, &observer, "/api/system").await;
    let [registry, groups, pool] = ["registries", "groups", "pools"].map(|kind| about[kind][0].clone());
    assert_eq!((&registry["name"], &registry["entries"]), (&"sessions".into(), &1.into()));
    assert_eq!((&groups["name"], &groups["groups"], &groups["members"]), (&"rooms".into(), &2.into(), &1.into()));
    assert_eq!(
        (&pool["name"], &pool["workers"], &pool["busy"], &pool["waiting"]),
        (&"counters".into(), &2.into(), &1.into(), &0.into())
    );
    drop(borrowed);

    rooms.stop().await.unwrap();
    let server = sessions.pid().unwrap();
    otp::sys::stop(&system, server).await.unwrap();
    let none = Value::Array(Vec::new());
    // Lists that were made a moment ago are shown again, until new ones may be made.
    loop {
        let about = json(&system, &observer, "/api/system").await;
        if about["registries"] == none && about["groups"] == none {
            break;
        }
    }
}

#[otp::test]
async fn a_browser_hears_of_a_crash_and_of_the_restart_as_they_happen(system: System) {
    system.log_crashes(false);
    let observer = observing(&system).await;
    let _pair = pair().start(&system).await.unwrap();
    let mut browser = Client::connect(&system, observer.address()).await;
    browser.send("GET /api/events HTTP/1.1\r\nhost: localhost\r\n\r\n").await.unwrap();
    assert_eq!(browser.head().await.unwrap().header("content-type"), Some("text/event-stream"));
    assert!(browser.chunk().await.unwrap().unwrap().starts_with("event: totals\ndata: {"));
    ServerRef::named(&system, Counter::NAME).boom();
    let mut kinds = Vec::new();
    while kinds.len() < 3 {
        let event = browser.chunk().await.unwrap().unwrap();
        if let Some(data) = event.strip_prefix("event: incident\ndata: ") {
            let incident: Value = serde_json::from_str(data).unwrap();
            kinds.push(incident["kind"].as_str().unwrap().to_owned());
        }
    }
    assert_eq!(kinds, ["crash", "restart", "restart"]);
}

#[otp::test]
async fn an_observer_is_a_child_like_any_other(system: System) {
    let tree = Supervisor::new(Strategy::OneForOne).child(otp::observer::Observer::on("127.0.0.1:0")).child(
        ChildSpec::worker("other", async |supervisor: Process| {
            supervisor.spawn_link(async |_: ProcessContext<()>| std::future::pending::<()>().await)
        }),
    );
    let tree = tree.start(&system).await.unwrap();
    assert_eq!(tree.which_children().await.unwrap()[1].id.as_str(), "observer");

    let dynamic = DynamicSupervisor::new().start(&system).await.unwrap();
    let observer = dynamic.start_child(otp::observer::Observer::on("127.0.0.1:0")).await.unwrap().unwrap();
    assert_eq!(get(&system, observer.address(), "/").await.status, 200);
}
