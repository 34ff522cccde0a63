use std::fmt;

use serde_json::{Map, Value};
use tracing::field::{Field, Visit};
use tracing::level_filters::LevelFilter;
use tracing::span::{Attributes, Id, Record};
use tracing::{Event, Metadata, Subscriber};
use tracing_subscriber::layer::{Context, SubscriberExt};
use tracing_subscriber::registry::LookupSpan;
use tracing_subscriber::{Layer, Registry};

use crate::host::{Host, Level, LogEntry, MAX_ENTRY_BYTES};

/// A `tracing` layer that writes into the plugin's log at the host.
///
/// [`serve`](crate::serve()) installs it for events of level `INFO` and above, unless the process has a subscriber already.
/// For anything else, install a subscriber with this layer in it before:
///
/// ```
/// use tracing_subscriber::layer::SubscriberExt;
///
/// let subscriber = tracing_subscriber::registry()
///     .with(tracing::level_filters::LevelFilter::DEBUG)
///     .with(toru_plugin_api::HostLog::new());
/// tracing::subscriber::set_global_default(subscriber)?;
/// # Ok::<(), tracing::subscriber::SetGlobalDefaultError>(())
/// ```
///
/// `TRACE` becomes `debug`. The field `error` becomes the entry's error; other fields, those of the spans around it and the
/// event's target become its fields. Up to 1000 entries of at most 16 KiB wait for the host; what comes above that is
/// dropped and counted. Before the host has connected entries wait, too; where the connection is gone, they go to stderr.
#[derive(Debug, Clone, Default)]
pub struct HostLog {
    _private: (),
}

impl HostLog {
    /// The layer.
    pub fn new() -> Self {
        Self::default()
    }

    /// Makes it the process's subscriber, unless there is one.
    pub(crate) fn install() {
        let subscriber = Registry::default().with(LevelFilter::INFO).with(Self::new());
        // An error says that the author has installed a subscriber, whose choice counts.
        let _ = tracing::subscriber::set_global_default(subscriber);
    }
}

/// The fields of a span, as they were recorded.
struct SpanFields(Map<String, Value>);

impl<S> Layer<S> for HostLog
where
    S: Subscriber + for<'a> LookupSpan<'a>,
{
    fn on_new_span(&self, attributes: &Attributes<'_>, id: &Id, context: Context<'_, S>) {
        if let Some(span) = context.span(id) {
            let mut collector = Collector::default();
            attributes.record(&mut collector);
            span.extensions_mut().insert(SpanFields(collector.fields));
        }
    }

    fn on_record(&self, id: &Id, record: &Record<'_>, context: Context<'_, S>) {
        if let Some(span) = context.span(id) {
            if let Some(SpanFields(fields)) = span.extensions_mut().get_mut() {
                let mut collector = Collector { fields: std::mem::take(fields), ..Collector::default() };
                record.record(&mut collector);
                *fields = collector.fields;
            }
        }
    }

    fn on_event(&self, event: &Event<'_>, context: Context<'_, S>) {
        let mut collector = Collector::default();
        for span in context.event_scope(event).into_iter().flat_map(tracing_subscriber::registry::Scope::from_root) {
            if let Some(SpanFields(fields)) = span.extensions().get() {
                collector.fields.extend(fields.clone());
            }
        }
        event.record(&mut collector);
        Host::get().log(collector.into_entry(event.metadata()));
    }
}

#[derive(Default)]
struct Collector {
    message: String,
    error: Option<String>,
    fields: Map<String, Value>,
    bytes: usize,
}

impl Collector {
    fn add(&mut self, field: &Field, value: Value) {
        match (field.name(), value) {
            ("message", Value::String(text)) => self.message = text,
            ("error", Value::String(text)) => self.error = Some(text),
            (name, value) => {
                self.fields.insert(name.to_owned(), value);
            }
        }
    }

    fn add_text(&mut self, field: &Field, mut text: String) {
        let room = MAX_ENTRY_BYTES.saturating_sub(self.bytes);
        if text.len() > room {
            let end = (0..=room).rev().find(|at| text.is_char_boundary(*at)).unwrap_or(0);
            text.truncate(end);
            text.push('…');
        }
        self.bytes += text.len();
        self.add(field, Value::String(text));
    }

    fn into_entry(mut self, metadata: &Metadata<'_>) -> LogEntry {
        let level = match *metadata.level() {
            tracing::Level::ERROR => Level::Error,
            tracing::Level::WARN => Level::Warn,
            tracing::Level::INFO => Level::Info,
            _ => Level::Debug,
        };
        self.fields.entry("target").or_insert_with(|| metadata.target().into());
        LogEntry { level, message: self.message, error: self.error, fields: self.fields }
    }
}

impl Visit for Collector {
    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        self.add_text(field, format!("{value:?}"));
    }

    fn record_str(&mut self, field: &Field, value: &str) {
        self.add_text(field, value.to_owned());
    }

    fn record_error(&mut self, field: &Field, value: &(dyn std::error::Error + 'static)) {
        let mut text = value.to_string();
        let mut cause = value.source();
        while let Some(error) = cause {
            text = format!("{text}: {error}");
            cause = error.source();
        }
        self.add_text(field, text);
    }

    fn record_i64(&mut self, field: &Field, value: i64) {
        self.add(field, value.into());
    }

    fn record_u64(&mut self, field: &Field, value: u64) {
        self.add(field, value.into());
    }

    fn record_f64(&mut self, field: &Field, value: f64) {
        self.add(field, value.into());
    }

    fn record_bool(&mut self, field: &Field, value: bool) {
        self.add(field, value.into());
    }
}
