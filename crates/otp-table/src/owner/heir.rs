use std::fmt;
use std::sync::Arc;

use otp_core::{Address, Pid, ProcessContext, SpawnOptions, TrySendError};
use otp_genserver::NoMessage;

use crate::rows::{Rows, Store};
use crate::table::{Gone, Owns, Shared, Table};

/// The message to the new owner of a table, when it has inherited the table or was given it: ETS's `'ETS-TRANSFER'`.
///
/// The receiver owns the table already. Dropping the message leaves the table to it, without a handle.
#[derive(Debug)]
#[non_exhaustive]
pub struct Transfer<T, D> {
    /// The owner's handle of the table.
    pub table: T,
    /// The former owner.
    pub from: Pid,
    /// What the former owner has given with it.
    pub data: D,
}

/// The process that gets a table when its owner ends.
pub(crate) trait Heir<S: Store>: Send + Sync {
    /// The process, for people.
    fn pid(&self) -> Option<Pid>;

    /// The process that the heir is now, and what tells it.
    fn find(&self) -> Option<Found<S>>;
}

/// A process that is about to own a table.
pub(crate) struct Found<S: Store> {
    pub(crate) pid: Pid,
    /// Sends the message, with the former owner.
    pub(crate) tell: Tell<S>,
}

type Tell<S> = Box<dyn FnOnce(&Arc<Shared<S>>, Pid)>;

struct To<T, D> {
    address: Address<Transfer<T, D>>,
    data: D,
}

impl<S: Rows, A: Owns> Table<S, A> {
    /// Sets the process that owns the table after the end of its owner, instead of an heir that was set before. It gets a
    /// [`Transfer`] with a clone of `data`, which converts to its own messages by
    /// [`map_message`](Address::map_message), or, for a server, `info_address`.
    ///
    /// * *On exit of the owner.* The heir is the owner, and has the message in its mailbox, before any link, monitor or event
    ///   reports the end. If the heir has ended, the table is gone. If its bounded mailbox is full, the message waits for
    ///   room, and a report of the end may overtake it.
    /// * *A route as an heir.* The address of a name leads to whoever holds it when the owner ends, also after restarts.
    /// * *After that.* The heir stays the heir: also when it gives the table away, and when it is the owner itself, until
    ///   another one is set.
    /// * *A panic* of the address, its conversion or the clone of `data` ends the table.
    ///
    /// ```
    /// # otp::tokio::TokioExecutor::current_thread().run(async |system| {
    /// use otp::table::{Set, Transfer};
    /// use otp::{Address, ExitReason, Message, ProcessContext};
    ///
    /// enum Keep {
    ///     Inherited(Transfer<Set<u64, &'static str>, u8>),
    /// }
    ///
    /// let heir = system.spawn(async |mut ctx: ProcessContext<Keep>| {
    ///     let Message::User(Keep::Inherited(transfer)) = ctx.receive().await else { panic!("it gets no other message") };
    ///     assert_eq!((transfer.table.lookup(&7), transfer.data), (Ok(Some("Ada")), 1));
    ///     assert_eq!(transfer.table.owner(), Ok(ctx.pid()));
    /// });
    ///
    /// let to = Address::from(&heir).map_message(Keep::Inherited);
    /// system.spawn(async |ctx: ProcessContext<()>| {
    ///     let sessions: Set<u64, &str> = Set::new(&ctx);
    ///     sessions.set_heir(to, 1).unwrap();
    ///     sessions.insert(7, "Ada").unwrap();
    /// });
    /// assert_eq!(heir.exited().await, ExitReason::Normal);
    /// # }).unwrap();
    /// ```
    ///
    /// # Errors
    ///
    /// [`Gone`] if the table has ended.
    pub fn set_heir<D>(&self, heir: impl Into<Address<Transfer<Table<S, A>, D>>>, data: D) -> Result<(), Gone>
    where
        D: Clone + Send + Sync + 'static,
    {
        self.change_heir(Some(Arc::new(To { address: heir.into(), data })))
    }

    /// Leaves the table without an heir, so that it ends with its owner.
    ///
    /// # Errors
    ///
    /// [`Gone`] if the table has ended.
    pub fn remove_heir(&self) -> Result<(), Gone> {
        self.change_heir(None)
    }

    fn change_heir(&self, heir: Option<Arc<dyn Heir<S>>>) -> Result<(), Gone> {
        let mut ownership = self.shared.ownership();
        if ownership.ended.is_some() {
            drop(ownership);
            return Err(self.shared.gone());
        }
        let former = std::mem::replace(&mut ownership.heir, heir);
        drop(ownership);
        // It has data of users.
        drop(former);
        Ok(())
    }
}

impl<S, A, D> Heir<S> for To<Table<S, A>, D>
where
    S: Rows,
    A: Owns,
    D: Clone + Send + Sync + 'static,
{
    fn pid(&self) -> Option<Pid> {
        self.address.pid().ok().flatten()
    }

    fn find(&self) -> Option<Found<S>> {
        let address = self.address.find().ok().flatten()?;
        let pid = address.pid().ok().flatten()?;
        let data = self.data.clone();
        Some(Found { pid, tell: Box::new(move |shared, from| tell(&address, shared, from, data)) })
    }
}

/// Sends the message to a new owner, now or as soon as there is room for it.
pub(super) fn tell<S: Rows, A: Owns, D: Send + 'static>(
    to: &Address<Transfer<Table<S, A>, D>>,
    shared: &Arc<Shared<S>>,
    from: Pid,
    data: D,
) {
    let transfer = Transfer { table: Table::of(shared.clone()), from, data };
    if let Err(TrySendError::Full { message, .. }) = to.try_send(transfer) {
        let to = to.clone();
        let options = SpawnOptions::new().label("table courier");
        drop(shared.system.spawn_with(options, async move |ctx: ProcessContext<NoMessage>| {
            let _ctx = ctx;
            // If the new owner has ended meanwhile, it has the table no longer.
            let _ = to.send(message).await;
        }));
    }
}

impl<S: Store> fmt::Debug for dyn Heir<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Heir({:?})", self.pid())
    }
}
