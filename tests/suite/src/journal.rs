//! What happened, in order, as short sentences.

use std::time::Duration;

use futures::channel::mpsc::{UnboundedReceiver, UnboundedSender, unbounded};
use futures::{FutureExt, StreamExt};
use otp::System;
use otp::event::{Event, HookGuard};

/// Where to note what happens.
#[derive(Clone, Debug)]
pub struct Journal(UnboundedSender<String>);

/// What a [`Journal`] holds, to be read once.
#[derive(Debug)]
pub struct Entries {
    system: System,
    entries: UnboundedReceiver<String>,
    _hook: HookGuard,
}

/// An empty journal. The system notes in it the end of each process that has a label: `a ended shutdown`.
pub fn journal(system: &System) -> (Journal, Entries) {
    let (sender, entries) = unbounded();
    let journal = Journal(sender);
    let to = journal.clone();
    let hook = system.on_event(move |event| {
        if let Event::Exited { label: Some(label), reason, .. } = event {
            to.note(format!("{label} ended {reason}"));
        }
    });
    (journal, Entries { system: system.clone(), entries, _hook: hook })
}

impl Journal {
    /// Notes something.
    pub fn note(&self, entry: impl Into<String>) {
        // Fails only when the test, which reads it, is over.
        let _ = self.0.unbounded_send(entry.into());
    }
}

impl Entries {
    /// The next entry; waits for it.
    pub async fn next(&mut self) -> String {
        let next = self.system.timeout(LONG, self.entries.next()).await;
        next.expect("something is noted").expect("the system keeps the journal open")
    }

    /// All entries up to `last`; waits for it.
    pub async fn until(&mut self, last: &str) -> Vec<String> {
        let mut seen = Vec::new();
        while seen.last().is_none_or(|entry| entry != last) {
            match self.system.timeout(LONG, self.entries.next()).await {
                Ok(entry) => seen.extend(entry),
                Err(_) => panic!("{last:?} was not noted, only {seen:?}"),
            }
        }
        seen
    }

    /// All entries so far.
    pub fn so_far(&mut self) -> Vec<String> {
        std::iter::from_fn(|| self.entries.next().now_or_never().flatten()).collect()
    }
}

/// Longer than anything takes: what has not happened by then is missing.
const LONG: Duration = Duration::from_secs(60);
