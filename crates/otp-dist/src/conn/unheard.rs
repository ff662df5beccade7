use std::future::poll_fn;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::task::Poll;

use futures::task::AtomicWaker;

/// What a peer has said to processes of the node itself that have not come to it yet: to `net_kernel`, and to those that share
/// groups. The peer is not read from while it is too much: these processes are there for all nodes, and drop nothing.
#[derive(Default)]
pub(crate) struct Unheard {
    bytes: AtomicUsize,
    /// The process that reads.
    reader: AtomicWaker,
}

/// How many bytes of messages may wait.
const MOST: usize = 1 << 20;

/// A small message takes more memory than it has bytes.
const LEAST: usize = 64;

impl Unheard {
    /// A message waits, until what is returned is dropped.
    pub(crate) fn add(self: &Arc<Self>, bytes: usize) -> Waiting {
        let bytes = bytes.max(LEAST);
        self.bytes.fetch_add(bytes, Ordering::Relaxed);
        Waiting { bytes, among: self.clone() }
    }

    pub(crate) fn is_full(&self) -> bool {
        self.bytes.load(Ordering::Acquire) > MOST
    }

    /// Waits until there is room.
    pub(super) async fn room(&self) {
        poll_fn(|cx| {
            self.reader.register(cx.waker());
            if self.is_full() { Poll::Pending } else { Poll::Ready(()) }
        })
        .await;
    }
}

/// A message that waits.
pub(crate) struct Waiting {
    bytes: usize,
    among: Arc<Unheard>,
}

impl Drop for Waiting {
    fn drop(&mut self) {
        let before = self.among.bytes.fetch_sub(self.bytes, Ordering::AcqRel);
        if before > MOST {
            self.among.reader.wake();
        }
    }
}
