//! Spans and metrics of `datalinks` over OpenTelemetry: OTLP over HTTP, as JSON.
//!
//! `datalinks` emits spans of `tracing` whose fields follow the OpenTelemetry conventions for HTTP, and depends on nothing of
//! OpenTelemetry. The guide lists them (`datalinks::guide::observability`). This file connects the two:
//!
//! - [`Telemetry::layer`] exports the spans. The name of a span is the operation, such as `ingestData`.
//! - [`Telemetry::on_attempt`] records the metric `http.client.request.duration`.
//! - [`trace_headers`] adds `traceparent`, so that a server can continue the trace.
//!
//! Copy it, or take what you need: an application that exports telemetry already has providers, and needs the layer, the
//! observer and the hook only.

use std::time::Duration;

use datalinks::retry::Attempt;
use opentelemetry::{
    KeyValue,
    metrics::{Histogram, MeterProvider as _},
    propagation::TextMapPropagator as _,
    trace::TracerProvider as _,
};
use opentelemetry_http::HeaderInjector;
use opentelemetry_otlp::{
    MetricExporter, Protocol, SpanExporter, WithExportConfig as _, WithHttpConfig as _,
};
use opentelemetry_sdk::{
    Resource, metrics::SdkMeterProvider, propagation::TraceContextPropagator, trace::SdkTracerProvider,
};
use tracing::{Level, Span, Subscriber};
use tracing_opentelemetry::OpenTelemetrySpanExt as _;
use tracing_subscriber::{Layer, filter::Targets, registry::LookupSpan};

/// The name of the instruments and of the tracer.
const SCOPE: &str = "datalinks";

/// The bounds of the buckets in seconds, by the conventions for HTTP, and longer ones for ingestions and answers.
const BOUNDS: [f64; 17] =
    [0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1.0, 2.5, 5.0, 7.5, 10.0, 30.0, 60.0, 300.0];

/// Result of setting up or ending the export.
pub type Result<T, E = Box<dyn std::error::Error + Send + Sync>> = std::result::Result<T, E>;

/// The providers of one process, which export to a collector.
pub struct Telemetry {
    spans: SdkTracerProvider,
    metrics: SdkMeterProvider,
    duration: Histogram<f64>,
}

impl Telemetry {
    /// Starts the export to the collector at `endpoint`, such as `http://127.0.0.1:4318`, without a proxy.
    ///
    /// Call it before the runtime starts: the exporters work on threads of their own, with an HTTP client that blocks.
    ///
    /// # Errors
    ///
    /// Fails if the HTTP client cannot be created, or if the endpoint is not a URL.
    pub fn start(endpoint: &str, service: &'static str) -> Result<Self> {
        let endpoint = endpoint.trim_end_matches('/');
        let http =
            reqwest::blocking::Client::builder().timeout(Duration::from_secs(10)).no_proxy().build()?;
        let resource = Resource::builder().with_service_name(service).build();
        let spans = SpanExporter::builder()
            .with_http()
            .with_http_client(http.clone())
            .with_protocol(Protocol::HttpJson)
            .with_endpoint(format!("{endpoint}/v1/traces"))
            .build()?;
        let spans =
            SdkTracerProvider::builder().with_resource(resource.clone()).with_batch_exporter(spans).build();
        let metrics = MetricExporter::builder()
            .with_http()
            .with_http_client(http)
            .with_protocol(Protocol::HttpJson)
            .with_endpoint(format!("{endpoint}/v1/metrics"))
            .build()?;
        let metrics =
            SdkMeterProvider::builder().with_resource(resource).with_periodic_exporter(metrics).build();
        let duration = metrics
            .meter(SCOPE)
            .f64_histogram("http.client.request.duration")
            .with_unit("s")
            .with_description("Duration of the requests of datalinks, without the pauses between them.")
            .with_boundaries(BOUNDS.to_vec())
            .build();
        Ok(Self { spans, metrics, duration })
    }

    /// Returns a layer that exports the spans of `datalinks`. Calls have level `info`, and attempts `debug`.
    pub fn layer<S>(&self) -> impl Layer<S> + use<S>
    where
        S: Subscriber + for<'a> LookupSpan<'a> + Send + Sync,
    {
        let layer = tracing_opentelemetry::layer().with_tracer(self.spans.tracer(SCOPE));
        // The names of threads and the lines of the crate say nothing about the application.
        let layer = layer.with_location(false).with_threads(false).with_target(false);
        layer.with_filter(Targets::new().with_target("datalinks", Level::DEBUG))
    }

    /// Returns an observer for `on_attempt`, which records the duration of each request.
    pub fn on_attempt(&self) -> impl Fn(&Attempt) + Send + Sync + 'static {
        let duration = self.duration.clone();
        move |attempt| {
            let mut attributes = vec![KeyValue::new("datalinks.operation", attempt.operation)];
            if let Some(status) = attempt.status {
                attributes.push(KeyValue::new("http.response.status_code", i64::from(status.as_u16())));
            }
            if let Some(failure) = attempt.failure {
                // The same value as in the span: the status, or the kind of the error without one.
                let error_type = match attempt.status.filter(|status| !status.is_success()) {
                    Some(status) => status.as_str().to_owned(),
                    None => failure.to_string(),
                };
                attributes.push(KeyValue::new("error.type", error_type));
            }
            duration.record(attempt.duration.as_secs_f64(), &attributes);
        }
    }

    /// Exports what is left, and ends the export.
    ///
    /// # Errors
    ///
    /// Fails if the collector did not take the last spans or metrics.
    pub fn shutdown(self) -> Result<()> {
        let (spans, metrics) = (self.spans.shutdown(), self.metrics.shutdown());
        Ok(spans.and(metrics)?)
    }
}

/// Adds the context of the current span to the headers of a request, as a hook for `on_request`.
pub fn trace_headers(headers: &mut reqwest::header::HeaderMap) {
    TraceContextPropagator::new().inject_context(&Span::current().context(), &mut HeaderInjector(headers));
}
