//! A registry against a list of entries, with random steps.

use std::collections::BTreeMap;

use otp::prelude::*;
use otp::registry::Registry;

use super::actor::{Actor, Mail, Names, Topics, open};

const KEYS: [&str; 4] = ["a", "b", "c", "d"];

/// What a registry has to show: the entries in the order in which they were registered.
#[derive(Clone, Debug, Default)]
struct Model(Vec<(&'static str, Pid, u32)>);

impl Model {
    fn of(&self, wanted: impl Fn(&(&'static str, Pid, u32)) -> bool) -> Vec<(&'static str, Pid, u32)> {
        self.0.iter().filter(|entry| wanted(entry)).copied().collect()
    }

    fn remove(&mut self, unwanted: impl Fn(&(&'static str, Pid, u32)) -> bool) -> usize {
        let before = self.0.len();
        self.0.retain(|entry| !unwanted(entry));
        before - self.0.len()
    }
}

fn shown<V: Copy>(
    entries: impl IntoIterator<Item = otp::registry::Entry<&'static str, Mail, V>>,
) -> Vec<(&'static str, Pid, V)> {
    entries.into_iter().map(|entry| (*entry.key(), entry.pid(), *entry.value())).collect()
}

macro_rules! against_the_model {
    ($name:ident, $registry:ty, $unique:expr, $update:expr) => {
        #[otp::test]
        async fn $name(system: System) {
            for seed in 0..20 {
                let mut rng = fastrand::Rng::with_seed(seed);
                let registry: $registry = open(&system).await;
                let (mut model, mut actors) = (Model::default(), BTreeMap::new());
                for step in 0..60_u32 {
                    let at = rng.usize(..3);
                    let actor = actors.entry(at).or_insert_with(|| Actor::start(&system)).clone();
                    let (pid, key, own) = (actor.pid(), KEYS[rng.usize(..KEYS.len())], registry.clone());
                    match rng.u32(..10) {
                        0..5 => {
                            let taken = $unique && model.0.iter().any(|entry| entry.0 == key);
                            let registered = actor.act(move |ctx| own.register(ctx, key, step).is_ok()).await;
                            assert_eq!(registered, !taken, "seed {seed}, step {step}");
                            if registered {
                                model.0.push((key, pid, step));
                            }
                        }
                        5..7 => {
                            let expected = model.remove(|entry| (entry.0, entry.1) == (key, pid));
                            let removed = actor.act(move |ctx| own.unregister(ctx, &key)).await;
                            assert_eq!(removed, expected, "seed {seed}, step {step}");
                        }
                        7 => {
                            let expected = model.remove(|entry| (entry.0, entry.1) == (key, pid) && entry.2 % 2 == 0);
                            let even = move |value: &u32| value % 2 == 0;
                            let removed = actor.act(move |ctx| own.unregister_matches(ctx, &key, even)).await;
                            assert_eq!(removed, expected, "seed {seed}, step {step}");
                        }
                        8 => $update(&mut model, &actor, own, key, step).await,
                        _ => {
                            model.remove(|entry| entry.1 == pid);
                            actor.kill().await;
                            actors.remove(&at);
                        }
                    }
                    assert_eq!(shown(registry.select(Some)), model.0, "seed {seed}, step {step}");
                    assert_eq!(registry.count(), model.0.len());
                    for key in KEYS {
                        assert_eq!(shown(registry.lookup(key)), model.of(|entry| entry.0 == key));
                    }
                    for actor in actors.values() {
                        let keys: Vec<_> =
                            model.of(|entry| entry.1 == actor.pid()).iter().map(|entry| entry.0).collect();
                        assert_eq!(registry.keys(actor.pid()), keys);
                    }
                }
            }
        }
    };
}

against_the_model!(unique_keys_are_as_the_model_says, Names, true, update);
against_the_model!(duplicate_keys_are_as_the_model_says, Topics, false, look);

async fn update(model: &mut Model, actor: &Actor, own: Names, key: &'static str, step: u32) {
    let pid = actor.pid();
    let updated = actor.act(move |ctx| own.update_value(ctx, &key, |_| step).is_ok()).await;
    let known = model.0.iter_mut().find(|entry| (entry.0, entry.1) == (key, pid));
    assert_eq!(updated, known.is_some());
    if let Some(entry) = known {
        entry.2 = step;
    }
}

async fn look(model: &mut Model, actor: &Actor, own: Topics, key: &'static str, _: u32) {
    let pid = actor.pid();
    assert_eq!(shown(own.values(key, pid)), model.of(|entry| (entry.0, entry.1) == (key, pid)));
    let found = own.dispatch(key, |entries| shown(entries.iter().cloned())).unwrap_or_default();
    assert_eq!(found, model.of(|entry| entry.0 == key));
}

/// The types say which registry has which operations.
#[test]
fn a_handle_can_be_sent_and_shared() {
    fn is_shared<T: Send + Sync + Clone>() {}
    is_shared::<Registry<String, std::cell::Cell<u8>, u8>>();
}
