//! Processes, signals, names, routes, timers and scopes.

mod belongings;
mod blocked;
mod calls;
mod events;
mod fairness;
mod foreign;
mod info;
mod inline;
mod links;
mod mailbox;
mod mapped;
mod monitors;
mod names;
mod net;
mod net_faults;
mod nodes;
mod order;
mod processes;
mod routes;
mod scopes;
mod shutdown;
mod stress;
mod subscribers;
mod systems;
mod timers;
mod uncaught;
