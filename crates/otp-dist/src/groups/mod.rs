//! Groups that are shared with other nodes, by the protocol of Erlang's `pg`.
//!
//! | file | idea |
//! |---|---|
//! | `share` | what a node is configured to share |
//! | `sharing` | the process that shares a scope, as long as the node runs |
//! | `life` | what it knows as long as the scope runs |
//! | `others` | the scopes of other nodes, and their members here |
//! | `members` | the members of groups, each as often as it has joined |
//! | `inbox` | which process gets what is said to a scope |
//! | `said` | what scopes say to each other |
//! | `member` | how messages get to a member on another node |

mod inbox;
mod life;
mod member;
mod members;
mod others;
mod said;
mod share;
mod sharing;

pub(crate) use share::Share;
