use otp_genserver::GenServer;

use crate::policy::{Restart, Shutdown};
use crate::spec::ServerSpec;

/// Defines how a server is supervised, and makes its child spec: like `use GenServer` in an Elixir module.
///
/// `#[gen_server]` implements it, with the options of the attribute: `#[gen_server(restart = transient, shutdown =
/// 30s)]`. A handwritten server needs one line: `impl Supervised for Store {}`.
///
/// ```
/// # use otp::prelude::*;
/// # use std::time::Duration;
/// struct Counter(u64);
///
/// #[gen_server(restart = transient, shutdown = 30s)]
/// impl Counter {
///     #[init]
///     fn init(start: u64) -> Self {
///         Counter(start)
///     }
///     #[call]
///     fn add(&mut self, n: u64) -> u64 {
///         self.0 += n;
///         self.0
///     }
/// }
///
/// const HITS: ServerName<Counter> = ServerName::new("hits");
///
/// # fn main() {
/// # otp::tokio::TokioExecutor::current_thread().run(async |system| {
/// let spec = Counter::child(40).name(HITS);
/// assert_eq!(spec.id().as_str(), "hits");
/// assert_eq!(spec.restart_type(), Restart::Transient);
/// assert_eq!(spec.shutdown_limit(), Shutdown::Timeout(Duration::from_secs(30)));
///
/// Supervisor::new(Strategy::OneForOne).child(spec).start(&system).await.unwrap();
/// assert_eq!(ServerRef::named(&system, HITS).add(2).await, Ok(42));
/// # }).unwrap();
/// # }
/// ```
pub trait Supervised: GenServer {
    /// When the server is restarted, unless its spec overrides it.
    const RESTART: Restart = Restart::Permanent;

    /// How the server is stopped, unless its spec overrides it; `None` means the default of five seconds.
    const SHUTDOWN: Option<Shutdown> = None;

    /// Whether the end of the server may end its supervisor, unless its spec overrides it.
    const SIGNIFICANT: bool = false;

    /// How many crashes survives what the server saves for its next incarnation, unless its spec overrides it; `None` means
    /// that nothing is handed over. See [`ChildSpec::hand_over`](crate::ChildSpec::hand_over).
    const HAND_OVER: Option<u32> = None;

    /// Makes the spec of a child that is such a server; each start uses a clone of `args`. The id of the child is the
    /// name of the type, or its [name](crate::ChildSpec::name).
    fn child(args: Self::Args) -> ServerSpec<Self>
    where
        Self::Args: Clone + Sync,
    {
        let spec = ServerSpec::of(args).restart(Self::RESTART).significant(Self::SIGNIFICANT);
        let spec = match Self::HAND_OVER {
            Some(crashes) => spec.hand_over(crashes),
            None => spec,
        };
        match Self::SHUTDOWN {
            Some(shutdown) => spec.shutdown(shutdown),
            None => spec,
        }
    }
}
