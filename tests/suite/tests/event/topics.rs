//! Topics: what subscribers get.

use std::time::Duration;

use futures::StreamExt;
use otp::prelude::*;
use otp::topic::{Ended, PublishError, Slow, SubscribeError, Topic, TopicName, topics};
use otp_suite::{inside, user};

/// What is there to be read.
fn rest(subscription: &mut otp::topic::Subscription<u32>) -> Vec<u32> {
    std::iter::from_fn(|| subscription.try_next()).map(|value| *value).collect()
}

#[otp::test]
async fn each_subscriber_has_its_own_limit_and_policy(system: System) {
    let topic: Topic<u32> = Topic::new(&system, "numbers");
    let mut newest = topic.subscribe(2, Slow::DropNewest);
    let mut oldest = topic.subscribe(2, Slow::DropOldest);
    let mut gone = topic.subscribe(2, Slow::Disconnect);
    let mut all = topic.subscribe(5, Slow::Wait);
    let mut came = Vec::new();
    for number in 1..=5 {
        let published = topic.publish(number).await.unwrap();
        came.push((published.delivered, published.dropped, published.disconnected));
    }
    assert_eq!(came, [(4, 0, 0), (4, 0, 0), (2, 2, 1), (2, 2, 0), (2, 2, 0)]);
    assert_eq!((rest(&mut newest), newest.dropped()), (vec![1, 2], 3));
    assert_eq!((rest(&mut oldest), oldest.dropped()), (vec![4, 5], 3));
    assert_eq!(rest(&mut gone), [1, 2]);
    assert_eq!((gone.next().await, gone.ended()), (None, Some(Ended::Disconnected)));
    assert_eq!(rest(&mut all), [1, 2, 3, 4, 5]);
    let info = topic.info();
    assert_eq!((info.subscribers, info.published, info.delivered, info.dropped, info.disconnected), (3, 5, 14, 6, 1));
}

#[otp::test]
async fn a_stream_gets_what_is_published_after_it_and_ends_when_the_topic_is_closed(system: System) {
    let topic: Topic<u32> = Topic::new(&system, "numbers");
    topic.publish(1).await.unwrap();
    let stream = topic.subscribe(8, Slow::Wait);
    let reader = system.spawn(async move |_: ProcessContext<()>| {
        let read: Vec<u32> = stream.map(|value| *value).collect().await;
        ExitReason::other(read)
    });
    for number in 2..=20 {
        topic.publish(number).await.unwrap();
    }
    topic.close();
    assert_eq!(reader.exited().await, ExitReason::other((2..=20).collect::<Vec<u32>>()));
    let error = topic.publish(21).await.unwrap_err();
    assert!(matches!(&error, PublishError::Closed { value: 21, .. }), "{error}");
    assert_eq!(error.to_string(), "cannot publish to topic numbers: it is closed");
    assert_eq!(topic.subscribe(1, Slow::Wait).next().await, None);
    assert!(topic.is_closed());
}

#[otp::test]
async fn the_last_clone_of_a_topic_closes_it(system: System) {
    let topic: Topic<u32> = Topic::new(&system, "numbers");
    let mut subscription = topic.subscribe(8, Slow::Wait);
    let other = topic.clone();
    assert_eq!(topic, other);
    drop(topic);
    other.publish(1).await.unwrap();
    drop(other);
    assert_eq!(subscription.next().await.as_deref(), Some(&1));
    assert_eq!((subscription.next().await, subscription.ended()), (None, Some(Ended::Closed)));
    assert_eq!(topics(&system), []);
}

#[otp::test]
async fn a_new_subscriber_of_a_topic_that_retains_gets_the_last_value_first_and_once(system: System) {
    let topic: Topic<u32> = Topic::new(&system, "numbers").retaining();
    assert_eq!(topic.last(), None);
    let mut early = topic.subscribe(8, Slow::Wait);
    topic.publish(1).await.unwrap();
    topic.publish(2).await.unwrap();
    let mut late = topic.subscribe(8, Slow::Wait);
    topic.publish(3).await.unwrap();
    assert_eq!((rest(&mut early), rest(&mut late)), (vec![1, 2, 3], vec![2, 3]));
    assert_eq!(topic.last().as_deref(), Some(&3));
    let told = inside(&system, async move |mut ctx: ProcessContext<u32>| {
        topic.subscribe_process(&ctx, 1, Slow::Wait, |value| value.map_or(0, |value| *value)).unwrap();
        user(ctx.receive().await)
    });
    assert_eq!(told.await, 3);
}

#[otp::test]
async fn topics_are_found_by_name_and_type(system: System) {
    const NUMBERS: TopicName<u32> = TopicName::new("things").retaining();
    const WORDS: TopicName<&str> = TopicName::new("things");
    let (numbers, words) = (Topic::named(&system, &NUMBERS), Topic::named(&system, &WORDS));
    numbers.publish(1).await.unwrap();
    words.publish("one").await.unwrap();
    assert_eq!(Topic::named(&system, &NUMBERS).last().as_deref(), Some(&1));
    assert_eq!(Topic::named(&system, &WORDS).last(), None);
    let listed: Vec<_> = topics(&system).into_iter().map(|info| (info.label.to_string(), info.value)).collect();
    assert_eq!(listed, [("things".to_owned(), "u32"), ("things".to_owned(), "&str")]);
    numbers.close();
    let again = Topic::named(&system, &NUMBERS);
    assert!(!again.is_closed() && again.last().is_none());
}

#[otp::test]
async fn publishing_now_waits_for_nobody(system: System) {
    let topic: Topic<u32> = Topic::new(&system, "numbers");
    let mut waits = topic.subscribe(1, Slow::Wait);
    topic.publish_now(1).unwrap();
    let published = topic.publish_now(2).unwrap();
    assert_eq!((published.delivered, published.dropped), (0, 1));
    assert_eq!((rest(&mut waits), waits.dropped()), (vec![1], 1));
    topic.close();
    assert!(topic.publish_now(3).is_err());
}

#[otp::test]
async fn a_process_that_has_ended_cannot_subscribe(system: System) {
    let topic: Topic<u32> = Topic::new(&system, "numbers");
    let ended = system.spawn(async |_: ProcessContext<u32>| ());
    ended.exited().await;
    let error = topic.subscribe_process(&ended, 1, Slow::Wait, |_| 0).unwrap_err();
    assert!(matches!(&error, SubscribeError::NoProc { .. }), "{error}");
    assert_eq!(topic.info().subscribers, 0);
    topic.close();
    let error = topic.subscribe_process(&ended, 1, Slow::Wait, |_| 0).unwrap_err();
    assert_eq!(error.to_string(), "cannot subscribe to topic numbers: it is closed");
}

/// An hour of virtual time in a simulation; less on a clock.
#[otp::test(backends = [sim])]
async fn a_subscriber_that_never_reads_holds_up_nobody_for_an_hour(system: System) {
    let topic: Topic<u32> = Topic::new(&system, "ticks");
    let never: Vec<_> =
        [Slow::DropNewest, Slow::DropOldest, Slow::Disconnect].map(|slow| topic.subscribe(16, slow)).into();
    let mut reads = topic.subscribe(1, Slow::Wait);
    let publisher = topic.clone();
    let ticking = system.spawn(async move |ctx: ProcessContext<()>| {
        for tick in 0..3600 {
            ctx.system().sleep(Duration::from_secs(1)).await;
            publisher.publish(tick).await.unwrap();
        }
    });
    for tick in 0..3600 {
        assert_eq!(reads.next().await.as_deref(), Some(&tick));
    }
    ticking.exited().await;
    let unread: Vec<_> = never.iter().map(|one| (one.unread(), one.dropped(), one.ended())).collect();
    assert_eq!(unread, [(16, 3584, None), (16, 3584, None), (16, 0, Some(Ended::Disconnected))]);
}
