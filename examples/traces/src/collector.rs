//! A collector for spans, in the same program: it stands for Jaeger, Tempo or any other one.

use std::collections::BTreeMap;
use std::fmt::Write;
use std::sync::{Arc, Mutex, PoisonError};

use opentelemetry_proto::tonic::collector::trace::v1::ExportTraceServiceRequest;
use opentelemetry_proto::tonic::common::v1::any_value::Value;
use opentelemetry_proto::tonic::trace::v1::Span;
use otp::http::{Http, HttpServer, Limits, Method, Request, Response, StatusCode};
use otp::supervisor::ChildSpec;
use prost::Message;

/// The spans that were received.
#[derive(Clone, Default)]
pub struct Collected(Arc<Mutex<Vec<Arrived>>>);

/// A span, as it came over the wire.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Arrived {
    /// The trace.
    pub trace: Vec<u8>,
    /// The id.
    pub id: Vec<u8>,
    /// The parent; empty for a root.
    pub parent: Vec<u8>,
    /// The name.
    pub name: String,
    /// The fields that are texts.
    pub fields: BTreeMap<String, String>,
    /// The events in it.
    pub events: Vec<String>,
}

impl Collected {
    /// Makes the spec of a child that collects spans at any free port.
    pub fn supervised(&self) -> ChildSpec<HttpServer> {
        let collected = self.clone();
        let answer = move |request: Request| {
            let collected = collected.clone();
            async move { collected.take(&request) }
        };
        let limits = Limits::new().body(4 << 20);
        Http::on("127.0.0.1:0", answer).limits(limits).supervised("collector")
    }

    /// All spans so far, in the order in which they ended.
    pub fn all(&self) -> Vec<Arrived> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// The traces, each as a tree.
    pub fn tree(&self) -> String {
        let all = self.all();
        let mut text = String::new();
        for root in all.iter().filter(|span| span.parent.is_empty()) {
            branch(&all, root, 0, &mut text);
        }
        text
    }

    fn take(&self, request: &Request) -> Response {
        if (request.method(), request.path()) != (&Method::POST, "/v1/traces") {
            return StatusCode::NOT_FOUND.into();
        }
        let Ok(export) = ExportTraceServiceRequest::decode(&request.body()[..]) else {
            return StatusCode::BAD_REQUEST.into();
        };
        let spans = export.resource_spans.into_iter().flat_map(|resource| resource.scope_spans);
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        all.extend(spans.flat_map(|scope| scope.spans).map(Arrived::from));
        // An empty message, which means that all is well.
        Response::new("application/x-protobuf", Vec::new())
    }
}

impl From<Span> for Arrived {
    fn from(span: Span) -> Arrived {
        let text = |value| match value {
            Some(Value::StringValue(text)) => Some(text),
            _ => None,
        };
        let fields = span.attributes.into_iter().filter_map(|field| Some((field.key, text(field.value?.value)?)));
        Arrived {
            trace: span.trace_id,
            id: span.span_id,
            parent: span.parent_span_id,
            name: span.name,
            fields: fields.collect(),
            events: span.events.into_iter().map(|event| event.name).collect(),
        }
    }
}

fn branch(all: &[Arrived], at: &Arrived, depth: usize, text: &mut String) {
    let events = at.events.iter().map(|event| format!("  ({event})")).collect::<String>();
    // Writing into a text does not fail.
    let _ = writeln!(text, "{:indent$}{}{events}", "", at.name, indent = 2 * depth);
    for child in all.iter().filter(|span| span.parent == at.id) {
        branch(all, child, depth + 1, text);
    }
}
