use tokio::sync::watch;

use crate::host::{Guard, Host};

/// For work beside the requests: tells it when the plugin is to end, and makes the process wait for it.
///
/// As long as one exists, the process that is asked to stop does not exit, up to the grace (5 s where the host says
/// nothing else). So make it before its work is spawned, and drop it when that is done.
///
/// ```no_run
/// use std::time::Duration;
///
/// # async fn save() {}
/// # async fn run() {
/// let mut shutdown = toru_plugin_api::Shutdown::new();
/// tokio::spawn(async move {
///     let mut minute = tokio::time::interval(Duration::from_secs(60));
///     loop {
///         tokio::select! {
///             _ = minute.tick() => save().await,
///             () = shutdown.requested() => return save().await,
///         }
///     }
/// });
/// # }
/// ```
#[derive(Debug)]
pub struct Shutdown {
    stopping: watch::Receiver<bool>,
    // Its drop is what the process waits for.
    _guard: Option<Guard>,
}

impl Shutdown {
    /// Starts to hold up the end of the process. Where the end has been asked for already, it holds up nothing.
    pub fn new() -> Self {
        let host = Host::get();
        Self { stopping: host.stopping(), _guard: host.guard() }
    }

    /// Returns when the plugin is to end: the host said so, SIGTERM came, or the host is gone.
    pub async fn requested(&mut self) {
        // The sender lives as long as the process.
        let _ = self.stopping.wait_for(|stopping| *stopping).await;
    }
}

impl Default for Shutdown {
    fn default() -> Self {
        Self::new()
    }
}
