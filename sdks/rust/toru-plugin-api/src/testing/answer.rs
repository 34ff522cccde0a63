use std::collections::HashMap;

use base64::engine::general_purpose::STANDARD;
use base64::Engine;
use serde_json::Value;

/// What a plugin answered.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Answer {
    /// The status of the response; 502 where the plugin answered with an error, which is then the body.
    pub status: u16,
    /// Lower-case names with their values.
    pub headers: HashMap<String, Vec<String>>,
    /// The body, empty where there is none.
    pub body: Vec<u8>,
}

impl Answer {
    /// The body as text.
    pub fn text(&self) -> String {
        String::from_utf8(self.body.clone()).expect("a body of UTF-8")
    }

    /// The body, read as JSON.
    pub fn json(&self) -> Value {
        serde_json::from_slice(&self.body).expect("a body of JSON")
    }

    /// The first value of a header.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).and_then(|values| values.first()).map(String::as_str)
    }
}

/// The answer without a body that is a stream.
pub(super) fn to_answer(payload: &Value) -> Answer {
    let Some(status) = payload["status"].as_u64() else {
        return Answer { status: 502, headers: HashMap::new(), body: payload["error"].to_string().into_bytes() };
    };
    let values = |value: &Value| match value {
        Value::Array(values) => values.iter().filter_map(|value| value.as_str().map(str::to_owned)).collect(),
        value => value.as_str().map(str::to_owned).into_iter().collect(),
    };
    let headers = payload["headers"].as_object().expect("headers");
    let body = match payload["body_base64"].as_str() {
        Some(text) => STANDARD.decode(text).expect("base64"),
        None => payload["body"].as_str().unwrap_or_default().as_bytes().to_vec(),
    };
    Answer {
        status: u16::try_from(status).expect("a status"),
        headers: headers.iter().map(|(name, value)| (name.clone(), values(value))).collect(),
        body,
    }
}
