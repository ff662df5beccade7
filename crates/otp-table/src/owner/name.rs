use std::any::{Any, type_name};
use std::sync::Arc;

use otp_core::{Label, Pid, Process, System};

use super::ownership::Owned;
use super::tables::{Tables, Taken};
use crate::rows::{Kind, Rows};
use crate::table::{Access, Gone, Granted, Owns, Shared, Table, Writes};

impl<S: Rows, A: Owns> Table<S, A> {
    /// Makes a table with a name, by which [`find`](Table::find) finds it, as [`new`](Table::new) does without one; ETS's
    /// `named_table`. The name is free when the table has ended.
    ///
    /// # Errors
    ///
    /// [`NameTaken`] if a table of the same system has the name, whatever its types.
    pub fn named(owner: &Process, name: impl Into<Label>) -> Result<Table<S, A>, NameTaken> {
        let (system, name) = (owner.system(), name.into());
        let shared = Arc::new(Shared::new(system, A::ACCESS, owner.pid(), Some(name.clone())));
        system.slot::<Tables>().add_named(&shared, &name).map_err(|taken| NameTaken::by(name, taken))?;
        Owned::attach_to(&shared, owner);
        Ok(Table::of(shared))
    }
}

impl<S: Rows, R: Writes> Table<S, R> {
    /// Gives the table another name; its first one, if it had none. The former name is free.
    ///
    /// # Errors
    ///
    /// [`NameTaken`] if a table has the name, also if it is this one, or if this one has ended: then no table has it.
    pub fn rename(&self, name: impl Into<Label>) -> Result<(), NameTaken> {
        let name = name.into();
        let system = self.system().clone();
        let mut ownership = self.shared.ownership();
        if ownership.ended.is_some() {
            return Err(NameTaken { name, holder: None });
        }
        match system.slot::<Tables>().rename(self.id(), ownership.name.as_ref(), &name) {
            Ok(()) => {
                ownership.name = Some(name);
                Ok(())
            }
            Err(taken) => {
                drop(ownership);
                Err(NameTaken::by(name, taken))
            }
        }
    }
}

impl<S: Rows, R: Granted> Table<S, R> {
    /// Finds a table by its name. Its types and its access are checked at run time.
    ///
    /// The handle refers to this table, not to a later one of the same name.
    ///
    /// ```
    /// # otp::tokio::TokioExecutor::current_thread().run(async |system| {
    /// use otp::table::{FindError, OrderedSet, Read, Set, Write};
    /// use otp::ProcessContext;
    ///
    /// let owner = system.spawn(async |ctx: ProcessContext<()>| {
    ///     let sessions: Set<u64, &str> = Set::named(&ctx, "sessions").unwrap();
    ///     sessions.insert(7, "Ada").unwrap();
    ///
    ///     let found = Set::<u64, &str, Read>::find(ctx.system(), "sessions").unwrap();
    ///     assert_eq!(found.lookup(&7), Ok(Some("Ada")));
    ///     let refused = Set::<u64, &str, Write>::find(ctx.system(), "sessions").unwrap_err();
    ///     assert_eq!(refused.to_string(), "cannot write table \"sessions\": it is protected");
    ///     let other = OrderedSet::<u64, &str, Read>::find(ctx.system(), "sessions");
    ///     assert!(matches!(other, Err(FindError::WrongType { .. })));
    /// });
    /// assert_eq!(owner.exited().await, otp::ExitReason::Normal);
    /// # }).unwrap();
    /// ```
    ///
    /// # Errors
    ///
    /// [`FindError`] if there is no such table, its rows are of other types, or its access does not allow this.
    #[doc(alias = "whereis")]
    pub fn find(system: &System, name: impl Into<Label>) -> Result<Table<S, R>, FindError> {
        let name = name.into();
        let Some(found) = system.slot::<Tables>().named(&name) else { return Err(FindError::NoTable { name }) };
        let Ok(info) = found.info() else { return Err(FindError::NoTable { name }) };
        let found: Arc<dyn Any + Send + Sync> = found;
        let Ok(shared) = found.downcast::<Shared<S>>() else {
            return Err(FindError::WrongType {
                name,
                kind: info.kind,
                key: info.key,
                value: info.value,
                expected: (S::KIND, type_name::<S::Key>(), type_name::<S::Value>()),
            });
        };
        if !shared.access.grants(R::WRITES) {
            return Err(FindError::Denied { name, access: info.access, write: R::WRITES });
        }
        Ok(Table::of(shared))
    }
}

impl NameTaken {
    fn by(name: Label, Taken(holder): Taken) -> NameTaken {
        let info: Option<Result<_, Gone>> = holder.map(|holder| holder.info());
        NameTaken { name, holder: info.and_then(Result::ok).map(|info| info.owner) }
    }
}

/// The error of giving a table a name.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("cannot name a table {name:?}: {}", match holder {
    Some(owner) => format!("a table of {owner} has that name"),
    None => "that table is about to end".to_owned(),
})]
#[non_exhaustive]
pub struct NameTaken {
    /// The name.
    pub name: Label,
    /// The owner of the table that has it; `None` if that table, or the one that was to be renamed, has just ended.
    pub holder: Option<Pid>,
}

/// The error of finding a table by its name.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum FindError {
    /// No table has the name.
    #[error("there is no table {name:?}")]
    NoTable {
        /// The name.
        name: Label,
    },
    /// The rows of the table are of other types.
    #[error("table {name:?} is a {kind} of {key} and {value}, not a {} of {} and {}", expected.0, expected.1, expected.2)]
    WrongType {
        /// The name.
        name: Label,
        /// The kind of the table.
        kind: Kind,
        /// The type of its keys.
        key: &'static str,
        /// The type of its values.
        value: &'static str,
        /// What was expected instead.
        expected: (Kind, &'static str, &'static str),
    },
    /// The access of the table does not allow this.
    #[error("cannot {} table {name:?}: it is {access}", if *write { "write" } else { "read" })]
    Denied {
        /// The name.
        name: Label,
        /// The access of the table.
        access: Access,
        /// Whether writing was asked for.
        write: bool,
    },
}
