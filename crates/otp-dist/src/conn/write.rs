use std::io;
use std::pin::pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
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
        let takes = AtomicBool::new(true);
        let mut written = pin!(put(&mut writer, &out, &takes));
        loop {
            let due = match poll(&conn, &mut ticker, system.now()) {
                Ok(Some(due)) => due,
                Ok(None) => continue,
                Err(Silent) => return closed("net_tick_timeout"),
            };
            match select(written.as_mut(), pin!(system.sleep_until(due))).await {
                Either::Left((Ok(()), _)) => break conn.sent.bytes(out.len()),
                Either::Left((Err(error), _)) => return closed(error.to_string()),
                Either::Right(_) if conn.outbox.is_full() && !takes.swap(false, Ordering::Relaxed) => {
                    return closed("the peer does not read");
                }
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

/// Writes everything; `takes` is set whenever the peer takes some of it.
async fn put(writer: &mut BoxWrite, mut bytes: &[u8], takes: &AtomicBool) -> io::Result<()> {
    while !bytes.is_empty() {
        match writer.write(bytes).await? {
            0 => return Err(io::ErrorKind::WriteZero.into()),
            taken => bytes = &bytes[taken..],
        }
        takes.store(true, Ordering::Relaxed);
    }
    writer.flush().await
}

#[cfg(test)]
mod tests {
    use std::pin::Pin;
    use std::task::{Context, Poll};

    use futures::AsyncWrite;
    use otp::tokio::TokioExecutor;
    use otp_core::{Pid, System};

    use super::*;
    use crate::conn::outbox::{Bounds, Outbox};
    use crate::proto::{Control, Flags, Introduction};

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

    /// How a connection ends to a peer that takes nothing.
    fn ended(tick_time: Duration, prepare: impl FnOnce(&System, Arc<Conn>)) -> ExitReason {
        let ended = TokioExecutor::current_thread().run(async |system| {
            let of = |name: &str| Introduction::new(name.parse().unwrap(), Flags::visible(), 1);
            let outbox = Outbox::new(Bounds { busy: 1, most: 1 });
            let conn = Arc::new(Conn::new(1, Pid::SYSTEM, &of("a@h"), &of("b@h"), outbox, &system));
            prepare(&system, conn.clone());
            let writer =
                system.spawn(async move |ctx: ProcessContext<()>| write(ctx, conn, Box::new(Full), tick_time).await);
            writer.exited().await
        });
        ended.unwrap()
    }

    #[test]
    fn a_peer_that_takes_not_even_a_tick_is_given_up() {
        assert_eq!(ended(Duration::from_millis(20), |_, _| ()), closed("net_tick_timeout"));
    }

    #[test]
    fn a_peer_that_takes_nothing_while_too_much_waits_for_it_is_given_up_although_it_sends_ticks() {
        let ended = ended(Duration::from_millis(800), |system, conn| {
            let to = otp_etf::Pid::new(otp_etf::Atom::from_static("b@h"), 1, 0, 1);
            for _ in 0..2 {
                assert!(conn.send(Pid::SYSTEM, Control::Send { to: to.clone(), from: None }, &[106]));
            }
            system.spawn(async move |ctx: ProcessContext<()>| {
                loop {
                    conn.has_read.store(true, Ordering::Relaxed);
                    ctx.system().sleep(Duration::from_millis(1)).await;
                    // The writer has taken the first ones.
                    conn.send(Pid::SYSTEM, Control::Send { to: to.clone(), from: None }, &[106]);
                }
            });
        });
        assert_eq!(ended, closed("the peer does not read"));
    }
}
