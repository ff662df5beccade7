use otp::prelude::*;

use crate::account::Account;

/// A supervisor over accounts, which are found by the names of their owners.
#[derive(Clone, Debug)]
pub struct Bank {
    system: System,
}

impl Bank {
    /// Opens a bank with these accounts.
    ///
    /// # Errors
    ///
    /// If the name of an owner is taken.
    pub async fn open(system: &System, accounts: &[(&'static str, u64)]) -> Result<Bank, StartError> {
        let specs = accounts.iter().map(|&(owner, amount)| Account::child(amount).name(ServerName::new(owner)));
        Supervisor::new(Strategy::OneForOne).children(specs).start(system).name(ServerName::new("bank")).await?;
        Ok(Bank { system: system.clone() })
    }

    /// The account of `owner`.
    pub fn account(&self, owner: &'static str) -> ServerRef<Account> {
        ServerRef::named(&self.system, ServerName::new(owner))
    }

    /// The system that the bank runs in.
    pub fn system(&self) -> &System {
        &self.system
    }
}
