//! Starts plugins as processes and speaks with them as the host does, with a codec of its own.

mod connection;
pub mod exam;

use std::future::Future;
use std::path::{Path, PathBuf};
use std::process::{ExitStatus, Stdio};
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use serde_json::{json, Value};
use tokio::net::UnixStream;
use tokio::process::{Child, ChildStdin, Command};

pub use connection::{Connection, Data, ABORTED, LAST, TEXT};

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
        Connection::new(soon("to listen", connect).await)
    }

    /// Connects and has it initialized.
    pub async fn ready(&self) -> Connection {
        self.ready_with(&[], &[]).await
    }

    /// Likewise, by a host that has features to offer.
    pub async fn ready_with(&self, offered: &[&str], taken: &[&str]) -> Connection {
        let mut connection = self.connect().await;
        let mut init = init();
        init["features"] = json!(offered);
        let ready = connection.ask("lifecycle", init).await;
        assert_eq!(ready, json!({ "action": "ready", "features": taken }));
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
