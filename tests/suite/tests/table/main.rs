//! Tables that processes own and share.

mod actor;
mod concurrent;
mod counters;
mod custodian;
mod drops;
mod hostile;
mod named;
mod ordered;
mod owner;
mod rights;
mod rows;
mod walk;
