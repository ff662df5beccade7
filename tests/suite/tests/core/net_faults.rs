//! A network that goes wrong, as docs/simulation.md shows it: what is sent again may have been heard.

use std::collections::HashSet;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use futures::{AsyncReadExt, AsyncWriteExt};
use otp::runtime::net::{Listener, Net, NetAddr};
use otp::sim::{Config, Faults, check, try_check};
use otp::{ProcessContext, System};

/// Sends a payment, until it is confirmed.
async fn pay(net: &Net, till: &NetAddr, number: u8) {
    loop {
        if let Ok(mut stream) = net.connect(till).await
            && stream.write_all(&[number]).await.is_ok()
            && stream.read_exact(&mut [0]).await.is_ok()
        {
            return;
        }
    }
}

/// Takes payments, and confirms each of them. A careful one knows those again that it has.
async fn take(listener: Listener, total: Arc<AtomicU32>, careful: bool) {
    let mut known = HashSet::new();
    while let Ok(mut stream) = listener.accept().await {
        let mut number = [0];
        if stream.read_exact(&mut number).await.is_err() {
            continue;
        }
        if known.insert(number) || !careful {
            total.fetch_add(1, Ordering::Relaxed);
        }
        let _ = stream.write_all(&number).await;
    }
}

async fn one_payment_is_counted_once(system: System, careful: bool) {
    let net = system.net().unwrap();
    let listener = net.listen(([127, 0, 0, 1], 0)).await.unwrap();
    let till = listener.local().unwrap();
    let total = Arc::new(AtomicU32::new(0));
    let counted = total.clone();
    system.spawn(async move |_: ProcessContext<()>| take(listener, counted, careful).await);
    pay(&net, &till, 7).await;
    assert_eq!(total.load(Ordering::Relaxed), 1);
}

fn config() -> Config {
    Config::new().ignore_environment().seeds(500).faults(Faults::none().reset_connection(10))
}

#[test]
fn a_reset_has_a_payment_counted_twice() {
    let failed = try_check(config(), async |system| one_payment_is_counted_once(system, false).await).unwrap_err();
    assert!(failed.failure.to_string().contains("left: 2\n right: 1"), "{failed}");
    assert_eq!(failed.schedule.faults(), 1, "{failed}");
    assert!(failed.trace.iter().any(|line| line.ends_with("FAULT: reset")), "{failed}");
}

#[test]
fn a_till_that_knows_payments_again_counts_each_once() {
    check(config(), async |system| one_payment_is_counted_once(system, true).await);
}
