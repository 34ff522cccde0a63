use std::fs::File;
use std::io::{ErrorKind, Read, Result};
use std::os::fd::AsFd;
use std::os::unix::fs::FileTypeExt;
use std::time::Duration;

use tokio::signal::unix::{signal, Signal, SignalKind};
use tokio::sync::mpsc;

/// Grace of an end for which nobody named one.
pub(super) const DEFAULT_GRACE: Duration = Duration::from_secs(5);
/// Longest grace that is granted.
const MAX_GRACE: Duration = Duration::from_secs(60);

/// The three ways to end: the host's `shutdown`, SIGTERM, and the end of stdin, which says that the host is gone.
pub(super) struct Endings {
    terminate: Signal,
    asked: mpsc::Receiver<Duration>,
    ask: mpsc::Sender<Duration>,
}

impl Endings {
    pub(super) fn new() -> Result<Self> {
        let terminate = signal(SignalKind::terminate())?;
        let (ask, asked) = mpsc::channel(1);
        watch_stdin(ask.clone())?;
        Ok(Self { terminate, asked, ask })
    }

    /// Takes the grace of the host's `shutdown`. The first ending counts.
    pub(super) fn on_shutdown(&self) -> mpsc::Sender<Duration> {
        self.ask.clone()
    }

    /// Returns the grace of the first ending.
    pub(super) async fn next(&mut self) -> Duration {
        tokio::select! {
            _ = self.terminate.recv() => DEFAULT_GRACE,
            grace = self.asked.recv() => grace.unwrap_or(DEFAULT_GRACE).min(MAX_GRACE),
        }
    }
}

/// Only where stdin is a pipe: a terminal and `/dev/null` say nothing of the host.
fn watch_stdin(ended: mpsc::Sender<Duration>) -> Result<()> {
    let Ok(descriptor) = std::io::stdin().as_fd().try_clone_to_owned() else { return Ok(()) };
    let mut stdin = File::from(descriptor);
    let kind = stdin.metadata()?.file_type();
    if !kind.is_fifo() && !kind.is_socket() {
        return Ok(());
    }
    let watch = move || {
        let mut buffer = [0; 1024];
        loop {
            match stdin.read(&mut buffer) {
                Ok(0) => break,
                Err(error) if error.kind() != ErrorKind::Interrupted => break,
                _ => {}
            }
        }
        // Full where the end has been asked for already.
        let _ = ended.try_send(DEFAULT_GRACE);
    };
    std::thread::Builder::new().name("toru-stdin".to_owned()).spawn(watch).map(drop)
}
