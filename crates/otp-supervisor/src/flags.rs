/// Which children are started again when one has ended.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Strategy {
    /// That one.
    #[default]
    OneForOne,
    /// All: the others are stopped in reverse start order first, then all are started in order.
    OneForAll,
    /// That one and those started after it, which are stopped in reverse order first.
    RestForOne,
}

/// Whether a supervisor ends, with `Shutdown`, when significant children end by themselves and are not started again.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum AutoShutdown {
    /// It does not; no child may be significant.
    #[default]
    Never,
    /// When one does.
    AnySignificant,
    /// When the last one does that was still there.
    AllSignificant,
}
