//! The start of a child that was upgraded: as the type of server that it was first, behind whose messages another one runs.

use std::any::Any;
use std::sync::Arc;

use otp_behaviour::HandOver;
use otp_core::Process;
use otp_genserver::{GenServer, Upgrade, Version};

use crate::start_child::{StartFn, Starting, Starts};

/// How a server is started that is a `T` now.
pub(crate) struct As<T: GenServer> {
    pub(crate) first: Arc<dyn First<T::Call, T::Cast, T::Info>>,
    pub(crate) args: T::Args,
}

/// Starts a server under the name and with the options of the type that it was first, whose messages are a `C`, a `K` and
/// an `I`.
pub(crate) trait First<C, K, I>: Send + Sync {
    fn start_as(&self, version: Version<C, K, I>, supervisor: &Process, hand_over: Option<&HandOver>) -> Starting;
}

impl<T: GenServer> As<T> {
    /// The same server, as a `U`.
    pub(crate) fn upgraded<U>(&self, args: U::Args) -> StartFn
    where
        U: Upgrade<T> + GenServer<Args: Clone + Sync>,
    {
        StartFn::from(As::<U> { first: self.first.clone(), args })
    }
}

impl<T: GenServer<Args: Clone + Sync>> Starts for As<T> {
    fn start(&self, supervisor: Process, hand_over: Option<&HandOver>) -> Starting {
        self.first.start_as(Version::of::<T>(self.args.clone()), &supervisor, hand_over)
    }

    fn server(&self) -> Option<Box<dyn Any + Send + Sync>> {
        Some(Box::new(As::<T> { first: self.first.clone(), args: self.args.clone() }))
    }
}
