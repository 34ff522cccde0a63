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

mod answer;
mod open_answer;
mod open_web_socket;
mod process;
mod request;
mod store;
mod wire;

use std::collections::BTreeMap;
use std::os::unix::net::UnixStream;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use serde_json::{json, Value};

pub use answer::Answer;
pub use open_answer::OpenAnswer;
pub use open_web_socket::{OpenWebSocket, SocketMessage};
use process::{connect, manifest, new_folder};
pub use request::Request;

/// How long each step may take: the start, an answer, the end.
const LIMIT: Duration = Duration::from_secs(30);
/// Wait between two looks at what has no event.
const LOOK_AGAIN: Duration = Duration::from_millis(5);
/// Bytes on a stream that were not granted anew.
const WINDOW_BYTES: usize = 256 * 1024;

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
            "log_path": plugin.folder.join("plugin.log"), "data_dir": plugin.folder, "features": ["stream", "websocket"],
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
        while self.receive().is_some() {}
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
}

impl Drop for RunningPlugin {
    fn drop(&mut self) {
        // Either fails only where the process has ended already.
        let _ = self.child.kill();
        let _ = self.child.wait();
        let _ = std::fs::remove_dir_all(&self.folder);
    }
}
