use otp_core::{Address, Message, Pid, ProcessContext, ProcessRef, System};
use otp_registry::Member;
use serde::Serialize;

use crate::remote::Remote;
use crate::server::Elsewhere;

/// How many messages wait for a member of another node: beyond that it is full.
const MAILBOX: usize = 1024;

/// A member of another node. What is sent to it goes through a process here.
pub(super) fn elsewhere<M: Serialize + Send + 'static>(system: &System, pid: Pid, to: Remote) -> Member<M> {
    Member::elsewhere(pid, Address::via(Elsewhere::new(system, to, stand_for::<M>)))
}

fn stand_for<M: Serialize + Send + 'static>(system: &System, to: Remote) -> ProcessRef<M> {
    let options = otp_core::SpawnOptions::new().mailbox(MAILBOX);
    let passes_on = async move |mut ctx: ProcessContext<M>| {
        loop {
            let Message::User(message) = ctx.receive().await else { continue };
            let sent = match to.bytes(&message) {
                Ok(payload) => to.post(payload).await,
                Err(error) => Err(error),
            };
            if let Err(error) = sent {
                tracing::warn!(target: "otp::dist", %error, "a message to a member of a group is dropped");
            }
        }
    };
    system.spawn_with(options, passes_on).expect("it has no name that could be taken").process
}
