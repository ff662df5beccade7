use std::io;
use std::pin::pin;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use futures::future::{Either, select};
use futures::io::AsyncWriteExt;
use otp_core::{ExitReason, ProcessContext};

use super::io::BoxWrite;
use super::life::closed;
use super::link::Conn;
use super::outbox::Closed;
use crate::proto::{Tick, Ticker};

/// Lives as the process that writes to a connection, and watches whether the peer is silent.
pub(super) async fn write(
    ctx: ProcessContext<()>,
    conn: Arc<Conn>,
    mut writer: BoxWrite,
    tick_time: Duration,
) -> ExitReason {
    let system = ctx.system().clone();
    let mut ticker = Ticker::new(tick_time, system.now());
    let mut out = Vec::new();
    loop {
        let due = match poll(&conn, &mut ticker, ctx.system().now()) {
            Ok(due) => due,
            Err(Silent) => return closed("net_tick_timeout"),
        };
        if let Some(due) = due {
            let taken = {
                let take = pin!(std::future::poll_fn(|cx| conn.outbox.poll_take(cx, &mut out)));
                match select(take, pin!(system.sleep_until(due))).await {
                    Either::Left((taken, _)) => taken,
                    Either::Right(_) => continue,
                }
            };
            if let Err(Closed) = taken {
                return closed("closed");
            }
            ticker.wrote();
        } else {
            // A tick.
            out.clear();
            out.extend([0; 4]);
        }
        // A peer that does not read may be silent, too.
        let mut written = pin!(put(&mut writer, &out));
        loop {
            let due = match poll(&conn, &mut ticker, system.now()) {
                Ok(Some(due)) => due,
                Ok(None) => continue,
                Err(Silent) => return closed("net_tick_timeout"),
            };
            match select(written.as_mut(), pin!(system.sleep_until(due))).await {
                Either::Left((Ok(()), _)) => break conn.sent.bytes(out.len()),
                Either::Left((Err(error), _)) => return closed(error.to_string()),
                Either::Right(_) => ticker.wrote(),
            }
        }
    }
}

/// The peer has been silent for too long.
struct Silent;

/// Returns until when nothing is to be done; `None` if a tick is due.
fn poll(
    conn: &Conn,
    ticker: &mut Ticker,
    now: otp_core::runtime::Instant,
) -> Result<Option<otp_core::runtime::Instant>, Silent> {
    if conn.has_read.swap(false, Ordering::Relaxed) {
        ticker.read();
    }
    match ticker.poll(now) {
        Tick::Wait(until) => Ok(Some(until)),
        Tick::Send => Ok(None),
        Tick::Dead => Err(Silent),
    }
}

async fn put(writer: &mut BoxWrite, bytes: &[u8]) -> io::Result<()> {
    writer.write_all(bytes).await?;
    writer.flush().await
}

#[cfg(test)]
mod tests {
    use std::pin::Pin;
    use std::task::{Context, Poll};

    use futures::AsyncWrite;
    use otp::tokio::TokioExecutor;
    use otp_core::Pid;

    use super::*;
    use crate::conn::outbox::{Bounds, Outbox};
    use crate::proto::{Flags, Introduction};

    /// The buffer of a socket that is full, whose peer is frozen.
    struct Full;

    impl AsyncWrite for Full {
        fn poll_write(self: Pin<&mut Self>, _: &mut Context<'_>, _: &[u8]) -> Poll<io::Result<usize>> {
            Poll::Pending
        }

        fn poll_flush(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
            Poll::Pending
        }

        fn poll_close(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
            Poll::Pending
        }
    }

    #[test]
    fn a_peer_that_takes_not_even_a_tick_is_given_up() {
        let ended = TokioExecutor::current_thread().run(async |system| {
            let of = |name: &str| Introduction::new(name.parse().unwrap(), Flags::visible(), 1);
            let outbox = Outbox::new(Bounds { busy: 1, most: 1 });
            let conn = Arc::new(Conn::new(1, Pid::SYSTEM, &of("a@h"), &of("b@h"), outbox, &system));
            let writer = system.spawn(async move |ctx: ProcessContext<()>| {
                write(ctx, conn, Box::new(Full), Duration::from_millis(20)).await
            });
            writer.exited().await
        });
        assert_eq!(ended.unwrap(), closed("net_tick_timeout"));
    }
}
