use std::cell::Cell;
use std::sync::Arc;

use metrics::{Counter, Gauge, Histogram, Key, KeyName, Label, Level, Metadata, Recorder, SharedString, Unit};
use otp_core::behaviour::contain;

use super::names::{METRICS, Metric, MetricKind};

/// The recorder that metrics go to. It is code of the user.
#[derive(Clone)]
pub(super) struct Sink(Arc<dyn Recorder + Send + Sync>);

/// The recorder of the program.
struct Global;

const METADATA: Metadata<'static> = Metadata::new("otp", Level::INFO, Some("otp"));

thread_local! {
    /// The thread runs code of a recorder.
    static RECORDING: Cell<bool> = const { Cell::new(false) };
}

impl Sink {
    pub(super) fn global() -> Sink {
        Sink(Arc::new(Global))
    }

    pub(super) fn of(recorder: impl Recorder + Send + Sync + 'static) -> Sink {
        Sink(Arc::new(recorder))
    }

    /// Tells the recorder what there is.
    pub(super) fn describe(&self) {
        for Metric { name, kind, unit, about, .. } in METRICS.iter().copied() {
            let unit = match unit {
                "seconds" => Unit::Seconds,
                "nanoseconds" => Unit::Nanoseconds,
                _ => Unit::Count,
            };
            let (key, about) = (KeyName::from_const_str(name), SharedString::const_str(about));
            match kind {
                MetricKind::Counter => self.0.describe_counter(key, Some(unit), about),
                MetricKind::Gauge => self.0.describe_gauge(key, Some(unit), about),
                MetricKind::Histogram => self.0.describe_histogram(key, Some(unit), about),
            }
        }
    }

    /// A counter with these values of its labels.
    pub(super) fn counter(&self, metric: &Metric, values: &[&str]) -> Counter {
        self.0.register_counter(&key(metric, values), &METADATA)
    }

    pub(super) fn gauge(&self, metric: &Metric, values: &[&str]) -> Gauge {
        self.0.register_gauge(&key(metric, values), &METADATA)
    }

    pub(super) fn histogram(&self, metric: &Metric, values: &[&str]) -> Histogram {
        self.0.register_histogram(&key(metric, values), &METADATA)
    }
}

fn key(metric: &Metric, values: &[&str]) -> Key {
    let labels = metric.labels.iter().zip(values).map(|(name, value)| Label::new(*name, (*value).to_owned()));
    Key::from_parts(metric.name, labels.collect::<Vec<_>>())
}

/// Runs code that may call the recorder, unless the recorder itself is the cause of it. A panic is logged, and ends nothing.
pub(super) fn recording(code: impl FnOnce()) {
    if RECORDING.get() {
        return;
    }
    RECORDING.set(true);
    let recorded = contain(code);
    RECORDING.set(false);
    if let Err(crash) = recorded {
        // Its subscriber is code of users, too.
        drop(contain(|| tracing::error!(target: "otp::telemetry", %crash, "a recorder of metrics panicked")));
    }
}

impl Recorder for Global {
    fn describe_counter(&self, key: KeyName, unit: Option<Unit>, about: SharedString) {
        metrics::with_recorder(|recorder| recorder.describe_counter(key, unit, about));
    }

    fn describe_gauge(&self, key: KeyName, unit: Option<Unit>, about: SharedString) {
        metrics::with_recorder(|recorder| recorder.describe_gauge(key, unit, about));
    }

    fn describe_histogram(&self, key: KeyName, unit: Option<Unit>, about: SharedString) {
        metrics::with_recorder(|recorder| recorder.describe_histogram(key, unit, about));
    }

    fn register_counter(&self, key: &Key, metadata: &Metadata<'_>) -> Counter {
        metrics::with_recorder(|recorder| recorder.register_counter(key, metadata))
    }

    fn register_gauge(&self, key: &Key, metadata: &Metadata<'_>) -> Gauge {
        metrics::with_recorder(|recorder| recorder.register_gauge(key, metadata))
    }

    fn register_histogram(&self, key: &Key, metadata: &Metadata<'_>) -> Histogram {
        metrics::with_recorder(|recorder| recorder.register_histogram(key, metadata))
    }
}
