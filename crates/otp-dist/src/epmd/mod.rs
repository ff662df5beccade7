//! Epmd, which knows the ports of the nodes of this host: the registration of a node with it, and an own one for hosts
//! without.

mod conversation;
mod own;
mod registered;

pub(crate) use own::OwnEpmd;
pub(crate) use registered::Registered;
