//! What is counted of applications, and of other nodes.

use std::time::Duration;

use otp::application::{self, App, AppSpec, StartType};
use otp::dist::{Cluster, Cookie, Node};
use otp::prelude::*;
use otp::telemetry::Metrics;

use super::ledger::Ledger;
use super::sampled::until;

const MOMENT: Duration = Duration::from_millis(1);

fn shop(name: &'static str) -> App {
    App::tree(AppSpec::new(name), |_| Ok(Supervisor::new(Strategy::OneForOne)))
}

#[otp::test]
async fn starts_stops_and_ends_of_applications_are_counted_by_name(system: System) {
    let ledger = Ledger::default();
    let _metrics = Metrics::new().recorder(ledger.clone()).interval(MOMENT).start(&system);
    for name in ["first", "second"] {
        application::start(&system, shop(name)).start_type(StartType::Temporary).await.unwrap();
    }
    until(&system, &ledger, "otp_applications", 2.0).await;
    application::stop(&system, "first").await.unwrap();
    let top = application::applications(&system).into_iter().find(|app| app.name.as_str() == "second").unwrap().top;
    system.exit(top.unwrap(), ExitReason::Kill);
    until(&system, &ledger, "otp_application_ends_total{application=second,reason=killed}", 1.0).await;
    until(&system, &ledger, "otp_applications", 0.0).await;
    let own = App::tree(AppSpec::new("third"), |_| Err(ExitReason::other("not today")));
    assert!(application::start(&system, own).await.is_err());

    let value = |series: &str| ledger.value(series);
    for name in ["first", "second"] {
        assert_eq!(value(&format!("otp_application_starts_total{{application={name}}}")), Some(1.0));
    }
    assert_eq!(value("otp_application_stops_total{application=first}"), Some(1.0));
    assert_eq!(value("otp_application_stops_total{application=second}"), None, "it has ended by itself");
    assert_eq!(value("otp_application_failed_starts_total"), Some(1.0));
}

#[otp::test]
async fn connections_to_other_nodes_are_counted_by_node(system: System) {
    let ledger = Ledger::default();
    let _metrics = Metrics::new().recorder(ledger.clone()).interval(MOMENT).start(&system);
    let port = system.net().unwrap().listen(([127, 0, 0, 1], 0)).await.unwrap().local().unwrap().port().unwrap();
    let node = |name: &str| Node::named(name).unwrap().cookie(Cookie::new("secret")).fixed_port(port);
    let other = System::on(system.runtime().clone());
    let _here = node("a@127.0.0.1").start(&system).await.unwrap();
    let _there = node("b@127.0.0.2").start(&other).await.unwrap();
    let cluster = Cluster::of(&system).unwrap();
    cluster.connect("b@127.0.0.2").await.unwrap();
    assert_eq!(ledger.value("otp_node_ups_total{node=b@127.0.0.2}"), Some(1.0));
    until(&system, &ledger, "otp_nodes", 1.0).await;
    cluster.named("nobody", "b@127.0.0.2").unwrap().send(&7).await.unwrap();
    while ledger.value("otp_node_sent_bytes_total{node=b@127.0.0.2}") <= Some(0.0) {
        system.sleep(MOMENT).await;
    }
    assert!(ledger.value("otp_node_received_bytes_total{node=b@127.0.0.2}").is_some());
    assert!(cluster.disconnect(&"b@127.0.0.2".parse().unwrap()));
    until(&system, &ledger, "otp_node_downs_total{node=b@127.0.0.2}", 1.0).await;
    until(&system, &ledger, "otp_nodes", 0.0).await;
}
