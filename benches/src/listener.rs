//! Who listens to logs and spans, for the whole program: nobody, until spans are measured.

use std::sync::OnceLock;

use tracing::level_filters::LevelFilter;
use tracing_subscriber::Registry;
use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::reload::{Handle, Layer};

static HEARD: OnceLock<Handle<LevelFilter, Registry>> = OnceLock::new();

/// Libraries that log crashes find a log that takes nothing.
pub fn begin() {
    let (heard, handle) = Layer::new(LevelFilter::OFF);
    tracing::subscriber::set_global_default(Registry::default().with(heard)).expect("nobody listens before");
    HEARD.set(handle).expect("it begins once");
}

/// Has spans kept by the registry of `tracing-subscriber`, in all that is measured from now on in this program: what is
/// measured last.
pub fn listen() {
    HEARD.get().expect("the program has begun").reload(LevelFilter::TRACE).expect("it lasts as long as the program");
}
