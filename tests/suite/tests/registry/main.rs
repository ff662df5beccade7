//! Registries, process groups, partition supervisors, pools.
