//! Supervisors, of children known before and of children started later.

mod api;
mod auto_shutdown;
mod backoff;
mod children;
mod dynamic;
mod handover;
mod intensity;
mod nested;
mod peers;
mod restart;
mod restart_failing;
mod restart_groups;
mod retries;
mod seeds;
mod shutdown;
mod specs;
mod start;
mod upgrade;
