//! Customers at a running machine, on every backend. In the simulator the minutes that they wait take no time.

use std::time::Duration;

use otp::prelude::*;
use otp::statem::{MachineRef, StateMachine};
use otp::test::eventually;
use vending::{Item, Refused, Sale, Stock, Times, Vending, VendingClient, VendingState};

const STOCK: Stock = Stock { water: 1, chocolate: 1 };
const SHORT: Duration = Duration::from_millis(20);
/// More than any test needs, on any backend.
const LONG: Duration = Duration::from_secs(600);
/// Nothing happens by itself.
const PATIENT: Times = Times { patience: LONG, jam: LONG, light: LONG };

async fn machine(system: &System, times: Times) -> MachineRef<Vending> {
    Vending::start(system, (STOCK, times)).await.unwrap()
}

async fn state(system: &System, machine: &MachineRef<Vending>) -> String {
    otp::sys::status(system, machine).await.unwrap().state.unwrap()
}

#[otp::test]
async fn a_customer_gets_an_item_and_the_change(system: System) {
    let machine = machine(&system, PATIENT).await;
    assert_eq!(machine.coin(100).await, Ok(Ok(100)));
    assert_eq!(machine.buy(Item::Chocolate).await, Ok(Err(Refused::Missing(100))));
    assert_eq!(machine.coin(200).await, Ok(Ok(300)));
    let buying = machine.buy(Item::Chocolate).send_request();
    machine.fell();
    assert_eq!(buying.receive(LONG).await, Some(Ok(Ok(Sale { item: Item::Chocolate, change: 100 }))));
    machine.coin(200).await.unwrap().unwrap();
    assert_eq!(machine.buy(Item::Chocolate).await, Ok(Err(Refused::SoldOut)));
    assert_eq!(machine.cancel().await, Ok(200));
    assert_eq!(machine.cancel().await, Ok(0));
}

#[otp::test]
async fn the_coin_of_the_next_customer_waits_until_the_item_has_fallen(system: System) {
    let machine = machine(&system, PATIENT).await;
    machine.coin(150).await.unwrap().unwrap();
    let buying = machine.buy(Item::Water).send_request();
    let next = machine.coin(50).send_request();
    assert_eq!(state(&system, &machine).await, "Serving { item: Water, change: 0 }");
    machine.fell();
    assert_eq!(buying.receive(LONG).await, Some(Ok(Ok(Sale { item: Item::Water, change: 0 }))));
    assert_eq!(next.receive(LONG).await, Some(Ok(Ok(50))));
    assert_eq!(state(&system, &machine).await, "Paid { cents: 50 }");
}

#[otp::test]
async fn the_money_of_a_customer_who_walks_away_comes_back(system: System) {
    let machine = machine(&system, Times { patience: SHORT, ..PATIENT }).await;
    machine.coin(50).await.unwrap().unwrap();
    eventually(&system, async || state(&system, &machine).await == "Idle").within(LONG).await;
    assert_eq!(machine.cancel().await, Ok(0));
}

#[otp::test]
async fn an_item_that_is_stuck_puts_the_machine_out_of_order_until_it_is_repaired(system: System) {
    let machine = machine(&system, Times { jam: SHORT, ..PATIENT }).await;
    machine.coin(150).await.unwrap().unwrap();
    assert_eq!(machine.buy(Item::Water).timeout(LONG).await, Ok(Err(Refused::OutOfOrder)));
    assert_eq!(machine.coin(50).await, Ok(Err(Refused::OutOfOrder)));
    assert_eq!(machine.is_lit().await, Ok(false));
    machine.repaired();
    assert_eq!(machine.coin(50).await, Ok(Ok(50)));
}

#[otp::test]
async fn a_caller_of_a_machine_that_ends_is_told(system: System) {
    let machine = machine(&system, PATIENT).await;
    machine.coin(150).await.unwrap().unwrap();
    let buying = machine.buy(Item::Water).send_request();
    machine.stop().await.unwrap();
    assert!(matches!(buying.receive(LONG).await, Some(Err(CallError::Exited { .. }))));
}

/// Minutes of waiting, to the second: in virtual time, which passes when nothing else is to be done.
#[otp::test(backends = [sim])]
async fn each_coin_starts_the_patience_anew_and_the_display_has_a_time_of_its_own(system: System) {
    const SECOND: Duration = Duration::from_secs(1);
    let times = Times::default();
    let machine = machine(&system, times).await;
    let pause = async |time| system.sleep(time).await;

    machine.coin(50).await.unwrap().unwrap();
    pause(times.patience - SECOND).await;
    machine.coin(50).await.unwrap().unwrap();
    pause(times.patience - SECOND).await;
    assert_eq!(state(&system, &machine).await, "Paid { cents: 100 }");
    pause(2 * SECOND).await;
    assert_eq!(state(&system, &machine).await, "Idle");

    // The display has been on since the second coin, whatever the state was.
    pause(times.light - times.patience - 2 * SECOND).await;
    assert_eq!(machine.is_lit().await, Ok(true));
    pause(2 * SECOND).await;
    assert_eq!(machine.is_lit().await, Ok(false));
    assert_eq!(VendingState::DIAGRAM.lines().count(), 7);
}
