//! Registries, process groups, partition supervisors, pools.

mod groups;
mod groups_hostile;
mod groups_monitors;
mod partition;
mod registry;
mod pool;
mod pool_chaos;
mod pool_failures;
