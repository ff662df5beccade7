use std::sync::Arc;
use std::task::{Poll, Waker, ready};
use std::time::Duration;

use super::arrival::Arrival;
use super::deposit::Deposit;
use super::load::LaneClaim;
use super::mailbox::{Added, Refused};
use super::message::Mail;
use super::process_ref::ProcessRef;
use crate::event::Note;

/// A deposit, and its place in the mailbox as far as that is known.
type Posted<M> = (Arc<Deposit<M>>, Arrival);

/// How a [`Deposit`] gets into a mailbox.
impl<M: Send + 'static> ProcessRef<M> {
    /// Sends a message in a deposit, if there is room; otherwise it comes back, and `Closed` says that the process no longer
    /// receives. With `run` it runs the process here if it is idle, and notes how long that took.
    pub(crate) fn post(&self, message: M, run: Option<&mut Option<Duration>>) -> Result<Posted<M>, Refused<M>> {
        let note = self.note();
        self.post_noted(message, note, run)
    }

    /// As [`post`](ProcessRef::post), with a note beside the message.
    pub(super) fn post_noted(
        &self,
        message: M,
        note: Option<Box<Note>>,
        run: Option<&mut Option<Duration>>,
    ) -> Result<Posted<M>, Refused<M>> {
        let make = |message| Deposit::new(message, note);
        match self.cell().mailbox.reserve() {
            Ok(room) => Ok(self.put_deposit(|mail| room.fill_with(mail), make(message), run)),
            Err(Refused::Full(())) => Err(Refused::Full(message)),
            Err(Refused::Closed(())) => Err(Refused::Closed(message)),
            Err(Refused::ByPolicy(())) => match self.reserve_by_policy(&message) {
                LaneClaim::Room(room) => Ok(self.put_deposit(|mail| room.fill_fixed(mail), make(message), run)),
                LaneClaim::Full(_) => Err(Refused::Full(message)),
                LaneClaim::Closed => Err(Refused::Closed(message)),
            },
        }
    }

    /// As [`post`](ProcessRef::post), once there is room; `None` if the process no longer receives. `ticket` is the place
    /// in the line for room.
    pub(crate) fn poll_post(
        &self,
        message: &mut Option<M>,
        ticket: &mut Option<usize>,
        waker: &Waker,
    ) -> Poll<Option<Posted<M>>> {
        self.poll_post_as(message, ticket, waker, |message| Deposit::new(message, self.note()))
    }

    /// As [`poll_post`](ProcessRef::poll_post), with the deposit that `make` makes of the message.
    pub(super) fn poll_post_as(
        &self,
        message: &mut Option<M>,
        ticket: &mut Option<usize>,
        waker: &Waker,
        make: impl FnOnce(M) -> Arc<Deposit<M>>,
    ) -> Poll<Option<Posted<M>>> {
        match ready!(self.cell().mailbox.poll_reserve(ticket, waker)) {
            Ok(room) => {
                let put = |message| self.put_deposit(|mail| room.fill_with(mail), make(message), None);
                return Poll::Ready(message.take().map(put));
            }
            Err(Refused::ByPolicy(())) => {
                let Some(mine) = message.as_ref() else { return Poll::Ready(None) };
                if let LaneClaim::Room(room) = ready!(self.poll_reserve_by_policy(mine, ticket, waker)) {
                    let put = |message| self.put_deposit(|mail| room.fill_fixed(mail), make(message), None);
                    return Poll::Ready(message.take().map(put));
                }
            }
            Err(_) => {}
        }
        *ticket = None;
        Poll::Ready(None)
    }

    /// Sends a message in a deposit, regardless of the bound of the mailbox; false if the process no longer receives. The
    /// sender keeps no share of it, not even for a moment: what it holds is dropped by the receiver.
    pub(super) fn post_unbounded(&self, deposit: Arc<Deposit<M>>) -> bool {
        let mail = Mail::Signal(deposit.into_signal());
        if self.header().is_directed() && self.is_held_back() {
            self.add_later(mail);
            return true;
        }
        let Some(added) = self.cell().mailbox.add(mail) else { return false };
        self.note_sent();
        self.header().notify_pushed(added);
        true
    }

    pub(super) fn put_deposit(
        &self,
        fill: impl FnOnce(Mail<M>) -> Option<Added>,
        deposit: Arc<Deposit<M>>,
        run: Option<&mut Option<Duration>>,
    ) -> Posted<M> {
        let mail = Mail::Signal(deposit.clone().into_signal());
        if self.header().is_directed() && self.is_held_back() {
            self.add_later(mail);
            // There is no bound, and so no room is taken that would be given back.
            return (deposit, Arrival::UNKNOWN);
        }
        let Some(added) = fill(mail) else { return (deposit, Arrival::UNKNOWN) };
        let place = added.place();
        self.note_sent();
        if let Some(took) = run {
            self.run_for_mail(took);
        }
        if deposit.is_full() {
            self.header().notify_pushed(added);
        } else {
            added.wake();
        }
        (deposit, place)
    }

    fn add_later(&self, mail: Mail<M>) {
        let to = self.clone();
        self.deliver_later(move || {
            if let Some(added) = to.cell().mailbox.add(mail) {
                to.header().notify_pushed(added);
            }
        });
    }
}
