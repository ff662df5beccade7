/// A snapshot of a pool: how many workers it has, and what they do.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct PoolStatus {
    /// How many workers the pool keeps.
    pub size: usize,
    /// How many more there may be.
    pub max_overflow: usize,
    /// All workers that have started and not ended.
    pub total: usize,
    /// Workers that wait for a borrower.
    pub idle: usize,
    /// Workers that are borrowed.
    pub borrowed: usize,
    /// Workers whose health is being checked.
    pub checking: usize,
    /// Workers that are being ended: they are no longer needed, or unhealthy.
    pub leaving: usize,
    /// Workers that are being started; not part of `total`.
    pub starting: usize,
    /// How many of the workers are beyond `size`.
    pub overflow: usize,
    /// Borrowers that wait for a worker: the length of the queue.
    pub waiting: usize,
    /// How often a worker was lent, since the pool was started.
    pub checkouts: u64,
    /// How often a borrower's time was up before it got a worker.
    pub timeouts: u64,
    /// How many workers were started.
    pub started: u64,
}
