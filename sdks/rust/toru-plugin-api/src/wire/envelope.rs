use chrono::{SecondsFormat, Utc};
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

use super::fields::Fields;
use super::frame::{self, Fault};

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Kind {
    Lifecycle,
    Http,
    Kv,
    Log,
}

/// A message whose payload was not looked into yet. It is a JSON object.
#[derive(Debug)]
pub(crate) struct Envelope<'a> {
    pub(crate) kind: Kind,
    #[cfg(test)]
    pub(crate) timestamp: Option<String>,
    pub(crate) request_id: Option<String>,
    pub(crate) payload: &'a RawValue,
}

impl<'a> Envelope<'a> {
    /// Reads the bytes of a frame, without its length.
    pub(crate) fn parse(frame: &'a [u8]) -> Result<Self, Fault> {
        let text = std::str::from_utf8(frame).map_err(Fault::InvalidUtf8)?;
        let fields = Fields::parse(text).map_err(Fault::InvalidJson)?;
        Self::read(&fields).map_err(Fault::InvalidMessage)
    }

    fn read(fields: &Fields<'a>) -> Result<Self, String> {
        let payload = fields.raw("payload").ok_or("`payload` is missing")?;
        if !payload.get().starts_with('{') {
            return Err("`payload` is not an object".to_owned());
        }
        Ok(Self {
            kind: fields.required("type")?,
            #[cfg(test)]
            timestamp: fields.optional("timestamp").unwrap_or_default(),
            request_id: fields.optional("request_id")?,
            payload,
        })
    }

    pub(crate) fn fields(&self) -> Result<Fields<'a>, Fault> {
        Fields::parse(self.payload.get()).map_err(Fault::InvalidJson)
    }
}

#[derive(Serialize)]
struct Outgoing<'a, P> {
    #[serde(rename = "type")]
    kind: Kind,
    timestamp: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    request_id: Option<&'a str>,
    payload: P,
}

/// A whole frame of now; `None` where the message does not fit one.
pub(crate) fn encode(
    kind: Kind,
    request_id: Option<&str>,
    payload: impl Serialize,
) -> Result<Option<Vec<u8>>, serde_json::Error> {
    encode_at(&Utc::now().to_rfc3339_opts(SecondsFormat::Millis, true), kind, request_id, payload)
}

pub(super) fn encode_at(
    timestamp: &str,
    kind: Kind,
    request_id: Option<&str>,
    payload: impl Serialize,
) -> Result<Option<Vec<u8>>, serde_json::Error> {
    frame::encode(&Outgoing { kind, timestamp, request_id, payload })
}

/// The payload that answers a request that failed.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct ErrorPayload {
    error: RemoteError,
}

/// `code` is one word for programs, `message` is for people.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct RemoteError {
    pub(crate) code: String,
    #[serde(default)]
    pub(crate) message: String,
}

pub(crate) fn error(code: &str, message: impl Into<String>) -> ErrorPayload {
    ErrorPayload { error: RemoteError { code: code.to_owned(), message: message.into() } }
}

/// The payload of the answer to a lifecycle request.
#[derive(Debug, Clone, Copy, Serialize)]
pub(crate) struct Action {
    action: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    features: Option<Features>,
}

/// What is taken up of what the host offers.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Features {
    pub(crate) stream: bool,
    /// Only together with `stream`.
    pub(crate) websocket: bool,
}

impl Features {
    pub(crate) fn out_of(self, offered: &[String]) -> Self {
        let is_offered = |name| offered.iter().any(|feature| feature == name);
        let stream = self.stream && is_offered("stream");
        Self { stream, websocket: self.websocket && stream && is_offered("websocket") }
    }
}

impl Serialize for Features {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let names = [(self.stream, "stream"), (self.websocket, "websocket")];
        serializer.collect_seq(names.iter().filter(|(is_taken, _)| *is_taken).map(|(_, name)| name))
    }
}

pub(crate) fn ready(features: Features) -> Action {
    Action { action: "ready", features: Some(features) }
}

pub(crate) const PONG: Action = Action { action: "pong", features: None };
