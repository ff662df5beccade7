use std::any::TypeId;
use std::collections::HashMap;
use std::sync::Arc;

use otp_core::TrySendError;
use otp_core::node::Receiver;
use otp_etf::Term;

use super::kernel::KernelMessage;
use crate::server::Incoming;

/// How messages of other nodes become messages of processes here, by the type that a process receives.
#[derive(Clone)]
pub(crate) struct Receivers(Arc<HashMap<TypeId, Deliver>>);

/// Delivers a message; returns the answer that it makes, if it is a call.
pub(crate) type Deliver = Arc<dyn Fn(&Receiver, Incoming) -> Delivered + Send + Sync>;

/// What became of a message of another node.
pub(crate) enum Delivered {
    /// It was delivered, or dropped.
    Done,
    /// Its mailbox is full.
    Full,
    /// An answer will follow.
    Answer(crate::server::Answering),
}

impl Receivers {
    pub(crate) fn with<M: Send + 'static>(&self, deliver: Deliver) -> Receivers {
        let mut all = (*self.0).clone();
        all.insert(TypeId::of::<M>(), deliver);
        Receivers(Arc::new(all))
    }

    /// Processes that receive a type that can be made of a term.
    pub(crate) fn plain<M: TryFrom<Term> + Send + 'static>() -> Deliver {
        Arc::new(|receiver, incoming| {
            let (Some(process), Ok(message)) = (receiver.typed::<M>(), M::try_from(incoming.message)) else {
                return Delivered::Done;
            };
            match process.try_send(message) {
                Err(TrySendError::Full { .. }) => Delivered::Full,
                _ => Delivered::Done,
            }
        })
    }

    pub(crate) fn find(&self, of: TypeId) -> Option<&Deliver> {
        self.0.get(&of)
    }
}

impl Default for Receivers {
    fn default() -> Receivers {
        let none = Receivers(Arc::default());
        none.with::<Term>(Receivers::plain::<Term>()).with::<KernelMessage>(Arc::new(KernelMessage::deliver))
    }
}
