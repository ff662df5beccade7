/// A metric that [`Metrics`](crate::Metrics) emits: its name, and what it counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Metric {
    /// The name, which stays the same: dashboards and alerts depend on it.
    pub name: &'static str,
    /// What its value does.
    pub kind: MetricKind,
    /// What it is counted in.
    pub unit: &'static str,
    /// The names of its labels.
    pub labels: &'static [&'static str],
    /// What it tells, for people.
    pub about: &'static str,
}

/// What the value of a [`Metric`] does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum MetricKind {
    /// It grows.
    Counter,
    /// It goes up and down.
    Gauge,
    /// It is a distribution of values.
    Histogram,
}

macro_rules! metrics {
    ($($(#[$on:meta])? $id:ident = $kind:ident $name:literal ($($label:literal),*) in $unit:literal: $about:literal;)*) => {
        $(
            $(#[$on])?
            pub(crate) const $id: Metric = Metric {
                name: $name,
                kind: MetricKind::$kind,
                unit: $unit,
                labels: &[$($label),*],
                about: $about,
            };
        )*

        /// All metrics that [`Metrics`](crate::Metrics) emits with the features that are enabled. `docs/telemetry.md` lists
        /// them.
        pub const METRICS: &[Metric] = &[$($(#[$on])? $id),*];
    };
}

metrics! {
    PROCESSES = Gauge "otp_processes" ("type") in "processes": "processes that run";
    SPAWNS = Counter "otp_spawns_total" ("type") in "processes": "processes that were started";
    EXITS = Counter "otp_exits_total" ("type", "reason") in "processes": "processes that have ended, by the class of the reason";
    CRASHES = Counter "otp_crashes_total" ("type") in "crashes": "panics and abnormal ends";
    MESSAGES = Counter "otp_messages_total" ("type") in "messages": "messages and signals that were received";
    RUNS = Counter "otp_runs_total" ("type") in "runs": "how often processes ran";
    RUN_TIME = Counter "otp_run_nanoseconds_total" ("type") in "nanoseconds": "how long processes ran, in all";
    CALLS = Counter "otp_calls_total" ("type", "outcome") in "calls": "calls that are over, by callee and outcome";
    CALL_TIME = Histogram "otp_call_seconds" ("type") in "seconds": "how long calls took that were answered, by callee";
    WAIT_TIME = Histogram "otp_wait_seconds" ("type") in "seconds": "how long messages waited in the mailbox; of a sample of them";
    QUEUED = Gauge "otp_mailbox_messages" ("type") in "messages": "messages that wait in all mailboxes";
    LONGEST = Gauge "otp_mailbox_longest" ("type") in "messages": "messages that wait in the longest mailbox";
    OVERLOADS = Counter "otp_overloads_total" ("type") in "overloads": "how often a mailbox with a policy began to refuse or drop messages";
    SHED = Counter "otp_shed_messages_total" ("type", "cause") in "messages": "messages that mailboxes with a policy did not deliver";
    TIMERS = Gauge "otp_timers" () in "timers": "timers that run";
    RESTARTS = Counter "otp_restarts_total" ("supervisor") in "restarts": "children that were started again";
    FAILED_RESTARTS = Counter "otp_failed_restarts_total" ("supervisor") in "restarts": "children that could not be started again";
    GIVEN_UP_CHILDREN = Counter "otp_given_up_children_total" ("supervisor") in "children": "children that were given up";
    GIVE_UPS = Counter "otp_supervisor_give_ups_total" ("supervisor") in "supervisors": "supervisors that have given up";
    REFUSED_STATES = Counter "otp_refused_states_total" ("supervisor") in "states": "saved states that were refused after crashes";
    DELAYED_ENDS = Counter "otp_delayed_ends_total" () in "processes": "processes that were to end and held their thread";
    SERIES_LOST = Counter "otp_unnamed_series_total" () in "values": "values of labels that were one too many, and count as \"(other)\"";
    #[cfg(feature = "application")]
    APPLICATIONS = Gauge "otp_applications" () in "applications": "applications that run";
    #[cfg(feature = "application")]
    APP_STARTS = Counter "otp_application_starts_total" ("application") in "applications": "applications that have started";
    #[cfg(feature = "application")]
    APP_FAILED_STARTS = Counter "otp_application_failed_starts_total" () in "applications": "applications that did not start, or were stopped before they had started";
    #[cfg(feature = "application")]
    APP_STOPS = Counter "otp_application_stops_total" ("application") in "applications": "applications that were stopped";
    #[cfg(feature = "application")]
    APP_ENDS = Counter "otp_application_ends_total" ("application", "reason") in "applications": "applications that have ended by themselves, by the class of the reason";
    #[cfg(feature = "application")]
    RELOADS = Counter "otp_application_reconfigurations_total" ("application") in "configurations": "configurations of applications that have changed";
    #[cfg(feature = "application")]
    FAILED_RELOADS = Counter "otp_application_failed_reconfigurations_total" () in "configurations": "changed configurations that could not be loaded, or were refused";
    #[cfg(feature = "dist")]
    NODES = Gauge "otp_nodes" () in "nodes": "other nodes that are connected";
    #[cfg(feature = "dist")]
    RECEIVED = Counter "otp_node_received_bytes_total" ("node") in "bytes": "bytes that have come from other nodes";
    #[cfg(feature = "dist")]
    SENT = Counter "otp_node_sent_bytes_total" ("node") in "bytes": "bytes that were sent to other nodes";
    #[cfg(feature = "dist")]
    UNSENT = Gauge "otp_node_queued_bytes" ("node") in "bytes": "bytes that wait to be written to other nodes";
    #[cfg(feature = "dist")]
    NODES_UP = Counter "otp_node_ups_total" ("node") in "connections": "connections to other nodes that have come up";
    #[cfg(feature = "dist")]
    NODES_DOWN = Counter "otp_node_downs_total" ("node") in "connections": "connections to other nodes that were lost or closed";
    #[cfg(feature = "event")]
    HANDLER_FAILURES = Counter "otp_handler_failures_total" () in "handlers": "event handlers that failed";
    #[cfg(feature = "event")]
    SUBSCRIBERS = Gauge "otp_topic_subscribers" ("topic") in "subscribers": "subscribers of topics";
    #[cfg(feature = "event")]
    PUBLISHED = Counter "otp_topic_published_total" ("topic") in "values": "values that were published";
    #[cfg(feature = "event")]
    DELIVERED = Counter "otp_topic_delivered_total" ("topic") in "values": "values that reached a subscriber, once for each";
    #[cfg(feature = "event")]
    DROPPED = Counter "otp_topic_dropped_total" ("topic") in "values": "values that a slow subscriber lost";
    #[cfg(feature = "event")]
    DISCONNECTED = Counter "otp_topic_disconnected_total" ("topic") in "subscribers": "slow subscribers that were disconnected";
    #[cfg(feature = "health")]
    UNRESPONSIVE = Counter "otp_unresponsive_total" () in "processes": "processes that a probe has ended";
    #[cfg(feature = "health")]
    STUCK = Gauge "otp_stuck_handlers" () in "handlers": "handlers that run for too long now, as the watchdog sees it";
    #[cfg(feature = "health")]
    STUCK_TOTAL = Counter "otp_stuck_handlers_total" () in "handlers": "handlers that ran for too long";
    #[cfg(feature = "registry")]
    POOL_WORKERS = Gauge "otp_pool_workers" ("pool") in "workers": "workers of pools";
    #[cfg(feature = "registry")]
    POOL_LIMIT = Gauge "otp_pool_limit" ("pool") in "workers": "workers that pools may have";
    #[cfg(feature = "registry")]
    POOL_WAITING = Gauge "otp_pool_waiting" ("pool") in "borrowers": "borrowers that wait for a worker";
    #[cfg(feature = "table")]
    TABLES = Gauge "otp_tables" () in "tables": "tables";
    #[cfg(feature = "table")]
    TABLE_ROWS = Gauge "otp_table_rows" ("table") in "rows": "rows of tables; those without a name count together";
}
