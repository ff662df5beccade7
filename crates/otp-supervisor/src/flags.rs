/// Defines which children are restarted when one has ended.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Strategy {
    /// Only the child that ended.
    #[default]
    OneForOne,
    /// All children: the others are first stopped in reverse start order, then all are started in order.
    OneForAll,
    /// The child that ended and those started after it, which are first stopped in reverse start order.
    RestForOne,
}

/// Defines whether a supervisor ends, with `Shutdown`, when significant children end by themselves and are not
/// restarted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum AutoShutdown {
    /// The supervisor does not end; no child may be significant.
    #[default]
    Never,
    /// The supervisor ends when a significant child ends.
    AnySignificant,
    /// The supervisor ends when the last significant child ends.
    AllSignificant,
}
