//! Whatever bytes come, in whatever pieces: an error or a message, never a panic.

use std::future::Future;
use std::io;
use std::pin::Pin;
use std::task::{Context, Poll};

use proptest::prelude::*;
use tokio::io::{AsyncRead, ReadBuf};

use super::data_frame::DataFrame;
use super::envelope::{encode, Envelope, Kind};
use super::frame::{self, Allowed};
use super::http::Request;
use crate::message::Message;

/// Bytes that arrive in pieces of given sizes, over and over.
struct Pieces<'a> {
    bytes: &'a [u8],
    sizes: std::iter::Cycle<std::vec::IntoIter<usize>>,
}

impl AsyncRead for Pieces<'_> {
    fn poll_read(mut self: Pin<&mut Self>, _: &mut Context<'_>, buffer: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        let size = self.sizes.next().unwrap_or(1).min(self.bytes.len()).min(buffer.remaining());
        let (piece, rest) = self.bytes.split_at(size);
        buffer.put_slice(piece);
        self.bytes = rest;
        Poll::Ready(Ok(()))
    }
}

fn wait<F: Future>(future: F) -> F::Output {
    tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(future)
}

/// What a data frame says and holds; without the former the bytes are a message's.
type Content = (Option<(u32, bool, bool, bool)>, Vec<u8>);

proptest! {
    #[test]
    fn frames_are_read_whatever_their_pieces(
        texts in prop::collection::vec(".{0,300}", 1..6),
        sizes in prop::collection::vec(1usize..50, 1..8),
    ) {
        let mut bytes = Vec::new();
        for text in &texts {
            let payload = serde_json::json!({ "message": text });
            bytes.extend(encode(Kind::Log, Some("1"), payload).unwrap().unwrap());
        }
        let mut pieces = Pieces { bytes: &bytes, sizes: sizes.into_iter().cycle() };
        let read = wait(async {
            let mut read = Vec::new();
            while let Some(frame) = frame::read(&mut pieces, Allowed::MessagesAndData).await.unwrap() {
                let envelope = Envelope::parse(&frame).unwrap();
                read.push(envelope.fields().unwrap().required::<String>("message").unwrap());
            }
            read
        });
        prop_assert_eq!(read, texts);
    }

    #[test]
    fn data_frames_among_messages_are_read_whatever_their_pieces(
        contents in prop::collection::vec((any::<Option<(u32, bool, bool, bool)>>(), prop::collection::vec(any::<u8>(), 0..300)), 1..8),
        sizes in prop::collection::vec(1usize..50, 1..8),
    ) {
        let frame = |(head, bytes): &Content| match *head {
            Some((stream, last, text, aborted)) => DataFrame { stream, last, text, aborted, bytes }.encode(),
            None => encode(Kind::Log, None, serde_json::json!({ "message": bytes })).unwrap().unwrap(),
        };
        let frames: Vec<_> = contents.iter().map(frame).collect();
        let bytes = frames.concat();
        let mut pieces = Pieces { bytes: &bytes, sizes: sizes.into_iter().cycle() };
        for ((head, bytes), frame) in contents.iter().zip(&frames) {
            let read = wait(frame::read(&mut pieces, Allowed::MessagesAndData)).unwrap().unwrap();
            prop_assert_eq!(&read, &frame[4..]);
            let data = DataFrame::parse(&read).unwrap();
            let expected = head.map(|(stream, last, text, aborted)| DataFrame { stream, last, text, aborted, bytes });
            prop_assert_eq!(data, expected);
        }
    }

    #[test]
    fn a_frame_that_is_cut_anywhere_is_truncated(text in ".{0,100}", cut in 0.0..1.0f64) {
        let bytes = encode(Kind::Http, Some("1"), serde_json::json!({ "path": text })).unwrap().unwrap();
        let end = 1 + (cut * (bytes.len() - 1) as f64) as usize;
        let mut rest = &bytes[..end];
        match wait(frame::read(&mut rest, Allowed::MessagesAndData)) {
            Ok(frame) => prop_assert!(end == bytes.len() && frame.is_some()),
            Err(fault) => prop_assert!(matches!(fault, frame::Fault::FrameTruncated)),
        }
    }

    #[test]
    fn any_bytes_are_an_error_or_a_message(bytes in prop::collection::vec(any::<u8>(), 0..600)) {
        let mut rest = &bytes[..];
        while let Ok(Some(frame)) = wait(frame::read(&mut rest, Allowed::MessagesAndData)) {
            let _ = Envelope::parse(&frame);
            let _ = DataFrame::parse(&frame);
        }
        let _ = DataFrame::parse(&bytes);
        let _ = Envelope::parse(&bytes);
        let _ = serde_json::from_slice::<Message>(&bytes);
    }

    #[test]
    fn messages_of_any_shape_are_an_error_or_a_request(
        fields in prop::collection::hash_map("method|path|headers|body|body_base64|stream|upgrade|type|action|key|value|payload|request_id", json(), 0..9),
    ) {
        let text = serde_json::to_string(&fields).unwrap();
        let message = format!(r#"{{"type":"http","timestamp":"2026-01-02T03:04:05.678Z","request_id":"1","payload":{text}}}"#);
        let envelope = Envelope::parse(message.as_bytes()).unwrap();
        let _ = Request::read(&envelope.fields().unwrap());
        let _ = serde_json::from_str::<Message>(&message);
    }
}

fn json() -> impl Strategy<Value = serde_json::Value> {
    let leaf = prop_oneof![
        Just(serde_json::Value::Null),
        any::<bool>().prop_map(Into::into),
        any::<i64>().prop_map(Into::into),
        ".{0,20}".prop_map(Into::into),
    ];
    leaf.prop_recursive(3, 16, 4, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Into::into),
            prop::collection::hash_map(".{0,5}", inner, 0..4)
                .prop_map(|map| serde_json::Value::Object(map.into_iter().collect())),
        ]
    })
}

#[test]
fn depth_costs_no_stack() {
    let deep = format!("{{\"a\":{}{}}}", "[".repeat(500_000), "]".repeat(500_000));
    let message =
        format!(r#"{{"type":"http","request_id":"1","payload":{{"method":"GET","path":"/","extra":{deep}}}}}"#);
    let envelope = Envelope::parse(message.as_bytes()).unwrap();
    let request = Request::read(&envelope.fields().unwrap()).unwrap();
    assert_eq!(request.path, "/");
    assert!(serde_json::from_str::<Message>(&message).is_err());
}

#[test]
fn a_message_over_the_limit_is_not_written() {
    let text = "x".repeat(frame::MAX_FRAME_BYTES);
    assert!(encode(Kind::Log, None, serde_json::json!({ "message": text })).unwrap().is_none());
}
