use std::any::Any;
use std::collections::VecDeque;
use std::fmt;
use std::pin::pin;

use futures::stream::{Stream, StreamExt};
use otp_core::{
    Belonging, End, ExitReason, Kept, Label, Pid, Process, ProcessContext, ProcessRef, SpawnOptions, Spawned,
};

use crate::context::Context;
use crate::mailbox::Mailbox;
use crate::server::GenServer;
use crate::server_ref::Envelope;

/// Attaches streams to a process: their items become messages of the process. Implemented by the [`Context`] of a server,
/// whose messages are its [`Info`](GenServer::Info), and by [`ProcessContext`].
///
/// The stream runs in a process of its own, which is linked to this one. The function makes a message of what
/// `StreamExt::next` of the stream returns: `Some` with an item, and at last `None`. So the end of the stream is a message,
/// and so are the errors of a stream of results.
///
/// *Order.* Messages arrive in the order of the items. *Backpressure.* The stream is not polled while as many of its
/// messages as the [window](Attachment::window) allows wait in the mailbox, or while a bounded mailbox is full. A fast
/// stream therefore cannot flood a slow process. *Exit.* The stream is dropped when it ends, when it is
/// [detached](Attached::detach), and when the process ends, for whichever reason. A panic in the stream or in the function
/// is a crash of the stream's process: as a link does, it ends this one with the same reason, or is received as an exit
/// message if this one traps exits.
///
/// [`System::processes`](otp_core::System::processes) lists the stream's process, with the label `stream of …`.
///
/// ```
/// # otp::tokio::TokioExecutor::current_thread().run(async |system| {
/// use futures::stream;
/// use otp::gen_server::Attach;
/// use otp::{ExitReason, Message, ProcessContext};
///
/// let adder = system.spawn(async |mut ctx: ProcessContext<Option<u32>>| {
///     ctx.attach(stream::iter(1..=10), |number| number);
///     let mut sum = 0;
///     while let Message::User(Some(number)) = ctx.receive().await {
///         sum += number;
///     }
///     ExitReason::other(sum)
/// });
/// assert_eq!(adder.exited().await, ExitReason::other(55_u32));
/// # }).unwrap();
/// ```
///
/// `docs/recipes.md` has a server that takes in a stream.
pub trait Attach: sealed::Sealed {
    /// What the process receives.
    type Message: Send + 'static;

    /// Attaches a stream, with the default window and label.
    fn attach<St, F>(&self, stream: St, map: F) -> Attached
    where
        St: Stream<Item: Send> + Send + 'static,
        F: FnMut(Option<St::Item>) -> Self::Message + Send + 'static,
    {
        self.attach_with(Attachment::new(), stream, map)
    }

    /// Attaches a stream, with options.
    fn attach_with<St, F>(&self, options: Attachment, stream: St, map: F) -> Attached
    where
        St: Stream<Item: Send> + Send + 'static,
        F: FnMut(Option<St::Item>) -> Self::Message + Send + 'static;
}

/// The options of [`Attach::attach_with`].
#[derive(Clone, Debug)]
#[must_use]
pub struct Attachment {
    window: usize,
    label: Option<Label>,
}

impl Attachment {
    /// A window of eight messages.
    pub fn new() -> Attachment {
        Attachment { window: 8, label: None }
    }

    /// Sets how many messages of the stream may wait in the mailbox, at least one. With one, a message is received
    /// before the next item is taken from the stream.
    pub fn window(mut self, messages: usize) -> Attachment {
        self.window = messages.max(1);
        self
    }

    /// Sets the label of the stream's process.
    pub fn label(mut self, label: impl Into<Label>) -> Attachment {
        self.label = Some(label.into());
        self
    }
}

impl Default for Attachment {
    fn default() -> Attachment {
        Attachment::new()
    }
}

/// A stream that is attached to a process. Dropping this leaves it attached.
pub struct Attached {
    owner: Process,
    process: ProcessRef<Nothing>,
}

/// The stream's process receives nothing.
type Nothing = std::convert::Infallible;

impl Attached {
    /// Detaches the stream: it is dropped, without a message of its end. Messages that are in the mailbox already stay
    /// there: at most as many as the window has, and one that is being sent.
    pub fn detach(self) {
        self.owner.unlink(self.process.pid());
        self.process.exit(ExitReason::Kill);
    }

    /// Returns false once the stream has ended, or was detached.
    pub fn is_attached(&self) -> bool {
        self.process.is_alive()
    }

    /// The pid of the stream's process.
    pub fn pid(&self) -> Pid {
        self.process.pid()
    }
}

impl fmt::Debug for Attached {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Attached({} to {})", self.process.pid(), self.owner.pid())
    }
}

impl<S: GenServer> Attach for Context<S> {
    type Message = S::Info;

    fn attach_with<St, F>(&self, options: Attachment, stream: St, mut map: F) -> Attached
    where
        St: Stream<Item: Send> + Send + 'static,
        F: FnMut(Option<St::Item>) -> S::Info + Send + 'static,
    {
        match self.mailbox() {
            Mailbox::Own(own) => attach(self, own.this(), options, stream, move |item| Envelope::info(map(item))),
            Mailbox::Inherited(older) => {
                let of = |item: AnyItem| *item.downcast().expect("each item is of the stream");
                let stream = stream.map(|item| Box::new(item) as AnyItem).boxed();
                older.attach(options, stream, Box::new(move |item| map(item.map(of))))
            }
        }
    }
}

impl<M: Send + 'static> Attach for ProcessContext<M> {
    type Message = M;

    fn attach_with<St, F>(&self, options: Attachment, stream: St, map: F) -> Attached
    where
        St: Stream<Item: Send> + Send + 'static,
        F: FnMut(Option<St::Item>) -> M + Send + 'static,
    {
        attach(self, self.this(), options, stream, map)
    }
}

/// An item of a stream whose type does not matter.
pub(crate) type AnyItem = Box<dyn Any + Send>;

pub(crate) fn attach<M, St, F>(owner: &Process, to: ProcessRef<M>, options: Attachment, stream: St, map: F) -> Attached
where
    M: Send + 'static,
    St: Stream<Item: Send> + Send + 'static,
    F: FnMut(Option<St::Item>) -> M + Send + 'static,
{
    let Attachment { window, label } = options;
    let label = label.unwrap_or_else(|| Label::from(format!("stream of {}", name_of(owner))));
    let parent = owner.clone();
    let body = async move |ctx: ProcessContext<Nothing>| {
        // A link does not tell it of a normal end.
        let _following = Following(Some(parent.keep(Follower(ctx.pid()))));
        run(to, window, stream, map).await;
        // A stream that has ended leaves no exit message behind.
        ctx.unlink(parent.pid());
    };
    let spawned = owner.spawn_with(SpawnOptions::new().label(label).link(), body);
    let Ok(Spawned { process, .. }) = spawned else { unreachable!("it has no name that could be taken") };
    Attached { owner: owner.clone(), process }
}

/// What people call a process.
fn name_of(process: &Process) -> String {
    let pid = process.pid();
    let label = process.system().info(pid).and_then(|info| info.label);
    label.map_or_else(|| pid.to_string(), |label| format!("{label} {pid}"))
}

async fn run<M, St, F>(to: ProcessRef<M>, window: usize, stream: St, mut map: F)
where
    M: Send + 'static,
    St: Stream<Item: Send> + Send + 'static,
    F: FnMut(Option<St::Item>) -> M + Send + 'static,
{
    let mut stream = pin!(stream);
    let mut waiting = VecDeque::new();
    loop {
        if waiting.len() >= window
            && let Some(oldest) = waiting.pop_front()
        {
            oldest.await;
        }
        let item = stream.next().await;
        let is_end = item.is_none();
        match to.send_with_receipt(map(item)).await {
            Ok(receipt) if !is_end => waiting.push_back(receipt),
            // It is the end of the stream, or of the process.
            _ => return,
        }
    }
}

/// Ends with its owner.
struct Follower(Pid);

impl Belonging for Follower {
    fn owner_ended(self: Box<Self>, end: &End<'_>) {
        end.system.exit(self.0, ExitReason::Kill);
    }
}

/// No longer follows its owner once this is dropped.
struct Following(Option<Kept>);

impl Drop for Following {
    fn drop(&mut self) {
        drop(self.0.take().and_then(Kept::take_back));
    }
}

mod sealed {
    #[expect(unnameable_types, reason = "nobody else is to implement it")]
    pub trait Sealed {}

    impl<S: super::GenServer> Sealed for super::Context<S> {}
    impl<M> Sealed for super::ProcessContext<M> {}
}
