use std::fmt;
use std::future;
use std::task::Poll;

use super::{Mail, Receive};
use crate::process::{Doing, MessageRef, ProcessContext};
use crate::runtime::Step;

/// What only the code of a behaviour does with its [`ProcessContext`]: the loop between two callbacks.
///
/// ```
/// # otp::tokio::TokioExecutor::current_thread().run(async |system| {
/// use otp::behaviour::{BehaviourContext, Mail};
/// use otp::process::Doing;
/// use otp::{Call, ProcessContext, ReplyTo};
///
/// const ADDING: Doing = Doing::new(|| "adding");
///
/// // Adds up what it is sent, as much at once as is there.
/// let adder = system.spawn(async |mut ctx: ProcessContext<(u32, Option<ReplyTo<u32>>)>| {
///     ctx.hold_tokens();
///     let mut sum = 0;
///     loop {
///         let mail = match ctx.next_ready() {
///             Some(mail) => mail,
///             None => ctx.receive_mail(|_| true).await,
///         };
///         if let Mail::Message((n, from)) = mail {
///             ctx.begin_handling(ADDING, &n);
///             sum += n;
///             if let Some(from) = from {
///                 from.reply(sum);
///             }
///         }
///         ctx.settle_tokens();
///     }
/// });
/// (1..=3).for_each(|n| adder.try_send((n, None)).unwrap());
/// assert_eq!(Call::new(&adder, |from| (4, Some(from))).await, Ok(10));
/// # }).unwrap();
/// ```
pub trait BehaviourContext<M: Send + 'static>: sealed::Sealed {
    /// Receives the next mail that `wanted` accepts; waits until there is some. [`Signal::Stop`](super::Signal::Stop) and
    /// [`Signal::System`](super::Signal::System) are always accepted. A behaviour whose wait is to be small, or limited,
    /// polls a [`Receive`] by hand.
    ///
    /// # Cancel safety
    ///
    /// If the future is dropped before it is ready, no mail is lost.
    fn receive_mail(
        &mut self,
        wanted: impl FnMut(MessageRef<'_, M>) -> bool + Send,
    ) -> impl Future<Output = Mail<M>> + Send;

    /// The next mail, if the process has taken it over together with others and nothing holds it up: what a
    /// [`Receive`] of anything would give at once. `None` does not mean that there is none.
    fn next_ready(&mut self) -> Option<Mail<M>>;

    /// Says what the process begins to handle: to who asks what it is [doing](Doing), and, with the message, to the trace
    /// of a simulated run. The message is shown only there.
    fn begin_handling(&self, doing: Doing, message: &dyn fmt::Debug);

    /// From now on callers whose reply tokens the process drops are told so by
    /// [`settle_tokens`](BehaviourContext::settle_tokens), and not when the process next waits. If it ends before, they
    /// learn why: that is the better answer.
    fn hold_tokens(&self);

    /// Tells the callers whose reply tokens the process has dropped. To be called after each callback that did not end
    /// the process, before it waits for mail.
    fn settle_tokens(&self);
}

impl<M: Send + 'static> BehaviourContext<M> for ProcessContext<M> {
    fn receive_mail(
        &mut self,
        mut wanted: impl FnMut(MessageRef<'_, M>) -> bool + Send,
    ) -> impl Future<Output = Mail<M>> + Send {
        let mut receive = Receive::without_limit();
        future::poll_fn(move |cx| match receive.poll(self, &mut wanted, cx) {
            Poll::Ready(Some(mail)) => Poll::Ready(mail),
            Poll::Ready(None) | Poll::Pending => Poll::Pending,
        })
    }

    #[inline]
    fn next_ready(&mut self) -> Option<Mail<M>> {
        self.take_ready()
    }

    #[inline]
    fn begin_handling(&self, doing: Doing, message: &dyn fmt::Debug) {
        let header = self.header();
        header.set_doing(doing);
        header.note(|| Step::Handles { process: header.pid, message });
    }

    fn hold_tokens(&self) {
        self.header().hold_dropped();
    }

    #[inline]
    fn settle_tokens(&self) {
        self.header().settle_dropped();
    }
}

mod sealed {
    #[expect(unnameable_types, reason = "nobody else is to implement what it seals")]
    pub trait Sealed {}

    impl<M> Sealed for crate::process::ProcessContext<M> {}
}
