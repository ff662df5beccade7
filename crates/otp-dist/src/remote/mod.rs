//! Processes of other nodes, as they are used here.

mod call;
mod destination;
mod error;
mod multi_call;
mod process;

pub use call::RemoteCall;
pub use error::{RemoteCallError, RemoteSendError};
pub use multi_call::RemoteMultiCall;
pub use process::Remote;

pub(crate) use destination::Destination;
