use std::future::poll_fn;
use std::ptr;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::task::Poll;

use futures::StreamExt;
use futures::channel::mpsc;
use futures::stream::FuturesUnordered;

use super::start::start;
use crate::runtime::{Runtime, Task};
use crate::sync::Mutex;

/// Threads that several processes share. Each is there as long as it has processes.
pub(super) struct Pool {
    limit: usize,
    seats: Arc<Mutex<Vec<Seat>>>,
    /// How many threads there were.
    threads: AtomicUsize,
}

/// One thread, as those see it who place processes.
struct Seat {
    /// Of no other thread, also when this one is gone.
    number: usize,
    runtime: Arc<dyn Runtime>,
    /// How many processes were placed there and have not ended.
    processes: usize,
    tasks: mpsc::UnboundedSender<Task>,
}

/// The seat of a thread, as the thread sees it. It gives the seat up when it is dropped.
struct Taken {
    seats: Arc<Mutex<Vec<Seat>>>,
    number: usize,
}

impl Pool {
    pub(super) fn new(limit: usize) -> Pool {
        Pool { limit, seats: Arc::default(), threads: AtomicUsize::new(0) }
    }

    pub(super) fn limit(&self) -> usize {
        self.limit
    }

    /// Gives a process to a new thread, or if there are enough, to that with the fewest processes.
    pub(super) fn place(&self, runtime: &Arc<dyn Runtime>, task: Task) {
        let mut seats = self.seats.lock();
        if seats.iter().filter(|seat| seat.is_of(runtime)).count() >= self.limit {
            let fewest = seats.iter_mut().filter(|seat| seat.is_of(runtime)).min_by_key(|seat| seat.processes);
            let seat = fewest.expect("the limit is one at least");
            // The thread stays for a process that is counted.
            seat.processes += 1;
            let tasks = seat.tasks.clone();
            drop(seats);
            return give(&tasks, task);
        }
        let number = self.threads.fetch_add(1, Ordering::Relaxed) + 1;
        let (tasks, given) = mpsc::unbounded();
        seats.push(Seat { number, runtime: runtime.clone(), processes: 1, tasks: tasks.clone() });
        drop(seats);
        give(&tasks, task);
        let taken = Taken { seats: self.seats.clone(), number };
        start(&**runtime, &format!("otp-thread-{number}"), Task::new(taken.poll_all(given)));
    }
}

/// A thread that has ended, because its executor has, drops what it is given.
fn give(tasks: &mpsc::UnboundedSender<Task>, task: Task) {
    drop(tasks.unbounded_send(task));
}

impl Seat {
    fn is_of(&self, runtime: &Arc<dyn Runtime>) -> bool {
        ptr::addr_eq(Arc::as_ptr(&self.runtime), Arc::as_ptr(runtime))
    }
}

impl Taken {
    /// Polls the processes that are placed here, until there is none.
    async fn poll_all(self, mut given: mpsc::UnboundedReceiver<Task>) {
        let mut tasks = FuturesUnordered::new();
        loop {
            poll_fn(|cx| {
                while let Poll::Ready(Some(task)) = given.poll_next_unpin(cx) {
                    tasks.push(task);
                }
                match tasks.poll_next_unpin(cx) {
                    Poll::Ready(Some(())) => Poll::Ready(()),
                    Poll::Ready(None) | Poll::Pending => Poll::Pending,
                }
            })
            .await;
            if self.is_left_by_the_last() {
                return;
            }
        }
    }

    /// Counts a process that has ended. The seat of the last one is gone, so that no other is placed there.
    fn is_left_by_the_last(&self) -> bool {
        let mut seats = self.seats.lock();
        let Some(place) = self.find(&seats) else { return true };
        seats[place].processes -= 1;
        if seats[place].processes > 0 {
            return false;
        }
        let left = seats.swap_remove(place);
        drop(seats);
        drop(left);
        true
    }

    fn find(&self, seats: &[Seat]) -> Option<usize> {
        seats.iter().position(|seat| seat.number == self.number)
    }
}

impl Drop for Taken {
    fn drop(&mut self) {
        let mut seats = self.seats.lock();
        let left = self.find(&seats).map(|place| seats.swap_remove(place));
        drop(seats);
        drop(left);
    }
}
