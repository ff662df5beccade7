//! Processes that subscribe: messages of their own type, one at a time in the mailbox.

use std::sync::Arc;

use otp::prelude::*;
use otp::topic::{Ended, Slow, Subscribed, Topic};
use otp_suite::{forever, idle, inside, until, user};

fn plain(value: Option<Arc<u32>>) -> u32 {
    value.map_or(0, |value| *value)
}

#[otp::test]
async fn at_most_one_message_of_a_subscription_is_in_the_mailbox(system: System) {
    let topic: Topic<u32> = Topic::new(&system, "numbers");
    let slow = system.spawn(forever::<u32>);
    let subscribed = topic.subscribe_process(&slow, 3, Slow::DropOldest, plain).unwrap();
    for number in 1..=10 {
        topic.publish(number).await.unwrap();
    }
    assert_eq!(system.info(slow.pid()).unwrap().queue, 1);
    assert_eq!((subscribed.unread(), subscribed.dropped()), (3, 6));
    slow.exit(ExitReason::Kill);
    slow.exited().await;
    assert_eq!((subscribed.ended(), subscribed.unread()), (Some(Ended::OwnerEnded), 0));
    assert_eq!(topic.info().subscribers, 0);
}

#[otp::test]
async fn a_process_gets_all_values_in_order_and_then_the_end(system: System) {
    let topic: Topic<u32> = Topic::new(&system, "numbers");
    let reader = system.spawn(async |mut ctx: ProcessContext<u32>| {
        let mut read = Vec::new();
        loop {
            match user(ctx.receive().await) {
                0 => return ExitReason::other(read),
                number => read.push(number),
            }
        }
    });
    topic.subscribe_process(&reader, 4, Slow::Wait, plain).unwrap();
    for number in 1..=2000 {
        topic.publish(number).await.unwrap();
    }
    topic.close();
    assert_eq!(reader.exited().await, ExitReason::other((1..=2000).collect::<Vec<u32>>()));
}

#[otp::test]
async fn a_process_that_is_disconnected_is_told_so_after_what_it_has_not_read(system: System) {
    let topic: Topic<u32> = Topic::new(&system, "numbers");
    let publisher = topic.clone();
    let read = inside(&system, async move |mut ctx: ProcessContext<u32>| {
        let subscribed = publisher.subscribe_process(&ctx, 2, Slow::Disconnect, plain).unwrap();
        for number in 1..=9 {
            publisher.publish(number).await.unwrap();
        }
        assert_eq!(subscribed.ended(), Some(Ended::Disconnected));
        let mut read = Vec::new();
        while read.last() != Some(&0) {
            read.push(user(ctx.receive().await));
        }
        read
    });
    assert_eq!(read.await, [1, 2, 3, 0]);
    assert_eq!((topic.info().subscribers, topic.info().disconnected), (0, 1));
}

#[otp::test]
async fn who_unsubscribes_gets_nothing_more_but_what_is_in_the_mailbox(system: System) {
    let topic: Topic<u32> = Topic::new(&system, "numbers");
    let read = inside(&system, async move |mut ctx: ProcessContext<u32>| {
        let subscribed = topic.subscribe_process(&ctx, 8, Slow::Wait, plain).unwrap();
        topic.publish(1).await.unwrap();
        topic.publish(2).await.unwrap();
        subscribed.unsubscribe();
        subscribed.unsubscribe();
        topic.publish(3).await.unwrap();
        topic.close();
        ctx.this().send(99).await.unwrap();
        let read = [user(ctx.receive().await), user(ctx.receive().await)];
        assert_eq!((subscribed.ended(), topic.info().subscribers), (Some(Ended::Unsubscribed), 0));
        read
    });
    assert_eq!(read.await, [1, 99]);
}

#[otp::test]
async fn a_server_subscribes_by_its_context_and_by_its_reference(system: System) {
    struct Sum(u32, Topic<u32>);
    #[gen_server]
    impl Sum {
        #[init]
        fn init(topic: Topic<u32>, ctx: &mut Context<Self>) -> Self {
            topic.subscribe_process(ctx, 8, Slow::Wait, |value| SumInfo::Add(plain(value))).unwrap();
            Sum(0, topic)
        }
        #[info]
        fn add(&mut self, n: u32) {
            self.0 += n;
        }
        #[call]
        fn sum(&self) -> u32 {
            self.0
        }
    }
    let topic: Topic<u32> = Topic::new(&system, "numbers");
    let sum = Sum::start(&system, topic.clone()).await.unwrap();
    topic.subscribe_process(&sum, 8, Slow::Wait, |value| SumInfo::Add(100 * plain(value))).unwrap();
    topic.publish(2).await.unwrap();
    topic.publish(3).await.unwrap();
    until(|| topic.info().delivered == 4).await;
    let mut total = sum.sum().await.unwrap();
    while total != 505 {
        total = sum.sum().await.unwrap();
    }
    assert_eq!(topic.info().subscribers, 2);
    sum.stop().await.unwrap();
    assert_eq!(topic.info().subscribers, 0);
}

/// The bound of a mailbox is for what has no bound of its own.
#[otp::test]
async fn a_full_mailbox_does_not_keep_the_values_of_a_topic_out(system: System) {
    let topic: Topic<u32> = Topic::new(&system, "numbers");
    let bounded = system.spawn_with(SpawnOptions::new().mailbox(1), forever::<u32>).unwrap().process;
    bounded.try_send(7).unwrap();
    topic.subscribe_process(&bounded, 1, Slow::Wait, plain).unwrap();
    topic.publish(1).await.unwrap();
    assert_eq!(system.info(bounded.pid()).unwrap().queue, 2);
    assert!(matches!(bounded.try_send(8), Err(TrySendError::Full { .. })));
}

/// A selective receive leaves the message of a topic where it is, and then no more come.
#[otp::test]
async fn a_message_that_a_selective_receive_leaves_is_not_received(system: System) {
    let topic: Topic<u32> = Topic::new(&system, "numbers");
    inside(&system, async move |mut ctx: ProcessContext<u32>| {
        let subscribed = topic.subscribe_process(&ctx, 8, Slow::Wait, plain).unwrap();
        topic.publish(1).await.unwrap();
        topic.publish(2).await.unwrap();
        ctx.this().send(99).await.unwrap();
        let is_99 = |message: otp::process::MessageRef<'_, u32>| matches!(message, otp::process::MessageRef::User(99));
        assert_eq!(user(ctx.receive_match(is_99).await), 99);
        assert_eq!(subscribed.unread(), 1);
        assert_eq!([user(ctx.receive().await), user(ctx.receive().await)], [1, 2]);
    })
    .await;
}

#[otp::test]
async fn many_subscribers_of_which_half_end_during_a_publish(system: System) {
    const MANY: usize = 600;
    let topic: Topic<u32> = Topic::new(&system, "numbers");
    let processes: Vec<_> = (0..MANY).map(|_| system.spawn(forever::<u32>)).collect();
    let all: Vec<Subscribed<u32>> =
        processes.iter().map(|process| topic.subscribe_process(process, 4, Slow::DropOldest, plain).unwrap()).collect();
    for process in &processes {
        idle(process).await;
    }
    let publisher = topic.clone();
    let publishing = system.spawn(async move |_: ProcessContext<()>| {
        for number in 0..4 {
            publisher.publish(number).await.unwrap();
        }
    });
    for process in processes.iter().step_by(2) {
        process.exit(ExitReason::Kill);
    }
    assert_eq!(publishing.exited().await, ExitReason::Normal);
    for process in processes.iter().step_by(2) {
        process.exited().await;
    }
    assert_eq!(topic.info().subscribers, MANY / 2);
    let alive = || all.iter().skip(1).step_by(2);
    assert!(alive().all(|one| one.ended().is_none() && one.unread() == 3), "one is in the mailbox of each");
    assert!(all.iter().step_by(2).all(|one| one.ended() == Some(Ended::OwnerEnded)));
}
