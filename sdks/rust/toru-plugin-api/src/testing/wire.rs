use std::io::{Read, Write};

use serde_json::{json, Value};

use super::{store, RunningPlugin, LIMIT};

/// Flags of data frames.
pub(super) const LAST: u8 = 1;
pub(super) const TEXT: u8 = 2;
pub(super) const ABORTED: u8 = 4;

/// What the plugin says that is no affair of the store's or the log's.
pub(super) enum Received {
    /// A reply: its id and payload.
    Reply(String, Value),
    Data {
        stream: u32,
        flags: u8,
        bytes: Vec<u8>,
    },
    Credit {
        stream: u32,
        bytes: usize,
    },
    Nothing,
}

/// Messages and data frames, a codec of its own.
impl RunningPlugin {
    pub(super) fn ask(&mut self, kind: &str, payload: Value) -> Value {
        self.next_id += 1;
        let asked = self.next_id.to_string();
        self.send(kind, Some(&asked), payload);
        loop {
            match self.next_received() {
                Received::Reply(id, payload) if id == asked => return payload,
                _ => {} // of a stream that was given up
            }
        }
    }

    pub(super) fn new_stream(&mut self) -> u32 {
        self.next_id += 1;
        u32::try_from(self.next_id).expect("fewer requests than that")
    }

    pub(super) fn next_data(&mut self, wanted: u32) -> (u8, Vec<u8>) {
        loop {
            match self.next_received() {
                Received::Data { stream, flags, bytes } if stream == wanted => return (flags, bytes),
                _ => {}
            }
        }
    }

    pub(super) fn next_received(&mut self) -> Received {
        self.receive().expect("something of the plugin, not the end of the connection")
    }

    /// Does the host's part for a message that is for the store or the log.
    fn sort(&mut self, mut message: Value) -> Received {
        let payload = message["payload"].take();
        let id = message["request_id"].as_str();
        match (message["type"].as_str(), id) {
            (Some("log"), _) => self.logs.push(payload),
            (Some("kv"), Some(id)) if payload.get("action").is_some() => {
                let answer = store::answer(&mut self.store, &payload);
                self.send("kv", Some(id), answer);
            }
            (_, Some(id)) => return Received::Reply(id.to_owned(), payload),
            _ => {
                let whole = |name: &str| payload[name].as_u64();
                if let (Some(stream), Some(bytes)) = (whole("stream"), whole("credit")) {
                    let stream = u32::try_from(stream).expect("a stream of 32 bits");
                    return Received::Credit { stream, bytes: usize::try_from(bytes).expect("a credit") };
                }
            }
        }
        Received::Nothing
    }

    pub(super) fn grant(&mut self, stream: u32, bytes: usize) {
        self.send("http", None, json!({ "stream": stream, "credit": bytes }));
    }

    /// It may have ended already, and the plugin, too.
    pub(super) fn stop_stream(&mut self, stream: u32) {
        let _ = self.write("http", None, json!({ "stream": stream, "stop": true }));
    }

    pub(super) fn end_data(&mut self, stream: u32) {
        let _ = self.write_data(stream, LAST, &[]);
    }

    pub(super) fn send_data(&mut self, stream: u32, flags: u8, bytes: &[u8]) {
        self.write_data(stream, flags, bytes).expect("to write to the plugin");
    }

    fn write_data(&mut self, stream: u32, flags: u8, bytes: &[u8]) -> std::io::Result<()> {
        self.write_frame(&[&[0, flags], &stream.to_be_bytes()[..], bytes].concat())
    }

    pub(super) fn send(&mut self, kind: &str, id: Option<&str>, payload: Value) {
        self.write(kind, id, payload).expect("to write to the plugin");
    }

    fn write(&mut self, kind: &str, id: Option<&str>, payload: Value) -> std::io::Result<()> {
        let mut message = json!({ "type": kind, "timestamp": "2026-01-02T03:04:05.678Z", "payload": payload });
        if let Some(id) = id {
            message["request_id"] = id.into();
        }
        self.write_frame(message.to_string().as_bytes())
    }

    fn write_frame(&mut self, bytes: &[u8]) -> std::io::Result<()> {
        let length = u32::try_from(bytes.len()).expect("what fits a frame").to_be_bytes();
        self.socket.write_all(&[&length, bytes].concat())
    }

    /// `None` at the end of the connection.
    pub(super) fn receive(&mut self) -> Option<Received> {
        let mut length = [0; 4];
        match self.socket.read_exact(&mut length) {
            Err(error) if error.kind() == std::io::ErrorKind::WouldBlock => panic!("no answer within {LIMIT:?}"),
            read => read.ok()?,
        }
        let mut frame = vec![0; u32::from_be_bytes(length) as usize];
        self.socket.read_exact(&mut frame).expect("a whole frame");
        Some(match frame[..] {
            [0, flags, a, b, c, d, ref bytes @ ..] => {
                Received::Data { stream: u32::from_be_bytes([a, b, c, d]), flags, bytes: bytes.to_vec() }
            }
            _ => self.sort(serde_json::from_slice(&frame).expect("a frame of JSON")),
        })
    }
}
