use std::sync::{Arc, Mutex, PoisonError};

use crate::net::Stream;

/// A socket on its way from the acceptor to the process that will serve it.
///
/// Whoever takes it first has it: that process or, if there is no room for one, the acceptor, to say so.
#[derive(Clone, Debug)]
pub struct Handover(Arc<Mutex<Option<Stream>>>);

impl Handover {
    pub(crate) fn new(stream: Stream) -> Self {
        Self(Arc::new(Mutex::new(Some(stream))))
    }

    pub(crate) fn take(&self) -> Option<Stream> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).take()
    }
}
