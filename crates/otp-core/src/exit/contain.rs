use std::any::Any;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::pin::Pin;
use std::task::{Context, Poll};

use pin_project::pin_project;

use super::Crash;

/// Calls foreign code, such as a callback, and returns a panic in it as a [`Crash`]. The caller has to report the
/// crash.
///
/// Data that the code was about to change stays as the panic left it: the caller has to make sure that this does no
/// harm.
///
/// ```
/// use otp::behaviour::contain;
///
/// assert_eq!(contain(|| 1 + 1), Ok(2));
/// let crash = contain(|| -> u32 { panic!("no sum") }).unwrap_err();
/// assert_eq!(crash.message(), "no sum");
/// ```
#[inline]
pub fn contain<T>(code: impl FnOnce() -> T) -> Result<T, Crash> {
    catch_unwind(AssertUnwindSafe(code)).map_err(Crash::from_panic)
}

/// The payload with which a process that is about to end and blocks its thread is unwound. It is no crash, and it is
/// caught where the process is polled.
pub(crate) struct Leaving;

/// As [`contain`], for the code of a whole process; `None` if it is [`Leaving`].
#[inline]
pub(crate) fn contain_process<T>(code: impl FnOnce() -> T) -> Result<T, Option<Crash>> {
    catch_unwind(AssertUnwindSafe(code)).map_err(|panic| (!is_leaving(&*panic)).then(|| Crash::from_panic(panic)))
}

fn is_leaving(panic: &(dyn Any + Send)) -> bool {
    panic.is::<Leaving>()
}

/// Runs foreign async code, such as a callback or the whole life of a server, and returns a panic in it as a [`Crash`];
/// see [`contain`]. The code need not be an `async fn`: a panic before there is a future is caught, too.
///
/// ```
/// # otp::tokio::TokioExecutor::current_thread().run(async |_| {
/// use otp::behaviour::contain_future;
///
/// let crash = contain_future(|| async { panic!("in the future") }).await.unwrap_err();
/// assert_eq!(crash.message(), "in the future");
///
/// let eager = || -> std::future::Ready<()> { panic!("before it") };
/// assert_eq!(contain_future(eager).await.unwrap_err().message(), "before it");
/// # }).unwrap();
/// ```
pub fn contain_future<F, Fut>(start: F) -> Contained<F, Fut>
where
    F: FnOnce() -> Fut,
    Fut: Future,
{
    Contained(Containment::Unstarted(start))
}

/// The future of [`contain_future`].
#[must_use = "futures do nothing unless awaited"]
#[pin_project]
#[derive(Debug)]
pub struct Contained<F, Fut>(#[pin] Containment<F, Fut>);

/// The function to call, and the future that it is moved into, share their memory.
#[pin_project(project = Content, project_replace = Before)]
#[derive(Debug)]
enum Containment<F, Fut> {
    Unstarted(F),
    Running(#[pin] Fut),
    Over,
}

impl<F, Fut> Future for Contained<F, Fut>
where
    F: FnOnce() -> Fut,
    Fut: Future,
{
    type Output = Result<Fut::Output, Crash>;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let mut this = self.project().0;
        let polled = catch_unwind(AssertUnwindSafe(|| {
            if let Content::Unstarted(_) = this.as_mut().project()
                && let Before::Unstarted(start) = this.as_mut().project_replace(Containment::Over)
            {
                let future = start();
                this.as_mut().project_replace(Containment::Running(future));
            }
            match this.as_mut().project() {
                Content::Running(future) => future.poll(cx),
                Content::Unstarted(_) | Content::Over => Poll::Pending,
            }
        }));
        match polled {
            Ok(Poll::Pending) => Poll::Pending,
            Ok(Poll::Ready(output)) => Poll::Ready(Ok(output)),
            Err(panic) if is_leaving(&*panic) => resume_unwind(panic),
            Err(panic) => Poll::Ready(Err(Crash::from_panic(panic))),
        }
    }
}
