use std::collections::VecDeque;
use std::fmt;

use otp_core::{CallError, ExitReason, Pid, Process, ReplyTo};
use otp_genserver::{Context, GenServer, Info, Init, Next, NoMessage, ServerName, ServerRef};
use otp_supervisor::Supervised;

use super::heir::Transfer;
use super::ownership::pass;
use crate::rows::Rows;
use crate::table::{Owns, Table};

/// A server that keeps a table while its owner restarts: the heir of the table, which gives it to the next owner.
///
/// Place one for each table before the owner, under the same supervisor, with a name. The owner gets its table in `init`
/// with [`claim`](Custodian::claim).
///
/// * *On exit of the owner.* The custodian owns the table, with all rows, before the supervisor restarts the owner. Readers
///   go on reading; a handle of the former owner still acts as an owner.
/// * *On exit of the custodian.* A table that it keeps at that moment is gone. A table that is in use is not touched, and a
///   restarted custodian is its heir: the name counts.
///
/// ```
/// # otp::tokio::TokioExecutor::current_thread().run(async |system| {
/// use std::time::Duration;
///
/// use otp::prelude::*;
/// use otp::table::{Custodian, Set};
///
/// const KEEPER: ServerName<Custodian<Set<&'static str, u64>>> = ServerName::new("keeper of hits");
/// const HITS: ServerName<Hits> = ServerName::new("hits");
///
/// struct Hits(Set<&'static str, u64>);
///
/// #[gen_server]
/// impl Hits {
///     #[init]
///     async fn init(ctx: &mut Context<Self>) -> Result<Self, ExitReason> {
///         Ok(Hits(Custodian::claim(ctx, KEEPER, Set::new).await?))
///     }
///
///     #[call]
///     fn hit(&mut self, page: &'static str) -> u64 {
///         assert_ne!(page, "no page");
///         self.0.update_counter(page, otp::table::Step::by(1).or_insert(0)).unwrap()
///     }
/// }
///
/// Supervisor::new(Strategy::OneForOne)
///     .child(Custodian::child(()).name(KEEPER))
///     .child(Hits::child(()).name(HITS))
///     .start(&system)
///     .await
///     .unwrap();
/// let hits = ServerRef::named(&system, HITS);
/// assert_eq!(hits.hit("home").await, Ok(1));
/// hits.hit("no page").await.unwrap_err();
/// assert_eq!(hits.hit("home").through_restart(Duration::from_secs(5)).await, Ok(2));
/// # }).unwrap();
/// ```
pub struct Custodian<T> {
    /// What it has inherited, oldest first.
    held: VecDeque<T>,
}

/// A request to a [`Custodian`]; [`Custodian::claim`] sends it.
pub struct Claim<T: Send + 'static> {
    by: Pid,
    from: ReplyTo<Option<T>>,
}

impl<S: Rows, A: Owns> Custodian<Table<S, A>> {
    /// Returns the table that the custodian keeps, of which `owner` is the owner now; if it keeps none, a new one that
    /// `make` makes. The custodian is the heir of either.
    ///
    /// `make` gets the owner: [`Table::new`] is one, and `|owner| Set::named(owner, "hits").unwrap()` another.
    ///
    /// # Errors
    ///
    /// [`CallError`] if the custodian does not run.
    pub async fn claim(
        owner: &Process,
        custodian: ServerName<Custodian<Table<S, A>>>,
        make: impl FnOnce(&Process) -> Table<S, A>,
    ) -> Result<Table<S, A>, CallError> {
        let (custodian, by) = (ServerRef::named(owner.system(), custodian), owner.pid());
        let kept = custodian.call(|from| Claim { by, from }).await?;
        let table = kept.unwrap_or_else(|| make(owner));
        // A table that has ended says so when it is used.
        let _ = table.set_heir(custodian.info_address(|transfer| transfer), ());
        Ok(table)
    }
}

impl<S: Rows, A: Owns> GenServer for Custodian<Table<S, A>> {
    type Args = ();
    type Call = Claim<Table<S, A>>;
    type Cast = NoMessage;
    type Info = Transfer<Table<S, A>, ()>;
    type Continue = NoMessage;

    async fn init((): (), _: &mut Context<Self>) -> Result<Init<Self>, ExitReason> {
        Ok(Init::Ok(Custodian { held: VecDeque::new() }))
    }

    async fn handle_call(
        &mut self,
        Claim { by, from }: Claim<Table<S, A>>,
        _: &mut Context<Self>,
    ) -> Result<Next<Self>, ExitReason> {
        // A table that somebody has deleted meanwhile cannot be passed on.
        let found = std::iter::from_fn(|| self.held.pop_front()).find(|table| pass(&table.shared, None, by).is_some());
        from.reply(found);
        Ok(Next::Receive)
    }

    async fn handle_info(
        &mut self,
        info: Info<Transfer<Table<S, A>, ()>>,
        _: &mut Context<Self>,
    ) -> Result<Next<Self>, ExitReason> {
        if let Info::Message(transfer) = info {
            self.held.push_back(transfer.table);
        }
        Ok(Next::Receive)
    }
}

impl<S: Rows, A: Owns> Supervised for Custodian<Table<S, A>> {}

impl<T> fmt::Debug for Custodian<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Custodian({} tables)", self.held.len())
    }
}

impl<T: Send> fmt::Debug for Claim<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Claim(by {})", self.by)
    }
}
