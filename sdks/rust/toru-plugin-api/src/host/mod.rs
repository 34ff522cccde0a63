//! This process's one host: the connection to it, what waits for its answers, and what is to be told to it.

mod link;
mod log_queue;

use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};
use std::time::Duration;

use tokio::sync::{mpsc, watch, Notify, Semaphore};

pub(crate) use link::{KvReply, Link, Queues};
use log_queue::LogQueue;
pub(crate) use log_queue::{Level, LogEntry, MAX_ENTRY_BYTES};

use crate::kv::{KvError, KvErrorCode, Request};

/// How long an answer of the host may take.
const KV_LIMIT: Duration = Duration::from_secs(5);
/// Requests of this plugin that wait for the host at a time; further ones wait for their turn.
const MAX_KV_WAITING: usize = 256;

/// Holds up the end of the process while it exists.
pub(crate) type Guard = mpsc::Sender<()>;

pub(crate) struct Host {
    state: Mutex<State>,
    logs: Mutex<LogQueue>,
    logged: Notify,
    kv_turns: Semaphore,
    /// Whether the host has ever connected.
    connected: watch::Sender<bool>,
    stopping: watch::Sender<bool>,
    /// Ends when the last guard is dropped; taken by whoever waits for that.
    guards_gone: Mutex<Option<mpsc::Receiver<()>>>,
}

struct State {
    link: Option<Arc<Link>>,
    /// Taken when the process is to end.
    guard: Option<Guard>,
}

impl Host {
    pub(crate) fn get() -> &'static Self {
        static HOST: OnceLock<Host> = OnceLock::new();
        HOST.get_or_init(|| {
            let (guard, guards_gone) = mpsc::channel(1);
            Self {
                state: Mutex::new(State { link: None, guard: Some(guard) }),
                logs: Mutex::new(LogQueue::default()),
                logged: Notify::new(),
                kv_turns: Semaphore::new(MAX_KV_WAITING),
                connected: watch::Sender::new(false),
                stopping: watch::Sender::new(false),
                guards_gone: Mutex::new(Some(guards_gone)),
            }
        })
    }

    /// From now on requests of the plugin's own and its log go this way; an older connection is given up.
    pub(crate) fn connected(&self, link: &Arc<Link>) {
        let older = lock(&self.state).link.replace(Arc::clone(link));
        self.connected.send_replace(true);
        if let Some(older) = older {
            older.finish.notify_one();
        }
    }

    /// The connection may carry the log.
    pub(crate) fn ready(&self) {
        lock(&self.logs).open();
        self.logged.notify_one();
    }

    /// A connection ended. Where no newer one is there, the log goes to stderr until there is.
    pub(crate) fn disconnected(&self, link: &Arc<Link>) {
        link.fail_all();
        let mut state = lock(&self.state);
        if state.link.as_ref().is_some_and(|current| Arc::ptr_eq(current, link)) {
            state.link = None;
            drop(state);
            self.print_log();
        }
    }

    /// Asks the host. Before `ready` was sent it has it sent: nothing else may come before it.
    pub(crate) async fn kv(&self, request: &Request<'_>) -> Result<KvReply, KvError> {
        match tokio::time::timeout(KV_LIMIT, self.kv_unlimited(request)).await {
            Ok(reply) => reply,
            Err(_) => {
                let message = format!("no answer within {} s", KV_LIMIT.as_secs());
                Err(KvError::new(KvErrorCode::Timeout, message))
            }
        }
    }

    async fn kv_unlimited(&self, request: &Request<'_>) -> Result<KvReply, KvError> {
        let _turn = self.kv_turns.acquire().await;
        if std::env::var_os("TORU_PLUGIN_SOCKET").is_some() {
            // Work beside the requests may be quicker than the host, which connects once the plugin listens.
            let _ = self.connected.subscribe().wait_for(|connected| *connected).await;
        }
        let Some(link) = lock(&self.state).link.clone() else {
            return Err(KvError::new(KvErrorCode::Disconnected, "there is no connection to the host"));
        };
        link.kv(request).await
    }

    /// Never waits and never fails: what the host cannot take is dropped and counted.
    pub(crate) fn log(&self, entry: LogEntry) {
        let printed = lock(&self.logs).push(entry);
        match printed {
            Some(entry) => entry.print(), // not under the lock: stderr may be slow
            None => self.logged.notify_one(),
        }
    }

    pub(crate) fn take_log(&self) -> Option<LogEntry> {
        lock(&self.logs).take()
    }

    /// Resolves when there may be something to take. It keeps one call that came while nobody waited.
    pub(crate) async fn logged(&self) {
        self.logged.notified().await;
    }

    /// What nobody took goes to stderr, and so does what comes until there is a connection again.
    pub(crate) fn print_log(&self) {
        let left = lock(&self.logs).close();
        left.iter().for_each(LogEntry::print);
    }

    pub(crate) fn stopping(&self) -> watch::Receiver<bool> {
        self.stopping.subscribe()
    }

    /// `None` where the process is to end.
    pub(crate) fn guard(&self) -> Option<Guard> {
        lock(&self.state).guard.clone()
    }

    /// Says that the process is to end, and waits until nothing holds that up, or the grace is over.
    pub(crate) async fn stop(&self, grace: Duration) {
        let guard = lock(&self.state).guard.take();
        drop(guard);
        self.stopping.send_replace(true);
        let guards_gone = lock(&self.guards_gone).take();
        if let Some(mut guards_gone) = guards_gone {
            let _ = tokio::time::timeout(grace, guards_gone.recv()).await;
        }
    }

    pub(crate) fn link(&self) -> Option<Arc<Link>> {
        lock(&self.state).link.clone()
    }
}

/// No code panics while it holds one of these locks; a poisoned one is as good.
pub(crate) fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
