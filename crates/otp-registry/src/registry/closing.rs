use std::sync::Arc;

use futures::future::Either;
use otp_core::{Belonging, End, ExitReason};

use super::dropping::drop_each;
use super::owner::State;
use super::table::Table;
use crate::figures::{Open, RegistryFigures};

/// Closes a registry when its process ends: the belonging of that process.
pub(super) struct Closing<K, M, V>(pub(super) Arc<Table<K, M, V>>);

impl<K, M, V> Belonging for Closing<K, M, V>
where
    K: Send + Sync + 'static,
    M: Send + 'static,
    V: Send + Sync + 'static,
{
    fn owner_ended(self: Box<Self>, end: &End<'_>) {
        let Closing(table) = *self;
        table.shut();
        Open::<RegistryFigures>::forget(end.system, end.pid);
        let (mut removed, mut holders, mut belongings) = (Vec::new(), Vec::new(), Vec::new());
        for owner in table.owners() {
            let (records, kept) = owner.end(State::Closed);
            table.forget(&owner);
            if !records.is_empty() {
                holders.push(owner.pid);
            }
            removed.extend(table.remove_all(records));
            belongings.extend(kept);
        }
        // Not told any more: a process may outlive many registries.
        belongings.into_iter().for_each(|kept| drop(kept.take_back()));
        let meta = table.meta.take();
        table.unlock();
        // In Elixir the holders are linked to a part of the registry, which a shutdown ends whatever ended the registry,
        // except a kill.
        let reason = match end.reason {
            ExitReason::Killed => ExitReason::Killed,
            _ => ExitReason::Shutdown,
        };
        holders.into_iter().for_each(|holder| end.system.exit(holder, reason.clone()));
        // Together: a panic in one of them must not have the others dropped while it unwinds.
        drop_each(meta.map(Either::Left).chain(removed.into_iter().map(Either::Right)));
    }
}
