//! Starts plugins as processes and speaks with them as the host does, with a codec of its own.

pub mod exam;

use std::collections::VecDeque;
use std::future::Future;
use std::path::{Path, PathBuf};
use std::process::{ExitStatus, Stdio};
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use serde_json::{json, Value};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::UnixStream;
use tokio::process::{Child, ChildStdin, Command};

/// How long anything may take on a busy machine before a test fails.
pub const PATIENCE: Duration = Duration::from_secs(60);

/// Fails the test where something takes longer than [`PATIENCE`].
pub async fn soon<T>(what: &str, future: impl Future<Output = T>) -> T {
    tokio::time::timeout(PATIENCE, future).await.unwrap_or_else(|_| panic!("{what} took longer than {PATIENCE:?}"))
}

/// A folder that goes away with its owner.
pub struct TemporaryFolder(pub PathBuf);

impl TemporaryFolder {
    pub fn new() -> Self {
        static NEXT: AtomicU64 = AtomicU64::new(0);
        let name = format!("toru-rust-{}-{}", std::process::id(), NEXT.fetch_add(1, Ordering::Relaxed));
        let path = std::env::temp_dir().join(name);
        std::fs::create_dir(&path).expect("a new folder");
        Self(path)
    }
}

impl Default for TemporaryFolder {
    fn default() -> Self {
        Self::new()
    }
}

impl Drop for TemporaryFolder {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

/// A plugin's process. It is killed when this is dropped.
pub struct Plugin {
    pub child: Child,
    pub stdin: Option<ChildStdin>,
    folder: TemporaryFolder,
}

impl Plugin {
    pub fn start(executable: &str) -> Self {
        Self::start_in(executable, TemporaryFolder::new())
    }

    pub fn start_in(executable: &str, folder: TemporaryFolder) -> Self {
        Self::start_with(executable, folder, |command| command)
    }

    pub fn start_with(
        executable: &str,
        folder: TemporaryFolder,
        change: impl FnOnce(&mut Command) -> &mut Command,
    ) -> Self {
        let output = |name| std::fs::File::create(folder.0.join(name)).expect("a file for the output");
        let mut command = Command::new(executable);
        command
            .current_dir(&folder.0)
            .env("TORU_PLUGIN_SOCKET", folder.0.join("plugin.sock"))
            .env("TORU_PLUGIN_DATA_DIR", &folder.0)
            .stdin(Stdio::piped())
            .stdout(output("stdout"))
            .stderr(output("stderr"))
            .kill_on_drop(true);
        change(&mut command);
        let mut child = command.spawn().expect("a process");
        Self { stdin: child.stdin.take(), child, folder }
    }

    pub fn socket(&self) -> PathBuf {
        self.folder.0.join("plugin.sock")
    }

    pub fn folder(&self) -> &Path {
        &self.folder.0
    }

    pub fn output(&self, name: &str) -> String {
        std::fs::read_to_string(self.folder.0.join(name)).expect("the output")
    }

    /// Waits until the output has a text in it.
    pub async fn printed(&self, name: &str, text: &str) {
        let seen = async {
            while !self.output(name).contains(text) {
                tokio::time::sleep(Duration::from_millis(5)).await;
            }
        };
        soon(text, seen).await;
    }

    /// Connects as soon as the plugin listens.
    pub async fn connect(&self) -> Connection {
        let connect = async {
            loop {
                match UnixStream::connect(self.socket()).await {
                    Ok(stream) => return stream,
                    Err(_) => tokio::time::sleep(Duration::from_millis(5)).await,
                }
            }
        };
        Connection { stream: soon("to listen", connect).await, next_id: 0, others: VecDeque::new() }
    }

    /// Connects and has it initialized.
    pub async fn ready(&self) -> Connection {
        let mut connection = self.connect().await;
        let ready = connection.ask("lifecycle", init()).await;
        assert_eq!(ready, json!({ "action": "ready", "features": [] }));
        connection
    }

    pub async fn ended(&mut self) -> ExitStatus {
        soon("to end", self.child.wait()).await.expect("an exit status")
    }

    pub async fn exit_code(&mut self) -> Option<i32> {
        self.ended().await.code()
    }

    pub async fn signal(&self, name: &str) {
        let pid = self.child.id().expect("a running process").to_string();
        let status = Command::new("kill").args(["-s", name, &pid]).status().await.expect("kill");
        assert!(status.success());
    }
}

pub fn init() -> Value {
    json!({
        "action": "init", "protocol": 2, "instance_id": "instance-1", "plugin_id": "any", "socket_path": "/any",
        "log_path": "/any", "data_dir": "/any", "features": [],
    })
}

/// A connection as the host has one.
pub struct Connection {
    pub stream: UnixStream,
    next_id: u64,
    /// Messages that came while another was waited for.
    others: VecDeque<Value>,
}

impl Connection {
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
            if matches(&message) {
                return message;
            }
            self.others.push_back(message);
        }
    }

    /// The next message from the socket; `None` at the end.
    pub async fn next(&mut self) -> Option<Value> {
        soon("a message", async {
            let mut header = [0; 4];
            self.stream.read_exact(&mut header).await.ok()?;
            let mut body = vec![0; u32::from_be_bytes(header) as usize];
            self.stream.read_exact(&mut body).await.expect("a whole frame");
            Some(serde_json::from_slice(&body).expect("JSON"))
        })
        .await
    }

    /// What came and was not waited for, up to the answer to a ping.
    pub async fn settled(mut self) -> (Self, Vec<Value>) {
        assert_eq!(self.ask("lifecycle", json!({ "action": "ping" })).await, json!({ "action": "pong" }));
        let others = self.others.drain(..).collect();
        (self, others)
    }
}

pub fn get(path: &str) -> Value {
    json!({ "method": "GET", "path": path, "headers": {}, "body": null })
}

pub fn message(kind: &str, request_id: Option<&str>, payload: Value) -> Value {
    let mut message = json!({ "type": kind, "timestamp": "2026-01-02T03:04:05.678Z", "payload": payload });
    if let Some(id) = request_id {
        message["request_id"] = id.into();
    }
    message
}

/// Its Rust is compiled as documentation tests.
#[cfg(doctest)]
#[doc = include_str!("../../../../docs/plugins-in-rust.md")]
pub struct Guide;
