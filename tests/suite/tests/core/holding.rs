//! Messages that hold a value for as long as they are in a mailbox.

use otp::prelude::*;
use otp_suite::{Bomb, Drops, forever, user};

#[otp::test]
async fn what_a_message_holds_is_dropped_when_it_is_received(system: System) {
    let drops = Drops::default();
    let (go, is_ready) = otp_suite::servers::gate();
    let counted = drops.clone();
    let process = system.spawn(async move |mut ctx: ProcessContext<u32>| {
        let _go = is_ready.await;
        assert_eq!((user(ctx.receive().await), counted.count()), (1, 1));
        // One that a selective receive leaves is not received.
        let is_4 = |message: otp::process::MessageRef<'_, u32>| matches!(message, otp::process::MessageRef::User(4));
        assert_eq!((user(ctx.receive_match(is_4).await), counted.count()), (4, 2));
        assert_eq!((user(ctx.receive().await), counted.count()), (2, 3));
    });
    for number in [1, 2, 3, 4] {
        assert!(process.send_holding(number, drops.guard()));
    }
    assert_eq!(drops.count(), 0);
    drop(go);
    assert_eq!(process.exited().await, ExitReason::Normal);
    assert_eq!(drops.count(), 4, "one was not received");
    assert!(!process.send_holding(5, drops.guard()));
    assert_eq!(drops.count(), 5);
}

#[otp::test]
async fn a_message_that_holds_a_value_does_not_count_for_the_bound_of_the_mailbox(system: System) {
    let process = system.spawn_with(SpawnOptions::new().mailbox(1), forever::<u32>).unwrap().process;
    process.try_send(1).unwrap();
    assert!(process.send_holding(2, ()) && process.send_holding(3, ()));
    assert!(matches!(process.try_send(4), Err(TrySendError::Full { .. })));
    assert_eq!(system.info(process.pid()).unwrap().queue, 3);
}

/// Sends the next message when the one before is received.
struct Again(ProcessRef<u32>, u32);

impl Drop for Again {
    fn drop(&mut self) {
        if self.1 > 0 {
            self.0.send_holding(self.1, Again(self.0.clone(), self.1 - 1));
        }
    }
}

#[otp::test]
async fn its_drop_may_send_the_next_message(system: System) {
    let process = system.spawn(async |mut ctx: ProcessContext<u32>| {
        for number in (1..=1000).rev() {
            assert_eq!(user(ctx.receive().await), number);
        }
    });
    drop(Again(process.clone(), 1000));
    assert_eq!(process.exited().await, ExitReason::Normal);
}

#[otp::test]
async fn a_value_that_panics_in_its_drop_crashes_the_receiver_alone(system: System) {
    system.log_crashes(false);
    // Often, for the receiver may be faster than the sender is done.
    for _ in 0..50 {
        let process = system.spawn(async |mut ctx: ProcessContext<u32>| drop(ctx.receive().await));
        process.send_holding(1, Bomb("held"));
        assert!(process.exited().await.is_abnormal());
    }
}
