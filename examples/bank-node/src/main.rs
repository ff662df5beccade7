//! A bank in Rust, for processes of Elixir: `bank.exs` is one of its clients.

#![allow(clippy::print_stdout, reason = "it says when it is open")]

use std::collections::HashMap;
use std::error::Error;

use otp::dist::{Cookie, Node};
use otp::prelude::*;
use serde::{Deserialize, Serialize};

/// The accounts, by their owners.
struct Bank(HashMap<String, u64>);

/// `%{account: "bo", amount: 30}`
#[derive(Deserialize, Serialize)]
struct Order {
    account: String,
    amount: u64,
}

/// `:unknown_account` or `{:insufficient_funds, %{balance: 70}}`
#[derive(Deserialize, Serialize)]
#[serde(rename_all = "snake_case")]
enum Refusal {
    UnknownAccount,
    InsufficientFunds { balance: u64 },
}

#[gen_server(remote)]
impl Bank {
    #[init]
    fn init() -> Self {
        Bank(HashMap::new())
    }

    /// `GenServer.call(bank, {:deposit, %{account: "bo", amount: 100}})` is the balance.
    #[call]
    fn deposit(&mut self, order: Order) -> u64 {
        let balance = self.0.entry(order.account).or_default();
        *balance += order.amount;
        *balance
    }

    /// `GenServer.call(bank, {:withdraw, %{account: "bo", amount: 30}})` is `{:ok, 70}` or an error.
    #[call]
    fn withdraw(&mut self, order: Order) -> Result<u64, Refusal> {
        let balance = self.0.get_mut(&order.account).ok_or(Refusal::UnknownAccount)?;
        let left = balance.checked_sub(order.amount).ok_or(Refusal::InsufficientFunds { balance: *balance })?;
        *balance = left;
        Ok(left)
    }

    /// `GenServer.cast(bank, {:close, "bo"})`
    #[cast]
    fn close(&mut self, account: String) {
        self.0.remove(&account);
    }

    /// `GenServer.call(bank, :accounts)` is the number of accounts.
    #[call]
    fn accounts(&self) -> usize {
        self.0.len()
    }
}

const BANK: ServerName<Bank> = ServerName::new("bank");

#[otp::main]
async fn main(system: System) -> Result<(), Box<dyn Error + Send + Sync>> {
    let cookie = std::env::args().nth(1).ok_or("usage: bank-node FILE-WITH-THE-COOKIE")?;
    let node = Node::named("bank@127.0.0.1")?.cookie(Cookie::from_file(cookie)?).hidden(true);
    let node = match std::env::var("ERL_EPMD_PORT") {
        Ok(port) => node.epmd(port.parse()?),
        Err(_) => node,
    };
    let node = node.expose([BANK.as_str()]).serves::<Bank>();
    // The bank is open before others can call it.
    let bank = Supervisor::new(Strategy::OneForOne).child(Bank::child(()).name(BANK)).child(node);
    let bank = bank.start(&system).await?;
    println!("{BANK} is open");
    bank.exited().await;
    Ok(())
}
