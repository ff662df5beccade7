//! Tests of streams: bytes, their order, their end.

use std::io::IoSlice;
use std::pin::Pin;
use std::task::Poll;

use futures::future::{join, poll_fn};
use futures::{AsyncReadExt, AsyncWrite, AsyncWriteExt};

use super::{bytes, connected, net, rest};
use crate::Backend;
use crate::harness::inside;

/// Written data arrives, complete and in order, in both directions at once.
pub fn bytes_arrive_in_order_both_ways(backend: &dyn Backend) {
    const LEN: usize = 1 << 20;
    inside(backend, async |system| {
        let (client, server) = connected(&net(&system)).await;
        let expected = bytes(LEN);
        let one_end = async |stream: otp_core::runtime::net::Stream| {
            let (mut reader, mut writer) = stream.split();
            let write = async {
                writer.write_all(&expected).await.expect("the peer reads");
                writer.flush().await.expect("the peer reads");
                writer.close().await.expect("the peer reads");
            };
            let mut read = Vec::new();
            let (read_all, ()) = join(reader.read_to_end(&mut read), write).await;
            read_all.expect("the peer closes its stream in order");
            assert!(read == expected, "other bytes arrived than were written");
        };
        join(one_end(client), one_end(server)).await;
    });
}

/// Closing ends the stream that the peer reads, after all written data. The other direction stays open.
pub fn closing_ends_one_direction(backend: &dyn Backend) {
    inside(backend, async |system| {
        let (mut client, mut server) = connected(&net(&system)).await;
        client.write_all(b"request").await.unwrap();
        client.close().await.unwrap();
        assert_eq!(rest(&mut server).await, b"request", "closing has lost bytes");
        server.write_all(b"answer").await.expect("the other direction goes on");
        server.close().await.unwrap();
        assert_eq!(rest(&mut client).await, b"answer", "closing one direction has closed the other");
        client.close().await.expect("closing again does no harm");
    });
}

/// A stream that is dropped is closed, after all written data.
pub fn dropped_stream_is_closed(backend: &dyn Backend) {
    inside(backend, async |system| {
        let (mut client, mut server) = connected(&net(&system)).await;
        client.write_all(b"last words").await.unwrap();
        drop(client);
        assert_eq!(rest(&mut server).await, b"last words", "what was written before the drop is lost");
    });
}

/// A write waits while the peer does not read (backpressure), and continues when it does.
pub fn writing_waits_for_a_peer_that_does_not_read(backend: &dyn Backend) {
    const FAR_TOO_MUCH: usize = 64 << 20;
    inside(backend, async |system| {
        let (mut client, mut server) = connected(&net(&system)).await;
        let chunk = bytes(64 << 10);
        let mut written = 0;
        // Data under way cannot be counted: the buffers are full when nothing could be written for a while.
        let mut pauses = 0;
        while pauses < 100 {
            assert!(written < FAR_TOO_MUCH, "a peer that does not read was sent {written} bytes");
            match write_once(&mut client, &chunk).await {
                Some(more) => (written, pauses) = (written + more, 0),
                None => pauses += 1,
            }
            otp_core::yield_now().await;
        }
        let close = async {
            client.write_all(b"end").await.expect("the peer reads");
            client.close().await.expect("the peer reads");
        };
        let (read, ()) = join(rest(&mut server), close).await;
        assert_eq!(read.len(), written + 3, "bytes were lost where a write had to wait");
    });
}

/// A vectored write takes data from more than the first buffer.
pub fn vectored_write_takes_several_buffers(backend: &dyn Backend) {
    inside(backend, async |system| {
        let (mut client, mut server) = connected(&net(&system)).await;
        let buffers: [[u8; 1]; 8] = std::array::from_fn(|n| [n as u8]);
        let slices = buffers.each_ref().map(|buffer| IoSlice::new(buffer));
        let (mut most, mut expected) = (0, Vec::new());
        // One write may take less.
        for _ in 0..100 {
            let written = client.write_vectored(&slices).await.expect("the peer is there");
            expected.extend(0..written as u8);
            most = most.max(written);
        }
        client.close().await.unwrap();
        assert_eq!(rest(&mut server).await, expected, "other bytes arrived than were written");
        assert!(most > 1, "a vectored write takes only the first buffer");
    });
}

/// `nodelay` can be set and read.
pub fn nodelay_is_set_and_told(backend: &dyn Backend) {
    inside(backend, async |system| {
        let (client, _server) = connected(&net(&system)).await;
        for on in [true, false, true] {
            client.set_nodelay(on).expect("a connected stream takes its options");
            assert_eq!(client.nodelay().unwrap(), on, "nodelay is not what it was set to");
        }
    });
}

/// Returns how much a write takes now; `None` if it has to wait.
async fn write_once(stream: &mut otp_core::runtime::net::Stream, chunk: &[u8]) -> Option<usize> {
    poll_fn(|cx| {
        Poll::Ready(match Pin::new(&mut *stream).poll_write(cx, chunk) {
            Poll::Ready(written) => Some(written.expect("the peer is there")),
            Poll::Pending => None,
        })
    })
    .await
}
