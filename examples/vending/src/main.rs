//! A few customers, one after the other, and the machine's table of transitions.
#![allow(clippy::print_stdout, reason = "an example talks to its reader")]

use std::time::Duration;

use otp::prelude::*;
use otp::statem::{MachineName, MachineRef, StateMachine};
use vending::{Item, Stock, Times, Vending, VendingClient, VendingState};

const MACHINE: MachineName<Vending> = MachineName::new("vending");

#[otp::main]
async fn main(system: System) -> Result<(), Box<dyn std::error::Error>> {
    println!("{}", VendingState::DIAGRAM);
    let times = Times { jam: Duration::from_millis(50), ..Times::default() };
    let machine = Vending::child((Stock { water: 2, chocolate: 0 }, times)).name(MACHINE);
    Supervisor::new(Strategy::OneForOne).child(machine).start(&system).await?;
    let machine = MachineRef::named(&system, MACHINE);

    println!("a coin of 100: {} cents are paid in", machine.coin(100).await??);
    println!("water: {}", machine.buy(Item::Water).await?.unwrap_err());
    println!("a coin of 100: {} cents are paid in", machine.coin(100).await??);
    println!("chocolate: {}", machine.buy(Item::Chocolate).await?.unwrap_err());

    let buying = machine.buy(Item::Water).send_request();
    // The next customer does not wait; the coin does.
    let next = machine.coin(200).send_request();
    machine.fell();
    println!("water: {:?}", buying.await??);
    println!("a coin of 200: {} cents are paid in", next.await??);

    // Nothing falls.
    println!("water: {}", machine.buy(Item::Water).await?.unwrap_err());
    println!("status: {}", otp::sys::status(&system, &machine).await?.state.unwrap_or_default());
    machine.repaired();
    println!("a coin of 50: {} cents are paid in", machine.coin(50).await??);
    println!("cancelled: {} cents are back", machine.cancel().await?);
    Ok(())
}
