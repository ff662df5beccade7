//! What a server gives back while it waits: SPEC GS-33. Alone in its file, since it counts all memory there is.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use otp::prelude::*;
use otp_suite::until;
use peak_alloc::PeakAlloc;

#[global_allocator]
static MEMORY: PeakAlloc = PeakAlloc;

const BACKLOG: usize = 200_000;
/// What a server may keep: far less than a queue of that many messages.
const LITTLE: usize = 500_000;

struct Sink {
    seen: Arc<AtomicUsize>,
    hibernates: bool,
}

#[gen_server]
impl Sink {
    #[init]
    fn init(seen: Arc<AtomicUsize>, hibernates: bool) -> Self {
        Sink { seen, hibernates }
    }

    #[cast]
    fn take(&mut self, _number: usize) -> Next<Self> {
        let seen = self.seen.fetch_add(1, Ordering::SeqCst) + 1;
        if self.hibernates && seen == BACKLOG { Next::Hibernate } else { Next::Receive }
    }
}

/// Fills the server's queue while it is suspended and has it handle all of that.
async fn drain(server: &ServerRef<Sink>, seen: &AtomicUsize) {
    otp::sys::suspend(server.system(), server).await.unwrap();
    for number in 0..BACKLOG {
        server.take(number);
    }
    otp::sys::resume(server.system(), server).await.unwrap();
    until(|| seen.load(Ordering::SeqCst) == BACKLOG).await;
}

// It looks at the memory of the whole program, which no seed decides.
#[otp::test(backends = [tokio, tokio_current, smol])]
async fn a_server_that_hibernates_gives_its_queue_back(system: System) {
    let seen = Arc::new(AtomicUsize::new(0));
    let server = Sink::start(&system, (seen.clone(), true)).await.unwrap();
    let before = MEMORY.current_usage();
    drain(&server, &seen).await;
    until(|| MEMORY.current_usage() < before + LITTLE).await;
}

// It looks at the memory of the whole program, which no seed decides.
#[otp::test(backends = [tokio, tokio_current, smol])]
async fn a_server_that_was_idle_for_long_enough_gives_its_queue_back(system: System) {
    let seen = Arc::new(AtomicUsize::new(0));
    let start = Sink::start(&system, (seen.clone(), false)).hibernate_after(Duration::from_millis(5));
    let server = start.await.unwrap();
    let before = MEMORY.current_usage();
    drain(&server, &seen).await;
    until(|| MEMORY.current_usage() < before + LITTLE).await;
}
