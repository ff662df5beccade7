use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::Pin;
use std::task::{Context, Poll};

use otp_core::Crash;
use pin_project::pin_project;

/// Code under way that calls callbacks: a server's life, or `terminate`. A panic in it is its output.
///
/// The arguments, which `start` holds, and the future that they are moved into, share their place.
#[pin_project(project = Containing, project_replace = Before)]
pub(crate) enum Contained<F, Fut> {
    Unstarted(F),
    Running(#[pin] Fut),
    Over,
}

/// Runs `start`, and waits for its future. A callback need not be an `async fn`: it may panic before there is a future.
pub(crate) fn contain<F, Fut>(start: F) -> Contained<F, Fut>
where
    F: FnOnce() -> Fut,
    Fut: Future,
{
    Contained::Unstarted(start)
}

impl<F, Fut> Future for Contained<F, Fut>
where
    F: FnOnce() -> Fut,
    Fut: Future,
{
    type Output = Result<Fut::Output, Crash>;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let step = || {
            if let Containing::Unstarted(_) = self.as_mut().project()
                && let Before::Unstarted(start) = self.as_mut().project_replace(Contained::Over)
            {
                let future = start();
                self.as_mut().project_replace(Contained::Running(future));
            }
            match self.as_mut().project() {
                Containing::Running(future) => future.poll(cx),
                Containing::Unstarted(_) | Containing::Over => Poll::Pending,
            }
        };
        match catch_unwind(AssertUnwindSafe(step)) {
            Ok(Poll::Pending) => Poll::Pending,
            Ok(Poll::Ready(output)) => Poll::Ready(Ok(output)),
            Err(panic) => Poll::Ready(Err(Crash::from_panic(panic))),
        }
    }
}
