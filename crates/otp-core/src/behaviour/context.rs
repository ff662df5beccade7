use std::fmt;
use std::future;
use std::task::Poll;

use super::{Mail, Receive};
use crate::process::{Act, Doing, MessageRef, Process, ProcessContext, trace};
use crate::runtime::Step;

/// Extends [`ProcessContext`] for the loop of a behaviour, between two callbacks.
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
    /// Receives the next mail that `wanted` accepts; waits until there is some. [`Signal::Stop`](super::Signal::Stop)
    /// and [`Signal::System`](super::Signal::System) are always accepted. A behaviour that needs a small future, or a
    /// time limit, polls a [`Receive`] by hand.
    ///
    /// # Cancel safety
    ///
    /// If the future is dropped before it is ready, no mail is lost.
    fn receive_mail(
        &mut self,
        wanted: impl FnMut(MessageRef<'_, M>) -> bool + Send,
    ) -> impl Future<Output = Mail<M>> + Send;

    /// Returns the next mail, if the process has taken it over together with other mail and nothing holds it up: what a
    /// [`Receive`] that accepts everything would return at once. `None` does not mean that the mailbox is empty.
    fn next_ready(&mut self) -> Option<Mail<M>>;

    /// Sets what the process is [doing](Doing), for introspection, and reports the message to the trace of a simulated
    /// run, and to a [`Tracer`](super::Tracer). The message is only formatted for these.
    fn begin_handling(&self, doing: Doing, message: &dyn fmt::Debug);

    /// Delays the notification of callers whose reply tokens the process drops: from now on,
    /// [`settle_tokens`](BehaviourContext::settle_tokens) notifies them, not the next wait of the process. If the
    /// process ends before that, they get the exit reason, which is the better answer.
    fn hold_tokens(&self);

    /// Notifies the callers whose reply tokens the process has dropped, with `NoReply`. Call this after each callback
    /// that did not end the process, before the process waits for mail.
    ///
    /// Returns whether a [`Tracer`](super::Tracer) is to see the state, because the process has handled a message: show it
    /// with [`trace_state`](super::trace_state).
    fn settle_tokens(&self) -> bool;
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
        if header.is_seen() {
            self.show_handling(message);
        }
    }

    fn hold_tokens(&self) {
        self.header().hold_dropped();
    }

    #[inline]
    fn settle_tokens(&self) -> bool {
        self.header().settle_dropped()
    }
}

/// As [`settle_tokens`](BehaviourContext::settle_tokens), of a behaviour that has not handled its message yet: another
/// callback does the rest, such as `handle_continue`.
pub fn goes_on(process: &Process) {
    process.inner().header().settle_dropped_only();
}

/// Whether a signal has come that ends the running process where it waits next. For a future that may be ready at once
/// because it has run another process, by whose end the signal came: it is pending then, so that the process goes no
/// further than if it had waited.
pub fn is_about_to_end() -> bool {
    Process::current_is_about_to_end()
}

impl<M: Send + 'static> ProcessContext<M> {
    #[cold]
    fn show_handling(&self, message: &dyn fmt::Debug) {
        let header = self.header();
        if header.is_watched() {
            header.open_span(header.doing(), Some(message));
        }
        header.note(|| Step::Handles { process: header.pid, message });
        if header.is_traced() {
            trace(self, Act::Handles(message));
        }
    }
}

mod sealed {
    #[expect(unnameable_types, reason = "nobody else is to implement what it seals")]
    pub trait Sealed {}

    impl<M> Sealed for crate::process::ProcessContext<M> {}
}
