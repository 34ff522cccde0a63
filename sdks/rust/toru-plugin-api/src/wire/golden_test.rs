//! `spec/golden`, read and written byte for byte.

use std::path::Path;

use serde::Deserialize;
use serde_json::Value;

use super::data_frame::DataFrame;
use super::envelope::{encode_at, ready, Envelope, Features};
use super::frame::{self, Allowed, Fault};
use super::http::Request;
use crate::message::Message;

#[derive(Deserialize)]
struct Golden {
    name: String,
    hex: String,
    message: Option<Value>,
    error: Option<String>,
    #[serde(flatten)]
    data: Option<GoldenData>,
}

#[derive(Deserialize)]
struct GoldenData {
    stream: u32,
    last: bool,
    text: bool,
    aborted: bool,
    bytes_hex: String,
}

fn golden(file: &str) -> Vec<(String, Vec<u8>, Golden)> {
    let path = Path::new(&std::env::var("CARGO_MANIFEST_DIR").unwrap()).join("../../../spec/golden").join(file);
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
    let frame = frame::read(&mut rest, Allowed::MessagesAndData).await?.expect("a frame");
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
    for file in ["v2-host-to-plugin.json", "v2-plugin-to-host.json", "v2-streams.json"] {
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
    assert!(written > 40, "{written} frames were written");
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
async fn what_is_said_of_streams_is_written_by_its_type_byte_for_byte() {
    use super::http::{Body, Headers, Response};
    use crate::stream::Control;
    let headers = |name: &str, value: &str| Headers(vec![(name.to_owned(), vec![value.to_owned()])]);
    let features = |websocket| ready(Features { stream: true, websocket });
    let reply = |status, headers, stream| Response { status, headers, body: Body::Stream(stream) };
    use serde_json::to_string as to;
    let payloads = [
        ("ready with the feature stream", to(&features(false))),
        ("ready with the features stream and websocket", to(&features(true))),
        ("http reply whose body is a stream", to(&reply(200, headers("content-type", "text/event-stream"), u32::MAX))),
        ("a WebSocket is taken up", to(&reply(101, headers("sec-websocket-protocol", "chat"), 8))),
        ("credit for a stream of the host", to(&Control::Credit { stream: 1, credit: 131_072 })),
        ("stop of a stream of the host", to(&Control::Stop { stream: 1, stop: true })),
    ];
    let golden = golden("v2-streams.json");
    for (name, payload) in payloads {
        let (_, bytes, _) = golden.iter().find(|(_, _, case)| case.name == name).expect(name);
        let frame = read_one(bytes).await.unwrap();
        assert_eq!(payload.unwrap(), Envelope::parse(&frame).unwrap().payload.get(), "{name}");
    }
}

#[tokio::test]
async fn requests_with_streams_are_read_by_their_type() {
    use super::http::{Body, Request};
    let mut requests = Vec::new();
    for (_, bytes, case) in golden("v2-streams.json") {
        if case.message.unwrap()["payload"].get("method").is_some() {
            let frame = read_one(&bytes).await.unwrap();
            let Request { body, is_websocket, .. } =
                Request::read(&Envelope::parse(&frame).unwrap().fields().unwrap()).unwrap();
            requests.push((body, is_websocket));
        }
    }
    assert_eq!(requests, [(Body::Stream(1), false), (Body::Stream(2), true)]);
}

#[tokio::test]
async fn data_frames_are_read_and_written_again_byte_for_byte() {
    for (name, hex, case) in golden("data-frames.json") {
        let GoldenData { stream, last, text, aborted, bytes_hex } = case.data.unwrap();
        let expected = bytes(&bytes_hex);
        let frame = read_one(&hex).await.unwrap();
        let data = DataFrame::parse(&frame).unwrap().unwrap_or_else(|| panic!("{name} is no message"));
        assert_eq!(data, DataFrame { stream, last, text, aborted, bytes: &expected }, "{name}");
        assert_eq!(data.encode(), hex, "{name}");
    }
    let unknown_flags = DataFrame::parse(&[0, 0xf9, 0, 0, 0, 1]).unwrap().unwrap();
    assert_eq!(unknown_flags, DataFrame { stream: 1, last: true, text: false, aborted: false, bytes: &[] });
}

#[tokio::test]
async fn a_data_frame_that_is_too_short_is_refused() {
    for length in 1..6 {
        let fault = DataFrame::parse(&[0; 6][..length]).unwrap_err();
        assert!(fault.to_string().ends_with("(invalid_message)"), "{fault}");
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
        let fault = match frame::read(&mut rest, Allowed::Messages).await {
            Err(fault) => fault,
            Ok(frame) => Envelope::parse(&frame.expect("a frame")).expect_err(&name),
        };
        let expected = format!("({})", case.error.unwrap());
        assert!(fault.to_string().ends_with(&expected), "{name}: {fault}");
    }
}
