//! Servers that the tests measure and trace.

use std::time::Duration;

use futures::channel::oneshot;
use otp::prelude::*;

/// Does what it is told.
pub(crate) struct Clerk {
    pub(crate) done: u64,
}

#[gen_server]
impl Clerk {
    #[init]
    fn init((): ()) -> Self {
        Clerk { done: 0 }
    }

    #[call]
    fn work(&mut self) -> u64 {
        self.done += 1;
        self.done
    }

    #[call]
    async fn never(&mut self) {
        std::future::pending::<()>().await
    }

    #[call]
    fn crash(&mut self) -> u64 {
        panic!("the clerk faints")
    }

    #[cast]
    fn note(&mut self) {
        self.done += 1;
    }
}

/// Asks another one, and that one the next.
pub(crate) struct Link {
    pub(crate) next: Option<ServerRef<Link>>,
}

#[gen_server]
impl Link {
    #[init]
    fn init(next: Option<ServerRef<Link>>) -> Self {
        Link { next }
    }

    /// How many there are from here on.
    #[call]
    async fn depth(&mut self) -> u64 {
        match &self.next {
            Some(next) => 1 + next.depth().timeout(Duration::from_secs(60)).await.unwrap_or_default(),
            None => 1,
        }
    }

    #[cast]
    fn pass(&mut self, arrived: oneshot::Sender<()>) {
        match &self.next {
            Some(next) => next.pass(arrived),
            None => arrived.send(()).unwrap_or_default(),
        }
    }
}
