use std::fmt;
use std::hash::Hash;
use std::marker::PhantomData;
use std::pin::Pin;
use std::sync::Arc;

use otp_behaviour::{StartError, StartOptions, Starter, start};
use otp_core::{Label, Spawner};

use super::handle::{Groups, GroupsName};
use super::scope::{Named, run};
use super::table::Table;

/// Starts a scope of groups when it is awaited. Made by [`Groups::start`] and [`Groups::start_link`].
///
/// # Errors
///
/// [`StartError`], if the name is taken.
#[must_use = "a scope is started when this is awaited"]
pub struct StartGroups<K, M> {
    on: Starter,
    link: bool,
    label: Option<Label>,
    name: Option<GroupsName<K, M>>,
    types: PhantomData<fn(K, M)>,
}

impl<K: Hash + Eq + Send + Sync + 'static, M: Send + 'static> StartGroups<K, M> {
    pub(super) fn new(on: &impl Spawner) -> StartGroups<K, M> {
        StartGroups { on: Starter::of(on), link: false, label: None, name: None, types: PhantomData }
    }

    pub(super) fn link(self) -> StartGroups<K, M> {
        StartGroups { link: true, ..self }
    }

    /// Registers the scope under a [`GroupsName`] of its types.
    pub fn name(self, name: GroupsName<K, M>) -> StartGroups<K, M> {
        StartGroups { name: Some(name), ..self }
    }

    /// Sets the label of the scope, for logs, errors and introspection; by default its name, or `groups`.
    pub fn label(self, label: impl Into<Label>) -> StartGroups<K, M> {
        StartGroups { label: Some(label.into()), ..self }
    }

    async fn run(self) -> Result<Groups<K, M>, StartError> {
        let StartGroups { on, link, label, name, types: _ } = self;
        let named = || name.clone().map(Label::from);
        let called = label.clone().or_else(named).unwrap_or_else(|| Label::from_static("groups"));
        let table = Arc::new(Table::new(on.system(), called));
        let mut options = StartOptions::new(|| "groups");
        if link {
            options = options.link();
        }
        if let Some(label) = label {
            options = options.label(label);
        }
        if let Some(name) = name {
            options = options.name(Named { name, table: table.clone() });
        }
        let own = table.clone();
        start(&on, options, |ctx, parent, ack| run(ctx, parent, ack, own)).await?;
        Ok(Groups::of(table))
    }
}

impl<K: Hash + Eq + Send + Sync + 'static, M: Send + 'static> IntoFuture for StartGroups<K, M> {
    type Output = Result<Groups<K, M>, StartError>;
    type IntoFuture = Pin<Box<dyn Future<Output = Self::Output> + Send>>;

    fn into_future(self) -> Self::IntoFuture {
        Box::pin(self.run())
    }
}

impl<K, M> fmt::Debug for StartGroups<K, M> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("StartGroups")
    }
}
