use otp_core::{Label, Pid, System};

use crate::children::{Children, Key};
use crate::spec::ChildSpec;
use crate::start_child::StartsChild;
use crate::started::Started;

/// The kind of supervisor behind a [`SupervisorRef`](crate::SupervisorRef): defines what its children are started from
/// and how they are identified. Either [`Static`] or [`Dynamic`]; or `fn(A) -> T`, for a dynamic supervisor whose
/// template makes a child of type `T` from an `A`.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is no kind of supervisor",
    note = "it is `Static`, `Dynamic`, or, for a template that makes a child of type `T` from an `A`, `fn(A) -> T`"
)]
pub trait Kind: sealed::Sealed + 'static {
    /// What a child is started from.
    type Child: Send + 'static;
    /// Identifies a child: its id, or its pid.
    type Id: ChildId;
}

/// The kind of a [`Supervisor`](crate::Supervisor): its children are started from specs, and identified by their ids.
#[derive(Clone, Copy, Debug)]
#[expect(clippy::exhaustive_enums, reason = "that it has no value is its meaning")]
pub enum Static {}

/// The kind of a [`DynamicSupervisor`](crate::DynamicSupervisor) without a template: its children are started from
/// specs, and identified by their pids.
#[derive(Clone, Copy, Debug)]
#[expect(clippy::exhaustive_enums, reason = "that it has no value is its meaning")]
pub enum Dynamic {}

impl Kind for Static {
    type Child = ChildSpec;
    type Id = Label;
}

impl Kind for Dynamic {
    type Child = ChildSpec;
    type Id = Pid;
}

/// A template makes the spec of a child of type `T` from an `A`; the children are identified by their pids.
impl<A: Send + 'static, T: Started> Kind for fn(A) -> T {
    type Child = A;
    type Id = Pid;
}

/// What a supervisor of kind `K` starts a child from: a [`ChildSpec`], or the argument of its template.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not what this supervisor starts a child from",
    note = "a `Supervisor` and a `DynamicSupervisor` start a child from a `ChildSpec`, one with a template from its argument"
)]
pub trait ChildOf<K: Kind>: Send {
    /// The return value of starting the child.
    type Started: Started;

    /// Converts to the untyped form.
    fn into_child(self) -> K::Child;
}

impl<T: Started, F: StartsChild + Send> ChildOf<Static> for ChildSpec<T, F> {
    type Started = T;

    fn into_child(self) -> ChildSpec {
        self.untyped()
    }
}

impl<T: Started, F: StartsChild + Send> ChildOf<Dynamic> for ChildSpec<T, F> {
    type Started = T;

    fn into_child(self) -> ChildSpec {
        self.untyped()
    }
}

impl<A: Send + 'static, T: Started> ChildOf<fn(A) -> T> for A {
    type Started = T;

    fn into_child(self) -> A {
        self
    }
}

/// Finds a child, and describes it in errors.
#[expect(unnameable_types, reason = "it is `Label` or `Pid`")]
pub trait ChildId: Send + Sync + 'static {
    fn find(&self, children: &Children) -> Option<Key>;

    /// Whether it is the pid of a process that has ended.
    fn has_ended(&self, system: &System) -> bool;

    fn label(&self) -> Label;
}

impl ChildId for Label {
    fn find(&self, children: &Children) -> Option<Key> {
        children.by_id(self)
    }

    fn has_ended(&self, _: &System) -> bool {
        false
    }

    fn label(&self) -> Label {
        self.clone()
    }
}

impl ChildId for Pid {
    fn find(&self, children: &Children) -> Option<Key> {
        children.by_pid(*self)
    }

    fn has_ended(&self, system: &System) -> bool {
        !system.is_alive(*self)
    }

    fn label(&self) -> Label {
        Label::from(self.to_string())
    }
}

mod sealed {
    #[expect(unnameable_types, reason = "nobody else is to implement it")]
    pub trait Sealed {}
    impl Sealed for super::Static {}
    impl Sealed for super::Dynamic {}
    impl<A, T> Sealed for fn(A) -> T {}
}
