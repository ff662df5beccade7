//! Registries, groups, pools, partitions.

mod groups;
mod groups_hostile;
mod groups_monitors;
mod partition;
//! Registries, process groups, partition supervisors, pools.

mod registry;
