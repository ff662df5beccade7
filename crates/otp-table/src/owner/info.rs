use std::any::type_name;
use std::fmt;

use otp_core::{Label, Pid};

use crate::rows::{Kind, Store};
use crate::table::{Access, Gone, Shared, TableId};

/// A snapshot of a table, of [`Table::info`](crate::Table::info) and [`list`](crate::list); ETS's `info/1`.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct TableInfo {
    /// The id.
    pub id: TableId,
    /// The name, if it has one.
    pub name: Option<Label>,
    /// The kind.
    pub kind: Kind,
    /// Who may use it beside the owner.
    pub access: Access,
    /// The owner.
    pub owner: Pid,
    /// The heir, if one is set: for a route, the process that it leads to now. It need not be alive.
    pub heir: Option<Pid>,
    /// The number of rows. Counted, while others write.
    pub rows: usize,
    /// The type of the keys.
    pub key: &'static str,
    /// The type of the values.
    pub value: &'static str,
}

impl TableInfo {
    pub(crate) fn of<S: Store>(table: &Shared<S>) -> Result<TableInfo, Gone> {
        let rows = table.with(S::len)?;
        let ownership = table.ownership();
        if ownership.ended.is_some() {
            drop(ownership);
            return Err(table.gone());
        }
        let (name, owner, heir) = (ownership.name.clone(), ownership.owner, ownership.heir.clone());
        drop(ownership);
        Ok(TableInfo {
            id: table.id,
            name,
            kind: S::KIND,
            access: table.access,
            owner,
            // Not under the lock: a route is code of users.
            heir: heir.and_then(|heir| heir.pid()),
            rows,
            key: type_name::<S::Key>(),
            value: type_name::<S::Value>(),
        })
    }
}

impl fmt::Display for TableInfo {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.name {
            Some(name) => write!(f, "{name}")?,
            None => write!(f, "{}", self.id)?,
        }
        write!(f, ": {}, {}, {} rows, owner {}", self.kind, self.access, self.rows, self.owner)
    }
}
