//! The recipe of docs/simulation.md for a service behind HTTP: all but the sockets is simulated, and the lines of the page
//! are those that are tested here.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use otp::prelude::*;
use otp::sim::{Config, Faults, try_check};
use otp::test::start_supervised;

/// What is paid, by order. It outlives the till: in production it is a database.
pub trait Ledger: Send + Sync + 'static {
    /// Notes a payment.
    fn enter(&self, order: u64, amount: u32);
    /// The sum of all payments.
    fn total(&self) -> u32;
}

/// The server that enters payments.
pub struct Till {
    ledger: Arc<dyn Ledger>,
}

#[gen_server]
impl Till {
    #[init]
    fn init(ledger: Arc<dyn Ledger>) -> Self {
        Till { ledger }
    }

    #[call]
    fn pay(&mut self, order: u64, amount: u32) -> u32 {
        self.ledger.enter(order, amount);
        self.ledger.total()
    }
}

/// `POST /orders/{order}` without what axum does: it takes plain values, and gives one back.
async fn pay(till: &ServerRef<Till>, order: u64, amount: u32) -> Result<u32, CallError> {
    loop {
        match till.pay(order, amount).await {
            // Its supervisor starts it again. Whether it has entered the payment nobody knows.
            Err(CallError::Exited { .. } | CallError::NoProc(_)) => {
                till.system().sleep(Duration::from_millis(10)).await;
            }
            answer => return answer,
        }
    }
}

/// Enters each payment that comes.
#[derive(Default)]
struct Careless(Mutex<Vec<u32>>);

impl Ledger for Careless {
    fn enter(&self, _: u64, amount: u32) {
        self.0.lock().unwrap().push(amount);
    }
    fn total(&self) -> u32 {
        self.0.lock().unwrap().iter().sum()
    }
}

/// Knows an order again.
#[derive(Default)]
struct Careful(Mutex<BTreeMap<u64, u32>>);

impl Ledger for Careful {
    fn enter(&self, order: u64, amount: u32) {
        self.0.lock().unwrap().insert(order, amount);
    }
    fn total(&self) -> u32 {
        self.0.lock().unwrap().values().sum()
    }
}

/// Two requests at the same time, as a server of HTTP would handle them.
async fn two_requests(system: System, ledger: Arc<dyn Ledger>) {
    let kept = ledger.clone();
    let till = move |sup: Process| Till::start_link(&sup, kept.clone()).name(ServerName::new("till"));
    start_supervised(&system, ChildSpec::worker("till", till)).await.unwrap();
    let till = ServerRef::named(&system, ServerName::new("till"));
    let (one, other) = futures::join!(pay(&till, 1, 10), pay(&till, 2, 20));
    assert!(one.is_ok() && other.is_ok());
    assert_eq!(ledger.total(), 30);
}

fn the_till_dies() -> Faults {
    let is_till = |info: &otp::process::ProcessInfo| info.label.as_ref().is_some_and(|label| label.as_str() == "till");
    Faults::none().kill_before_handling(10).kill_after_handling(10).at_most(1).only(is_till)
}

#[otp::test(seeds = 200, faults = the_till_dies())]
async fn each_payment_is_entered_once(system: System) {
    two_requests(system, Arc::new(Careful::default())).await;
}

#[test]
fn a_payment_is_entered_twice_if_the_till_dies_before_it_answers() {
    let config = Config::new().ignore_environment().seeds(200).faults(the_till_dies());
    let failed = try_check(config, |system| two_requests(system, Arc::new(Careless::default()))).unwrap_err();
    assert!(failed.troubles.iter().any(|line| line.contains("FAULT: kill-after-handling")), "{failed}");
    assert_eq!(failed.schedule.faults(), 1, "{failed}");
}

#[test]
fn the_lines_of_the_page_are_those_above() {
    let page = include_str!("../../../../docs/simulation.md");
    let (_, recipe) = page.split_once("## A service behind HTTP").expect("the page has the recipe");
    let blocks: Vec<_> = recipe.split("```rust,ignore\n").skip(1).filter_map(|rest| rest.split("```").next()).collect();
    assert!(blocks.len() >= 3, "{blocks:?}");
    let tested = blocks.iter().filter(|block| !block.contains("// axum"));
    for line in tested.flat_map(|block| block.lines()).map(str::trim).filter(|line| !line.is_empty()) {
        assert!(include_str!("handler.rs").contains(line), "{line}");
    }
}
