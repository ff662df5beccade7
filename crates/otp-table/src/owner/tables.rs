use std::any::Any;
use std::collections::{BTreeMap, HashMap};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};

use otp_core::{Label, System};

use super::info::TableInfo;
use crate::rows::Store;
use crate::table::{Gone, Shared, TableId};

/// The tables of a system. Their owners keep them.
#[derive(Default)]
pub(crate) struct Tables(Mutex<All>);

#[derive(Default)]
struct All {
    tables: BTreeMap<TableId, Weak<dyn AnyTable>>,
    names: HashMap<Label, TableId>,
}

/// A table, whatever it stores.
pub(crate) trait AnyTable: Any + Send + Sync {
    fn info(&self) -> Result<TableInfo, Gone>;
}

impl<S: Store> AnyTable for Shared<S> {
    fn info(&self) -> Result<TableInfo, Gone> {
        TableInfo::of(self)
    }
}

impl Tables {
    fn lock(&self) -> MutexGuard<'_, All> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Adds a table without a name.
    pub(crate) fn add<S: Store>(&self, table: &Arc<Shared<S>>) {
        let weak: Weak<dyn AnyTable> = Arc::downgrade(table) as _;
        self.lock().tables.insert(table.id, weak);
    }

    /// Adds a table with a name.
    ///
    /// # Errors
    ///
    /// The table that has the name.
    pub(crate) fn add_named<S: Store>(&self, table: &Arc<Shared<S>>, name: &Label) -> Result<(), Taken> {
        let weak: Weak<dyn AnyTable> = Arc::downgrade(table) as _;
        let mut all = self.lock();
        if let Some(&holder) = all.names.get(name) {
            return Err(Taken(all.tables.get(&holder).and_then(Weak::upgrade)));
        }
        all.names.insert(name.clone(), table.id);
        all.tables.insert(table.id, weak);
        Ok(())
    }

    /// Gives a table another name.
    ///
    /// # Errors
    ///
    /// The table that has the name.
    pub(crate) fn rename(&self, table: TableId, from: Option<&Label>, to: &Label) -> Result<(), Taken> {
        let mut all = self.lock();
        if let Some(&holder) = all.names.get(to) {
            return Err(Taken(all.tables.get(&holder).and_then(Weak::upgrade)));
        }
        if let Some(from) = from {
            all.names.remove(from);
        }
        all.names.insert(to.clone(), table);
        Ok(())
    }

    pub(crate) fn remove(&self, table: TableId, name: Option<&Label>) {
        let mut all = self.lock();
        let removed = all.tables.remove(&table);
        if let Some(name) = name
            && all.names.get(name) == Some(&table)
        {
            all.names.remove(name);
        }
        drop(all);
        drop(removed);
    }

    pub(crate) fn named(&self, name: &Label) -> Option<Arc<dyn AnyTable>> {
        let all = self.lock();
        all.tables.get(all.names.get(name)?)?.upgrade()
    }

    fn all(&self) -> Vec<Arc<dyn AnyTable>> {
        self.lock().tables.values().filter_map(Weak::upgrade).collect()
    }

    fn count(&self) -> usize {
        self.lock().tables.len()
    }
}

/// The table that has a name.
pub(crate) struct Taken(pub(crate) Option<Arc<dyn AnyTable>>);

/// Returns what is known of all tables of a system, in the order in which they were made.
///
/// ```
/// # otp::tokio::TokioExecutor::current_thread().run(async |system| {
/// use otp::table::{self, Set};
/// use otp::ProcessContext;
///
/// let owner = system.spawn(async |ctx: ProcessContext<()>| {
///     let sessions: Set<u64, &str> = Set::named(&ctx, "sessions").unwrap();
///     sessions.insert(7, "Ada").unwrap();
///     let all = table::list(ctx.system());
///     assert_eq!((all.len(), all[0].rows, all[0].owner), (1, 1, ctx.pid()));
///     assert_eq!(all[0].to_string(), format!("sessions: set, protected, 1 rows, owner {}", ctx.pid()));
/// });
/// assert_eq!(owner.exited().await, otp::ExitReason::Normal);
/// assert_eq!(table::count(&system), 0);
/// # }).unwrap();
/// ```
pub fn list(system: &System) -> Vec<TableInfo> {
    system.slot::<Tables>().all().iter().filter_map(|table| table.info().ok()).collect()
}

/// Returns the number of tables of a system.
pub fn count(system: &System) -> usize {
    system.slot::<Tables>().count()
}
