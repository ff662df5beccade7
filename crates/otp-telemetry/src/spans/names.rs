/// A span that [`Spans`](crate::Spans) opens: its name, and its fields.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct SpanName {
    /// The name, which stays the same. Its target is `otp::span`, its level info.
    pub name: &'static str,
    /// The names of its fields.
    pub fields: &'static [&'static str],
    /// What happens in it, for people.
    pub about: &'static str,
}

/// All spans. `docs/telemetry.md` lists them.
pub const SPANS: &[SpanName] = &[
    SpanName {
        name: "start",
        fields: &["otel.name", "pid", "label", "doing"],
        about: "a server or another behaviour starts: `init`, and `handle_continue` after it",
    },
    SpanName {
        name: "handle",
        fields: &["otel.name", "pid", "label", "doing", "message"],
        about: "a server or another behaviour handles a message",
    },
    SpanName {
        name: "run",
        fields: &["otel.name", "pid", "label", "doing"],
        about: "another process, such as a task: from its start, or a message that was sent within a span, to its next wait for a message, or its end",
    },
];
