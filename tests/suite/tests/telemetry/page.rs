//! What the page `docs/telemetry.md` lists is what there is, and the other way round.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

use otp::prelude::*;
use otp::telemetry::{METRICS, MetricKind, Metrics, SPANS, Spans};
use tracing::Instrument;

use super::ledger::Ledger;
use super::listener::{below, root};
use super::servers::*;

fn project() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

/// The cells of the rows of a table of the page, without their code marks.
fn table(head: &str) -> Vec<Vec<String>> {
    let page = fs::read_to_string(project().join("docs/telemetry.md")).unwrap();
    let rows = page.lines().skip_while(|line| !line.starts_with(head)).skip(2).take_while(|line| line.starts_with('|'));
    let cells =
        |row: &str| row.trim_matches('|').split(" | ").map(|cell| cell.replace('`', "").trim().to_owned()).collect();
    rows.map(cells).collect()
}

#[test]
fn the_page_lists_each_metric_with_its_kind_its_unit_its_labels_and_what_it_tells() {
    let kind = |kind| match kind {
        MetricKind::Counter => "counter",
        MetricKind::Gauge => "gauge",
        _ => "histogram",
    };
    let of = |metric: &otp::telemetry::Metric| {
        [metric.name, kind(metric.kind), metric.unit, &metric.labels.join(", "), metric.about]
            .map(str::to_owned)
            .to_vec()
    };
    assert_eq!(table("| metric |"), METRICS.iter().map(of).collect::<Vec<_>>());
}

#[test]
fn the_page_lists_each_span_with_its_fields() {
    let of = |span: &otp::telemetry::SpanName| {
        [span.name, &span.fields.join(", "), &span.about.replace('`', "")].map(str::to_owned).to_vec()
    };
    assert_eq!(table("| span |"), SPANS.iter().map(of).collect::<Vec<_>>());
}

#[test]
fn the_page_lists_each_event_of_each_crate_with_its_target() {
    let mut found = BTreeSet::new();
    for member in fs::read_dir(project().join("crates")).unwrap() {
        let member = member.unwrap();
        events(&member.file_name().into_string().unwrap(), &member.path().join("src"), &mut found);
    }
    let listed: BTreeSet<_> = table("| event |").into_iter().map(|row| row[..3].join(" ")).collect();
    assert_eq!(listed, found);
    assert!(found.len() > 10, "the look at the sources finds them: {found:?}");
}

/// The variants of the enums that are an `Occurrence`, with the crate and the target of their records.
fn events(name: &str, folder: &Path, found: &mut BTreeSet<String>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            events(name, &path, found);
            continue;
        }
        let text = fs::read_to_string(&path).unwrap();
        for event in text.split("\nimpl Occurrence for ").skip(1).filter_map(|rest| rest.split(' ').next()) {
            let target = text.split("target: \"").nth(1).and_then(|rest| rest.split('"').next()).unwrap_or_default();
            let body = text.split(&format!("pub enum {event} {{\n")).nth(1).and_then(|rest| rest.split("\n}\n").next());
            for line in body.unwrap_or_else(|| panic!("{event} is no enum of {}", path.display())).lines() {
                if let Some(variant) = line.strip_prefix("    ").filter(|line| line.starts_with(char::is_uppercase)) {
                    let variant = variant.split(['(', ' ', ',']).next().unwrap();
                    found.insert(format!("{event}::{variant} {name} {target}"));
                }
            }
        }
    }
}

#[otp::test]
async fn what_is_emitted_is_listed_with_the_labels_and_fields_that_it_has(system: System) {
    system.log_crashes(false);
    let (ledger, root) = (Ledger::default(), root());
    let metrics = Metrics::new().recorder(ledger.clone()).interval(Duration::from_millis(1)).time_one_in(1);
    let tree = Supervisor::new(Strategy::OneForOne).child(metrics.supervised()).child(Spans::new().supervised());
    let tree = tree.start(&system).await.unwrap();
    let clerk = Clerk::start(&system, ()).into_future().instrument(root.clone()).await.unwrap();
    clerk.work().instrument(root.clone()).await.unwrap();
    root.in_scope(|| otp::task::Task::start(&system, async {}));
    assert!(clerk.crash().await.is_err());
    while ledger.value("otp_timers").is_none() {
        otp::process::yield_now().await;
    }
    tree.stop().await.unwrap();

    let listed: BTreeSet<_> = METRICS.iter().map(|metric| metric.name.to_owned()).collect();
    assert_eq!(ledger.described(), listed);
    for (kind, name, labels) in ledger.registered() {
        let metric =
            METRICS.iter().find(|metric| metric.name == name).unwrap_or_else(|| panic!("{name} is not listed"));
        assert_eq!(
            (kind, &labels),
            (
                &*format!("{:?}", metric.kind).to_lowercase(),
                &metric.labels.iter().map(|label| (*label).to_owned()).collect()
            )
        );
    }
    for span in below(&root).into_iter().skip(1) {
        let known = SPANS.iter().find(|known| known.name == span.name).unwrap_or_else(|| panic!("{span:?}"));
        assert_eq!((span.target, &span.declared[..]), ("otp::span", known.fields));
    }
}
