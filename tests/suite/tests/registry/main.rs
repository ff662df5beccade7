//! Registries, process groups, partition supervisors, pools.

mod groups;
mod groups_hostile;
mod groups_monitors;
mod partition;
mod pool;
mod pool_chaos;
mod pool_failures;
mod registry;
