use std::collections::VecDeque;
use std::convert::Infallible;
use std::sync::Arc;

use futures::channel::oneshot;

use super::message::{AnyDeposit, Mail, MessageRef, Signal};
use crate::event::Note;
use crate::sync::Mutex;

/// A message whose sender may take it back until it is received: the request of a call that rides through restarts.
///
/// It lies in the mailbox among the [`Signal`]s, which are boxed, so that no other message has to make room for it. Its
/// sender and the mailbox share it. If the process ends before it has received it, the message is still there.
///
/// A sender that only wants to know when the message was received gives its share away: what is left of the deposit is
/// dropped by the receiver.
pub(crate) struct Deposit<M> {
    content: Mutex<Content<M>>,
    /// What spectators are told when it is received.
    note: Mutex<Option<Box<Note>>>,
    _held: Held,
}

/// What is dropped with a deposit: it tells the sender that the message is no longer in the mailbox.
enum Held {
    Nothing,
    /// See [`Receipt`](super::Receipt).
    Receipt {
        _told: oneshot::Sender<Infallible>,
    },
    /// See [`ProcessRef::send_holding`](super::ProcessRef::send_holding).
    Value {
        _value: Box<dyn Send + Sync>,
    },
}

enum Content<M> {
    Message(M),
    /// The receiver looks at the message, and may leave it.
    Shown,
    Received,
    TakenBack,
}

/// What became of a deposit that its receiver came to.
pub(super) enum Shown {
    /// It is wanted, and is now an ordinary message, or a signal, in its place. What spectators are told of it.
    Wanted(Option<Box<Note>>),
    Unwanted,
    /// Its sender has taken it back: it is no longer there.
    Gone,
}

impl<M> Deposit<M> {
    /// A deposit with this note beside the message.
    pub(super) fn new(message: M, note: Option<Box<Note>>) -> Arc<Deposit<M>> {
        Deposit::holding(message, note, Held::Nothing)
    }

    /// A deposit, and what tells that it is gone.
    pub(super) fn with_receipt(message: M) -> (Arc<Deposit<M>>, oneshot::Receiver<Infallible>) {
        let (held, receipt) = oneshot::channel();
        (Deposit::holding(message, None, Held::Receipt { _told: held }), receipt)
    }

    /// A deposit that drops a value when it is gone.
    pub(super) fn with_value(message: M, value: Box<dyn Send + Sync>) -> Arc<Deposit<M>> {
        Deposit::holding(message, None, Held::Value { _value: value })
    }

    fn holding(message: M, note: Option<Box<Note>>, held: Held) -> Arc<Deposit<M>> {
        Arc::new(Deposit { content: Mutex::new(Content::Message(message)), note: Mutex::new(note), _held: held })
    }

    /// The message, if it has not been received. Then nobody will: it is as if it had not been sent.
    pub(crate) fn take_back(&self) -> Option<M> {
        let mut content = self.content.lock();
        match &*content {
            Content::Received | Content::TakenBack => None,
            Content::Shown | Content::Message(_) => match std::mem::replace(&mut *content, Content::TakenBack) {
                Content::Message(message) => Some(message),
                _ => None,
            },
        }
    }

    /// Whether the message still waits to be received.
    pub(super) fn is_full(&self) -> bool {
        matches!(&*self.content.lock(), Content::Message(_))
    }

    /// The message, for the receiver to look at; `None` if it was taken back.
    fn show(&self) -> Option<M> {
        let mut content = self.content.lock();
        match &*content {
            Content::Message(_) => match std::mem::replace(&mut *content, Content::Shown) {
                Content::Message(message) => Some(message),
                _ => None,
            },
            _ => None,
        }
    }

    /// Puts back what was shown; it comes out again if it was taken back meanwhile.
    fn put_back(&self, message: M) -> Option<M> {
        let mut content = self.content.lock();
        match &*content {
            Content::Shown => {
                *content = Content::Message(message);
                None
            }
            _ => Some(message),
        }
    }

    /// What was shown is received.
    fn receive(&self) {
        let mut content = self.content.lock();
        if let Content::Shown = &*content {
            *content = Content::Received;
        }
    }
}

impl<M: Send + 'static> Deposit<M> {
    /// Puts a note beside the last message of what a process has taken over.
    #[cold]
    pub(super) fn put_beside(taken: &mut VecDeque<Mail<M>>, note: Box<Note>) {
        let beside = match taken.pop_back() {
            Some(Mail::Message(message)) => Some(Mail::Signal(Deposit::new(message, Some(note)).into_signal())),
            other => other,
        };
        taken.extend(beside);
    }

    pub(super) fn into_signal(self: Arc<Self>) -> Box<Signal> {
        Box::new(Signal::Deposit(AnyDeposit(self)))
    }

    /// Shows the receiver the message of the deposit that is the mail at `place`. It is asked without a lock.
    #[cold]
    pub(super) fn look(
        mail: &mut VecDeque<Mail<M>>,
        place: usize,
        wanted: impl FnOnce(MessageRef<'_, M>) -> bool,
    ) -> Shown {
        let Some(Mail::Signal(signal)) = mail.get(place) else { return Shown::Unwanted };
        let Signal::Deposit(AnyDeposit(deposit)) = &**signal else { return Shown::Unwanted };
        if let Ok(noted) = deposit.clone().downcast::<NotedSignal>() {
            return noted.look(mail, place, wanted);
        }
        let deposit = deposit.downcast_ref::<Deposit<M>>();
        let Some(message) = deposit.and_then(Deposit::show) else {
            mail.remove(place);
            return Shown::Gone;
        };
        let deposit = deposit.expect("a message was in it");
        if wanted(MessageRef::User(&message)) {
            deposit.receive();
            let note = deposit.note.lock().take();
            mail[place] = Mail::Message(message);
            return Shown::Wanted(note);
        }
        match deposit.put_back(message) {
            None => Shown::Unwanted,
            // Its sender has given up, and does not know whether it was received.
            Some(unwanted) => {
                mail.remove(place);
                drop(unwanted);
                Shown::Gone
            }
        }
    }
}

/// A signal with a note beside it. It lies in the mailbox in the way of a deposit, and is a signal again once it is wanted.
pub(crate) struct NotedSignal(Mutex<Option<(Box<Signal>, Box<Note>)>>);

impl NotedSignal {
    /// A signal with this note beside it.
    pub(crate) fn beside(signal: Signal, note: Box<Note>) -> Signal {
        Signal::Deposit(AnyDeposit(Arc::new(NotedSignal(Mutex::new(Some((Box::new(signal), note)))))))
    }

    fn look<M>(
        &self,
        mail: &mut VecDeque<Mail<M>>,
        place: usize,
        wanted: impl FnOnce(MessageRef<'_, M>) -> bool,
    ) -> Shown {
        let noted = self.0.lock().take();
        let Some((signal, note)) = noted else {
            mail.remove(place);
            return Shown::Gone;
        };
        if !MessageRef::of_signal(&signal).is_none_or(wanted) {
            *self.0.lock() = Some((signal, note));
            return Shown::Unwanted;
        }
        mail[place] = Mail::Signal(signal);
        Shown::Wanted(Some(note))
    }
}

#[cfg(all(test, not(otp_loom)))]
mod tests {
    use super::*;

    fn queue(deposit: &Arc<Deposit<u32>>) -> VecDeque<Mail<u32>> {
        VecDeque::from([Mail::Message(1), Mail::Signal(deposit.clone().into_signal())])
    }

    #[test]
    fn a_deposit_is_taken_back_or_received_and_not_both() {
        let deposit = Deposit::new(2, None);
        let mut mail = queue(&deposit);
        assert!(matches!(Deposit::look(&mut mail, 1, |_| false), Shown::Unwanted));
        assert_eq!((deposit.is_full(), mail.len()), (true, 2));
        assert_eq!((deposit.take_back(), deposit.take_back()), (Some(2), None));
        assert!(matches!(Deposit::look(&mut mail, 1, |_| true), Shown::Gone));
        assert_eq!(mail.len(), 1);

        let deposit = Deposit::new(3, None);
        let mut mail = queue(&deposit);
        let wanted = |message: MessageRef<'_, u32>| matches!(message, MessageRef::User(3));
        assert!(matches!(Deposit::look(&mut mail, 1, wanted), Shown::Wanted(None)));
        assert!(matches!(mail[1], Mail::Message(3)));
        assert_eq!((deposit.take_back(), deposit.is_full()), (None, false));
    }

    #[test]
    fn a_deposit_that_is_taken_back_while_it_is_looked_at_may_be_received_and_is_not_shown_again() {
        for is_wanted in [false, true] {
            let deposit = Deposit::new(4, None);
            let mut mail = queue(&deposit);
            let shown = Deposit::look(&mut mail, 1, |_| {
                assert_eq!(deposit.take_back(), None, "nobody knows what becomes of it");
                is_wanted
            });
            match shown {
                Shown::Wanted(_) => assert!(is_wanted && matches!(mail[1], Mail::Message(4))),
                Shown::Gone => assert!(!is_wanted && mail.len() == 1),
                Shown::Unwanted => panic!("it would be shown again"),
            }
        }
    }
}
