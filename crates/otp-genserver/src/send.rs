//! Casts and infos, each in three forms: one that never fails, one that never waits, one that waits for room.

use std::any::type_name;

use otp_core::{SendError, TrySendError};
use tracing::field::display;

use crate::server::GenServer;
use crate::server_ref::{Envelope, ServerRef};

impl<S: GenServer> ServerRef<S> {
    /// Sends a cast and returns at once; OTP's `gen_server:cast/2`. It never waits and never fails: a cast to a server that
    /// does not exist vanishes. One that finds a bounded mailbox full is dropped with a warning in the log, and one that
    /// finds a process of another type with an error; [`try_cast`](ServerRef::try_cast) and
    /// [`cast_when_room`](ServerRef::cast_when_room) give it back.
    pub fn cast(&self, cast: S::Cast) {
        if let Err(error) = self.try_cast(cast) {
            self.log_dropped("cast", &error);
        }
    }

    /// Sends a cast without waiting.
    ///
    /// # Errors
    ///
    /// [`TrySendError`] gives the cast back when there is no such server, its bounded mailbox is full, or the holder of the
    /// name is no server of this type.
    pub fn try_cast(&self, cast: S::Cast) -> Result<(), TrySendError<S::Cast>> {
        self.address().try_send(Envelope::cast(cast)).map_err(|error| error.map(Envelope::into_cast))
    }

    /// Sends a cast; waits while a bounded mailbox is full (backpressure).
    ///
    /// # Errors
    ///
    /// [`SendError`] gives the cast back when there is no such server, also if it ends meanwhile, or the holder of the name
    /// is no server of this type.
    ///
    /// # Cancel safety
    ///
    /// If the future is dropped before it is ready, the cast was not sent.
    pub fn cast_when_room(&self, cast: S::Cast) -> impl Future<Output = Result<(), SendError<S::Cast>>> + Send {
        let envelope = Envelope::cast(cast);
        async move { self.address().send(envelope).await.map_err(|error| error.map(Envelope::into_cast)) }
    }

    /// Sends a message that arrives at `handle_info`, and returns at once. It is dropped and logged when a
    /// [`cast`](ServerRef::cast) would be.
    pub fn info(&self, info: S::Info) {
        if let Err(error) = self.try_info(info) {
            self.log_dropped("message", &error);
        }
    }

    /// Sends a message that arrives at `handle_info`, without waiting.
    ///
    /// # Errors
    ///
    /// As those of [`try_cast`](ServerRef::try_cast).
    pub fn try_info(&self, info: S::Info) -> Result<(), TrySendError<S::Info>> {
        self.address().try_send(Envelope::info(info)).map_err(|error| error.map(Envelope::into_info))
    }

    /// Sends a message that arrives at `handle_info`; waits while a bounded mailbox is full.
    ///
    /// # Errors
    ///
    /// As those of [`cast_when_room`](ServerRef::cast_when_room).
    ///
    /// # Cancel safety
    ///
    /// If the future is dropped before it is ready, the message was not sent.
    pub fn info_when_room(&self, info: S::Info) -> impl Future<Output = Result<(), SendError<S::Info>>> + Send {
        let envelope = Envelope::info(info);
        async move { self.address().send(envelope).await.map_err(|error| error.map(Envelope::into_info)) }
    }

    /// What was sent so that it never fails has nobody else to tell that it was dropped.
    #[cold]
    fn log_dropped<M>(&self, what: &'static str, error: &TrySendError<M>) {
        let (label, server) = (self.address().label().map(display), type_name::<S>());
        match error {
            TrySendError::NoProc { .. } => {}
            TrySendError::WrongType { wrong, .. } => tracing::error!(
                target: "otp::mailbox", to = %wrong.pid, label, server, receives = wrong.receives, expected = wrong.expected,
                "a {what} was dropped: its addressee is of another type"
            ),
            TrySendError::Full { to, .. } => {
                tracing::warn!(target: "otp::mailbox", %to, label, server, "a {what} was dropped: the mailbox is full");
            }
            error => tracing::error!(target: "otp::mailbox", %error, label, server, "a {what} was dropped"),
        }
    }
}
