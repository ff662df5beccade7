use std::fmt;

/// Holds one server-sent event, for [`Response::events`](crate::Response::events).
///
/// Its `Display` is the event as it is sent. A text with several lines is sent as such.
///
/// ```
/// use otp::http::ServerSentEvent;
///
/// let event = ServerSentEvent::new("one\ntwo").event("lines");
/// assert_eq!(event.to_string(), "event: lines\ndata: one\ndata: two\n\n");
/// assert_eq!(ServerSentEvent::comment().to_string(), ":\n\n");
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ServerSentEvent {
    event: Option<String>,
    id: Option<String>,
    data: Option<String>,
}

impl ServerSentEvent {
    /// Makes an event of its data.
    pub fn new(data: impl Into<String>) -> ServerSentEvent {
        ServerSentEvent { event: None, id: None, data: Some(data.into()) }
    }

    /// Makes a comment, which clients ignore: it finds out whether the client is still there.
    pub fn comment() -> ServerSentEvent {
        ServerSentEvent { event: None, id: None, data: None }
    }

    /// Sets the type of the event; line breaks are left out.
    pub fn event(mut self, name: impl Into<String>) -> ServerSentEvent {
        self.event = Some(one_line(name.into()));
        self
    }

    /// Sets the id of the event, which a client sends as `Last-Event-ID` when it connects again; line breaks are left out.
    pub fn id(mut self, id: impl Into<String>) -> ServerSentEvent {
        self.id = Some(one_line(id.into()));
        self
    }
}

impl fmt::Display for ServerSentEvent {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(event) = &self.event {
            writeln!(f, "event: {event}")?;
        }
        if let Some(id) = &self.id {
            writeln!(f, "id: {id}")?;
        }
        match &self.data {
            Some(data) => lines(data).try_for_each(|line| writeln!(f, "data: {line}"))?,
            None => f.write_str(":\n")?,
        }
        f.write_str("\n")
    }
}

/// The lines of a text, as a browser sees them: a carriage return ends one, too.
fn lines(text: &str) -> impl Iterator<Item = &str> {
    text.split('\n').flat_map(|line| line.strip_suffix('\r').unwrap_or(line).split('\r'))
}

fn one_line(text: String) -> String {
    if text.contains(BREAKS) { text.replace(BREAKS, "") } else { text }
}

/// What would end a field.
const BREAKS: [char; 3] = ['\n', '\r', '\0'];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_cannot_forge_an_event() {
        let event = ServerSentEvent::new("a\r\nevent: b\rdata: c\n\nx").event("e\ndata: d").id("1\r2\0");
        let expected = "event: edata: d\nid: 12\ndata: a\ndata: event: b\ndata: data: c\ndata: \ndata: x\n\n";
        assert_eq!(event.to_string(), expected);
    }
}
