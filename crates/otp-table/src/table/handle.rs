use std::fmt;
use std::marker::PhantomData;
use std::sync::Arc;

use otp_core::{Label, Pid, Process, Ref, System};

use super::gone::{Ending, Gone};
use super::right::{Owns, Protected, Public, Read, Right, Shares, Write, Writes};
use super::shared::Shared;
use crate::owner::{Owned, TableInfo, Tables};
use crate::rows::{BagRows, Once, OrderedRows, Repeated, Rows, SetRows};

/// A table that has one row, a value, for each key.
pub type Set<K, V, R = Protected> = Table<SetRows<K, V>, R>;

/// A table that has one row, a value, for each key, in the order of the keys.
pub type OrderedSet<K, V, R = Protected> = Table<OrderedRows<K, V>, R>;

/// A table that has any number of rows for each key; equal rows are stored once.
pub type Bag<K, V, R = Protected> = Table<BagRows<K, V, Once>, R>;

/// A table that has any number of rows for each key, also equal ones.
pub type DuplicateBag<K, V, R = Protected> = Table<BagRows<K, V, Repeated>, R>;

/// Stores rows, which a process owns, and which others read and perhaps write without asking it: the handle of an ETS table.
///
/// The four kinds of tables are [`Set`], [`OrderedSet`], [`Bag`] and [`DuplicateBag`]. `R` is the right of the handle:
///
/// | `R` | who has it | reads | writes, deletes | gives away, names an heir | more handles |
/// |---|---|---|---|---|---|
/// | [`Private`](super::Private) | the owner | yes | yes | yes | none |
/// | [`Protected`] (default) | the owner | yes | yes | yes | [`reader`](Table::reader) |
/// | [`Public`] | the owner | yes | yes | yes | [`reader`](Table::reader), [`writer`](Table::writer) |
/// | [`Read`] | anybody | yes | no | no | `clone` |
/// | [`Write`] | anybody | yes | yes | no | `clone` |
///
/// Whoever holds the owner's handle acts as the owner, from any thread, as with a [`Process`].
///
/// * *Owner.* A table ends with the process that owns it, or moves to its [heir](Table::set_heir). Dropping a handle,
///   also the owner's, leaves the table in place.
/// * *On exit.* When a link, a monitor or an event reports the end of the owner, the table is gone, or has its new owner,
///   who has the message about it in the mailbox. Each operation of each handle then returns [`Gone`], which names the
///   owner. Who is reading at that moment finishes.
/// * *On restart.* A restarted server gets its table back from the heir; [`Custodian`](crate::Custodian) is a ready one.
/// * *Concurrency.* Readers take no lock, and wait for nobody. The write of a row is atomic: a reader sees the row before or
///   after it. No lock is held while code of users runs: closures, `Hash`, `Eq`, `Ord`, `Clone` and `Drop` of keys and
///   values may panic, block, and use the table. While a closure reads a row of a set or a bag, the memory of rows that
///   were replaced meanwhile is not freed. A write of an ordered set begins anew when it was overtaken by another one, and
///   so it never ends if the `Ord` of its keys writes to the same set, each time.
/// * *Drop.* A row that was replaced or deleted is dropped by whoever was the last to see it. In sets and bags this may be
///   as late as some dozens of writes later, or the end of the table. A panic in a drop of a row is reported by the panic
///   hook, and goes no further. When a table with many rows ends, they are dropped in a blocking job.
///
/// It follows [`ets`](https://www.erlang.org/doc/man/ets.html) of OTP, with typed rows.
///
/// ```
/// # otp::tokio::TokioExecutor::current_thread().run(async |system| {
/// use otp::ProcessContext;
/// use otp::table::{Read, Set};
///
/// let (publish, table) = futures::channel::oneshot::channel::<Set<u64, &str, Read>>();
/// let owner = system.spawn(async move |ctx: ProcessContext<()>| {
///     let sessions: Set<u64, &str> = Set::new(&ctx);
///     sessions.insert(7, "Ada").unwrap();
///     publish.send(sessions.reader()).ok();
///     std::future::pending::<()>().await
/// });
///
/// let sessions = table.await.unwrap();
/// assert_eq!(sessions.lookup(&7), Ok(Some("Ada")));
///
/// owner.exit(otp::ExitReason::Kill);
/// owner.exited().await;
/// let gone = sessions.lookup(&7).unwrap_err();
/// assert!(gone.to_string().ends_with(&format!("is gone: its owner {} has ended", owner.pid())));
/// # }).unwrap();
/// ```
#[doc(alias = "ets")]
#[must_use]
pub struct Table<S: Rows, R = Protected> {
    pub(crate) shared: Arc<Shared<S>>,
    right: PhantomData<fn() -> R>,
}

/// Identifies a table in its system.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct TableId(pub(crate) Ref);

impl<S: Rows, A: Owns> Table<S, A> {
    /// Makes a table that `owner` owns: a context, of a process or a server, dereferences to its process.
    ///
    /// If `owner` has ended already, so has the table.
    pub fn new(owner: &Process) -> Table<S, A> {
        let shared = Arc::new(Shared::new(owner.system(), A::ACCESS, owner.pid(), None));
        owner.system().slot::<Tables>().add(&shared);
        Owned::attach_to(&shared, owner);
        Table::of(shared)
    }
}

impl<S: Rows, R: Right> Table<S, R> {
    pub(crate) fn of(shared: Arc<Shared<S>>) -> Table<S, R> {
        Table { shared, right: PhantomData }
    }

    /// The id of the table, which it keeps when its owner or its name changes.
    pub fn id(&self) -> TableId {
        self.shared.id
    }

    /// The system that the table belongs to.
    pub fn system(&self) -> &System {
        &self.shared.system
    }

    /// The name of the table, or `table` with a number.
    pub fn label(&self) -> Label {
        self.shared.label(&self.shared.ownership())
    }

    /// Returns the process that owns the table.
    ///
    /// # Errors
    ///
    /// [`Gone`] if the table has ended.
    pub fn owner(&self) -> Result<Pid, Gone> {
        let ownership = self.shared.ownership();
        match ownership.ended {
            None => Ok(ownership.owner),
            Some(how) => Err(Gone { table: self.shared.label(&ownership), how }),
        }
    }

    /// Returns what is known of the table, for any access.
    ///
    /// # Errors
    ///
    /// [`Gone`] if the table has ended.
    pub fn info(&self) -> Result<TableInfo, Gone> {
        TableInfo::of(&self.shared)
    }
}

impl<S: Rows, R: Shares> Table<S, R> {
    /// Returns a handle that reads.
    pub fn reader(&self) -> Table<S, Read> {
        Table::of(self.shared.clone())
    }
}

impl<S: Rows> Table<S, Public> {
    /// Returns a handle that reads and writes.
    pub fn writer(&self) -> Table<S, Write> {
        Table::of(self.shared.clone())
    }
}

impl<S: Rows, R: Writes> Table<S, R> {
    /// Deletes the table with all its rows; ETS's `delete/1`. Its name is free.
    ///
    /// # Errors
    ///
    /// [`Gone`] if the table has ended before.
    pub fn delete_table(&self) -> Result<(), Gone> {
        if self.shared.end(Ending::Deleted) { Ok(()) } else { Err(self.shared.gone()) }
    }
}

impl<S: Rows> Clone for Table<S, Read> {
    fn clone(&self) -> Table<S, Read> {
        Table::of(self.shared.clone())
    }
}

impl<S: Rows> Clone for Table<S, Write> {
    fn clone(&self) -> Table<S, Write> {
        Table::of(self.shared.clone())
    }
}

/// Two handles are equal if they refer to the same table.
impl<S: Rows, R> PartialEq for Table<S, R> {
    fn eq(&self, other: &Table<S, R>) -> bool {
        Arc::ptr_eq(&self.shared, &other.shared)
    }
}

impl<S: Rows, R> Eq for Table<S, R> {}

impl<S: Rows, R: Right> fmt::Debug for Table<S, R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Table({}, {})", self.label(), S::KIND)
    }
}

impl fmt::Display for TableId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "table {}", self.0.number())
    }
}

impl fmt::Debug for TableId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "TableId({})", self.0.number())
    }
}
