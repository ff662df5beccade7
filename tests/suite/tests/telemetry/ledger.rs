//! A recorder that keeps what it is told.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex};

use metrics::{
    Counter, CounterFn, Gauge, GaugeFn, Histogram, HistogramFn, Key, KeyName, Metadata, Recorder, SharedString, Unit,
};

#[derive(Clone, Default)]
pub(crate) struct Ledger(Arc<Mutex<Book>>);

#[derive(Default)]
struct Book {
    /// By name and labels: `otp_calls_total{type=Clerk,outcome=answered}`.
    values: BTreeMap<String, Vec<f64>>,
    described: BTreeSet<String>,
    registered: BTreeSet<(&'static str, String, Vec<String>)>,
    /// How many times each metric was registered.
    registrations: BTreeMap<String, usize>,
}

impl Ledger {
    /// The sum of what a series was told; the last value of a gauge. `None` if it was never told anything.
    pub(crate) fn value(&self, series: &str) -> Option<f64> {
        let book = self.0.lock().unwrap();
        let values = book.values.get(series)?;
        Some(if book.is_gauge(series) { *values.last()? } else { values.iter().sum() })
    }

    /// Every value that a series was told.
    pub(crate) fn values(&self, series: &str) -> Vec<f64> {
        self.0.lock().unwrap().values.get(series).cloned().unwrap_or_default()
    }

    pub(crate) fn series(&self) -> Vec<String> {
        self.0.lock().unwrap().values.keys().cloned().collect()
    }

    pub(crate) fn described(&self) -> BTreeSet<String> {
        self.0.lock().unwrap().described.clone()
    }

    /// Kind, name and the names of the labels of all that was registered.
    pub(crate) fn registered(&self) -> BTreeSet<(&'static str, String, Vec<String>)> {
        self.0.lock().unwrap().registered.clone()
    }

    /// How many times a metric was registered, with any labels.
    pub(crate) fn registrations(&self, name: &str) -> usize {
        self.0.lock().unwrap().registrations.get(name).copied().unwrap_or_default()
    }

    fn register(&self, kind: &'static str, key: &Key) -> Arc<Series> {
        let labels: Vec<_> = key.labels().map(|label| label.key().to_owned()).collect();
        {
            let mut book = self.0.lock().unwrap();
            *book.registrations.entry(key.name().to_owned()).or_default() += 1;
            book.registered.insert((kind, key.name().to_owned(), labels));
        }
        let labels: Vec<_> = key.labels().map(|label| format!("{}={}", label.key(), label.value())).collect();
        let name = match labels.is_empty() {
            true => key.name().to_owned(),
            false => format!("{}{{{}}}", key.name(), labels.join(",")),
        };
        Arc::new(Series(self.clone(), name))
    }
}

impl Book {
    fn is_gauge(&self, series: &str) -> bool {
        let name = series.split('{').next().unwrap();
        self.registered.iter().any(|(kind, of, _)| *kind == "gauge" && of == name)
    }
}

struct Series(Ledger, String);

impl Series {
    fn tell(&self, value: f64) {
        self.0.0.lock().unwrap().values.entry(self.1.clone()).or_default().push(value);
    }
}

impl CounterFn for Series {
    fn increment(&self, value: u64) {
        self.tell(value as f64);
    }

    fn absolute(&self, _: u64) {
        panic!("counters only grow by what was counted");
    }
}

impl GaugeFn for Series {
    fn increment(&self, _: f64) {
        panic!("gauges are set");
    }

    fn decrement(&self, _: f64) {
        panic!("gauges are set");
    }

    fn set(&self, value: f64) {
        self.tell(value);
    }
}

impl HistogramFn for Series {
    fn record(&self, value: f64) {
        self.tell(value);
    }
}

impl Recorder for Ledger {
    fn describe_counter(&self, key: KeyName, _: Option<Unit>, _: SharedString) {
        self.0.lock().unwrap().described.insert(key.as_str().to_owned());
    }

    fn describe_gauge(&self, key: KeyName, _: Option<Unit>, _: SharedString) {
        self.0.lock().unwrap().described.insert(key.as_str().to_owned());
    }

    fn describe_histogram(&self, key: KeyName, _: Option<Unit>, _: SharedString) {
        self.0.lock().unwrap().described.insert(key.as_str().to_owned());
    }

    fn register_counter(&self, key: &Key, _: &Metadata<'_>) -> Counter {
        Counter::from_arc(self.register("counter", key))
    }

    fn register_gauge(&self, key: &Key, _: &Metadata<'_>) -> Gauge {
        Gauge::from_arc(self.register("gauge", key))
    }

    fn register_histogram(&self, key: &Key, _: &Metadata<'_>) -> Histogram {
        Histogram::from_arc(self.register("histogram", key))
    }
}
