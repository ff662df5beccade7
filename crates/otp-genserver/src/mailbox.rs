use std::fmt;
use std::task::{Context, Poll};

use futures::stream::BoxStream;
use otp_behaviour::{BehaviourContext, Mail, Mode, Parent, Receive, Signal};
use otp_core::{Address, Doing, Exit, Message, MessageRef, MonitorRef, Pid, Process, ProcessContext};

use crate::attach::{AnyItem, Attached, Attachment, attach};
use crate::server::GenServer;
use crate::server_ref::{Envelope, Received};
use crate::turn::Cue;

/// Where the mail of a server comes from: its own mailbox, or, after an [upgrade](crate::Upgrade), the mailbox of the server
/// whose place it has taken. Few servers have inherited one; for the others this costs a comparison.
pub(crate) enum Mailbox<S: GenServer> {
    Own(ProcessContext<Envelope<S>>),
    Inherited(Box<dyn Older<S::Call, S::Cast, S::Info>>),
}

/// The mailbox of a server of another type, whose messages are a `C`, a `K` and an `I`.
pub(crate) trait Older<C, K, I>: Send {
    fn process(&self) -> &Process;
    fn begins(&self, doing: Doing, message: &dyn fmt::Debug);
    fn settle_tokens(&self) -> bool;
    fn next_ready(&mut self) -> Option<Came<C, K, I>>;
    fn poll(&mut self, receive: &mut Receive, admits: Admits, cx: &mut Context<'_>) -> Poll<Option<Came<C, K, I>>>;
    fn take_exit(&mut self, from: Pid) -> Option<Exit>;
    fn demonitor_flush(&mut self, monitor: MonitorRef) -> bool;
    fn release_memory(&mut self);
    fn address(&self) -> Address<Content<C, K, I>>;
    fn attach(&self, options: Attachment, stream: BoxStream<'static, AnyItem>, map: OfItem<I>) -> Attached;
}

/// What a server takes out of its mailbox.
pub(crate) enum Came<C, K, I> {
    Message(Content<C, K, I>),
    Signal(Box<Signal>),
}

pub(crate) type CameTo<S> = Came<<S as GenServer>::Call, <S as GenServer>::Cast, <S as GenServer>::Info>;

/// A message of any server that has these messages.
pub(crate) enum Content<C, K, I> {
    Call(C),
    Cast(K),
    Info(I),
}

/// Makes the message of an item of a stream, or of its end.
pub(crate) type OfItem<I> = Box<dyn FnMut(Option<AnyItem>) -> I + Send>;

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

    /// Notes that the server begins to handle a message.
    #[inline]
    pub(crate) fn begin_handling(&self, doing: Doing, message: &dyn fmt::Debug) {
        match self {
            Mailbox::Own(own) => own.begin_handling(doing, message),
            Mailbox::Inherited(older) => begin_handling(&**older, doing, message),
        }
    }

    /// Returns whether the server is to show its state.
    pub(crate) fn settle_tokens(&self) -> bool {
        match self {
            Mailbox::Own(own) => BehaviourContext::settle_tokens(own),
            Mailbox::Inherited(older) => older.settle_tokens(),
        }
    }

    /// Settles tokens; then takes the next of the mail that the server has taken over, unless it is suspended, or is to show
    /// its state.
    #[inline(always)]
    pub(crate) fn settle_and_take(&mut self, mode: Mode) -> Option<Cue<S>> {
        match self {
            Mailbox::Own(own) => {
                if BehaviourContext::settle_tokens(own) || mode == Mode::Suspended {
                    return None;
                }
                let mail = BehaviourContext::next_ready(own)?;
                Some(Cue::from(mail))
            }
            Mailbox::Inherited(older) => settle_and_take(&mut **older, mode).map(Cue::from),
        }
    }

    #[inline]
    pub(crate) fn poll(&mut self, receive: &mut Receive, admits: Admits, cx: &mut Context<'_>) -> Poll<Option<Cue<S>>> {
        match self {
            Mailbox::Own(own) => poll(own, receive, admits, cx),
            Mailbox::Inherited(older) => older.poll(receive, admits, cx).map(|came| came.map(Cue::from)),
        }
    }

    pub(crate) fn take_exit(&mut self, from: Pid) -> Option<Exit> {
        match self {
            Mailbox::Own(own) => Older::take_exit(own, from),
            Mailbox::Inherited(older) => older.take_exit(from),
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
            Mailbox::Inherited(older) => older.address().map_message(Content::of),
        }
    }

    /// The same mailbox, for a server that has the same messages.
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

impl<S: GenServer> Older<S::Call, S::Cast, S::Info> for ProcessContext<Envelope<S>> {
    fn process(&self) -> &Process {
        self
    }

    fn begins(&self, doing: Doing, message: &dyn fmt::Debug) {
        self.begin_handling(doing, message);
    }

    fn settle_tokens(&self) -> bool {
        BehaviourContext::settle_tokens(self)
    }

    fn next_ready(&mut self) -> Option<CameTo<S>> {
        let mail = BehaviourContext::next_ready(self)?;
        Some(Cue::<S>::from(mail).into())
    }

    fn poll(&mut self, receive: &mut Receive, admits: Admits, cx: &mut Context<'_>) -> Poll<Option<CameTo<S>>> {
        poll(self, receive, admits, cx).map(|cue| cue.map(Came::from))
    }

    fn take_exit(&mut self, from: Pid) -> Option<Exit> {
        let wanted = |message: MessageRef<'_, _>| matches!(message, MessageRef::Exit(exit) if exit.from == from);
        match self.try_receive_match(wanted) {
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

    fn address(&self) -> Address<Content<S::Call, S::Cast, S::Info>> {
        Address::from(self.this()).map_message(Content::into_envelope)
    }

    fn attach(&self, options: Attachment, stream: BoxStream<'static, AnyItem>, mut map: OfItem<S::Info>) -> Attached {
        attach(self, self.this(), options, stream, move |item| Envelope::info(map(item)))
    }
}

impl<S: GenServer> From<Mail<Envelope<S>>> for Cue<S> {
    #[inline(always)]
    fn from(mail: Mail<Envelope<S>>) -> Cue<S> {
        match mail {
            Mail::Message(envelope) => match envelope.open() {
                Received::Call(call) => Cue::Call(call),
                Received::Cast(cast) => Cue::Cast(cast),
                Received::Info(info) => Cue::Info(info),
            },
            Mail::Signal(signal) => Cue::Signal(signal),
        }
    }
}

impl<S: GenServer> From<CameTo<S>> for Cue<S> {
    fn from(came: CameTo<S>) -> Cue<S> {
        match came {
            Came::Message(Content::Call(call)) => Cue::Call(call),
            Came::Message(Content::Cast(cast)) => Cue::Cast(cast),
            Came::Message(Content::Info(info)) => Cue::Info(info),
            Came::Signal(signal) => Cue::Signal(signal),
        }
    }
}

impl<S: GenServer> From<Cue<S>> for CameTo<S> {
    fn from(cue: Cue<S>) -> CameTo<S> {
        match cue {
            Cue::Call(call) => Came::Message(Content::Call(call)),
            Cue::Cast(cast) => Came::Message(Content::Cast(cast)),
            Cue::Info(info) => Came::Message(Content::Info(info)),
            Cue::Signal(signal) => Came::Signal(signal),
            Cue::Timeout | Cue::Continue(_) => unreachable!("it comes from no mailbox"),
        }
    }
}

impl<C, K, I> Content<C, K, I> {
    /// What is in an envelope.
    pub(crate) fn of<S: GenServer<Call = C, Cast = K, Info = I>>(envelope: Envelope<S>) -> Content<C, K, I> {
        match envelope.open() {
            Received::Call(call) => Content::Call(call),
            Received::Cast(cast) => Content::Cast(cast),
            Received::Info(info) => Content::Info(info),
        }
    }

    pub(crate) fn into_envelope<S: GenServer<Call = C, Cast = K, Info = I>>(self) -> Envelope<S> {
        match self {
            Content::Call(call) => Envelope::call(call),
            Content::Cast(cast) => Envelope::cast(cast),
            Content::Info(info) => Envelope::info(info),
        }
    }
}

#[cold]
fn begin_handling<C, K, I>(older: &dyn Older<C, K, I>, doing: Doing, message: &dyn fmt::Debug) {
    older.begins(doing, message);
}

#[cold]
fn settle_and_take<C, K, I>(older: &mut dyn Older<C, K, I>, mode: Mode) -> Option<Came<C, K, I>> {
    if older.settle_tokens() || mode == Mode::Suspended { None } else { older.next_ready() }
}

#[inline]
fn poll<S: GenServer>(
    own: &mut ProcessContext<Envelope<S>>,
    receive: &mut Receive,
    admits: Admits,
    cx: &mut Context<'_>,
) -> Poll<Option<Cue<S>>> {
    let wanted = |message: MessageRef<'_, _>| admits.parent.admits(admits.mode, &message);
    receive.poll(own, wanted, cx).map(|mail| mail.map(Cue::from))
}
