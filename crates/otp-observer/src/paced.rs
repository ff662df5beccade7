//! What takes long to find out: by one job at a time, with a rest after each.

use std::sync::Arc;
use std::time::Duration;

use otp_core::System;
use otp_core::runtime::Instant;

/// A kind of work that reads the whole system. It runs not on a thread of the executor; and after each job for some time
/// not at all, so that it has a bounded share of a processor, however many browsers ask, and however often.
pub(crate) struct Paced<T> {
    system: System,
    pace: Pace,
    /// Held by the job: also when who asked for it has gone.
    last: Arc<futures::lock::Mutex<Last<T>>>,
}

/// How long the rest is.
#[derive(Clone, Copy)]
pub(crate) struct Pace {
    /// How much longer than the job.
    pub(crate) times: u32,
    pub(crate) at_most: Duration,
}

struct Last<T> {
    rests_until: Instant,
    found: Option<Arc<T>>,
}

impl<T: Send + Sync + 'static> Paced<T> {
    pub(crate) fn new(system: &System, pace: Pace) -> Paced<T> {
        let last = Last { rests_until: Instant::ORIGIN, found: None };
        Paced { system: system.clone(), pace, last: Arc::new(futures::lock::Mutex::new(last)) }
    }

    /// Finds something out, after the rest; `None` if the job panicked.
    pub(crate) async fn find(&self, work: impl FnOnce(&System) -> T + Send + 'static) -> Option<Arc<T>> {
        let last = self.last.clone().lock_owned().await;
        self.system.sleep_until(last.rests_until).await;
        self.work(last, work).await
    }

    /// What was found out last, during the rest; otherwise finds it out anew.
    pub(crate) async fn recent(&self, work: impl FnOnce(&System) -> T + Send + 'static) -> Option<Arc<T>> {
        let last = self.last.clone().lock_owned().await;
        match &last.found {
            Some(found) if self.system.now() < last.rests_until => Some(found.clone()),
            _ => self.work(last, work).await,
        }
    }

    async fn work(
        &self,
        mut last: futures::lock::OwnedMutexGuard<Last<T>>,
        work: impl FnOnce(&System) -> T + Send + 'static,
    ) -> Option<Arc<T>> {
        let (system, pace) = (self.system.clone(), self.pace);
        let worked = self.system.spawn_blocking(move || {
            let begun = system.now();
            let found = Arc::new(work(&system));
            let now = system.now();
            let before = last.found.replace(found.clone());
            last.rests_until = now + ((now - begun) * pace.times).min(pace.at_most);
            drop(last);
            drop(before);
            found
        });
        worked.await.ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const HOUR: Duration = Duration::from_secs(3600);

    fn slowly(system: &System) -> Instant {
        let begun = system.now();
        while system.now() - begun < Duration::from_millis(5) {}
        begun
    }

    #[test]
    fn work_rests_for_longer_than_it_took_and_what_it_found_is_there_meanwhile() {
        let rested = otp::tokio::TokioExecutor::current_thread().run(async |system| {
            let paced = Paced::new(&system, Pace { times: 1_000_000, at_most: HOUR });
            let first = paced.recent(slowly).await.unwrap();
            assert!(Arc::ptr_eq(&first, &paced.recent(slowly).await.unwrap()));

            let paced = Paced::new(&system, Pace { times: 20, at_most: HOUR });
            let first = paced.find(slowly).await.unwrap();
            let second = paced.find(slowly).await.unwrap();
            assert!(*second - *first >= Duration::from_millis(105), "{:?}", *second - *first);
        });
        rested.unwrap();
    }

    #[test]
    fn what_was_found_is_there_when_who_asked_for_it_has_gone() {
        let kept = otp::tokio::TokioExecutor::current_thread().run(async |system| {
            let paced = Paced::new(&system, Pace { times: 20, at_most: HOUR });
            let mut impatient = Box::pin(paced.recent(slowly));
            let _ = futures::poll!(&mut impatient);
            drop(impatient);
            assert!(paced.last.lock().await.found.is_some());
        });
        kept.unwrap();
    }
}
