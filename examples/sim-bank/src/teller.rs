use otp::prelude::*;

use crate::account::{Account, AccountClient, Overdrawn};

/// How money gets from one account to another.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Teller {
    /// Looks what is there, and writes down what is left. **Wrong**: what happens to the account in between is lost.
    Hasty,
    /// Has the account itself take the money out.
    Careful,
}

/// Why money was not moved.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum TransferError {
    /// There is not enough.
    #[error(transparent)]
    Overdrawn(#[from] Overdrawn),
    /// An account does not answer.
    #[error(transparent)]
    Call(#[from] CallError),
}

impl Teller {
    /// Moves `amount` from one account to another.
    ///
    /// # Errors
    ///
    /// See [`TransferError`].
    pub async fn transfer(
        self,
        from: &ServerRef<Account>,
        to: &ServerRef<Account>,
        amount: u64,
    ) -> Result<(), TransferError> {
        match self {
            Teller::Hasty => {
                let balance = from.balance().await?;
                let left = balance.checked_sub(amount).ok_or(Overdrawn { balance })?;
                from.set_balance(left).await?;
            }
            Teller::Careful => from.withdraw(amount).await??,
        }
        to.deposit(amount).await?;
        Ok(())
    }
}
