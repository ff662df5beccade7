//! Publishers that wait for slow subscribers.

use std::pin::pin;
use std::sync::Arc;

use futures::poll;
use otp::prelude::*;
use otp::topic::{PublishError, Slow, Topic};
use otp_suite::{forever, idle, inside, user};

fn plain(value: Option<Arc<u32>>) -> u32 {
    value.map_or(0, |value| *value)
}

/// A process that publishes numbers, from one on.
fn publisher(system: &System, topic: &Topic<u32>, count: u32) -> ProcessRef<()> {
    let topic = topic.clone();
    system.spawn(async move |_: ProcessContext<()>| {
        for number in 1..=count {
            topic.publish(number).await.unwrap();
        }
    })
}

#[otp::test]
async fn a_publisher_waits_until_the_subscriber_has_read(system: System) {
    let topic: Topic<u32> = Topic::new(&system, "numbers");
    let mut slow = topic.subscribe(1, Slow::Wait);
    let mut quick = topic.subscribe(9, Slow::DropNewest);
    let publishing = publisher(&system, &topic, 3);
    idle(&publishing).await;
    assert_eq!((slow.unread(), quick.unread()), (1, 2), "the others do not wait");
    for number in 1..=3 {
        assert_eq!(slow.next().await.as_deref(), Some(&number));
    }
    assert_eq!(publishing.exited().await, ExitReason::Normal);
    assert_eq!(quick.next().await.as_deref(), Some(&1));
    assert_eq!(topic.info().dropped, 0);
}

#[otp::test]
async fn publishers_that_wait_are_served_in_their_order(system: System) {
    let topic: Topic<u32> = Topic::new(&system, "numbers");
    let mut slow = topic.subscribe(1, Slow::Wait);
    topic.publish(0).await.unwrap();
    for number in 1..=4 {
        let topic = topic.clone();
        let one = system.spawn(async move |_: ProcessContext<()>| topic.publish(number).await.map(drop).unwrap());
        idle(&one).await;
    }
    for number in 0..=4 {
        assert_eq!(slow.next().await.as_deref(), Some(&number));
    }
}

#[otp::test]
async fn a_publisher_that_gives_up_lets_the_next_one_through(system: System) {
    let topic: Topic<u32> = Topic::new(&system, "numbers");
    let mut slow = topic.subscribe(1, Slow::Wait);
    topic.publish(0).await.unwrap();
    {
        let mut given_up = pin!(topic.publish(1));
        assert!(poll!(&mut given_up).is_pending());
    }
    let waiting = publisher(&system, &topic, 1);
    idle(&waiting).await;
    assert_eq!(slow.next().await.as_deref(), Some(&0));
    assert_eq!(waiting.exited().await, ExitReason::Normal);
    assert_eq!((slow.next().await.as_deref(), slow.unread()), (Some(&1), 0));
}

#[otp::test]
async fn a_publisher_goes_on_when_the_subscriber_it_waits_for_goes(system: System) {
    let topic: Topic<u32> = Topic::new(&system, "numbers");
    // A process that is killed, one that unsubscribes, a stream that is dropped, a topic that is closed.
    for how in ["kill", "unsubscribe", "drop", "close"] {
        let process = system.spawn(forever::<u32>);
        let subscribed = topic.subscribe_process(&process, 1, Slow::Wait, plain).unwrap();
        let stream = topic.subscribe(9, if how == "drop" { Slow::Wait } else { Slow::DropNewest });
        let publishing = publisher(&system, &topic, 3);
        if how == "drop" {
            subscribed.unsubscribe();
            let mut filled = topic.subscribe(1, Slow::Wait);
            topic.publish(9).await.unwrap();
            let waiting = publisher(&system, &topic, 2);
            idle(&waiting).await;
            drop((filled.try_next(), filled));
            drop(stream);
            assert_eq!(waiting.exited().await, ExitReason::Normal);
            assert_eq!(publishing.exited().await, ExitReason::Normal);
            continue;
        }
        idle(&publishing).await;
        match how {
            "kill" => process.exit(ExitReason::Kill),
            "unsubscribe" => subscribed.unsubscribe(),
            _ => topic.close(),
        }
        assert_eq!(publishing.exited().await, ExitReason::Normal, "{how}");
    }
}

#[otp::test]
async fn a_process_that_would_wait_for_itself_is_told_so(system: System) {
    let topic: Topic<u32> = Topic::new(&system, "numbers");
    let mut other = topic.subscribe(9, Slow::Wait);
    inside(&system, async move |mut ctx: ProcessContext<u32>| {
        topic.subscribe_process(&ctx, 1, Slow::Wait, plain).unwrap();
        topic.publish(1).await.unwrap();
        topic.publish(2).await.unwrap();
        let error = topic.publish(3).await.unwrap_err();
        assert!(
            matches!(&error, PublishError::WaitsForItself { published, .. } if published.delivered == 1),
            "{error}"
        );
        assert_eq!([user(ctx.receive().await), user(ctx.receive().await)], [1, 2]);
        topic.publish(4).await.unwrap();
        assert_eq!(user(ctx.receive().await), 4);
        let mut own = topic.subscribe(1, Slow::Wait);
        topic.publish(5).await.unwrap();
        assert!(topic.publish(6).await.is_err());
        assert_eq!(own.next().await.as_deref(), Some(&5));
    })
    .await;
    let read: Vec<u32> = std::iter::from_fn(|| other.try_next()).map(|value| *value).collect();
    assert_eq!(read, [1, 2, 3, 4, 5, 6], "the others have got everything");
}

/// A subscriber that calls the publisher that waits for it: neither could go on.
#[otp::test]
async fn a_subscriber_that_calls_the_publisher_which_waits_for_it_is_told_of_the_deadlock(system: System) {
    let topic: Topic<u32> = Topic::new(&system, "numbers");
    let (publishes, (go, is_ready)) = (topic.clone(), otp_suite::servers::gate());
    let publisher = system.spawn(async move |mut ctx: ProcessContext<ReplyTo<u32>>| {
        let _go = is_ready.await;
        for number in 1..=4 {
            publishes.publish(number).await.unwrap();
        }
        user_token(ctx.receive().await).reply(1);
    });
    let called = publisher.clone();
    let subscriber = system.spawn(async move |mut ctx: ProcessContext<u32>| {
        let first = user(ctx.receive().await);
        // The publisher waits for room: one value is in the mailbox, and one outside.
        idle(&called).await;
        let answer = Call::new(&called, |from| from).no_timeout().await;
        assert!(matches!(answer, Err(CallError::Deadlock { .. })), "{answer:?}");
        ExitReason::other(first)
    });
    topic.subscribe_process(&subscriber, 1, Slow::Wait, plain).unwrap();
    drop(go);
    assert_eq!(subscriber.exited().await, ExitReason::other(1_u32));
}

fn user_token(message: Message<ReplyTo<u32>>) -> ReplyTo<u32> {
    match message {
        Message::User(from) => from,
        _ => panic!("no call"),
    }
}
