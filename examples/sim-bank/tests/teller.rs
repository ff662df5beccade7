//! Both tellers, one payment at a time: they do the same.

use otp::prelude::*;
use otp::test::{Mock, on, start_supervised};
use sim_bank::account::{Account, AccountCall, AccountClient, Overdrawn};
use sim_bank::{Teller, TransferError};

async fn account(system: &System, owner: &'static str, amount: u64) -> ServerRef<Account> {
    start_supervised(system, Account::child(amount).with_id(owner)).await.unwrap()
}

#[otp::test]
async fn either_teller_moves_money(system: System) {
    let (ada, shop) = (account(&system, "ada", 10).await, account(&system, "shop", 0).await);
    for (teller, left) in [(Teller::Hasty, 7), (Teller::Careful, 4)] {
        assert_eq!(teller.transfer(&ada, &shop, 3).await, Ok(()));
        assert_eq!(ada.balance().await, Ok(left));
        assert_eq!(shop.balance().await, Ok(10 - left));
    }
}

#[otp::test]
async fn either_teller_refuses_what_is_not_there_and_moves_nothing(system: System) {
    let (ada, shop) = (account(&system, "ada", 10).await, account(&system, "shop", 0).await);
    for teller in [Teller::Hasty, Teller::Careful] {
        let refused = TransferError::Overdrawn(Overdrawn { balance: 10 });
        assert_eq!(teller.transfer(&ada, &shop, 11).await, Err(refused));
        assert_eq!((ada.balance().await, shop.balance().await), (Ok(10), Ok(0)));
    }
}

#[otp::test]
async fn the_careful_teller_has_the_account_itself_take_the_money_out(system: System) {
    let (mut ada, mut shop) = (Mock::<Account>::start(&system), Mock::<Account>::start(&system));
    ada.expect_call(on!(AccountCall::Withdraw(3, from) => from.reply(Ok(()))));
    shop.expect_call(on!(AccountCall::Deposit(3, from) => from.reply(())));

    assert_eq!(Teller::Careful.transfer(&ada.server(), &shop.server(), 3).await, Ok(()));
    ada.done().await;
    shop.done().await;
}

#[otp::test]
async fn an_account_that_is_gone_is_an_error_that_names_it(system: System) {
    let ada = account(&system, "ada", 10).await;
    let nobody = ServerRef::<Account>::named(&system, ServerName::new("nobody"));
    let error = Teller::Careful.transfer(&nobody, &ada, 3).await.unwrap_err();
    assert_eq!(error.to_string(), "call to nobody failed: no such process");
}
