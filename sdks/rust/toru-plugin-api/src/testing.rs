//! Starts a plugin as the host would, for the tests of its author (feature `testing`).
//!
//! It is the real process, spoken to over a real socket; only the host's store is a map, [`RunningPlugin::store`].
//!
//! ```no_run
//! # fn example() { // In a test: RunningPlugin::start(env!("CARGO_BIN_EXE_hello"))
//! use toru_plugin_api::testing::RunningPlugin;
//!
//! let mut plugin = RunningPlugin::start("target/debug/hello");
//! let answer = plugin.get("/world");
//! assert_eq!(answer.status, 200);
//! assert_eq!(answer.text(), "Hello world\n");
//! # }
//! ```
//!
//! All of it panics, with a reason, where the plugin does not do what a host expects of it, or takes longer than 30 s.

use std::collections::{BTreeMap, HashMap};
use std::io::{Read, Write};
use std::os::unix::net::UnixStream;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{Duration, Instant};

use base64::engine::general_purpose::STANDARD;
use base64::Engine;
use serde_json::{json, Value};

/// How long each step may take: the start, an answer, the end.
const LIMIT: Duration = Duration::from_secs(30);
/// Wait between two looks at what has no event.
const LOOK_AGAIN: Duration = Duration::from_millis(5);

/// A plugin's process. It is ended when this is dropped.
#[derive(Debug)]
pub struct RunningPlugin {
    child: Child,
    socket: UnixStream,
    folder: PathBuf,
    route: String,
    next_id: u64,
    /// What the host's store holds.
    pub store: BTreeMap<String, String>,
    /// What the plugin has logged so far, as the messages say it: `level`, `message`, `error`, `fields`.
    pub logs: Vec<Value>,
}

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

/// A request that is to be sent.
#[derive(Debug)]
pub struct Request<'a> {
    plugin: &'a mut RunningPlugin,
    method: String,
    path: String,
    headers: BTreeMap<String, String>,
    body: Option<String>,
}

impl Request<'_> {
    /// Says who asks; otherwise it is the admin `admin`. `role` is `admin` or `user`.
    #[must_use]
    pub fn user(self, name: &str, role: &str) -> Self {
        self.header("x-toru-user", name).header("x-toru-role", role)
    }

    /// Adds a header; the name is in lower case.
    #[must_use]
    pub fn header(mut self, name: &str, value: &str) -> Self {
        self.headers.insert(name.to_owned(), value.to_owned());
        self
    }

    /// Adds a body.
    #[must_use]
    pub fn body(mut self, body: impl Into<String>) -> Self {
        self.body = Some(body.into());
        self
    }

    /// Sends it and waits for the answer. Meanwhile the plugin can ask the store.
    pub fn send(self) -> Answer {
        let Self { plugin, method, path, headers, body } = self;
        let payload = json!({ "method": method, "path": path, "headers": headers, "body": body });
        to_answer(&plugin.ask("http", payload))
    }
}

impl RunningPlugin {
    /// Starts an executable and waits until it is ready.
    pub fn start(executable: impl AsRef<Path>) -> Self {
        Self::start_with(executable, BTreeMap::new())
    }

    /// Starts an executable with something in the store already.
    pub fn start_with(executable: impl AsRef<Path>, store: BTreeMap<String, String>) -> Self {
        let executable = executable.as_ref().canonicalize().expect("the plugin's executable");
        let manifest = manifest(&executable);
        let folder = new_folder();
        let path = folder.join("plugin.sock");
        let mut child = Command::new(&executable)
            .current_dir(&folder)
            .env("TORU_PLUGIN_SOCKET", &path)
            .env("TORU_PLUGIN_ID", manifest["id"].as_str().unwrap_or_default())
            .env("TORU_PLUGIN_LOG", folder.join("plugin.log"))
            .env("TORU_PLUGIN_DATA_DIR", &folder)
            .env("TORU_INSTANCE_ID", "test")
            .env("TORU_PROTOCOL", "2")
            .stdin(Stdio::piped())
            .spawn()
            .expect("a process");
        let socket = connect(&path, &mut child);
        socket.set_read_timeout(Some(LIMIT)).expect("a time limit");
        let route = manifest["route"].as_str().expect("a route").to_owned();
        let mut plugin = Self { child, socket, folder, route, next_id: 0, store, logs: Vec::new() };
        let init = json!({
            "action": "init", "protocol": 2, "instance_id": "test", "plugin_id": manifest["id"], "socket_path": path,
            "log_path": plugin.folder.join("plugin.log"), "data_dir": plugin.folder, "features": [],
        });
        let ready = plugin.ask("lifecycle", init);
        assert_eq!(ready["action"], "ready", "the plugin refused init: {ready}");
        plugin
    }

    /// Asks for a path below the plugin's route: `/disks` is `/<route>/disks` for the plugin.
    pub fn get(&mut self, path: &str) -> Answer {
        self.request("GET", path).send()
    }

    /// A request to a path below the plugin's route.
    pub fn request(&mut self, method: &str, path: &str) -> Request<'_> {
        let path = format!("{}{}", self.route, if path == "/" { "" } else { path });
        self.request_exactly(method, &path).user("admin", "admin")
    }

    /// The page that it brings along, where it does.
    pub fn page(&mut self) -> Option<String> {
        let answer = self.request_exactly("GET", "/bundle.js").send();
        (answer.status == 200).then(|| answer.text())
    }

    /// The folder that is the plugin's own, and its working directory.
    pub fn data_dir(&self) -> &Path {
        &self.folder
    }

    /// The number of its process.
    pub fn pid(&self) -> u32 {
        self.child.id()
    }

    /// Takes what the plugin says and asks until the condition holds.
    pub fn wait_until(&mut self, what: &str, mut holds: impl FnMut(&Self) -> bool) {
        let start = Instant::now();
        while !holds(self) {
            assert!(start.elapsed() < LIMIT, "{what}: it was not so within {LIMIT:?}");
            // The answer comes behind whatever it has said before.
            self.ask("lifecycle", json!({ "action": "ping" }));
            std::thread::sleep(LOOK_AGAIN);
        }
    }

    /// Has it shut down, and returns its exit code.
    pub fn stop(&mut self) -> Option<i32> {
        self.send("lifecycle", None, json!({ "action": "shutdown", "grace_ms": 5000 }));
        while let Some(message) = self.receive() {
            self.serve(&message);
        }
        let start = Instant::now();
        loop {
            if let Some(status) = self.child.try_wait().expect("the process's state") {
                return status.code();
            }
            assert!(start.elapsed() < LIMIT, "the plugin did not end within {LIMIT:?}");
            std::thread::sleep(LOOK_AGAIN);
        }
    }

    fn request_exactly(&mut self, method: &str, path: &str) -> Request<'_> {
        let (method, path) = (method.to_owned(), path.to_owned());
        Request { plugin: self, method, path, headers: BTreeMap::new(), body: None }
    }

    fn ask(&mut self, kind: &str, payload: Value) -> Value {
        self.next_id += 1;
        let id = self.next_id.to_string();
        self.send(kind, Some(&id), payload);
        loop {
            let mut message = self.receive().expect("an answer, not the end of the connection");
            if !self.serve(&message) && message["request_id"] == id.as_str() {
                return message["payload"].take();
            }
        }
    }

    /// Does the host's part for a message that is no reply.
    fn serve(&mut self, message: &Value) -> bool {
        let payload = &message["payload"];
        if message["type"] == "log" {
            self.logs.push(payload.clone());
            return true;
        }
        let is_request = message["type"] == "kv" && payload.get("action").is_some();
        if is_request {
            let answer = self.stored(payload);
            self.send("kv", message["request_id"].as_str(), answer);
        }
        is_request
    }

    fn stored(&mut self, request: &Value) -> Value {
        let text = |name: &str| request[name].as_str().unwrap_or_default().to_owned();
        match request["action"].as_str() {
            Some("get") => json!({ "value": self.store.get(&text("key")) }),
            Some("set") => {
                self.store.insert(text("key"), text("value"));
                json!({ "value": null })
            }
            Some("delete") => {
                self.store.remove(&text("key"));
                json!({ "value": null })
            }
            Some("list") => {
                let (prefix, after) = (text("prefix"), request["after"].as_str());
                let limit = request["limit"].as_u64().unwrap_or(100) as usize;
                let behind = |key: &&String| key.starts_with(&prefix) && after.is_none_or(|after| key.as_str() > after);
                let mut keys: Vec<_> = self.store.keys().filter(behind).take(limit + 1).collect();
                let more = keys.len() > limit;
                keys.truncate(limit);
                json!({ "keys": keys, "more": more })
            }
            action => json!({ "error": { "code": "invalid_request", "message": format!("no action {action:?}") } }),
        }
    }

    fn send(&mut self, kind: &str, id: Option<&str>, payload: Value) {
        let mut message = json!({ "type": kind, "timestamp": "2026-01-02T03:04:05.678Z", "payload": payload });
        if let Some(id) = id {
            message["request_id"] = id.into();
        }
        let text = message.to_string();
        let length = u32::try_from(text.len()).expect("a message that fits a frame").to_be_bytes();
        let frame = [&length, text.as_bytes()].concat();
        self.socket.write_all(&frame).expect("to write to the plugin");
    }

    /// `None` at the end of the connection.
    fn receive(&mut self) -> Option<Value> {
        let mut length = [0; 4];
        match self.socket.read_exact(&mut length) {
            Err(error) if error.kind() == std::io::ErrorKind::WouldBlock => panic!("no answer within {LIMIT:?}"),
            read => read.ok()?,
        }
        let mut frame = vec![0; u32::from_be_bytes(length) as usize];
        self.socket.read_exact(&mut frame).expect("a whole frame");
        Some(serde_json::from_slice(&frame).expect("a frame of JSON"))
    }
}

impl Drop for RunningPlugin {
    fn drop(&mut self) {
        // Either fails only where the process has ended already.
        let _ = self.child.kill();
        let _ = self.child.wait();
        let _ = std::fs::remove_dir_all(&self.folder);
    }
}

fn manifest(executable: &Path) -> Value {
    let output = Command::new(executable).arg("--metadata").output().expect("the output of --metadata");
    assert!(output.status.success(), "--metadata failed: {}", String::from_utf8_lossy(&output.stderr));
    serde_json::from_slice(&output.stdout).expect("--metadata prints JSON")
}

fn new_folder() -> PathBuf {
    static NEXT: AtomicU32 = AtomicU32::new(0);
    let name = format!("toru-plugin-{}-{}", std::process::id(), NEXT.fetch_add(1, Ordering::Relaxed));
    let folder = std::env::temp_dir().join(name);
    std::fs::create_dir(&folder).expect("a new folder");
    folder
}

fn connect(path: &Path, child: &mut Child) -> UnixStream {
    let start = Instant::now();
    loop {
        match UnixStream::connect(path) {
            Ok(socket) => return socket,
            Err(error) => {
                let ended = child.try_wait().expect("the process's state");
                assert!(ended.is_none(), "the plugin ended before it listened: {ended:?}");
                assert!(start.elapsed() < LIMIT, "the plugin did not listen within {LIMIT:?}: {error}");
                std::thread::sleep(LOOK_AGAIN);
            }
        }
    }
}

fn to_answer(payload: &Value) -> Answer {
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
