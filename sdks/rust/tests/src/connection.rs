use std::collections::{HashMap, HashSet, VecDeque};

use serde_json::{json, Value};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::UnixStream;

use crate::{get, message, soon};

/// Flags of data frames.
pub const LAST: u8 = 1;
pub const TEXT: u8 = 2;
pub const ABORTED: u8 = 4;
/// Bytes that may be under way on a stream, and in one frame of a body.
const WINDOW: u64 = 256 * 1024;
const PIECE: usize = 64 * 1024;

/// A connection as the host has one.
pub struct Connection {
    pub stream: UnixStream,
    next_id: u64,
    /// Messages that came while another was waited for.
    others: VecDeque<Value>,
    /// What came on streams of the plugin and was not looked at.
    data: HashMap<u32, VecDeque<Data>>,
    /// Bytes that may be sent on streams of ours.
    pub credits: HashMap<u32, u64>,
    /// Streams of ours of which the plugin wants no more.
    pub stopped: HashSet<u32>,
}

/// A data frame of the plugin.
#[derive(Debug, PartialEq, Eq)]
pub struct Data {
    pub flags: u8,
    pub bytes: Vec<u8>,
}

impl Connection {
    pub fn new(stream: UnixStream) -> Self {
        Self {
            stream,
            next_id: 0,
            others: VecDeque::new(),
            data: HashMap::new(),
            credits: HashMap::new(),
            stopped: HashSet::new(),
        }
    }

    pub fn frame(message: &Value) -> Vec<u8> {
        let text = message.to_string();
        let mut frame = u32::try_from(text.len()).expect("a small message").to_be_bytes().to_vec();
        frame.extend(text.as_bytes());
        frame
    }

    pub async fn write(&mut self, bytes: &[u8]) {
        soon("to write", self.stream.write_all(bytes)).await.expect("to write");
    }

    pub async fn send(&mut self, message: &Value) {
        self.write(&Self::frame(message)).await;
    }

    /// Sends a request and returns its id.
    pub async fn request(&mut self, kind: &str, payload: Value) -> String {
        self.next_id += 1;
        let id = self.next_id.to_string();
        self.send(&message(kind, Some(&id), payload)).await;
        id
    }

    pub async fn ask(&mut self, kind: &str, payload: Value) -> Value {
        let id = self.request(kind, payload).await;
        self.reply(&id).await
    }

    pub async fn get(&mut self, path: &str) -> Value {
        self.ask("http", get(path)).await
    }

    /// The reply to a request.
    pub async fn reply(&mut self, id: &str) -> Value {
        self.wait_for(|message| message["request_id"] == id && message["payload"].get("key").is_none()).await["payload"]
            .take()
    }

    /// The next log entry that has a text in it.
    pub async fn logged(&mut self, text: &str) -> Value {
        self.wait_for(|message| message["type"] == "log" && message["payload"].to_string().contains(text)).await
            ["payload"]
            .take()
    }

    /// The next kv request of the plugin: its id and payload.
    pub async fn asked(&mut self) -> (String, Value) {
        let mut message = self.wait_for(|m| m["type"] == "kv" && m["payload"].get("action").is_some()).await;
        (message["request_id"].as_str().expect("an id").to_owned(), message["payload"].take())
    }

    pub async fn answer_kv(&mut self, id: &str, payload: Value) {
        self.send(&message("kv", Some(id), payload)).await;
    }

    pub async fn wait_for(&mut self, matches: impl Fn(&Value) -> bool) -> Value {
        if let Some(place) = self.others.iter().position(&matches) {
            return self.others.remove(place).expect("a message");
        }
        loop {
            let message = self.next().await.expect("a message, not the end of the connection");
            if message.is_null() {
                continue;
            }
            if matches(&message) {
                return message;
            }
            self.others.push_back(message);
        }
    }

    /// The next message from the socket, null where what came belongs to a stream and was kept; `None` at the end.
    pub async fn next(&mut self) -> Option<Value> {
        let frame = self.next_frame().await?;
        if frame[0] == 0 {
            let stream = u32::from_be_bytes([frame[2], frame[3], frame[4], frame[5]]);
            self.data.entry(stream).or_default().push_back(Data { flags: frame[1], bytes: frame[6..].to_vec() });
            return Some(Value::Null);
        }
        let message: Value = serde_json::from_slice(&frame).expect("JSON");
        let payload = &message["payload"];
        let Some(stream) = payload["stream"].as_u64().filter(|_| message.get("request_id").is_none()) else {
            return Some(message);
        };
        let stream = u32::try_from(stream).expect("32 bits");
        *self.credits.entry(stream).or_insert(WINDOW) += payload["credit"].as_u64().unwrap_or_default();
        if payload["stop"] == true {
            self.stopped.insert(stream);
        }
        Some(Value::Null)
    }

    async fn next_frame(&mut self) -> Option<Vec<u8>> {
        soon("a frame", async {
            let mut header = [0; 4];
            self.stream.read_exact(&mut header).await.ok()?;
            let mut body = vec![0; u32::from_be_bytes(header) as usize];
            self.stream.read_exact(&mut body).await.expect("a whole frame");
            Some(body)
        })
        .await
    }

    /// What came and was not waited for, up to the answer to a ping.
    pub async fn settled(mut self) -> (Self, Vec<Value>) {
        assert_eq!(self.ask("lifecycle", json!({ "action": "ping" })).await, json!({ "action": "pong" }));
        let others = self.others.drain(..).collect();
        (self, others)
    }

    pub async fn send_data(&mut self, stream: u32, flags: u8, bytes: &[u8]) {
        let mut frame = u32::try_from(bytes.len() + 6).expect("a small frame").to_be_bytes().to_vec();
        frame.extend([0, flags]);
        frame.extend(stream.to_be_bytes());
        frame.extend(bytes);
        self.write(&frame).await;
    }

    /// Sends a body as the plugin grants it, or until it wants no more; the last frame, too.
    pub async fn send_body(&mut self, stream: u32, bytes: &[u8]) {
        for piece in bytes.chunks(PIECE) {
            self.wait("credit", |host| host.credit(stream) >= piece.len() as u64 || host.stopped.contains(&stream))
                .await;
            if self.stopped.contains(&stream) {
                break;
            }
            self.spend(stream, piece.len());
            self.send_data(stream, 0, piece).await;
        }
        self.send_data(stream, LAST, &[]).await;
    }

    pub fn credit(&self, stream: u32) -> u64 {
        self.credits.get(&stream).copied().unwrap_or(WINDOW)
    }

    pub fn spend(&mut self, stream: u32, bytes: usize) {
        *self.credits.entry(stream).or_insert(WINDOW) -= bytes as u64;
    }

    pub async fn grant(&mut self, stream: u32, bytes: usize) {
        self.send(&message("http", None, json!({ "stream": stream, "credit": bytes }))).await;
    }

    pub async fn stop(&mut self, stream: u32) {
        self.send(&message("http", None, json!({ "stream": stream, "stop": true }))).await;
    }

    /// The next data frame of a stream of the plugin. Nothing is granted for it.
    pub async fn piece(&mut self, stream: u32) -> Data {
        self.wait("a data frame", |host| host.data.get(&stream).is_some_and(|data| !data.is_empty())).await;
        self.data.get_mut(&stream).and_then(VecDeque::pop_front).expect("a data frame")
    }

    /// The data frames of a stream that came and were not looked at.
    pub fn pieces(&mut self, stream: u32) -> Vec<Data> {
        self.data.remove(&stream).unwrap_or_default().into()
    }

    /// All of a stream of the plugin, granted as it comes, with the flags of its last frame.
    pub async fn body(&mut self, stream: u32) -> (Vec<u8>, u8) {
        let mut body = Vec::new();
        loop {
            let Data { flags, bytes } = self.piece(stream).await;
            body.extend(&bytes);
            if flags & LAST != 0 {
                return (body, flags);
            }
            self.grant(stream, bytes.len()).await;
        }
    }

    /// Takes what comes until the condition holds.
    pub async fn wait(&mut self, what: &str, holds: impl Fn(&Self) -> bool) {
        while !holds(self) {
            let message = self.next().await.unwrap_or_else(|| panic!("{what}, not the end of the connection"));
            if !message.is_null() {
                self.others.push_back(message);
            }
        }
    }
}
