use std::os::unix::net::UnixStream;
use std::path::{Path, PathBuf};
use std::process::{Child, Command};
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Instant;

use serde_json::Value;

use super::{LIMIT, LOOK_AGAIN};

pub(super) fn manifest(executable: &Path) -> Value {
    let output = Command::new(executable).arg("--metadata").output().expect("the output of --metadata");
    assert!(output.status.success(), "--metadata failed: {}", String::from_utf8_lossy(&output.stderr));
    serde_json::from_slice(&output.stdout).expect("--metadata prints JSON")
}

pub(super) fn new_folder() -> PathBuf {
    static NEXT: AtomicU32 = AtomicU32::new(0);
    let name = format!("toru-plugin-{}-{}", std::process::id(), NEXT.fetch_add(1, Ordering::Relaxed));
    let folder = std::env::temp_dir().join(name);
    std::fs::create_dir(&folder).expect("a new folder");
    folder
}

pub(super) fn connect(path: &Path, child: &mut Child) -> UnixStream {
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
