use otp::prelude::*;
use otp::scope::BlockingError;

use crate::account::AccountClient;
use crate::bank::Bank;
use crate::pin::Pin;
use crate::teller::{Teller, TransferError};

/// What is on the accounts before payday.
pub const OPENING: [(&str, u64); 3] = [("ada", 100), ("landlord", 0), ("shop", 20)];

/// What Ada should have left: she has paid 60 for rent and 30 in the shop.
pub const LEFT: u64 = 10;

const PIN: u16 = 1815;

/// Two payments at the same time, each by a process of its own: Ada's rent, which is a standing order, and what she pays
/// in the shop, after her PIN was checked. Returns what she has left.
///
/// # Errors
///
/// Why a payment was not made.
pub async fn payday(system: &System, teller: Teller) -> Result<u64, ExitReason> {
    let bank = Bank::open(system, &OPENING).await?;
    let pin = Pin::new(PIN);
    let payments = [
        Payment { what: "rent", from: "ada", to: "landlord", amount: 60, pin: None },
        Payment { what: "card", from: "ada", to: "shop", amount: 30, pin: Some(pin) },
    ];
    let customers = payments.map(|payment| payment.start(&bank, teller));
    for customer in customers {
        let reason = customer.exited().await;
        if reason != ExitReason::Normal {
            return Err(reason);
        }
    }
    Ok(bank.account("ada").balance().await?)
}

struct Payment {
    what: &'static str,
    from: &'static str,
    to: &'static str,
    amount: u64,
    pin: Option<Pin>,
}

/// Why a payment was not made.
#[derive(Debug, thiserror::Error)]
pub enum PaymentError {
    /// The PIN is wrong.
    #[error("the PIN is wrong")]
    Pin,
    /// The PIN could not be checked.
    #[error(transparent)]
    Check(#[from] BlockingError),
    /// The money was not moved.
    #[error(transparent)]
    Transfer(#[from] TransferError),
}

impl Payment {
    fn start(self, bank: &Bank, teller: Teller) -> ProcessRef<()> {
        let label = SpawnOptions::new().label(self.what);
        let (system, bank) = (bank.system().clone(), bank.clone());
        let body = async move |_: ProcessContext<()>| Ok(self.make(&bank, teller).await?);
        system.spawn_with(label, body).expect("only a name can be refused").process
    }

    async fn make(self, bank: &Bank, teller: Teller) -> Result<(), PaymentError> {
        if let Some(pin) = self.pin
            && !bank.system().spawn_blocking(move || pin.is(PIN)).await?
        {
            return Err(PaymentError::Pin);
        }
        Ok(teller.transfer(&bank.account(self.from), &bank.account(self.to), self.amount).await?)
    }
}
