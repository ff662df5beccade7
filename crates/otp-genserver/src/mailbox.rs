use std::fmt;
use std::task::{Context, Poll};

use futures::stream::BoxStream;
use otp_behaviour::{BehaviourContext, Mail, Mode, Parent, Receive, Signal};
use otp_core::{Address, Doing, Exit, Message, MessageRef, MonitorRef, Process, ProcessContext};

use crate::attach::{AnyItem, Attached, Attachment, attach};
use crate::server::GenServer;
use crate::server_ref::{Envelope, Received};

/// Where the mail of a server comes from: its own mailbox, or, after an [upgrade](crate::Upgrade), the mailbox of the server
/// whose place it has taken. Few servers have inherited one; for the others this costs a comparison.
pub(crate) enum Mailbox<S: GenServer> {
    Own(ProcessContext<Envelope<S>>),
    Inherited(Inherited<S>),
}

/// The mailbox of another type of server, with the same messages.
pub(crate) type Inherited<S> =
    Box<dyn Older<Call = <S as GenServer>::Call, Cast = <S as GenServer>::Cast, Info = <S as GenServer>::Info>>;

/// What a server needs of a mailbox whose type it does not know.
pub(crate) trait Older: Send {
    type Call;
    type Cast;
    type Info;

    fn process(&self) -> &Process;
    fn begin_handling(&self, doing: Doing, message: &dyn fmt::Debug);
    fn settle_tokens(&self);
    fn next_ready(&mut self) -> Option<Came<Self::Call, Self::Cast, Self::Info>>;
    fn poll(&mut self, receive: &mut Receive, admits: Admits, cx: &mut Context<'_>) -> Polled<Self>;
    fn take_exit(&mut self, wanted: &dyn Fn(&Exit) -> bool) -> Option<Exit>;
    fn demonitor_flush(&mut self, monitor: MonitorRef) -> bool;
    fn release_memory(&mut self);
    fn address(&self) -> Address<Came<Self::Call, Self::Cast, Self::Info>>;
    fn attach(&self, options: Attachment, stream: BoxStream<'static, AnyItem>, map: OfItem<Self::Info>) -> Attached;
}

/// Makes the message of an item, or of the end of a stream.
pub(crate) type OfItem<I> = Box<dyn FnMut(Option<AnyItem>) -> I + Send>;

type Polled<O> = Poll<Option<Came<<O as Older>::Call, <O as Older>::Cast, <O as Older>::Info>>>;

/// Mail of servers whose messages are a `C`, a `K` and an `I`.
pub(crate) enum Came<C, K, I> {
    Call(C),
    Cast(K),
    Info(I),
    Signal(Box<Signal>),
}

/// What a server receives at present.
#[derive(Clone, Copy)]
pub(crate) struct Admits {
    pub(crate) parent: Parent,
    pub(crate) mode: Mode,
}

impl<S: GenServer> Mailbox<S> {
    #[inline]
    pub(crate) fn process(&self) -> &Process {
        match self {
            Mailbox::Own(own) => own,
            Mailbox::Inherited(older) => older.process(),
        }
    }

    #[inline]
    pub(crate) fn begin_handling(&self, doing: Doing, message: &dyn fmt::Debug) {
        match self {
            Mailbox::Own(own) => BehaviourContext::begin_handling(own, doing, message),
            Mailbox::Inherited(older) => older.begin_handling(doing, message),
        }
    }

    #[inline]
    pub(crate) fn settle_tokens(&self) {
        match self {
            Mailbox::Own(own) => BehaviourContext::settle_tokens(own),
            Mailbox::Inherited(older) => older.settle_tokens(),
        }
    }

    #[inline]
    pub(crate) fn next_ready(&mut self) -> Option<Mail<Envelope<S>>> {
        match self {
            Mailbox::Own(own) => BehaviourContext::next_ready(own),
            Mailbox::Inherited(older) => older.next_ready().map(Came::into_mail),
        }
    }

    #[inline]
    pub(crate) fn poll(
        &mut self,
        receive: &mut Receive,
        admits: Admits,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Mail<Envelope<S>>>> {
        match self {
            Mailbox::Own(own) => receive.poll(own, |message: MessageRef<'_, _>| admits.admits(&message), cx),
            Mailbox::Inherited(older) => older.poll(receive, admits, cx).map(|came| came.map(Came::into_mail)),
        }
    }

    pub(crate) fn take_exit(&mut self, wanted: &dyn Fn(&Exit) -> bool) -> Option<Exit> {
        match self {
            Mailbox::Own(own) => Older::take_exit(own, wanted),
            Mailbox::Inherited(older) => older.take_exit(wanted),
        }
    }

    pub(crate) fn demonitor_flush(&mut self, monitor: MonitorRef) -> bool {
        match self {
            Mailbox::Own(own) => own.demonitor_flush(monitor),
            Mailbox::Inherited(older) => older.demonitor_flush(monitor),
        }
    }

    pub(crate) fn release_memory(&mut self) {
        match self {
            Mailbox::Own(own) => own.release_memory(),
            Mailbox::Inherited(older) => older.release_memory(),
        }
    }

    /// The address of the server.
    pub(crate) fn address(&self) -> Address<Envelope<S>> {
        match self {
            Mailbox::Own(own) => own.this().into(),
            Mailbox::Inherited(older) => older.address().map_message(|envelope: Envelope<S>| envelope.open().into()),
        }
    }

    /// The same mailbox for a server that has the same messages.
    pub(crate) fn inherit<T>(self) -> Mailbox<T>
    where
        T: GenServer<Call = S::Call, Cast = S::Cast, Info = S::Info>,
    {
        Mailbox::Inherited(match self {
            Mailbox::Own(own) => Box::new(own),
            Mailbox::Inherited(older) => older,
        })
    }
}

impl<S: GenServer> Older for ProcessContext<Envelope<S>> {
    type Call = S::Call;
    type Cast = S::Cast;
    type Info = S::Info;

    fn process(&self) -> &Process {
        self
    }

    fn begin_handling(&self, doing: Doing, message: &dyn fmt::Debug) {
        BehaviourContext::begin_handling(self, doing, message);
    }

    fn settle_tokens(&self) {
        BehaviourContext::settle_tokens(self);
    }

    fn next_ready(&mut self) -> Option<Came<S::Call, S::Cast, S::Info>> {
        BehaviourContext::next_ready(self).map(Came::of)
    }

    fn poll(&mut self, receive: &mut Receive, admits: Admits, cx: &mut Context<'_>) -> Polled<Self> {
        receive.poll(self, |message: MessageRef<'_, _>| admits.admits(&message), cx).map(|mail| mail.map(Came::of))
    }

    fn take_exit(&mut self, wanted: &dyn Fn(&Exit) -> bool) -> Option<Exit> {
        let is_wanted = |message: MessageRef<'_, _>| matches!(message, MessageRef::Exit(exit) if wanted(exit));
        match self.try_receive_match(is_wanted) {
            Some(Message::Exit(exit)) => Some(exit),
            _ => None,
        }
    }

    fn demonitor_flush(&mut self, monitor: MonitorRef) -> bool {
        ProcessContext::demonitor_flush(self, monitor)
    }

    fn release_memory(&mut self) {
        ProcessContext::release_memory(self);
    }

    fn address(&self) -> Address<Came<S::Call, S::Cast, S::Info>> {
        Address::from(self.this()).map_message(Came::into_envelope)
    }

    fn attach(&self, options: Attachment, stream: BoxStream<'static, AnyItem>, mut map: OfItem<S::Info>) -> Attached {
        attach(self, self.this(), options, stream, move |item| Envelope::info(map(item)))
    }
}

impl<C, K, I> Came<C, K, I> {
    fn of<S: GenServer<Call = C, Cast = K, Info = I>>(mail: Mail<Envelope<S>>) -> Came<C, K, I> {
        match mail {
            Mail::Message(envelope) => envelope.open().into(),
            Mail::Signal(signal) => Came::Signal(signal),
        }
    }

    fn into_mail<S: GenServer<Call = C, Cast = K, Info = I>>(self) -> Mail<Envelope<S>> {
        match self {
            Came::Signal(signal) => Mail::Signal(signal),
            message => Mail::Message(message.into_envelope()),
        }
    }

    pub(crate) fn into_envelope<S: GenServer<Call = C, Cast = K, Info = I>>(self) -> Envelope<S> {
        match self {
            Came::Call(call) => Envelope::call(call),
            Came::Cast(cast) => Envelope::cast(cast),
            Came::Info(info) => Envelope::info(info),
            Came::Signal(_) => unreachable!("a signal is no message"),
        }
    }
}

impl<S: GenServer> From<Received<S>> for Came<S::Call, S::Cast, S::Info> {
    fn from(received: Received<S>) -> Self {
        match received {
            Received::Call(call) => Came::Call(call),
            Received::Cast(cast) => Came::Cast(cast),
            Received::Info(info) => Came::Info(info),
        }
    }
}

impl Admits {
    #[inline]
    fn admits<M>(self, message: &MessageRef<'_, M>) -> bool {
        self.parent.admits(self.mode, message)
    }
}
