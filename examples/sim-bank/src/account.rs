//! One account.

use otp::prelude::*;

/// A server that keeps the balance of one account.
#[derive(Debug)]
pub struct Account {
    balance: u64,
}

/// There is not that much on the account.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("there is only {balance} on the account")]
pub struct Overdrawn {
    /// What there is.
    pub balance: u64,
}

#[gen_server]
impl Account {
    #[init]
    fn init(balance: u64) -> Self {
        Account { balance }
    }

    /// What is on the account.
    #[call]
    fn balance(&self) -> u64 {
        self.balance
    }

    /// Says what is on the account from now on.
    #[call]
    fn set_balance(&mut self, amount: u64) {
        self.balance = amount;
    }

    /// Adds to what is on the account.
    #[call]
    fn deposit(&mut self, amount: u64) {
        self.balance += amount;
    }

    /// Takes from what is on the account, if there is enough.
    #[call]
    fn withdraw(&mut self, amount: u64) -> Result<(), Overdrawn> {
        let balance = self.balance;
        self.balance = balance.checked_sub(amount).ok_or(Overdrawn { balance })?;
        Ok(())
    }
}
