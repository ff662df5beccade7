use crate::spec::ChildSpec;
use crate::started::Started;

/// What the children of a [`DynamicSupervisor`](crate::DynamicSupervisor) are started from: specs of their own, or
/// arguments for a template. It is a parameter of the supervisor's types, and is for no other types than these two.
#[diagnostic::on_unimplemented(
    message = "the children of a dynamic supervisor are not started from `{Self}`",
    note = "it is `ChildSpec`, or, for a template that makes a child of type `T` from an `A`, `fn(A) -> T`"
)]
pub trait StartedFrom: 'static {
    /// What is given to start a child.
    type Args: Send + 'static;
}

/// Each child brings its spec.
impl StartedFrom for ChildSpec {
    type Args = ChildSpec;
}

/// A template makes the spec of a child of type `T` from an `A`.
impl<A: Send + 'static, T: Started> StartedFrom for fn(A) -> T {
    type Args = A;
}
