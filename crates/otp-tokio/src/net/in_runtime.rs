use std::pin::Pin;
use std::task::{Context, Poll};

use pin_project::pin_project;
use tokio::runtime::Handle;

/// Polls a future inside a runtime, from any thread: tokio only makes sockets there.
#[pin_project]
pub(crate) struct InRuntime<F> {
    handle: Handle,
    #[pin]
    future: F,
}

impl<F> InRuntime<F> {
    pub(crate) fn new(handle: &Handle, future: F) -> InRuntime<F> {
        InRuntime { handle: handle.clone(), future }
    }
}

impl<F: Future> Future for InRuntime<F> {
    type Output = F::Output;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<F::Output> {
        let this = self.project();
        let _context = this.handle.enter();
        this.future.poll(cx)
    }
}
