//! What other crates know of a system: their figures are read at each look.

use std::borrow::Cow;
use std::collections::{HashMap, HashSet};

#[cfg(feature = "event")]
use otp_core::Ref;
use otp_core::System;
#[cfg(feature = "dist")]
use otp_core::runtime::Instant;

use super::bounded::Bounded;
use super::kinds::Kinds;
use super::names::{self, Metric};

/// What is known of the topics, pools and tables of a system.
pub(super) struct Family {
    names: HashMap<&'static str, Bounded>,
    /// The gauges of the last look.
    gauges: HashSet<Key>,
    /// What was counted up to the last look. Of each thing by itself: those with the same label come and go.
    counts: HashMap<Source, u64>,
}

/// The name of a metric, and what it counts of.
type Source = (&'static str, Of);

/// What a count is of.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
enum Of {
    /// The system.
    #[cfg(feature = "health")]
    System,
    #[cfg(feature = "event")]
    Topic(Ref),
    /// To a node, since then.
    #[cfg(feature = "dist")]
    Connection(String, Instant),
}

/// The name of a metric, and the value of its label if it has one.
type Key = (&'static str, Box<str>);

/// One look at them.
struct Look<'a> {
    family: &'a mut Family,
    limit: usize,
    kinds: &'a Kinds,
    gauges: HashMap<Key, (Metric, f64)>,
    counts: HashMap<Source, u64>,
    /// By how much counts have grown since the last look.
    growth: HashMap<Key, (Metric, u64)>,
}

impl Family {
    /// What was counted before metrics are reported is not theirs.
    pub(super) fn begin(system: &System, limit: usize, kinds: &Kinds) -> Family {
        let mut family = Family { names: HashMap::new(), gauges: HashSet::new(), counts: HashMap::new() };
        let mut look = Look::new(&mut family, limit, kinds);
        look.at_nodes(system);
        look.at_topics(system);
        look.at_handlers(system);
        family.counts = look.counts;
        family
    }

    pub(super) fn look(&mut self, system: &System, limit: usize, kinds: &Kinds) {
        let mut look = Look::new(self, limit, kinds);
        look.gauge(&names::TIMERS, "", system.timer_count());
        look.at_applications(system);
        look.at_nodes(system);
        look.at_topics(system);
        look.at_handlers(system);
        look.at_pools(system);
        look.at_tables(system);
        look.report();
    }
}

impl<'a> Look<'a> {
    fn new(family: &'a mut Family, limit: usize, kinds: &'a Kinds) -> Look<'a> {
        Look { family, limit, kinds, gauges: HashMap::new(), counts: HashMap::new(), growth: HashMap::new() }
    }

    #[cfg(feature = "application")]
    fn at_applications(&mut self, system: &System) {
        self.gauge(&names::APPLICATIONS, "", otp_application::running(system).len());
    }

    #[cfg(feature = "dist")]
    fn at_nodes(&mut self, system: &System) {
        let nodes = otp_dist::Cluster::of(system).map(|cluster| cluster.info()).unwrap_or_default();
        self.gauge(&names::NODES, "", nodes.len());
        for node in nodes {
            let connection = Of::Connection(node.node.as_str().to_owned(), node.since);
            let name = self.name("node", node.node.as_str());
            self.count(&names::RECEIVED, &name, connection.clone(), node.received.bytes);
            self.count(&names::SENT, &name, connection, node.sent.bytes);
            self.gauge(&names::UNSENT, &name, node.queue);
        }
    }

    #[cfg(feature = "event")]
    fn at_topics(&mut self, system: &System) {
        for topic in otp_event::topic::topics(system) {
            let name = self.name("topic", topic.label.as_str());
            self.gauge(&names::SUBSCRIBERS, &name, topic.subscribers);
            self.count(&names::PUBLISHED, &name, Of::Topic(topic.id), topic.published);
            self.count(&names::DELIVERED, &name, Of::Topic(topic.id), topic.delivered);
            self.count(&names::DROPPED, &name, Of::Topic(topic.id), topic.dropped);
            self.count(&names::DISCONNECTED, &name, Of::Topic(topic.id), topic.disconnected);
        }
    }

    #[cfg(feature = "health")]
    fn at_handlers(&mut self, system: &System) {
        let figures = otp_health::figures(system);
        self.gauge(&names::STUCK, "", figures.stuck);
        self.count(&names::STUCK_TOTAL, "", Of::System, figures.total);
    }

    #[cfg(feature = "registry")]
    fn at_pools(&mut self, system: &System) {
        for pool in otp_registry::pool::pools(system) {
            let name = self.name("pool", pool.label.as_ref().map_or("pool", |label| label.as_str()));
            self.gauge(&names::POOL_WORKERS, &name, pool.workers);
            self.gauge(&names::POOL_LIMIT, &name, pool.limit);
            self.gauge(&names::POOL_WAITING, &name, pool.waiting);
        }
    }

    #[cfg(feature = "table")]
    fn at_tables(&mut self, system: &System) {
        let tables = otp_table::list(system);
        self.gauge(&names::TABLES, "", tables.len());
        for table in tables {
            let name = self.name("table", table.name.as_ref().map_or("(unnamed)", |name| name.as_str()));
            self.gauge(&names::TABLE_ROWS, &name, table.rows);
        }
    }

    #[cfg(not(feature = "application"))]
    fn at_applications(&mut self, _: &System) {}

    #[cfg(not(feature = "dist"))]
    fn at_nodes(&mut self, _: &System) {}

    #[cfg(not(feature = "event"))]
    fn at_topics(&mut self, _: &System) {}

    #[cfg(not(feature = "health"))]
    fn at_handlers(&mut self, _: &System) {}

    #[cfg(not(feature = "registry"))]
    fn at_pools(&mut self, _: &System) {}

    #[cfg(not(feature = "table"))]
    fn at_tables(&mut self, _: &System) {}

    #[cfg_attr(
        not(any(feature = "dist", feature = "event", feature = "registry", feature = "table")),
        expect(dead_code)
    )]
    fn name(&mut self, of: &'static str, name: &str) -> Box<str> {
        let admitted = self.family.names.entry(of).or_default().admit(Cow::Borrowed(name), self.limit);
        admitted.unwrap_or_else(|| self.kinds.lost().into()).into()
    }

    /// Adds to a gauge: those with the same name count together.
    fn gauge(&mut self, metric: &Metric, name: &str, value: usize) {
        self.gauges.entry((metric.name, name.into())).or_insert((*metric, 0.0)).1 += value as f64;
    }

    #[cfg_attr(not(any(feature = "dist", feature = "event", feature = "health")), expect(dead_code))]
    fn count(&mut self, metric: &Metric, name: &str, of: Of, value: u64) {
        let source = (metric.name, of);
        let before = self.family.counts.get(&source).copied().unwrap_or_default();
        self.growth.entry((metric.name, name.into())).or_insert((*metric, 0)).1 += value.saturating_sub(before);
        self.counts.insert(source, value);
    }

    fn report(self) {
        let Look { family, kinds: Kinds { sink, .. }, gauges, counts, growth, .. } = self;
        for (key, (metric, value)) in &gauges {
            sink.gauge(metric, &[&key.1]).set(*value);
        }
        // What has gone since the last look.
        for (name, value) in family.gauges.iter().filter(|key| !gauges.contains_key(*key)) {
            if let Some(metric) = names::METRICS.iter().find(|metric| metric.name == *name) {
                sink.gauge(metric, &[value]).set(0.0);
            }
        }
        family.gauges = gauges.into_keys().collect();
        family.counts = counts;
        for (key, (metric, more)) in growth {
            sink.counter(&metric, &[&key.1]).increment(more);
        }
    }
}
