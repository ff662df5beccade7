use std::fmt;

/// What the handle of a table may do: its second type parameter.
///
/// The owner's handle has the access of the table, [`Private`], [`Protected`] or [`Public`]; handles of others have
/// [`Read`] or [`Write`].
pub trait Right: sealed::Sealed + Send + Sync + 'static {}

/// A right with which a table can be changed: every right except [`Read`].
#[diagnostic::on_unimplemented(
    message = "a handle with the right `{Self}` cannot change its table",
    note = "the owner's handle can, and what `writer()` of a public table returns"
)]
pub trait Writes: Right {}

/// A right with which handles for readers can be made: every right except [`Private`].
#[diagnostic::on_unimplemented(
    message = "a table that is `{Self}` has no readers",
    note = "make it `Protected`, the default, or `Public`"
)]
pub trait Shares: Right {}

/// The right of an owner, which is the access that others have: [`Private`], [`Protected`] or [`Public`].
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not the right of a table's owner",
    note = "the owner of a table has `Private`, `Protected` or `Public`"
)]
pub trait Owns: Writes {
    /// The access.
    const ACCESS: Access;
}

/// A right that a table can grant to those who look it up by its name: [`Read`] or [`Write`].
pub trait Granted: Right {
    /// Whether it includes writing.
    const WRITES: bool;
}

/// Who may use a table beside its owner.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[expect(clippy::exhaustive_enums, reason = "ETS has three, and programs match on them")]
pub enum Access {
    /// Nobody.
    Private,
    /// Others read.
    Protected,
    /// Others read, write and delete the table.
    Public,
}

macro_rules! rights {
    ($($(#[$doc:meta])* $name:ident: $($trait:ident),*;)*) => {
        $(
            $(#[$doc])*
            #[derive(Clone, Copy, Debug)]
            #[expect(clippy::exhaustive_enums, reason = "that it has no value is its meaning")]
            pub enum $name {}
            impl sealed::Sealed for $name {}
            impl Right for $name {}
            $(impl $trait for $name {})*
        )*
    };
}

rights! {
    /// The right of the owner of a table that nobody else may use.
    ///
    /// It gives out no handles:
    ///
    /// ```compile_fail,E0599
    /// # use otp::table::{Private, Set};
    /// fn share(secrets: &Set<u64, String, Private>) {
    ///     let _ = secrets.reader();
    /// }
    /// ```
    Private: Writes;
    /// The right of the owner of a table that others may read. The default, as in ETS.
    Protected: Writes, Shares;
    /// The right of the owner of a table that others may read, change and delete.
    Public: Writes, Shares;
    /// The right to read a table that is protected or public.
    ///
    /// What changes a table does not exist for such a handle:
    ///
    /// ```compile_fail,E0599
    /// # use otp::table::{Read, Set};
    /// fn change(sessions: &Set<u64, String, Read>) {
    ///     let _ = sessions.insert(1, String::new());
    /// }
    /// ```
    Read: Shares;
    /// The right to read and change a table that is public, and to delete it.
    Write: Writes, Shares;
}

impl Owns for Private {
    const ACCESS: Access = Access::Private;
}

impl Owns for Protected {
    const ACCESS: Access = Access::Protected;
}

impl Owns for Public {
    const ACCESS: Access = Access::Public;
}

impl Granted for Read {
    const WRITES: bool = false;
}

impl Granted for Write {
    const WRITES: bool = true;
}

impl Access {
    /// Whether the table can be read by others, or with `writes` also changed.
    pub(crate) fn grants(self, writes: bool) -> bool {
        match self {
            Access::Private => false,
            Access::Protected => !writes,
            Access::Public => true,
        }
    }
}

impl fmt::Display for Access {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Access::Private => "private",
            Access::Protected => "protected",
            Access::Public => "public",
        })
    }
}

mod sealed {
    #[expect(unnameable_types, reason = "nobody else is to implement it")]
    pub trait Sealed {}
}
