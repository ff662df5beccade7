//! Topics: with processes that subscribe, and with tasks that read a stream.

use otp::prelude::*;
use otp::topic::{Slow, Topic};

use super::Otp;
use crate::backends::Backend;
use crate::countdown::Countdown;
use crate::workloads::topic::{Processes, Streams, Topics};

impl<B: Backend> Topics<Processes> for Otp<B> {
    type Topic = Topic<u64>;
    type Subscriber = ProcessRef<u64>;

    async fn open(&self) -> Topic<u64> {
        Topic::new(&self.system, "values")
    }

    async fn subscribe(&self, topic: &Topic<u64>, arrived: Countdown) -> ProcessRef<u64> {
        let process = self.system.spawn(async move |mut ctx: ProcessContext<u64>| {
            loop {
                if let Message::User(_) = ctx.receive().await {
                    arrived.count();
                }
            }
        });
        let subscribed = topic.subscribe_process(&process, 64, Slow::Wait, |value| value.map_or(0, |value| *value));
        subscribed.expect("it is alive");
        process
    }

    async fn publish(topic: &Topic<u64>, value: u64) {
        topic.publish(value).await.expect("it is open");
    }

    async fn end(&self, _: Topic<u64>, subscribers: Vec<ProcessRef<u64>>) {
        subscribers.iter().for_each(|process| process.exit(ExitReason::Kill));
        for process in subscribers {
            process.exited().await;
        }
    }
}

impl<B: Backend> Topics<Streams> for Otp<B> {
    type Topic = Topic<u64>;
    type Subscriber = ();

    async fn open(&self) -> Topic<u64> {
        Topic::new(&self.system, "values")
    }

    async fn subscribe(&self, topic: &Topic<u64>, arrived: Countdown) {
        let mut values = topic.subscribe(64, Slow::Wait);
        self.backend.spawn(async move {
            while values.next().await.is_some() {
                arrived.count();
            }
        });
    }

    async fn publish(topic: &Topic<u64>, value: u64) {
        topic.publish(value).await.expect("it is open");
    }

    async fn end(&self, topic: Topic<u64>, _: Vec<()>) {
        topic.close();
    }
}
