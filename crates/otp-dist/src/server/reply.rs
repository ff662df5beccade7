use std::fmt;

use futures::FutureExt;
use futures::future::BoxFuture;
use otp_core::CallError;
use otp_etf::to_bytes;
use otp_genserver::{Envelope, GenServer};
use serde::Serialize;

/// The answer of a server to a call of another node, which is there or will come; made by a
/// [`RemoteServer`](super::RemoteServer).
///
/// If the server ends or drops its token, nothing is sent: the caller monitors the server, and has a timeout, as in OTP.
#[must_use = "the caller waits for it"]
pub struct Reply(BoxFuture<'static, Option<Vec<u8>>>);

impl Reply {
    /// The answer to a call, which is sent to the server now. It has no timeout: the caller has one.
    pub fn of<S: GenServer, R: Serialize + Send + 'static>(call: otp_core::Call<Envelope<S>, R>) -> Reply {
        let request = call.no_timeout().detect_deadlock(false).send_request();
        Reply(request.map(|answer: Result<R, CallError>| answer.ok().and_then(|answer| encoded(&answer))).boxed())
    }

    /// An answer that is there.
    pub fn ready<R: Serialize + ?Sized>(answer: &R) -> Reply {
        Reply(futures::future::ready(encoded(answer)).boxed())
    }

    pub(crate) async fn into_bytes(self) -> Option<Vec<u8>> {
        self.0.await
    }
}

/// Encodes an answer, without 131. One that has no encoding becomes an error.
fn encoded<R: Serialize + ?Sized>(answer: &R) -> Option<Vec<u8>> {
    let bytes = to_bytes(answer).or_else(|error| to_bytes(&Err::<(), _>(error.to_string())));
    bytes.ok().map(|mut bytes| bytes.split_off(1))
}

impl fmt::Debug for Reply {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Reply")
    }
}
