use std::collections::HashMap;
use std::sync::{Arc, Mutex};

use tokio::sync::oneshot;

use super::app::Asked;
use super::exchange::Exchange;
use super::Plugin;
use crate::host::{lock, Host, Level, Link, LogEntry};
use crate::manifest::Handles;
use crate::types::KvOp;
use crate::wire::envelope::Kind;

/// Requests of one connection that are answered at a time; one above that is refused.
pub(super) const MAX_IN_FLIGHT: usize = 1024;
/// A code and a message for the host.
pub(super) type Refusal = (&'static str, String);

/// The requests of one connection that are being answered.
pub(super) struct Requests {
    plugin: Plugin,
    link: Arc<Link>,
    /// Each until its handler has ended. To take the sender out, and drop it, cancels.
    running: Arc<Mutex<HashMap<String, Option<oneshot::Sender<()>>>>>,
}

/// A request that is to be answered.
pub(super) enum Job {
    Http(Asked),
    Kv(KvOp),
}

impl Job {
    pub(super) fn kind(&self) -> Kind {
        match self {
            Self::Http(_) => Kind::Http,
            Self::Kv(_) => Kind::Kv,
        }
    }

    /// For the log; a query may hold what is nobody's business.
    pub(super) fn name(&self) -> String {
        match self {
            Self::Http(Asked { request, .. }) => {
                format!("{} {}", request.method, request.path.split('?').next().unwrap_or_default())
            }
            Self::Kv(_) => "a kv request".to_owned(),
        }
    }
}

impl Requests {
    pub(super) fn new(plugin: Plugin, link: Arc<Link>) -> Self {
        Self { plugin, link, running: Arc::default() }
    }

    /// Starts to answer; a refusal says why not.
    pub(super) fn start(&self, id: String, job: Job) -> Result<(), Refusal> {
        if matches!(job, Job::Kv(_)) && !self.plugin.manifest.handles.contains(&Handles::Kv) {
            return Err(("unsupported", "this plugin does not handle kv".to_owned()));
        }
        let Some(guard) = Host::get().guard() else {
            return Err(("shutting_down", "the plugin is being shut down".to_owned()));
        };
        let mut running = lock(&self.running);
        if running.len() >= MAX_IN_FLIGHT {
            return Err(("busy", format!("{MAX_IN_FLIGHT} requests are being answered already")));
        }
        if running.contains_key(&id) {
            Host::get().log(LogEntry::new(Level::Warn, format!("dropped a second request with the id {id}")));
            return Ok(());
        }
        let exchange = Arc::new(Exchange::new(self.plugin.clone(), Arc::clone(&self.link), id.clone(), &job));
        let (cancel, cancelled) = oneshot::channel();
        running.insert(id.clone(), Some(cancel));
        // In this order: a handler always begins, and is dropped where it waits.
        let answering = Arc::clone(&exchange);
        let task = self.plugin.handlers.spawn(async move {
            tokio::select! {
                biased;
                () = answering.answer(job) => {}
                _ = cancelled => {}
            }
        });
        let running = Arc::clone(&self.running);
        tokio::spawn(async move {
            let ended = task.await;
            lock(&running).remove(&id);
            exchange.ended(ended).await;
            drop(guard);
        });
        Ok(())
    }

    /// Nobody waits for this answer any more.
    pub(super) fn cancel(&self, id: &str) {
        if let Some(request) = lock(&self.running).get_mut(id) {
            request.take();
        }
    }
}

impl Drop for Requests {
    fn drop(&mut self) {
        for request in lock(&self.running).values_mut() {
            request.take();
        }
    }
}
