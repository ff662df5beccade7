//! Who was started by whom, page by page.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use futures::future::join_all;
use otp_core::{Pid, ProcessSummary};
use otp_http::Request;
use otp_supervisor::{Supervision, supervision};
use serde::Serialize;

use super::query::{gone, number, pid};
use super::row::{About, Child, Row, rows};
use super::{Answer, json};
use crate::eyes::Eyes;

#[derive(Serialize)]
struct Page {
    /// Whose children; `None` for the processes without a living parent.
    of: Option<Row>,
    total: usize,
    from: usize,
    rows: Vec<Row>,
}

/// How many rows a page has, at most.
const PAGE: usize = 200;
/// How long supervisors are waited for: one that is busy is shown without what only it knows.
const PATIENCE: Duration = Duration::from_millis(300);

/// `GET /api/tree?pid=&from=&limit=`: the children of a process, or the roots.
pub(crate) async fn tree(eyes: &Arc<Eyes>, request: &Request) -> Answer {
    let (of, from) = (pid(request)?, number(request, "from", 0_usize)?);
    let limit = number(request, "limit", 100_usize)?.clamp(1, PAGE);
    let look = eyes.look().await;
    let page = |pids: &mut dyn Iterator<Item = Pid>| pids.skip(from).take(limit).collect::<Vec<_>>();
    let Some(parent) = of else {
        let roots = look.roots();
        let mut rows = rows(eyes, &look, page(&mut roots.iter().copied()));
        describe(eyes, &mut rows).await;
        let rows = rows.into_iter().map(|(_, row)| row).collect();
        return json(&Page { of: None, total: roots.len(), from, rows });
    };
    let summary = eyes.system.summary(parent).ok_or_else(|| gone(parent))?;
    let children = look.children(parent);
    let pids = page(&mut children.clone());
    let about = ask(eyes, &summary, pids.clone()).await;
    // A supervisor with few children lists them all in its order, those that do not run, too.
    let in_order = about.as_ref().filter(|about| !about.is_dynamic && about.specs <= Supervision::LISTED);
    let (total, mut found) = match in_order {
        Some(about) => (about.children.len(), in_order_of(eyes, &look, about, from, limit)),
        None => (children.len(), rows(eyes, &look, pids)),
    };
    if let Some(about) = about.as_ref().filter(|_| in_order.is_none()) {
        let known: HashMap<_, _> =
            about.children.iter().filter_map(|child| Some((child.state.running()?, child))).collect();
        for (pid, row) in &mut found {
            row.child = known.get(pid).map(|child| Child::of(child));
        }
    }
    describe(eyes, &mut found).await;
    let mut of = rows(eyes, &look, [parent]).pop().map(|(_, row)| row);
    if let (Some(of), Some(about)) = (&mut of, &about) {
        of.supervisor = Some(About::of(about));
    }
    json(&Page { of, total, from, rows: found.into_iter().map(|(_, row)| row).collect() })
}

fn in_order_of(
    eyes: &Eyes,
    look: &crate::look::Look,
    about: &Supervision,
    from: usize,
    limit: usize,
) -> Vec<(Pid, Row)> {
    let children = || about.children.iter().skip(from).take(limit);
    let mut running: HashMap<_, _> =
        rows(eyes, look, children().filter_map(|child| child.state.running())).into_iter().collect();
    let found = children().map(|child| {
        let its = child.state.running().and_then(|pid| running.remove_entry(&pid));
        match its {
            Some((pid, row)) => (pid, Row { child: Some(Child::of(child)), ..row }),
            None => (Pid::SYSTEM, Row::stopped(child)),
        }
    });
    found.collect()
}

/// Adds what the supervisors among some processes say of themselves.
async fn describe(eyes: &Eyes, rows: &mut [(Pid, Row)]) {
    let asked =
        rows.iter_mut().filter(|(_, row)| row.type_name.as_deref() == Some("Supervisor")).map(async |(pid, row)| {
            row.supervisor = question(eyes, *pid, Vec::new()).await.as_ref().map(About::of);
        });
    join_all(asked).await;
}

/// Asks a process about itself as a supervisor, if it is one.
pub(super) async fn ask(eyes: &Eyes, summary: &ProcessSummary, pids: Vec<Pid>) -> Option<Supervision> {
    let is_supervisor = summary.type_name.as_ref().is_some_and(|name| name.as_str() == "Supervisor");
    if !is_supervisor {
        return None;
    }
    question(eyes, summary.activity.pid, pids).await
}

async fn question(eyes: &Eyes, supervisor: Pid, pids: Vec<Pid>) -> Option<Supervision> {
    let asked = supervision(&eyes.system, supervisor, pids).no_timeout().into_future();
    eyes.turns.ask(supervisor, PATIENCE, asked).await?.ok()
}
