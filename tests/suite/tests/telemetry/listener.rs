//! A subscriber that keeps the spans of all tests of the program.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, OnceLock};

use tracing::field::{Field, Visit};
use tracing::span::{Attributes, Id, Record};
use tracing::{Event, Subscriber};
use tracing_subscriber::layer::{Context, SubscriberExt};
use tracing_subscriber::registry::LookupSpan;
use tracing_subscriber::{Layer, Registry};

/// A span, as far as the subscriber was told of it.
#[derive(Clone, Debug, Default)]
pub(crate) struct Heard {
    pub(crate) number: u64,
    pub(crate) parent: Option<u64>,
    pub(crate) target: &'static str,
    pub(crate) name: &'static str,
    pub(crate) fields: BTreeMap<&'static str, String>,
    /// The names of all its fields, also of those without a value.
    pub(crate) declared: Vec<&'static str>,
    /// The messages of the events in it.
    pub(crate) events: Vec<String>,
    pub(crate) entered: i64,
    pub(crate) closed: bool,
}

static ALL: Mutex<BTreeMap<u64, Heard>> = Mutex::new(BTreeMap::new());

/// Listens from now on, if not yet.
pub(crate) fn listen() {
    static LISTENING: OnceLock<()> = OnceLock::new();
    LISTENING.get_or_init(|| {
        tracing::subscriber::set_global_default(Registry::default().with(Listener)).unwrap();
    });
}

/// The spans that descend from one, each after its parent, and the one itself.
pub(crate) fn below(root: &tracing::Span) -> Vec<Heard> {
    let word = format!("{:?}", root.id());
    let all = ALL.lock().unwrap();
    let root = all.values().rev().find(|heard| heard.fields.get("id") == Some(&word)).expect("it was marked").number;
    let mut found: Vec<Heard> = vec![all[&root].clone()];
    for heard in all.values() {
        if found.iter().any(|above| Some(above.number) == heard.parent) {
            found.push(heard.clone());
        }
    }
    found
}

/// Opens a root span for a test.
pub(crate) fn root() -> tracing::Span {
    listen();
    let span = tracing::info_span!(target: "test", parent: None, "root", id = tracing::field::Empty);
    span.record("id", format!("{:?}", span.id()));
    span
}

struct Number(u64);

struct Listener;

struct Fields<'a>(&'a mut BTreeMap<&'static str, String>);

impl Visit for Fields<'_> {
    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        self.0.insert(field.name(), format!("{value:?}"));
    }

    fn record_str(&mut self, field: &Field, value: &str) {
        self.0.insert(field.name(), value.to_owned());
    }
}

impl Listener {
    fn change<S>(ctx: &Context<'_, S>, id: &Id, change: impl FnOnce(&mut Heard))
    where
        S: Subscriber + for<'a> LookupSpan<'a>,
    {
        let Some(number) = ctx.span(id).and_then(|span| Some(span.extensions().get::<Number>()?.0)) else { return };
        change(ALL.lock().unwrap().entry(number).or_default());
    }
}

impl<S: Subscriber + for<'a> LookupSpan<'a>> Layer<S> for Listener {
    fn on_new_span(&self, attributes: &Attributes<'_>, id: &Id, ctx: Context<'_, S>) {
        static NEXT: AtomicU64 = AtomicU64::new(0);
        let span = ctx.span(id).unwrap();
        let parent = span.parent().and_then(|parent| Some(parent.extensions().get::<Number>()?.0));
        let number = NEXT.fetch_add(1, Ordering::Relaxed);
        span.extensions_mut().insert(Number(number));
        let metadata = attributes.metadata();
        let mut heard = Heard { number, parent, target: metadata.target(), name: metadata.name(), ..Heard::default() };
        heard.declared = metadata.fields().iter().map(|field| field.name()).collect();
        attributes.record(&mut Fields(&mut heard.fields));
        ALL.lock().unwrap().insert(number, heard);
    }

    fn on_record(&self, id: &Id, values: &Record<'_>, ctx: Context<'_, S>) {
        Self::change(&ctx, id, |heard| values.record(&mut Fields(&mut heard.fields)));
    }

    fn on_event(&self, event: &Event<'_>, ctx: Context<'_, S>) {
        let mut fields = BTreeMap::new();
        event.record(&mut Fields(&mut fields));
        if let (Some(id), Some(message)) = (ctx.current_span().id(), fields.remove("message")) {
            Self::change(&ctx, id, |heard| heard.events.push(message));
        }
    }

    fn on_enter(&self, id: &Id, ctx: Context<'_, S>) {
        Self::change(&ctx, id, |heard| heard.entered += 1);
    }

    fn on_exit(&self, id: &Id, ctx: Context<'_, S>) {
        Self::change(&ctx, id, |heard| heard.entered -= 1);
    }

    fn on_close(&self, id: Id, ctx: Context<'_, S>) {
        Self::change(&ctx, &id, |heard| heard.closed = true);
    }
}
