//! `spec/golden`, read and written byte for byte.

use std::path::Path;

use serde::Deserialize;
use serde_json::Value;

use super::envelope::{encode_at, Envelope};
use super::frame::{self, Fault};
use super::http::Request;
use crate::message::Message;

#[derive(Deserialize)]
struct Golden {
    name: String,
    hex: String,
    message: Option<Value>,
    error: Option<String>,
}

fn golden(file: &str) -> Vec<(String, Vec<u8>, Golden)> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../spec/golden").join(file);
    let text = std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    let cases: Vec<Golden> = serde_json::from_str(&text).unwrap();
    assert!(!cases.is_empty());
    cases.into_iter().map(|case| (format!("{file}: {}", case.name), bytes(&case.hex), case)).collect()
}

fn bytes(hex: &str) -> Vec<u8> {
    (0..hex.len()).step_by(2).map(|at| u8::from_str_radix(&hex[at..at + 2], 16).unwrap()).collect()
}

async fn read_one(bytes: &[u8]) -> Result<Vec<u8>, Fault> {
    let mut rest = bytes;
    let frame = frame::read(&mut rest).await?.expect("a frame");
    assert!(rest.is_empty(), "the whole frame was read");
    Ok(frame)
}

/// Frames that show what a reader must bear, and that no writer writes: their bytes are not the compact ones.
const NOT_WRITTEN: [&str; 4] = [
    "the same characters as JSON escapes",
    "an unknown field of the envelope is ignored, whatever its name",
    "of a doubled key the last one counts",
    "white space inside the message",
];

#[tokio::test]
async fn every_golden_frame_of_version_2_is_read_and_written_again_byte_for_byte() {
    let mut written = 0;
    for file in ["v2-host-to-plugin.json", "v2-plugin-to-host.json"] {
        for (name, bytes, case) in golden(file) {
            let frame = read_one(&bytes).await.unwrap();
            let envelope = Envelope::parse(&frame).unwrap_or_else(|error| panic!("{name}: {error}"));
            let expected = case.message.unwrap();
            assert_eq!(serde_json::to_value(envelope.kind).unwrap(), expected["type"], "{name}");
            assert_eq!(envelope.request_id.as_deref(), expected["request_id"].as_str(), "{name}");
            assert_eq!(serde_json::from_str::<Value>(envelope.payload.get()).unwrap(), expected["payload"], "{name}");
            if NOT_WRITTEN.contains(&case.name.as_str()) {
                continue;
            }
            let timestamp = envelope.timestamp.unwrap();
            let again = encode_at(&timestamp, envelope.kind, envelope.request_id.as_deref(), envelope.payload);
            assert_eq!(again.unwrap().unwrap(), bytes, "{name}");
            written += 1;
        }
    }
    assert!(written > 30, "{written} frames were written");
}

#[tokio::test]
async fn http_replies_are_written_by_their_type_byte_for_byte() {
    use super::http::{Body, Headers, Response};
    let headers = |names: &[(&str, &[&str])]| {
        Headers(
            names.iter().map(|(name, values)| ((*name).into(), values.iter().map(|v| (*v).into()).collect())).collect(),
        )
    };
    let replies = [
        ("http reply without a body", Response { status: 204, headers: headers(&[]), body: Body::None }),
        (
            "http reply with a text body and two cookies",
            Response {
                status: 200,
                headers: headers(&[("content-type", &["text/plain; charset=utf-8"]), ("set-cookie", &["a=1", "b=2"])]),
                body: Body::Text("hello".into()),
            },
        ),
        (
            "http reply with bytes",
            Response {
                status: 200,
                headers: headers(&[("content-type", &["image/png"])]),
                body: Body::Bytes(b"\x89PNG\r\n\x1a\n".to_vec()),
            },
        ),
    ];
    let golden = golden("v2-plugin-to-host.json");
    for (name, reply) in replies {
        let (_, bytes, _) = golden.iter().find(|(_, _, case)| case.name == name).expect(name);
        let frame = read_one(bytes).await.unwrap();
        let envelope = Envelope::parse(&frame).unwrap();
        assert_eq!(serde_json::to_string(&reply).unwrap(), envelope.payload.get(), "{name}");
    }
}

#[tokio::test]
async fn http_requests_are_read_by_their_type() {
    let mut requests = Vec::new();
    for (_, bytes, case) in golden("v2-host-to-plugin.json") {
        let frame = read_one(&bytes).await.unwrap();
        let envelope = Envelope::parse(&frame).unwrap();
        if case.message.unwrap()["payload"].get("method").is_some() {
            requests.push(Request::read(&envelope.fields().unwrap()).unwrap());
        }
    }
    use super::http::Body;
    assert_eq!(requests.len(), 6);
    assert_eq!(requests[1].headers.0[1], ("x-tag".to_owned(), vec!["a".to_owned(), "b".to_owned()]));
    assert_eq!(requests[2].body, Body::Bytes(vec![0x00, 0xff, 0x80, 0xfe]));
    assert_eq!(requests[4].body, Body::Text("é😀".to_owned()));
    assert_eq!(requests[5].body, Body::Text("\u{feff}name;value".to_owned()));
}

#[tokio::test]
async fn what_the_host_sends_to_plugins_of_version_1_is_read_and_written_again_byte_for_byte() {
    for (name, bytes, _) in golden("v1-host-to-plugin.json") {
        let frame = read_one(&bytes).await.unwrap();
        let message: Message = serde_json::from_slice(&frame).unwrap_or_else(|error| panic!("{name}: {error}"));
        let again = frame::encode(&message).unwrap().unwrap();
        // Headers of 0.1 are in a HashMap, whose order is any: two or more of them are compared as JSON.
        let value = |bytes: &[u8]| serde_json::from_slice::<Value>(&bytes[4..]).unwrap();
        assert_eq!(value(&again), value(&bytes), "{name}");
        if !name.contains("POST") {
            assert_eq!(again, bytes, "{name}");
        }
    }
}

#[tokio::test]
async fn every_invalid_frame_is_refused_with_its_code() {
    for (name, bytes, case) in golden("invalid-frames.json") {
        let mut rest = &bytes[..];
        let fault = match frame::read(&mut rest).await {
            Err(fault) => fault,
            Ok(frame) => Envelope::parse(&frame.expect("a frame")).expect_err(&name),
        };
        let expected = format!("({})", case.error.unwrap());
        assert!(fault.to_string().ends_with(&expected), "{name}: {fault}");
    }
}
