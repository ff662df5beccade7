use std::fmt;
use std::pin::Pin;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use super::destination::Address;
use super::route::Watch;
use crate::name::{Name, WrongType};
use crate::process::{Foreign, Pid, ProcessRef, TimeLimit};
use crate::switch::Switch;
use crate::system::System;

/// The future of [`Address::await_holder`]: waits until an address leads to a process.
#[must_use = "futures do nothing unless awaited"]
pub struct AwaitHolder<M: Send + 'static> {
    to: Address<M>,
    except: Option<Pid>,
    watch: Option<Watch>,
    /// When to look again, if the route cannot tell.
    again: Option<TimeLimit>,
    switch: Switch,
    foreign: Foreign,
}

/// How often a route is asked that cannot tell when it leads elsewhere.
const PERIOD: Duration = Duration::from_millis(10);

impl<M: Send + 'static> Address<M> {
    /// Waits until messages to this address go to some process, such as the next holder of a name, and gives the address of
    /// that one process. It is ready at once if there is one already, and always for the address of one process.
    ///
    /// A name tells when it is registered, and is not polled. Those who wait for it are woken in no particular order,
    /// before the process runs for the first time. Another [`Route`](crate::Route) tells if it has a
    /// [`watch`](crate::Route::watch), and is asked every ten milliseconds otherwise.
    ///
    /// # Errors
    ///
    /// [`WrongType`] if there is a process, and it does not receive what is sent to this address.
    ///
    /// # Cancel safety
    ///
    /// Dropping the future leaves nothing behind. It may be polled again after it was moved to another task.
    ///
    /// ```
    /// # otp::tokio::TokioExecutor::current_thread().run(async |system| {
    /// use otp::process::SpawnOptions;
    /// use otp::{Address, Message, Name, ProcessContext};
    ///
    /// const LOGGER: Name<&str> = Name::new("logger");
    ///
    /// let early = system.spawn(async |ctx: ProcessContext<()>| {
    ///     let logger = Address::named(ctx.system(), LOGGER).await_holder().await.unwrap();
    ///     logger.send("hello").await.unwrap();
    /// });
    /// let logger = system.spawn_with(SpawnOptions::new().name(LOGGER), async |mut ctx: ProcessContext<_>| {
    ///     assert_eq!(ctx.receive().await, Message::User("hello"));
    /// });
    /// assert_eq!(logger.unwrap().process.exited().await, otp::ExitReason::Normal);
    /// assert_eq!(early.exited().await, otp::ExitReason::Normal);
    /// # }).unwrap();
    /// ```
    pub fn await_holder(&self) -> AwaitHolder<M> {
        let (switch, foreign) = (Switch::of(self.system()), Foreign::default());
        AwaitHolder { to: self.clone(), except: None, watch: None, again: None, switch, foreign }
    }
}

impl System {
    /// Waits until a process holds `name`; it is ready at once if one does. See [`Address::await_holder`].
    ///
    /// # Errors
    ///
    /// [`WrongType`] if the holder does not receive `M`.
    ///
    /// # Cancel safety
    ///
    /// Dropping the future leaves nothing behind.
    pub fn await_holder<M: Send + 'static>(
        &self,
        name: &Name<M>,
    ) -> impl Future<Output = Result<ProcessRef<M>, WrongType>> + Send + use<M> {
        let held = Address::named(self, name.clone()).await_holder();
        async move { Ok(held.await?.into_process().expect("a name leads to a process as it is")) }
    }
}

impl<M: Send + 'static> AwaitHolder<M> {
    /// Waits for another process than this one, such as the successor of one that is known to be of no use. The address of
    /// one process leads to no other, ever.
    pub fn other_than(mut self, pid: Pid) -> AwaitHolder<M> {
        self.except = Some(pid);
        self
    }

    /// The process that the address leads to, if that is one that is waited for.
    fn find(&self) -> Option<Result<Address<M>, WrongType>> {
        let is_wanted = |pid| self.except != Some(pid);
        match self.to.find() {
            Ok(found) => Some(Ok(found.filter(|found| found.header().is_some_and(|header| is_wanted(header.pid)))?)),
            Err(wrong) => is_wanted(wrong.pid).then_some(Err(wrong)),
        }
    }
}

impl<M: Send + 'static> Unpin for AwaitHolder<M> {}

impl<M: Send + 'static> Future for AwaitHolder<M> {
    type Output = Result<Address<M>, WrongType>;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let this = self.get_mut();
        ready!(this.switch.poll(cx));
        if let Some(found) = this.find() {
            this.watch = None;
            return Poll::Ready(found);
        }
        // One that comes after this is told, and one that came before it is found below.
        this.watch = this.to.watch(cx.waker());
        loop {
            if let Some(found) = this.find() {
                this.watch = None;
                return Poll::Ready(found);
            }
            if this.watch.is_some() {
                return this.foreign.wait(cx).or_leave();
            }
            let again = this.again.get_or_insert_with(|| TimeLimit::new(PERIOD));
            if again.poll(this.to.system().runtime(), cx).is_pending() {
                return this.foreign.wait(cx).or_leave();
            }
            this.again = None;
        }
    }
}

impl<M: Send + 'static> fmt::Debug for AwaitHolder<M> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "AwaitHolder(of {:?})", self.to)
    }
}
