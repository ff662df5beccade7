//! One account.

use otp::prelude::*;

/// A server that keeps the balance of one account, in cents.
#[derive(Debug)]
pub struct Account {
    balance: u64,
}

/// There is not that much on the account.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("there are only {balance} cents on the account")]
pub struct Overdrawn {
    /// What there is, in cents.
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
    fn set_balance(&mut self, cents: u64) {
        self.balance = cents;
    }

    /// Adds to what is on the account.
    #[call]
    fn deposit(&mut self, cents: u64) {
        self.balance += cents;
    }

    /// Takes from what is on the account, if there is enough.
    #[call]
    fn withdraw(&mut self, cents: u64) -> Result<(), Overdrawn> {
        let balance = self.balance;
        self.balance = balance.checked_sub(cents).ok_or(Overdrawn { balance })?;
        Ok(())
    }
}
