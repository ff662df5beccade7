//! What the harness measures.

use std::time::Duration;

use futures::channel::oneshot;
use futures::future::join_all;
use otp::dist::Remote;
use otp::etf::Term;
use otp::{Message, ProcessContext};
use serde_json::{Value, json};

use crate::ops::{Driver, Outcome, send_seq, sent};
use crate::value::pattern;

impl Driver {
    /// Calls from many clients at once.
    pub(crate) async fn bench_call(&self, request: &Value) -> Outcome {
        let (to, message) = (self.to(request)?, echo());
        let clients = request["clients"].as_u64().unwrap_or(1);
        let system = self.cluster.system();
        let begun = system.now();
        let end = begun + limit(request);
        let all = (0..clients).map(|_| {
            let (to, message, (done, count)) = (to.clone(), message.clone(), oneshot::channel());
            system.spawn(async move |ctx: ProcessContext<()>| {
                let mut calls = 0_u64;
                while ctx.system().now() < end && to.call::<Term>(&message).await.is_ok() {
                    calls += 1;
                }
                let _ = done.send(calls);
            });
            count
        });
        let counts = join_all(all.collect::<Vec<_>>()).await;
        let calls: u64 = counts.into_iter().map(|count| count.unwrap_or(0)).sum();
        Ok(json!({ "calls": calls, "ms": milliseconds(system.now() - begun) }))
    }

    /// Sends many small messages, and waits for the report of the sink.
    pub(crate) async fn bench_send(&self, request: &Value) -> Outcome {
        let (to, count) = (self.to(request)?, request["count"].as_i64().unwrap_or(0));
        let (system, cluster) = (self.cluster.system(), self.cluster.clone());
        let begun = system.now();
        let (done, report) = oneshot::channel();
        system.spawn(async move |mut ctx: ProcessContext<Term>| {
            let _ = send_seq(&to, count).await;
            let own = cluster.wire_pid(ctx.pid()).expect("it is here");
            let _ = to.send(&Term::tuple([Term::atom("report"), own.into()])).await;
            if let Message::User(report) = ctx.receive().await {
                let _ = done.send(report);
            }
        });
        let report = report.await.map_err(|_| "timeout")?;
        let parts = report.as_tuple().ok_or("no report")?;
        let in_order = parts[2].as_atom() == Some("true");
        let ms = milliseconds(system.now() - begun);
        Ok(json!({ "sent": count, "got": parts[1].as_int(), "in_order": in_order, "ms": ms }))
    }

    /// Calls one after the other: how many microseconds they take.
    pub(crate) async fn bench_latency(&self, request: &Value) -> Outcome {
        let (to, message, limit) = (self.to(request)?, echo(), limit(request));
        let mut all = self
            .alone(async move |ctx| {
                let (system, mut all) = (ctx.system(), Vec::new());
                let end = system.now() + limit;
                while system.now() < end {
                    let begun = system.now();
                    if to.call::<Term>(&message).no_timeout().await.is_ok() {
                        all.push((system.now() - begun).as_micros() as u64);
                    }
                }
                all
            })
            .await?;
        all.sort_unstable();
        let at = |percent: usize| all.get(all.len() * percent / 100).copied();
        Ok(json!({ "p50": at(50), "p99": at(99) }))
    }

    /// Sends large messages, one after the other.
    pub(crate) async fn bench_flood(&self, request: &Value) -> Outcome {
        let (to, limit) = (self.to(request)?, limit(request));
        let size = request["size"].as_u64().unwrap_or(0) as usize;
        let large = Term::tuple([Term::atom("big"), Term::binary(pattern(size, 0))]);
        self.alone(async move |ctx| flood(&ctx, &to, &large, limit).await).await?
    }

    /// What a process of its own returns.
    async fn alone<T, Fut>(&self, run: impl FnOnce(ProcessContext<()>) -> Fut + Send + 'static) -> Result<T, String>
    where
        T: Send + 'static,
        Fut: Future<Output = T> + Send,
    {
        let (done, outcome) = oneshot::channel();
        self.cluster.system().spawn(async move |ctx: ProcessContext<()>| {
            let _ = done.send(run(ctx).await);
        });
        outcome.await.map_err(|_| "the process has ended".to_owned())
    }
}

async fn flood(ctx: &ProcessContext<()>, to: &Remote, large: &Term, limit: Duration) -> Outcome {
    let end = ctx.system().now() + limit;
    while ctx.system().now() < end {
        sent(to.send(large).await)?;
    }
    Ok(true.into())
}

fn echo() -> Term {
    Term::tuple([Term::atom("echo"), Term::atom("x")])
}

fn limit(request: &Value) -> Duration {
    Duration::from_millis(request["ms"].as_u64().unwrap_or(1000))
}

fn milliseconds(time: Duration) -> u64 {
    (time.as_millis() as u64).max(1)
}
