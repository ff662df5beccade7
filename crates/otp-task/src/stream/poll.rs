use std::pin::Pin;
use std::task::{Context, Poll, ready};

use futures::Stream;
use futures::future::BoxFuture;
use futures::stream::{FusedStream, FuturesOrdered, FuturesUnordered};

use super::builder::{OnTimeout, TaskStream};
use crate::error::TaskError;
use crate::output::TaskOutput;

/// The items in work.
pub(super) enum InFlight<T> {
    Ordered(FuturesOrdered<Item<T>>),
    Unordered(FuturesUnordered<Item<T>>),
}

type Item<T> = BoxFuture<'static, Result<T, TaskError>>;

impl<T> InFlight<T> {
    pub(super) fn ordered() -> InFlight<T> {
        InFlight::Ordered(FuturesOrdered::new())
    }

    pub(super) fn unordered() -> InFlight<T> {
        InFlight::Unordered(FuturesUnordered::new())
    }

    pub(super) fn len(&self) -> usize {
        match self {
            InFlight::Ordered(items) => items.len(),
            InFlight::Unordered(items) => items.len(),
        }
    }

    fn push(&mut self, item: Item<T>) {
        match self {
            InFlight::Ordered(items) => items.push_back(item),
            InFlight::Unordered(items) => items.push(item),
        }
    }

    fn poll_next(&mut self, cx: &mut Context<'_>) -> Poll<Option<Result<T, TaskError>>> {
        match self {
            InFlight::Ordered(items) => Pin::new(items).poll_next(cx),
            InFlight::Unordered(items) => Pin::new(items).poll_next(cx),
        }
    }
}

impl<I, F, Fut, O, T> Stream for TaskStream<I, F, T>
where
    I: Iterator,
    F: FnMut(I::Item) -> Fut,
    Fut: Future<Output = O> + Send + 'static,
    O: TaskOutput<T>,
    T: Send + 'static,
{
    type Item = Result<T, TaskError>;

    fn poll_next(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let this = self.get_mut();
        while this.running.len() < this.limit
            && let Some(items) = &mut this.items
        {
            match items.next() {
                Some(item) => this.running.push(this.settings.run((this.work)(item))),
                None => this.items = None,
            }
        }
        let result = ready!(this.running.poll_next(cx));
        if let Some(Err(TaskError::Timeout { .. })) = &result
            && this.on_timeout == OnTimeout::Stop
        {
            this.items = None;
            this.running = InFlight::unordered();
        }
        Poll::Ready(result)
    }
}

impl<I, F, Fut, O, T> FusedStream for TaskStream<I, F, T>
where
    I: Iterator,
    F: FnMut(I::Item) -> Fut,
    Fut: Future<Output = O> + Send + 'static,
    O: TaskOutput<T>,
    T: Send + 'static,
{
    fn is_terminated(&self) -> bool {
        self.items.is_none() && self.running.len() == 0
    }
}

/// Nothing in it is pinned: the items in work are boxed.
impl<I, F, T> Unpin for TaskStream<I, F, T> {}
