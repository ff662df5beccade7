//! A system with more processes than anybody can list.

use std::time::Duration;

use otp::System;
use otp::prelude::*;
use otp::smol::SmolExecutor;
use otp::supervisor::ChildSpec;
use otp::tokio::TokioExecutor;

use super::{bare, json, observing};

/// As many as a test build bears.
const MANY: usize = if cfg!(debug_assertions) { 20_000 } else { 1_000_000 };

async fn a_large_subtree_is_counted_and_paged(system: System) {
    let observer = observing(&system).await;
    let supervisor = DynamicSupervisor::new().start(&system).label("many").await.unwrap();
    let idle = || {
        ChildSpec::worker("idle", async |supervisor: Process| {
            supervisor.spawn_link(async |_: ProcessContext<()>| std::future::pending::<()>().await)
        })
    };
    for _ in 0..1000 {
        supervisor.start_child(idle()).await.unwrap();
    }
    let parent = supervisor.pid().unwrap();
    let crowd = system.spawn(async move |ctx: ProcessContext<()>| {
        for _ in 0..MANY {
            ctx.spawn_link(async |_: ProcessContext<()>| std::future::pending::<()>().await);
        }
        std::future::pending::<()>().await;
    });
    let pid = bare(crowd.pid());
    let page = loop {
        let page = json(&system, &observer, &format!("/api/tree?pid={pid}&from={}&limit=50", MANY - 20)).await;
        if page["total"] == MANY {
            break page;
        }
        system.sleep(Duration::from_millis(200)).await;
    };
    assert_eq!(page["rows"].as_array().unwrap().len(), 20, "the last page");
    let first = json(&system, &observer, &format!("/api/tree?pid={pid}&limit=100")).await;
    assert_eq!((&first["total"], first["rows"].as_array().unwrap().len()), (&MANY.into(), 100));

    // What only the supervisor knows is asked for one page alone.
    let page = json(&system, &observer, &format!("/api/tree?pid={}&from=900&limit=200", bare(parent))).await;
    assert_eq!((&page["total"], &page["of"]["supervisor"]["specs"]), (&1000.into(), &1000.into()));
    let rows = page["rows"].as_array().unwrap();
    assert_eq!((rows.len(), &rows[0]["child"]["id"]), (100, &"idle".into()));

    let roots = json(&system, &observer, "/api/tree").await;
    assert!(roots["total"].as_u64().unwrap() < 10, "{}", roots["total"]);
    json(&system, &observer, "/api/search?q=idle").await;
    json(&system, &observer, "/api/top?by=runs").await;
    let about = json(&system, &observer, "/api/system").await;
    assert!(about["now"]["processes"].as_u64().unwrap() > MANY as u64);
}

#[test]
fn a_large_subtree_is_counted_and_paged_on_tokio() {
    TokioExecutor::with_workers(2).run(a_large_subtree_is_counted_and_paged).unwrap();
}

#[test]
fn a_large_subtree_is_counted_and_paged_on_smol() {
    SmolExecutor::with_workers(2).run(a_large_subtree_is_counted_and_paged).unwrap();
}
