//! The states without a process: they are functions, and what they decide is data.

use super::*;

fn full() -> Vending {
    let (vending, state) = Vending::init(Stock { water: 1, chocolate: 1 }, Times::default()).into_started().unwrap();
    assert_eq!(state, VendingState::Idle);
    vending
}

/// A token that expects this answer.
fn expects<R: PartialEq + std::fmt::Debug + Send + 'static>(expected: R) -> ReplyTo<R> {
    ReplyTo::with(move |answer| assert_eq!(answer, Some(expected)))
}

#[test]
fn the_first_coin_leads_from_idle_to_paid() {
    let mut decided = full().idle(Event::Call(VendingCall::Coin(50, expects(Ok(50)))));
    decided.send_replies();
    assert_eq!(decided.next_state(), Some(&VendingState::Paid { cents: 50 }));
}

#[test]
fn too_little_money_is_no_transition() {
    let mut cents = 149;
    let mut decided =
        full().paid(&mut cents, Event::Call(VendingCall::Buy(Item::Water, expects(Err(Refused::Missing(1))))));
    decided.send_replies();
    assert_eq!((decided.next_state(), cents), (None, 149));
    assert!(decided.actions().is_empty());
}

#[test]
fn coins_wait_while_an_item_falls() {
    let (mut item, mut change) = (Item::Water, 0);
    let event = Event::Call(VendingCall::Coin(50, ReplyTo::with(drop)));
    let decided = full().serving(&mut item, &mut change, event);
    assert!(matches!(decided.postponed(), Some(Event::Call(VendingCall::Coin(50, _)))));
}

#[test]
fn an_item_that_does_not_fall_is_no_crash() {
    let (mut vending, mut item, mut change) = (full(), Item::Water, 0);
    vending.buyer = Some(expects(Err(Refused::OutOfOrder)));
    let mut decided = vending.serving(&mut item, &mut change, Event::StateTimeout(VendingInternal::Jammed));
    decided.send_replies();
    assert_eq!(decided.next_state(), Some(&VendingState::OutOfOrder));
    assert_eq!(*vending.stock.of(item), 1);
}

#[test]
fn a_machine_that_breaks_puts_its_display_off() {
    let mut vending = full();
    vending.is_lit = true;
    assert_eq!(format!("{:?}", vending.breaks().actions()), "[Timeout(cancel)]");
    assert!(!vending.is_lit);
}
