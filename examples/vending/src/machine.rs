//! The machine: its messages, and its four states.

use otp::prelude::*;
use otp::state_machine;
use otp::statem::{Entered, Event, Init, Timer, Transition};

use crate::stock::{Item, Stock};
use crate::times::Times;

/// A vending machine. This is the data that its states share.
pub struct Vending {
    times: Times,
    stock: Stock,
    is_lit: bool,
    /// Who is told when the item is in the tray, while one falls.
    buyer: Option<ReplyTo<Result<Sale, Refused>>>,
}

/// What a customer has got.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Sale {
    /// The item in the tray.
    pub item: Item,
    /// The change, in cents.
    pub change: u32,
}

/// Why a request is refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refused {
    /// Not enough is paid in. What is paid in stays so.
    #[error("{0} cents are missing")]
    Missing(u32),
    /// There is none left. What is paid in stays so.
    #[error("sold out")]
    SoldOut,
    /// The machine waits for its service. All money is given back.
    #[error("out of order")]
    OutOfOrder,
}

#[state_machine(restart = transient)]
#[transitions(
    Idle => [Paid],
    Paid => [Idle, Serving],
    Serving => [Idle, OutOfOrder],
    OutOfOrder => [Idle],
)]
impl Vending {
    #[init]
    fn init(stock: Stock, times: Times) -> Init<Self> {
        Init::ok(Vending { times, stock, is_lit: false, buyer: None }, Idle)
    }

    /// Pays a coin in, and returns what is paid in now.
    #[call]
    fn coin(cents: u32) -> Result<u32, Refused>;

    /// Buys an item. Answered when it is in the tray.
    #[call]
    fn buy(item: Item) -> Result<Sale, Refused>;

    /// Gives the money back, and returns how much.
    #[call]
    fn cancel() -> u32;

    /// The sensor in the tray: an item has fallen.
    #[cast]
    fn fell();

    /// The mechanic: the machine is in order.
    #[cast]
    fn repaired();

    /// Whether the display is on; the same in every state.
    #[call]
    fn is_lit(&self) -> bool {
        self.is_lit
    }

    /// The customer has walked away.
    #[internal]
    fn forgotten();

    /// An item has not fallen in time.
    #[internal]
    fn jammed();

    /// The display has been on for long enough.
    #[internal]
    fn dark();

    /// The time of the display, which runs whatever the state.
    #[timer]
    fn display();

    /// Nothing is paid in.
    #[state]
    fn idle(&mut self, event: Event<Self>) -> Transition<Self, Idle> {
        match event {
            Event::Call(VendingCall::Coin(cents, from)) => {
                self.lights(Transition::next(Paid { cents })).reply(from, Ok(cents))
            }
            Event::Call(VendingCall::Buy(item, from)) => {
                Transition::keep().reply(from, Err(Refused::Missing(item.price())))
            }
            other => self.otherwise(other),
        }
    }

    /// A customer has paid in, and thinks.
    #[state]
    fn paid(&mut self, cents: &mut u32, event: Event<Self>) -> Transition<Self, Paid> {
        match event {
            Event::Call(VendingCall::Coin(more, from)) => {
                *cents += more;
                let thinks = Transition::keep().state_timeout(self.times.patience, VendingInternal::Forgotten);
                self.lights(thinks).reply(from, Ok(*cents))
            }
            Event::Call(VendingCall::Buy(item, from)) => match cents.checked_sub(item.price()) {
                None => Transition::keep().reply(from, Err(Refused::Missing(item.price() - *cents))),
                Some(_) if *self.stock.of(item) == 0 => Transition::keep().reply(from, Err(Refused::SoldOut)),
                Some(change) => {
                    self.buyer = Some(from);
                    Transition::next(Serving { item, change })
                }
            },
            Event::Call(VendingCall::Cancel(from)) => Transition::next(Idle).reply(from, *cents),
            Event::StateTimeout(VendingInternal::Forgotten) => Transition::next(Idle),
            other => self.otherwise(other),
        }
    }

    /// An item falls. Coins of the next customer wait.
    #[state]
    fn serving(&mut self, item: &mut Item, change: &mut u32, event: Event<Self>) -> Transition<Self, Serving> {
        let (item, change) = (*item, *change);
        let (to, answer) = match event {
            Event::Cast(VendingCast::Fell) => {
                *self.stock.of(item) -= 1;
                (Transition::next(Idle), Ok(Sale { item, change }))
            }
            Event::StateTimeout(VendingInternal::Jammed) => (Transition::next(OutOfOrder), Err(Refused::OutOfOrder)),
            Event::Call(VendingCall::Coin(..) | VendingCall::Buy(..) | VendingCall::Cancel(_)) => {
                return Transition::postpone(event);
            }
            other => return self.otherwise(other),
        };
        match self.buyer.take() {
            Some(buyer) => to.reply(buyer, answer),
            None => to,
        }
    }

    /// An item is stuck.
    #[state]
    fn out_of_order(&mut self, event: Event<Self>) -> Transition<Self, OutOfOrder> {
        match event {
            Event::Cast(VendingCast::Repaired) => Transition::next(Idle),
            Event::Call(VendingCall::Coin(_, from)) => Transition::keep().reply(from, Err(Refused::OutOfOrder)),
            Event::Call(VendingCall::Buy(_, from)) => Transition::keep().reply(from, Err(Refused::OutOfOrder)),
            other => self.otherwise(other),
        }
    }

    /// What every state does alike.
    fn otherwise<S>(&mut self, event: Event<Self>) -> Transition<Self, S> {
        match event {
            Event::Timeout(VendingTimer::Display, _) => {
                self.is_lit = false;
                Transition::keep()
            }
            Event::Call(VendingCall::Cancel(from)) => Transition::keep().reply(from, 0),
            _ => Transition::keep(),
        }
    }

    #[enter(Paid)]
    fn thinks(&mut self) -> Entered<Self> {
        Entered::ok().state_timeout(self.times.patience, VendingInternal::Forgotten)
    }

    #[enter(Serving)]
    fn serves(&mut self) -> Entered<Self> {
        Entered::ok().state_timeout(self.times.jam, VendingInternal::Jammed)
    }

    #[enter(OutOfOrder)]
    fn breaks(&mut self) -> Entered<Self> {
        self.is_lit = false;
        Entered::ok().cancel(Timer::Named(VendingTimer::Display))
    }

    /// Puts the display on, beside a transition.
    fn lights<S>(&mut self, to: Transition<Self, S>) -> Transition<Self, S> {
        self.is_lit = true;
        to.timeout(VendingTimer::Display, self.times.light, VendingInternal::Dark)
    }
}

#[cfg(test)]
mod tests;
