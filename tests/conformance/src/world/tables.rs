use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use otp::table::{
    BagRows, GiveAwayError, Once, OrderedRows, Owns, Private, Protected, Public, Read, Repeated, SetRows, Table,
    TableInfo, Transfer, Write,
};
use otp::{Address, Pid, Process};
use serde_json::Value;

use super::rows::{Done, Fields, Refused, Stored, Term, change, look};
use crate::actors::Mail;
use crate::language::{TableAccess, TableKind, TableRequest, TableSpec};

/// The tables of a run, by their labels.
#[derive(Default)]
pub(crate) struct Tables(HashMap<String, Arc<dyn AnyTable>>);

impl Tables {
    pub(super) fn find(&self, id: &str) -> Option<Arc<dyn AnyTable>> {
        self.0.get(id).cloned()
    }

    pub(super) fn add(&mut self, id: &str, table: Arc<dyn AnyTable>) {
        self.0.insert(id.to_owned(), table);
    }
}

/// A table, with the handles that its owner and others hold. What the types of the library say at compile time depends here
/// on the process that executes the step.
pub(crate) trait AnyTable: Send + Sync {
    fn info(&self) -> Option<TableInfo>;

    /// Does something with the rows.
    fn perform(&self, own: Pid, request: &TableRequest) -> Done<Value>;

    /// Sets the heir; of none, removes it.
    fn set_heir(&self, own: Pid, heir: Option<(Receiver, Value)>) -> Done<()>;

    fn give_away(&self, own: Pid, to: Receiver, data: Value) -> Done<()>;
}

/// A process that may get a table, and what that one is called.
pub(crate) struct Receiver {
    pub(crate) process: Address<Mail>,
    pub(crate) table: String,
}

/// Makes a table of this process.
pub(crate) fn make(owner: &Process, spec: &TableSpec) -> Done<Arc<dyn AnyTable>> {
    match spec.kind {
        TableKind::Set => stored::<SetRows<Term, Fields>>(owner, spec),
        TableKind::OrderedSet => stored::<OrderedRows<Term, Fields>>(owner, spec),
        TableKind::Bag => stored::<BagRows<Term, Fields, Once>>(owner, spec),
        TableKind::DuplicateBag => stored::<BagRows<Term, Fields, Repeated>>(owner, spec),
    }
}

fn stored<S: Stored>(owner: &Process, spec: &TableSpec) -> Done<Arc<dyn AnyTable>> {
    Ok(match spec.access {
        TableAccess::Private => Arc::new(Handles::new(new::<S, Private>(owner, spec)?, None, None)),
        TableAccess::Protected => {
            let table = new::<S, Protected>(owner, spec)?;
            let reader = table.reader();
            Arc::new(Handles::new(table, Some(reader), None))
        }
        TableAccess::Public => {
            let table = new::<S, Public>(owner, spec)?;
            let writer = table.writer();
            Arc::new(Handles::new(table, None, Some(writer)))
        }
    })
}

fn new<S: Stored, A: Owns>(owner: &Process, spec: &TableSpec) -> Done<Table<S, A>> {
    match &spec.name {
        Some(name) => Ok(Table::named(owner, name.clone())?),
        None => Ok(Table::new(owner)),
    }
}

struct Handles<S: Stored, A: Owns> {
    /// Of the owner, whoever that is.
    own: Arc<Own<S, A>>,
    reader: Option<Table<S, Read>>,
    writer: Option<Table<S, Write>>,
}

/// The owner's handle. It goes with the message to the next owner.
struct Own<S: Stored, A: Owns>(Mutex<Option<Arc<Table<S, A>>>>);

impl<S: Stored, A: Owns> Own<S, A> {
    fn lock(&self) -> MutexGuard<'_, Option<Arc<Table<S, A>>>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl<S: Stored, A: Owns> Handles<S, A> {
    fn new(table: Table<S, A>, reader: Option<Table<S, Read>>, writer: Option<Table<S, Write>>) -> Handles<S, A> {
        Handles { own: Arc::new(Own(Mutex::new(Some(Arc::new(table))))), reader, writer }
    }

    /// The handle of the owner, if it is this process.
    fn owned(&self, own: Pid) -> Option<Arc<Table<S, A>>> {
        self.own.lock().clone().filter(|table| table.owner().is_ok_and(|owner| owner == own))
    }

    /// Where a process gets the table, and with it the handle.
    fn address(&self, to: Receiver) -> Address<Transfer<Table<S, A>, Value>> {
        let Receiver { process, table: label } = to;
        let own = self.own.clone();
        process.map_message(move |transfer: Transfer<Table<S, A>, Value>| {
            let stale = own.lock().replace(Arc::new(transfer.table));
            drop(stale);
            Mail::Table { table: label.clone(), from: transfer.from, data: transfer.data }
        })
    }
}

impl<S: Stored, A: Owns> AnyTable for Handles<S, A> {
    fn info(&self) -> Option<TableInfo> {
        let table = self.own.lock().clone();
        table?.info().ok()
    }

    fn perform(&self, own: Pid, request: &TableRequest) -> Done<Value> {
        if let Some(table) = self.owned(own) {
            return look(&table, request).unwrap_or_else(|| change(&table, request));
        }
        match (&self.writer, &self.reader) {
            (Some(writer), _) => look(writer, request).unwrap_or_else(|| change(writer, request)),
            (None, Some(reader)) => look(reader, request).unwrap_or(Err(Refused)),
            (None, None) => Err(Refused),
        }
    }

    fn set_heir(&self, own: Pid, heir: Option<(Receiver, Value)>) -> Done<()> {
        let table = self.owned(own).ok_or(Refused)?;
        match heir {
            Some((heir, data)) => table.set_heir(self.address(heir), data)?,
            None => table.remove_heir()?,
        }
        Ok(())
    }

    fn give_away(&self, own: Pid, to: Receiver, data: Value) -> Done<()> {
        let table = self.owned(own).ok_or(Refused)?;
        *self.own.lock() = None;
        let table = Arc::into_inner(table).ok_or(Refused)?;
        match table.give_away(self.address(to), data) {
            Ok(()) => Ok(()),
            Err(GiveAwayError::NoProc { table, .. } | GiveAwayError::Owner { table, .. }) => {
                *self.own.lock() = Some(Arc::new(table));
                Err(Refused)
            }
            Err(_) => Err(Refused),
        }
    }
}
