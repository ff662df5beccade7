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
        let mut written = pin!(put(&conn, &mut writer, &out, &takes));
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
    if !conn.is_silent() {
        ticker.read();
    }
    match ticker.poll(now) {
        Tick::Wait(until) => Ok(Some(until)),
        Tick::Send => Ok(None),
        Tick::Dead => Err(Silent),
    }
}

/// Writes everything; `takes` is set whenever the peer takes some of it.
async fn put(conn: &Conn, writer: &mut BoxWrite, mut bytes: &[u8], takes: &AtomicBool) -> io::Result<()> {
    while !bytes.is_empty() {
        let taken = writer.write(bytes).await?;
        if taken == 0 {
            return Err(io::ErrorKind::WriteZero.into());
        }
        bytes = &bytes[taken..];
        conn.outbox.wrote(taken);
        takes.store(true, Ordering::Relaxed);
    }
    writer.flush().await
}

#[cfg(test)]
mod tests {
    use std::pin::Pin;
    use std::task::{Context, Poll, ready};

    use futures::AsyncWrite;
    use futures::future::{self, BoxFuture, FutureExt};
    use otp::tokio::TokioExecutor;
    use otp_core::{Pid, System};

    use super::*;
    use crate::conn::outbox::Bounds;
    use crate::proto::Control;
    use crate::unconnected;

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

    /// The socket of a peer that takes a byte, and then nothing for a while.
    struct Slow {
        system: System,
        pause: BoxFuture<'static, ()>,
    }

    impl AsyncWrite for Slow {
        fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, _: &[u8]) -> Poll<io::Result<usize>> {
            ready!(self.pause.poll_unpin(cx));
            let system = self.system.clone();
            self.pause = async move { system.sleep(Duration::from_millis(10)).await }.boxed();
            Poll::Ready(Ok(1))
        }

        fn poll_flush(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
            Poll::Ready(Ok(()))
        }

        fn poll_close(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
            Poll::Ready(Ok(()))
        }
    }

    /// How a connection ends whose outbox has room while it is empty.
    fn ended(
        tick_time: Duration,
        writer: impl FnOnce(&System) -> BoxWrite,
        prepare: impl FnOnce(&System, Arc<Conn>),
    ) -> ExitReason {
        let ended = TokioExecutor::current_thread().run(async |system| {
            let conn = unconnected::conn(&system, 1, Bounds { busy: 1, most: 1, cap: usize::MAX });
            prepare(&system, conn.clone());
            let socket = writer(&system);
            let writer = system.spawn(async move |ctx: ProcessContext<()>| write(ctx, conn, socket, tick_time).await);
            writer.exited().await
        });
        ended.unwrap()
    }

    #[test]
    fn a_peer_that_takes_not_even_a_tick_is_given_up() {
        assert_eq!(ended(Duration::from_millis(20), |_| Box::new(Full), |_, _| ()), closed("net_tick_timeout"));
    }

    /// Fills the outbox, and waits for room, as the process that reads does; then calls this.
    fn fill(system: &System, conn: Arc<Conn>, then: impl FnOnce() + Send + 'static) {
        let to = otp_etf::Pid::new(otp_etf::Atom::from_static("b@h"), 1, 0, 1);
        assert!(conn.send(Pid::SYSTEM, Control::Send { to, from: None }, &[106]));
        system.spawn(async move |_: ProcessContext<()>| {
            conn.room().await;
            then();
        });
    }

    #[test]
    fn a_peer_that_takes_nothing_while_too_much_waits_for_it_is_given_up_although_it_may_send_ticks() {
        let ended = ended(Duration::from_millis(800), |_| Box::new(Full), |system, conn| fill(system, conn, || ()));
        assert_eq!(ended, closed("the peer does not read"));
    }

    #[test]
    fn a_peer_that_takes_what_waits_slowly_is_not_silent_because_its_ticks_are_not_read() {
        let has_room = Arc::new(AtomicBool::new(false));
        let room = has_room.clone();
        let slow = |system: &System| -> BoxWrite {
            Box::new(Slow { system: system.clone(), pause: future::ready(()).boxed() })
        };
        // It takes more than 300 ms to write the message; then the peer is silent.
        let ended = ended(Duration::from_millis(200), slow, |system, conn| {
            fill(system, conn, move || room.store(true, Ordering::Relaxed));
        });
        assert_eq!((has_room.load(Ordering::Relaxed), ended), (true, closed("net_tick_timeout")));
    }
}
