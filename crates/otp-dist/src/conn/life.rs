use std::sync::Arc;

use futures::io::AsyncReadExt;
use otp_core::{ExitReason, ProcessContext, SpawnOptions, yield_now};

use super::io::{BoxRead, Wire};
use super::link::Conn;
use super::write::write;
use crate::node::{Dispatch, PeerNode, Shared};
use crate::proto::{Frames, Inbound, Prefix, ProtocolError};

/// Lives as the process that reads from a connection, until it ends.
pub(super) async fn live(
    ctx: &ProcessContext<()>,
    node: Arc<Shared>,
    peer: Arc<PeerNode>,
    conn: Arc<Conn>,
    wire: Wire,
) -> ExitReason {
    let Wire { reader, writer, mut frames, .. } = wire;
    frames.expect(Prefix::Four, node.config.frame_limit(conn.flags()));
    let (written, tick_time) = (conn.clone(), node.config.tick_time);
    let options = SpawnOptions::new().link().label(format!("writer to {}", peer.name));
    let writer =
        ctx.spawn_with(options, async move |ctx: ProcessContext<()>| write(ctx, written, writer, tick_time).await);
    writer.expect("it asks for no name");

    let limits = node.config.limits;
    let inbound = Inbound::new(conn.flags(), limits);
    let dispatch = Dispatch { node, peer, conn };
    let mut reading = Reading { reader, frames, inbound, dispatch };
    reading.run().await
}

struct Reading {
    reader: BoxRead,
    frames: Frames,
    inbound: Inbound,
    dispatch: Dispatch,
}

/// How many messages a process that reads handles before it lets others run.
const BUDGET: usize = 256;

impl Reading {
    async fn run(&mut self) -> ExitReason {
        let mut chunk = vec![0; 64 << 10];
        loop {
            // First what has come together with the end of the handshake.
            if let Err(reason) = self.handle().await {
                return reason;
            }
            match self.reader.read(&mut chunk).await {
                Ok(0) => return closed("connection_closed"),
                Err(error) => return closed(error.to_string()),
                Ok(read) => {
                    self.dispatch.conn.reads();
                    self.dispatch.conn.received.bytes(read);
                    self.frames.push(&chunk[..read]);
                }
            }
        }
    }

    /// Handles the frames that are complete.
    async fn handle(&mut self) -> Result<(), ExitReason> {
        let mut handled = 0;
        loop {
            let frame = match self.frames.next() {
                Ok(Some(frame)) => frame,
                Ok(None) => return Ok(()),
                Err(error) => return Err(self.breach(&error)),
            };
            let message = self.inbound.receive(frame).map_err(|error| self.breach(&error))?;
            let Some(message) = message else { continue };
            // What comes from an earlier life of the node, or after the program has disconnected it, has no effect.
            if self.dispatch.conn.outbox.is_closed() {
                return Err(closed("closed"));
            }
            self.dispatch.conn.received.message();
            self.dispatch.carry_out(message).map_err(|error| self.breach(&error))?;
            self.dispatch.conn.room().await;
            handled += 1;
            if handled % BUDGET == 0 {
                yield_now().await;
            }
        }
    }

    /// The peer does what no node does.
    fn breach(&self, error: &ProtocolError) -> ExitReason {
        let peer = &self.dispatch.peer.name;
        tracing::warn!(target: "otp::dist", node = %peer, %error, "a connection is closed");
        closed(error.to_string())
    }
}

/// The reason of a connection that ends: quiet, because nodes come and go.
pub(super) fn closed(why: impl Into<String>) -> ExitReason {
    ExitReason::shutdown_with(why.into())
}
