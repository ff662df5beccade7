//! Tests of streams that are split into halves.

use async_channel::bounded;
use futures::{AsyncReadExt, AsyncWriteExt};
use otp_core::{ProcessContext, Status};

use super::{connected, net, rest};
use crate::Backend;
use crate::harness::{heard, inside};

/// The halves of a stream belong to two tasks: one waits to read while the other one writes, and waits.
pub fn halves_belong_to_two_tasks(backend: &dyn Backend) {
    const LEN: usize = 16 << 20;
    inside(backend, async |system| {
        let (client, mut server) = connected(&net(&system)).await;
        let (mut reader, mut writer) = client.split();
        let (send, receive) = bounded(1);
        let reads = system.spawn(async move |_: ProcessContext<()>| {
            let mut byte = [0];
            reader.read_exact(&mut byte).await.expect("the peer sends a byte");
            let _ = send.try_send(byte);
        });
        while system.info(reads.pid()).is_none_or(|info| info.status != Status::Waiting) {
            otp_core::yield_now().await;
        }
        // More than there is room for, so that it has to wait, too.
        let writes = system.spawn(async move |_: ProcessContext<()>| {
            writer.write_all(&vec![7; LEN]).await.expect("the peer reads");
        });
        while system.info(writes.pid()).is_some_and(|info| info.status != Status::Waiting) {
            otp_core::yield_now().await;
        }
        server.write_all(b"!").await.unwrap();
        assert_eq!(heard(&receive, "the half that reads has panicked").await, *b"!");
        assert_eq!(rest(&mut server).await.len(), LEN, "bytes were lost");
        writes.exited().await;
    });
}

/// Dropping a write half ends the stream that the peer reads; the read half stays open.
pub fn dropped_write_half_ends_its_direction(backend: &dyn Backend) {
    inside(backend, async |system| {
        let (client, mut server) = connected(&net(&system)).await;
        let (mut reader, mut writer) = client.split();
        writer.write_all(b"request").await.unwrap();
        drop(writer);
        assert_eq!(rest(&mut server).await, b"request");
        server.write_all(b"answer").await.expect("the half that reads is there");
        drop(server);
        let mut answer = Vec::new();
        reader.read_to_end(&mut answer).await.expect("the peer closes its stream in order");
        assert_eq!(answer, b"answer", "dropping the write half has closed the read half");
    });
}

/// Dropping a read half closes nothing as long as the write half exists.
pub fn dropped_read_half_closes_nothing(backend: &dyn Backend) {
    inside(backend, async |system| {
        let (client, mut server) = connected(&net(&system)).await;
        let (reader, mut writer) = client.split();
        drop(reader);
        writer.write_all(b"more").await.expect("dropping the read half has closed the stream");
        writer.close().await.expect("dropping the read half has closed the stream");
        assert_eq!(rest(&mut server).await, b"more", "dropping the read half has closed the stream");
    });
}

/// A stream is closed when both of its halves are dropped, in whichever order.
pub fn stream_is_closed_with_its_halves(backend: &dyn Backend) {
    inside(backend, async |system| {
        for read_first in [true, false] {
            let (client, mut server) = connected(&net(&system)).await;
            let (reader, writer) = client.split();
            if read_first {
                drop(reader);
                drop(writer);
            } else {
                drop(writer);
                drop(reader);
            }
            // An open stream would take it; hangs if it stays open.
            while server.write(&[7; 1024]).await.is_ok() {
                otp_core::yield_now().await;
            }
        }
    });
}
