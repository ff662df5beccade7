use std::fmt;
use std::sync::Arc;

use futures::future::BoxFuture;
use otp_behaviour::{Ack, Parent};
use otp_core::{ExitReason, ProcessContext};

use crate::mailbox::{Mailbox, Older};
use crate::rare::Rare;
use crate::run::ServerLoop;
use crate::server::GenServer;
use crate::server_ref::Envelope;

/// A type of server that is started in place of another one, behind the messages of that one: a `C`, a `K` and an `I`. For
/// supervisors, which restart a server that was [upgraded](crate::Upgrade); see [`Start::version`](crate::Start::version).
pub struct Version<C, K, I>(Arc<Make<C, K, I>>);

type Make<C, K, I> = dyn Fn(Newborn<C, K, I>) -> BoxFuture<'static, ExitReason> + Send + Sync;

/// What a server is given when it starts.
struct Newborn<C, K, I> {
    mailbox: Box<dyn Older<C, K, I>>,
    rare: Rare<()>,
    parent: Parent,
    ack: Ack,
}

impl<C: 'static, K: 'static, I: 'static> Version<C, K, I> {
    /// Makes the version that is a server of type `T`; each start gets a clone of the arguments.
    pub fn of<T>(args: T::Args) -> Version<C, K, I>
    where
        T: GenServer<Call = C, Cast = K, Info = I, Args: Clone + Sync>,
    {
        Version(Arc::new(move |newborn| live::<T>(newborn, args.clone())))
    }

    pub(crate) fn run<S>(
        &self,
        ctx: ProcessContext<Envelope<S>>,
        rare: Option<Box<Rare<S>>>,
        parent: Parent,
        ack: Ack,
    ) -> BoxFuture<'static, ExitReason>
    where
        S: GenServer<Call = C, Cast = K, Info = I>,
    {
        let rare = rare.map(|rare| rare.inherit()).unwrap_or_default();
        (self.0)(Newborn { mailbox: Box::new(ctx), rare, parent, ack })
    }
}

fn live<T: GenServer>(born: Newborn<T::Call, T::Cast, T::Info>, args: T::Args) -> BoxFuture<'static, ExitReason> {
    let Newborn { mailbox, rare, parent, ack } = born;
    let rare = Some(Box::new(rare.inherit()));
    Box::pin(ServerLoop::<T>::new(Mailbox::Inherited(mailbox), args, rare, parent, ack).run())
}

impl<C, K, I> Clone for Version<C, K, I> {
    fn clone(&self) -> Version<C, K, I> {
        Version(self.0.clone())
    }
}

impl<C, K, I> fmt::Debug for Version<C, K, I> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Version")
    }
}
