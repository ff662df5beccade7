/// The place of a message among all that has come into a mailbox: what a caller knows of its request, so that it can be
/// told afterwards whether the callee came to it.
///
/// It costs a receiver nothing. The end of a process compares it with the places of what is left; see
/// [`Ties::may_have_received`](super::Ties::may_have_received).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Arrival(u32);

/// How much has come into a mailbox, and in the lowest bit whether that has parts that few have: who counts has seen then
/// whether to look at them.
#[derive(Default)]
pub(crate) struct Arrivals(u32);

/// Places count modulo this.
const PLACES: u32 = 1 << 31;

/// In the two upper bits of an [`Arrival`] that has the number of the message below.
const INLINE: u32 = 0b10 << 30;
const NUMBER: u32 = (1 << 30) - 1;

impl Arrival {
    /// Of a message that may have been received as far as anybody knows.
    pub(crate) const UNKNOWN: Arrival = Arrival(u32::MAX);
    /// Of a message that was not put into the mailbox.
    pub(crate) const NOWHERE: Arrival = Arrival(u32::MAX - 1);

    /// Of a message that its sender had the process receive at once, as the one of this number of all that it received.
    pub(crate) fn inline(number: u64) -> Arrival {
        Arrival(INLINE | number as u32 & NUMBER)
    }

    /// Whether it is the last that the process received, or was not received: by a process that has received as many, and
    /// has not received anything from `first` on.
    pub(super) fn is_last_or_unread(self, first: Option<Arrival>, received: u64) -> bool {
        match (self, first) {
            (Arrival::UNKNOWN | Arrival::NOWHERE, _) => false,
            (Arrival(place), _) if place & !NUMBER == INLINE => place & NUMBER == received as u32 & NUMBER,
            (Arrival(place), Some(Arrival(first))) => {
                self.is_unread(Some(Arrival(first))) || first.wrapping_sub(place) % PLACES == 1
            }
            (_, None) => false,
        }
    }

    /// Whether the message was certainly not received by a process that received nothing from `first` on.
    pub(crate) fn is_unread(self, first: Option<Arrival>) -> bool {
        match (self, first) {
            (Arrival::UNKNOWN, _) => false,
            (Arrival::NOWHERE, _) => true,
            (Arrival(place), _) if place >= PLACES => false,
            (Arrival(place), Some(Arrival(first))) => place.wrapping_sub(first) % PLACES < PLACES / 2,
            (_, None) => false,
        }
    }
}

impl Arrivals {
    pub(super) fn new(extra: bool) -> Arrivals {
        Arrivals(extra.into())
    }

    #[inline]
    pub(super) fn have_extra(&self) -> bool {
        self.0 & 1 != 0
    }

    pub(super) fn note_extra(&mut self) {
        self.0 |= 1;
    }

    /// The place of what comes in now.
    #[inline]
    pub(super) fn next(&mut self) -> Arrival {
        let place = Arrival(self.0 >> 1);
        self.0 = self.0.wrapping_add(2);
        place
    }

    /// The place of the first of the last `count`.
    pub(super) fn last(&self, count: usize) -> Arrival {
        Arrival((self.0 >> 1).wrapping_sub(count as u32) % PLACES)
    }
}

#[cfg(all(test, not(otp_loom)))]
mod tests {
    use super::*;

    #[test]
    fn what_came_in_before_the_rest_may_have_been_received_also_when_the_count_wraps_around() {
        for start in [0, 5, PLACES - 2, PLACES - 1] {
            for extra in [false, true] {
                let mut arrivals = Arrivals(start << 1 | u32::from(extra));
                let places = [(); 4].map(|()| arrivals.next());
                let first = arrivals.last(2);
                let unread = places.map(|place| place.is_unread(Some(first)));
                assert_eq!((unread, arrivals.have_extra()), ([false, false, true, true], extra), "{start}");
            }
        }
        let mut arrivals = Arrivals::default();
        let (place, first) = (arrivals.next(), Some(arrivals.last(1)));
        assert!(place.is_unread(first) && !place.is_unread(None));
        assert!(!Arrival::UNKNOWN.is_unread(first) && Arrival::NOWHERE.is_unread(None));
        assert!(!Arrival::inline(1).is_unread(first) && !Arrival::inline(u64::MAX).is_unread(first));
    }

    #[test]
    fn a_message_may_be_in_hand_if_it_is_the_last_that_was_received_or_was_not_received() {
        let at = |place| Arrival(place % PLACES);
        for first in [1, 7, PLACES, PLACES + 1] {
            let last_or_unread = [first.wrapping_sub(2) % PLACES, first - 1, first, first + 9]
                .map(|place| at(place).is_last_or_unread(Some(at(first)), 0));
            assert_eq!(last_or_unread, [false, true, true, true], "{first}");
            assert!(!at(first).is_last_or_unread(None, 0));
        }
        for received in [1, u64::from(NUMBER), u64::from(NUMBER) + 1, u64::MAX] {
            let inline = Arrival::inline(received);
            assert!(
                inline.is_last_or_unread(None, received) && !inline.is_last_or_unread(None, received.wrapping_add(1))
            );
        }
        let first = Some(at(3));
        assert!(!Arrival::UNKNOWN.is_last_or_unread(first, 3) && !Arrival::NOWHERE.is_last_or_unread(first, 3));
    }
}
