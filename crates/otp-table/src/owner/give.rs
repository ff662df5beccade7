use std::error::Error;
use std::fmt;

use otp_core::{Address, Target, WrongType};

use super::heir::{Transfer, tell};
use super::ownership::pass;
use crate::rows::Rows;
use crate::table::{Gone, Owns, Table};

impl<S: Rows, A: Owns> Table<S, A> {
    /// Makes another process the owner of the table, which gets a [`Transfer`] with `data`; ETS's `give_away/3`. The heir
    /// stays the heir.
    ///
    /// The new owner owns the table when this returns. The message waits for room in a bounded mailbox.
    ///
    /// ```
    /// # otp::tokio::TokioExecutor::current_thread().run(async |system| {
    /// use otp::table::{Set, Transfer};
    /// use otp::{ExitReason, Message, ProcessContext};
    ///
    /// let worker = system.spawn(async |mut ctx: ProcessContext<Transfer<Set<u64, &'static str>, ()>>| {
    ///     let Message::User(Transfer { table, .. }) = ctx.receive().await else { panic!("it gets no other message") };
    ///     assert_eq!(table.lookup(&7), Ok(Some("Ada")));
    /// });
    /// let to = worker.clone();
    /// system.spawn(async |ctx: ProcessContext<()>| {
    ///     let sessions = Set::new(&ctx);
    ///     sessions.insert(7, "Ada").unwrap();
    ///     sessions.give_away(to, ()).unwrap();
    /// });
    /// assert_eq!(worker.exited().await, ExitReason::Normal);
    /// # }).unwrap();
    /// ```
    ///
    /// # Errors
    ///
    /// [`GiveAwayError`] gives table and data back: if there is no such process, if it owns the table already, or if the
    /// table has ended.
    ///
    /// # Panics
    ///
    /// If the conversion of the address panics: the table has its new owner then, who was not told.
    pub fn give_away<D: Send + 'static>(
        self,
        to: impl Into<Address<Transfer<Table<S, A>, D>>>,
        data: D,
    ) -> Result<(), GiveAwayError<Table<S, A>, D>> {
        let to = to.into();
        let found = match to.find() {
            Ok(found) => found.and_then(|found| Some((found.pid().ok()??, found))),
            Err(wrong) => return Err(GiveAwayError::WrongType { wrong, table: self, data }),
        };
        let owner = match self.owner() {
            Ok(owner) => owner,
            Err(gone) => return Err(GiveAwayError::Gone { gone, data }),
        };
        let Some((pid, found)) = found.filter(|(pid, _)| self.system().is_alive(*pid)) else {
            return Err(GiveAwayError::NoProc { to: to.target(), table: self, data });
        };
        if pid == owner {
            return Err(GiveAwayError::Owner { table: self, data });
        }
        match pass(&self.shared, None, pid) {
            Some(from) => {
                tell(&found, &self.shared, from, data);
                Ok(())
            }
            None => Err(GiveAwayError::Gone { gone: self.shared.gone(), data }),
        }
    }
}

/// The error of giving a table away; gives the table and the data back.
#[non_exhaustive]
pub enum GiveAwayError<T, D> {
    /// The process has ended, or no process holds the name.
    NoProc {
        /// Who was to get the table.
        to: Target,
        /// The table.
        table: T,
        /// The data.
        data: D,
    },
    /// The process owns the table already.
    Owner {
        /// The table.
        table: T,
        /// The data.
        data: D,
    },
    /// The holder of the name receives messages of another type.
    WrongType {
        /// The process, and the two types.
        wrong: WrongType,
        /// The table.
        table: T,
        /// The data.
        data: D,
    },
    /// The table has ended.
    Gone {
        /// The table, and how it ended.
        gone: Gone,
        /// The data.
        data: D,
    },
}

impl<S: Rows, A: Owns, D> fmt::Display for GiveAwayError<Table<S, A>, D> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            GiveAwayError::NoProc { to, table, .. } => {
                write!(f, "cannot give {} away to {to}: no such process", table.label())
            }
            GiveAwayError::Owner { table, .. } => {
                write!(f, "cannot give {} away to its owner", table.label())
            }
            GiveAwayError::WrongType { wrong, table, .. } => {
                write!(f, "cannot give {} away to {}: ", table.label(), wrong.who())?;
                write!(f, "it receives {}, not {}", wrong.receives, wrong.expected)
            }
            GiveAwayError::Gone { gone, .. } => write!(f, "cannot give away: {gone}"),
        }
    }
}

/// Without the data, which need not be `Debug`.
impl<S: Rows, A: Owns, D> fmt::Debug for GiveAwayError<Table<S, A>, D> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            GiveAwayError::NoProc { to, table, .. } => f.debug_tuple("NoProc").field(to).field(table).finish(),
            GiveAwayError::Owner { table, .. } => f.debug_tuple("Owner").field(table).finish(),
            GiveAwayError::WrongType { wrong, table, .. } => {
                f.debug_tuple("WrongType").field(wrong).field(table).finish()
            }
            GiveAwayError::Gone { gone, .. } => f.debug_tuple("Gone").field(gone).finish(),
        }
    }
}

impl<S: Rows, A: Owns, D> Error for GiveAwayError<Table<S, A>, D> {}
