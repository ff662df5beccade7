use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

/// Counts requests: those that were begun, and those that were answered.
#[derive(Clone, Debug, Default)]
pub struct Tally(Arc<Counts>);

#[derive(Debug, Default)]
struct Counts {
    begun: AtomicU64,
    answered: AtomicU64,
}

impl Tally {
    /// Counts a request, and its answer when it has one.
    pub async fn counted<T>(&self, answer: impl Future<Output = T>) -> T {
        self.0.begun.fetch_add(1, Ordering::Relaxed);
        let answer = answer.await;
        self.0.answered.fetch_add(1, Ordering::Relaxed);
        answer
    }
}

impl fmt::Display for Tally {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let [begun, answered] = [&self.0.begun, &self.0.answered].map(|count| count.load(Ordering::Relaxed));
        write!(f, "{begun} requests, {answered} answered")
    }
}
