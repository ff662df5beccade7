//! The server that keeps the last so many things: results, and dead letters.

use std::collections::VecDeque;
use std::sync::Arc;

use otp::prelude::*;

use crate::job::JobId;

/// A bounded store of how jobs ended. When it is full, the oldest entry makes room.
///
/// What it has is handed over to the server that follows after a crash. After a fourth crash without anything put in
/// between, the contents themselves are suspect: it begins empty.
#[derive(Debug)]
pub struct Shelf<T> {
    kept: Kept<T>,
    limit: usize,
}

type Kept<T> = VecDeque<(JobId, Arc<T>)>;

#[gen_server(hand_over = 3)]
impl<T: Send + Sync + 'static> Shelf<T> {
    #[init]
    fn init(limit: usize, ctx: &mut Context<Self>) -> Self {
        Shelf { kept: ctx.handed_over().unwrap_or_default(), limit }
    }

    /// Keeps how a job ended. To put it twice is to put it once: who has got no answer may ask again.
    #[call]
    fn put(&mut self, id: JobId, end: Arc<T>, ctx: &mut Context<Self>) {
        self.kept.retain(|(kept, _)| *kept != id);
        self.kept.push_back((id, end));
        while self.kept.len() > self.limit {
            self.kept.pop_front();
        }
        ctx.save(self.kept.clone());
    }

    /// How a job ended, if it is known here.
    #[call]
    fn find(&self, id: JobId) -> Option<Arc<T>> {
        self.kept.iter().find(|(kept, _)| *kept == id).map(|(_, end)| end.clone())
    }

    /// All that is kept, the oldest first.
    #[call]
    fn all(&self) -> Vec<(JobId, Arc<T>)> {
        self.kept.iter().cloned().collect()
    }
}
