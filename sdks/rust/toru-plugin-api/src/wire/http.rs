use std::collections::HashMap;
use std::fmt;

use base64::engine::general_purpose::STANDARD;
use base64::Engine;
use serde::de::{Error, MapAccess, Visitor};
use serde::ser::SerializeMap;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use serde_json::value::RawValue;

use super::fields::Fields;

/// Names in lower case with their values, in the order in which they came.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Headers(pub(crate) Vec<(String, Vec<String>)>);

#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Body {
    None,
    Text(String),
    Bytes(Vec<u8>),
    /// It comes in data frames of the stream that has this number.
    Stream(u32),
}

impl Body {
    /// The bytes that travel inside of the message.
    pub(crate) fn len(&self) -> usize {
        match self {
            Self::None | Self::Stream(_) => 0,
            Self::Text(text) => text.len(),
            Self::Bytes(bytes) => bytes.len(),
        }
    }
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Request {
    pub(crate) method: String,
    pub(crate) path: String,
    pub(crate) headers: Headers,
    pub(crate) body: Body,
    /// A client wants a WebSocket, whose messages come on the stream.
    pub(crate) is_websocket: bool,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Response {
    pub(crate) status: u16,
    pub(crate) headers: Headers,
    pub(crate) body: Body,
}

impl Request {
    pub(crate) fn read(fields: &Fields<'_>) -> Result<Self, String> {
        Ok(Self {
            method: fields.required("method")?,
            path: fields.required("path")?,
            headers: fields.optional("headers")?.unwrap_or_default(),
            body: read_body(fields)?,
            is_websocket: fields.optional::<String>("upgrade")?.is_some_and(|upgrade| upgrade == "websocket"),
        })
    }
}

fn read_body(fields: &Fields<'_>) -> Result<Body, String> {
    if let Some(stream) = fields.optional("stream")? {
        return Ok(Body::Stream(stream));
    }
    if let Some(encoded) = fields.optional::<String>("body_base64")? {
        return STANDARD.decode(encoded).map(Body::Bytes).map_err(|error| format!("`body_base64`: {error}"));
    }
    Ok(fields.optional("body")?.map_or(Body::None, Body::Text))
}

impl Serialize for Response {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(Some(3))?;
        map.serialize_entry("status", &self.status)?;
        map.serialize_entry("headers", &self.headers)?;
        match &self.body {
            Body::None => map.serialize_entry("body", &())?,
            Body::Text(text) => map.serialize_entry("body", text)?,
            Body::Bytes(bytes) => map.serialize_entry("body_base64", &STANDARD.encode(bytes))?,
            Body::Stream(stream) => map.serialize_entry("stream", stream)?,
        }
        map.end()
    }
}

impl Serialize for Headers {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(Some(self.0.len()))?;
        for (name, values) in &self.0 {
            match &values[..] {
                [value] => map.serialize_entry(name, value)?,
                values => map.serialize_entry(name, values)?,
            }
        }
        map.end()
    }
}

impl<'de> Deserialize<'de> for Headers {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(HeadersVisitor)
    }
}

#[derive(Deserialize)]
#[serde(untagged)]
enum OneOrMany {
    One(String),
    Many(Vec<String>),
}

struct HeadersVisitor;

impl<'de> Visitor<'de> for HeadersVisitor {
    type Value = Headers;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("names with a string or a list of strings")
    }

    /// Of a doubled name the last value counts, whatever the others are.
    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Headers, A::Error> {
        let mut places = HashMap::<String, usize>::new();
        let mut headers = Vec::<(String, &'de RawValue)>::new();
        while let Some((name, values)) = map.next_entry::<String, &'de RawValue>()? {
            match places.get(&name) {
                Some(place) => headers[*place].1 = values,
                None => {
                    places.insert(name.clone(), headers.len());
                    headers.push((name, values));
                }
            }
        }
        let read = |(name, values): (String, &RawValue)| match serde_json::from_str(values.get()) {
            Ok(OneOrMany::One(value)) => Ok((name, vec![value])),
            Ok(OneOrMany::Many(values)) => Ok((name, values)),
            Err(_) => Err(A::Error::custom(format!("the header {name} is neither a string nor a list of strings"))),
        };
        Ok(Headers(headers.into_iter().map(read).collect::<Result<_, _>>()?))
    }
}
