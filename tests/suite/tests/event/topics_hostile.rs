//! Values, wakers and conversions that panic; subscribers that act within a publish.

use std::pin::Pin;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::task::{Context, Wake, Waker};

use futures::Stream;
use otp::prelude::*;
use otp::topic::{Ended, Slow, Subscribed, Topic};
use otp_suite::{Bomb, Drops, forever, inside, user};

fn explode(what: &str) -> ! {
    std::panic::resume_unwind(Box::new(what.to_owned()))
}

#[otp::test]
async fn a_value_that_panics_in_its_drop_reaches_all_the_same(system: System) {
    system.log_crashes(false);
    let topic: Topic<Bomb> = Topic::new(&system, "bombs").retaining();
    let process = system.spawn(forever::<u32>);
    let subscribed = topic.subscribe_process(&process, 1, Slow::DropOldest, |_| 1).unwrap();
    let streams: Vec<_> = (0..3).map(|_| topic.subscribe(1, Slow::DropOldest)).collect();
    for _ in 0..5 {
        topic.publish(Bomb("a value")).await.unwrap();
    }
    assert!(streams.iter().all(|stream| stream.unread() == 1 && stream.dropped() == 4));
    assert_eq!(subscribed.dropped(), 3);
    drop(streams);
    topic.close();
    process.exit(ExitReason::Kill);
    assert_eq!(process.exited().await, ExitReason::Killed);
}

/// A waker that panics when it is woken, and counts that.
struct Panics(AtomicUsize);

impl Wake for Panics {
    fn wake(self: Arc<Self>) {
        self.0.fetch_add(1, Ordering::SeqCst);
        explode("woken");
    }
}

#[otp::test]
async fn wakers_that_panic_keep_no_other_subscriber_from_its_value(system: System) {
    system.log_crashes(false);
    let topic: Topic<u32> = Topic::new(&system, "numbers");
    let panics = Arc::new(Panics(AtomicUsize::new(0)));
    let waker = Waker::from(panics.clone());
    let mut streams: Vec<_> = (0..3).map(|_| topic.subscribe(1, Slow::DropNewest)).collect();
    for stream in &mut streams {
        assert!(Pin::new(stream).poll_next(&mut Context::from_waker(&waker)).is_pending());
    }
    let published = topic.publish(1).await.unwrap();
    assert_eq!((published.delivered, panics.0.load(Ordering::SeqCst)), (3, 3));

    let mut full = topic.subscribe(1, Slow::Wait);
    topic.publish_now(2).unwrap();
    {
        let publish = topic.publish(3);
        let mut publish = std::pin::pin!(publish);
        assert!(publish.as_mut().poll(&mut Context::from_waker(&waker)).is_pending());
        assert_eq!(full.try_next().as_deref(), Some(&2), "the waker of the publisher panics");
    }
    assert_eq!(panics.0.load(Ordering::SeqCst), 4);
}

#[otp::test]
async fn a_conversion_that_panics_costs_its_subscriber_that_value_alone(system: System) {
    system.log_crashes(false);
    let topic: Topic<u32> = Topic::new(&system, "numbers");
    let read = inside(&system, async move |mut ctx: ProcessContext<u32>| {
        let odd = |value: Option<Arc<u32>>| match value.as_deref() {
            Some(even) if even % 2 == 0 => explode("even"),
            Some(odd) => *odd,
            None => 0,
        };
        topic.subscribe_process(&ctx, 9, Slow::Wait, odd).unwrap();
        for number in 1..=5 {
            topic.publish(number).await.unwrap();
        }
        topic.close();
        [user(ctx.receive().await), user(ctx.receive().await), user(ctx.receive().await), user(ctx.receive().await)]
    });
    assert_eq!(read.await, [1, 3, 5, 0]);
}

/// A conversion runs within the publish, and may do anything with the topic.
#[otp::test]
async fn a_subscriber_may_unsubscribe_subscribe_and_publish_within_a_publish(system: System) {
    let topic: Topic<u32> = Topic::new(&system, "numbers");
    let process = system.spawn(forever::<u32>);
    let own: Arc<Mutex<Option<Subscribed<u32>>>> = Arc::default();
    let (within, other, subscribes) = (own.clone(), topic.clone(), process.clone());
    let map = move |value: Option<Arc<u32>>| {
        if let Some(subscribed) = within.lock().unwrap().take() {
            subscribed.unsubscribe();
            other.subscribe_process(&subscribes, 1, Slow::DropNewest, |_| 1).unwrap();
            other.publish_now(7).unwrap();
        }
        value.map_or(0, |value| *value)
    };
    *own.lock().unwrap() = Some(topic.subscribe_process(&process, 4, Slow::DropNewest, map).unwrap());
    topic.publish(1).await.unwrap();
    assert_eq!((topic.info().subscribers, topic.info().published), (1, 2));
    process.exit(ExitReason::Kill);
    process.exited().await;
    assert_eq!(topic.info().subscribers, 0);
}

/// A reader that never comes back keeps no more than its limit, and all of it is dropped with it.
#[otp::test]
async fn what_a_subscriber_has_not_read_is_dropped_with_it(system: System) {
    let drops = Drops::default();
    let topic = Topic::new(&system, "guards");
    let process = system.spawn(forever::<u32>);
    let subscribed = topic.subscribe_process(&process, 5, Slow::DropNewest, |_| 1).unwrap();
    let stream = topic.subscribe(3, Slow::DropOldest);
    for _ in 0..100 {
        topic.publish(drops.guard()).await.unwrap();
    }
    assert_eq!(drops.count(), 100 - 5 - 3, "and one was made a message of");
    process.exit(ExitReason::Kill);
    process.exited().await;
    assert_eq!((drops.count(), subscribed.ended()), (97, Some(Ended::OwnerEnded)));
    drop(stream);
    assert_eq!(drops.count(), 100);
}

/// Everything at once, on several threads: no value is lost or out of order for whom all wait.
#[otp::test(seeds = 40)]
async fn publishers_and_subscribers_that_come_and_go_lose_nothing_of_whom_they_wait_for(system: System) {
    let topic: Topic<(u32, u32)> = Topic::new(&system, "numbers");
    let reader = topic.clone();
    let read = system.spawn(async move |mut ctx: ProcessContext<Option<(u32, u32)>>| {
        reader.subscribe_process(&ctx, 2, Slow::Wait, |value| value.map(|value| *value)).unwrap();
        let mut seen = [0_u32; 3];
        while let Message::User(Some((from, number))) = ctx.receive().await {
            assert_eq!(seen[from as usize] + 1, number, "of publisher {from}");
            seen[from as usize] = number;
        }
        ExitReason::other(seen)
    });
    otp_suite::until(|| topic.info().subscribers == 1).await;
    let publishers: Vec<_> = (0..3)
        .map(|from| {
            let topic = topic.clone();
            system.spawn(async move |_: ProcessContext<()>| {
                for number in 1..=50 {
                    let passing = topic.subscribe(1, Slow::DropOldest);
                    topic.publish((from, number)).await.unwrap();
                    drop(passing);
                }
            })
        })
        .collect();
    for publisher in publishers {
        assert_eq!(publisher.exited().await, ExitReason::Normal);
    }
    topic.close();
    assert_eq!(read.exited().await, ExitReason::other([50_u32; 3]));
}
