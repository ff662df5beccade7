use otp_core::behaviour::shown;
use otp_core::event::{Handling, Seen, Spectator};
use tracing::field::{Empty, display};
use tracing::level_filters::LevelFilter;
use tracing::{Level, Span};

/// Opens spans.
pub(super) struct Opening {
    pub(super) roots: bool,
    pub(super) messages: bool,
}

impl Spectator for Opening {
    fn cause(&self) -> Option<Span> {
        if LevelFilter::current() == LevelFilter::OFF {
            return None;
        }
        let current = Span::current();
        current.id().is_some().then_some(current)
    }

    fn opens(&self, process: &Seen<'_>, handling: &Handling<'_>, cause: Option<&Span>) -> Option<Span> {
        if LevelFilter::current() < Level::INFO || (cause.is_none() && !self.roots) {
            return cause.cloned();
        }
        let parent = cause.and_then(Span::id);
        let span = match (process.type_name(), handling.message) {
            (None, _) => tracing::info_span!(
                target: "otp::span", parent: parent, "run",
                otel.name = Empty, pid = Empty, label = Empty, doing = Empty
            ),
            (Some(_), None) => tracing::info_span!(
                target: "otp::span", parent: parent, "start",
                otel.name = Empty, pid = Empty, label = Empty, doing = Empty
            ),
            (Some(_), Some(_)) => tracing::info_span!(
                target: "otp::span", parent: parent, "handle",
                otel.name = Empty, pid = Empty, label = Empty, doing = Empty, message = Empty
            ),
        };
        if span.is_disabled() {
            // What it sends still has the cause.
            return cause.cloned();
        }
        self.describe(&span, process, handling);
        Some(span)
    }
}

impl Opening {
    /// Fills in the fields, which are not looked up for a span that nobody wants.
    fn describe(&self, span: &Span, process: &Seen<'_>, handling: &Handling<'_>) {
        let (doing, label) = (handling.doing.as_str(), process.label());
        match &label {
            Some(label) => span.record("otel.name", display(format_args!("{label}: {doing}"))),
            None => span.record("otel.name", doing),
        };
        span.record("pid", display(process.pid())).record("doing", doing);
        if let Some(label) = &label {
            span.record("label", display(label));
        }
        if let Some(message) = handling.message.filter(|_| self.messages) {
            // Formatted here, and not by the subscriber, perhaps under a lock: formatting runs user code.
            span.record("message", shown(format_args!("{message:?}"), TEXT));
        }
    }
}

/// The longest text of a message, in bytes.
const TEXT: usize = 1024;
