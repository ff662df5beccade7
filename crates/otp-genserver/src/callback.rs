use std::pin::Pin;
use std::task::{Context, Poll};

use pin_project::pin_project;

/// A running callback: one of four futures with the same output.
#[pin_project(project = Running)]
pub(crate) enum Callback<Call, Cast, Info, Continue> {
    Call(#[pin] Call),
    Cast(#[pin] Cast),
    Info(#[pin] Info),
    Continue(#[pin] Continue),
}

impl<Call, Cast, Info, Continue> Future for Callback<Call, Cast, Info, Continue>
where
    Call: Future,
    Cast: Future<Output = Call::Output>,
    Info: Future<Output = Call::Output>,
    Continue: Future<Output = Call::Output>,
{
    type Output = Call::Output;

    #[inline]
    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Call::Output> {
        match self.project() {
            Running::Call(call) => call.poll(cx),
            Running::Cast(cast) => cast.poll(cx),
            Running::Info(info) => info.poll(cx),
            Running::Continue(continuing) => continuing.poll(cx),
        }
    }
}
