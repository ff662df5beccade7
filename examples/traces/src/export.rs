//! Exports spans to an OpenTelemetry collector: OTLP over HTTP, from a process of the tree.

use std::io;
use std::time::Duration;

use futures::{AsyncReadExt, AsyncWriteExt};
use opentelemetry::Context;
use opentelemetry::trace::TracerProvider as _;
use opentelemetry_proto::tonic::collector::trace::v1::ExportTraceServiceRequest;
use opentelemetry_proto::transform::common::tonic::ResourceAttributesWithSchema;
use opentelemetry_proto::transform::trace::tonic::group_spans_by_resource_and_scope;
use opentelemetry_sdk::Resource;
use opentelemetry_sdk::error::OTelSdkResult;
use opentelemetry_sdk::trace::{SdkTracerProvider, Span, SpanData, SpanProcessor};
use otp::process::SpawnOptions;
use otp::runtime::net::NetAddr;
use otp::supervisor::ChildSpec;
use otp::{Address, Message, Name, Process, ProcessContext, ProcessRef, System};
use prost::Message as _;
use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::util::SubscriberInitExt;

/// The process that exports spans.
const EXPORTER: Name<SpanData> = Name::new("traces.exporter");

/// How many spans may wait for it. What is more is lost: whoever ends a span cannot wait.
const ROOM: usize = 4096;

/// How many spans are sent at once.
const BATCH: usize = 512;

/// Has all spans of the program sent to the exporter of `system`, whenever one runs.
pub fn install(system: &System, service: &'static str) {
    let resource = Resource::builder_empty().with_service_name(service).build();
    let sending = Sending(Address::named(system, EXPORTER));
    let provider = SdkTracerProvider::builder().with_resource(resource).with_span_processor(sending).build();
    let layer = tracing_opentelemetry::layer().with_tracer(provider.tracer("otp"));
    tracing_subscriber::registry().with(layer).init();
}

/// Sends each span that ends to the exporter.
#[derive(Debug)]
struct Sending(Address<SpanData>);

impl SpanProcessor for Sending {
    fn on_start(&self, _: &mut Span, _: &Context) {}

    fn on_end(&self, span: SpanData) {
        // Lost if there is no exporter, or it is too slow.
        drop(self.0.try_send(span));
    }

    fn force_flush(&self) -> OTelSdkResult {
        Ok(())
    }

    fn shutdown_with_timeout(&self, _: Duration) -> OTelSdkResult {
        Ok(())
    }
}

/// Makes the spec of a child that sends spans to the collector at this address.
pub fn supervised(collector: NetAddr, service: &'static str) -> ChildSpec<ProcessRef<SpanData>> {
    ChildSpec::worker("exporter", async move |supervisor: Process| {
        let options = SpawnOptions::new().name(EXPORTER).mailbox(ROOM).link();
        let collector = collector.clone();
        let body = async move |ctx| export(ctx, collector, service).await;
        supervisor.spawn_with(options, body).map(|spawned| spawned.process)
    })
}

async fn export(mut ctx: ProcessContext<SpanData>, collector: NetAddr, service: &'static str) {
    let resource = Resource::builder_empty().with_service_name(service).build();
    let resource = ResourceAttributesWithSchema::from(&resource);
    loop {
        let mut spans: Vec<_> = ctx.receive().await.user().into_iter().collect();
        while spans.len() < BATCH
            && let Some(Message::User(span)) = ctx.try_receive_match(|_| true)
        {
            spans.push(span);
        }
        let resource_spans = group_spans_by_resource_and_scope(spans, &resource);
        let request = ExportTraceServiceRequest { resource_spans }.encode_to_vec();
        if let Err(error) = post(ctx.system(), &collector, &request).await {
            tracing::warn!(%error, "spans are lost");
        }
    }
}

/// Posts a request. A service that exports much would use its HTTP client, and keep the connection.
async fn post(system: &System, collector: &NetAddr, body: &[u8]) -> io::Result<()> {
    let net = system.net().map_err(io::Error::other)?;
    let mut stream = net.connect(collector).await.map_err(io::Error::other)?;
    let head = format!(
        "POST /v1/traces HTTP/1.1\r\nhost: {collector}\r\ncontent-type: application/x-protobuf\r\n\
         content-length: {}\r\nconnection: close\r\n\r\n",
        body.len()
    );
    stream.write_all(head.as_bytes()).await?;
    stream.write_all(body).await?;
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await?;
    if answer.starts_with("HTTP/1.1 200 ") { Ok(()) } else { Err(io::Error::other(answer)) }
}
