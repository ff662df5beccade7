use std::sync::Arc;
use std::task::{Poll, Waker, ready};
use std::time::Duration;

use super::arrival::Arrival;
use super::deposit::Deposit;
use super::mailbox::Refused;
use super::message::Mail;
use super::process_ref::ProcessRef;
use super::room::Room;

/// A deposit, and its place in the mailbox as far as that is known.
type Posted<M> = (Arc<Deposit<M>>, Arrival);

/// How a [`Deposit`] gets into a mailbox.
impl<M: Send + 'static> ProcessRef<M> {
    /// Sends a message in a deposit, if there is room; otherwise it comes back, and `Closed` says that the process no longer
    /// receives. With `run` it runs the process here if it is idle, and notes how long that took.
    pub(crate) fn post(&self, message: M, run: Option<&mut Option<Duration>>) -> Result<Posted<M>, Refused<M>> {
        match self.cell().mailbox.reserve() {
            Ok(room) => Ok(self.put_deposit(room, message, run)),
            Err(Refused::Full(())) => Err(Refused::Full(message)),
            Err(Refused::Closed(())) => Err(Refused::Closed(message)),
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
        match ready!(self.cell().mailbox.poll_reserve(ticket, waker)) {
            Some(room) => Poll::Ready(message.take().map(|message| self.put_deposit(room, message, None))),
            None => {
                *ticket = None;
                Poll::Ready(None)
            }
        }
    }

    fn put_deposit(&self, room: Room<'_, M>, message: M, run: Option<&mut Option<Duration>>) -> Posted<M> {
        let deposit = Deposit::new(message);
        let mail = Mail::Signal(deposit.clone().into_signal());
        if self.header().is_directed() && self.is_held_back() {
            let to = self.clone();
            self.deliver_later(move || {
                if let Some(added) = to.cell().mailbox.add(mail) {
                    to.header().notify_pushed(added);
                }
            });
            // There is no bound, and so nothing is given back.
            return (deposit, Arrival::UNKNOWN);
        }
        let Some(added) = room.fill_with(mail) else { return (deposit, Arrival::UNKNOWN) };
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
}
