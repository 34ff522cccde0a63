use std::collections::HashMap;
use std::sync::{Arc, Mutex};

use serde::Serialize;
use tokio::sync::oneshot;
use tokio::task::JoinError;

use super::app::Failure;
use super::Plugin;
use crate::host::{lock, Host, Level, Link, LogEntry};
use crate::manifest::Handles;
use crate::types::KvOp;
use crate::wire::envelope::{encode, error, Kind};
use crate::wire::frame::MAX_FRAME_BYTES;
use crate::wire::http::{Body, Headers, Request, Response};

/// Requests of one connection that are answered at a time; one above that is refused.
pub(super) const MAX_IN_FLIGHT: usize = 1024;
/// What the client may know of a fault of the plugin.
const FAILED: &str = "the plugin failed to answer; its log says why";

/// The requests of one connection that are being answered.
pub(super) struct Requests {
    plugin: Plugin,
    link: Arc<Link>,
    /// Each until its handler has ended. To take the sender out, and drop it, cancels.
    running: Arc<Mutex<HashMap<String, Option<oneshot::Sender<()>>>>>,
}

/// A request that is to be answered.
pub(super) enum Job {
    Http(Request),
    Kv(KvOp),
}

impl Job {
    fn kind(&self) -> Kind {
        match self {
            Self::Http(_) => Kind::Http,
            Self::Kv(_) => Kind::Kv,
        }
    }

    /// For the log; a query may hold what is nobody's business.
    fn name(&self) -> String {
        match self {
            Self::Http(request) => {
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
    pub(super) fn start(&self, id: String, job: Job) -> Result<(), (&'static str, String)> {
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
        let (kind, name) = (job.kind(), job.name());
        let (plugin, link) = (self.plugin.clone(), Arc::clone(&self.link));
        let (cancel, cancelled) = oneshot::channel();
        running.insert(id.clone(), Some(cancel));
        let answer = answer(plugin, link, id.clone(), job);
        // In this order: a handler always begins, and is dropped where it waits.
        let task = self.plugin.handlers.spawn(async move {
            tokio::select! {
                biased;
                () = answer => {}
                _ = cancelled => {}
            }
        });
        let (running, link) = (Arc::clone(&self.running), Arc::clone(&self.link));
        tokio::spawn(async move {
            let ended = task.await;
            lock(&running).remove(&id);
            if let Err(end) = ended {
                report_panic(&link, kind, &id, &name, end).await;
            }
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

async fn answer(plugin: Plugin, link: Arc<Link>, id: String, job: Job) {
    link.ready().await; // a request that came too early must not overtake `init`
    let name = job.name();
    match job {
        Job::Http(request) => {
            let is_head = request.method == "HEAD";
            let outcome = match bundle(&plugin, &request) {
                Some(bundle) => Ok(bundle),
                None => plugin.app.http(request).await,
            };
            let outcome = outcome.and_then(|response| match response.body.len() {
                _ if is_head => Ok(Response { body: Body::None, ..response }),
                0..=MAX_FRAME_BYTES => Ok(response),
                bytes => Err(too_large(bytes)),
            });
            reply(&link, Kind::Http, &id, &name, outcome).await;
        }
        Job::Kv(op) => {
            #[derive(Serialize)]
            struct Reply {
                value: Option<String>,
            }
            let outcome = plugin.app.kv(op).await.map(|value| Reply { value });
            reply(&link, Kind::Kv, &id, &name, outcome).await;
        }
    }
}

/// The page, where it is asked for and embedded.
fn bundle(plugin: &Plugin, request: &Request) -> Option<Response> {
    let bundle = plugin.manifest.bundle.filter(|_| request.method == "GET" && request.path == "/bundle.js")?;
    let content_type = ("content-type".to_owned(), vec!["text/javascript; charset=utf-8".to_owned()]);
    Some(Response { status: 200, headers: Headers(vec![content_type]), body: Body::Text(bundle.to_owned()) })
}

async fn reply<T: Serialize>(link: &Link, kind: Kind, id: &str, name: &str, outcome: Result<T, Failure>) {
    // Room first, so that only so many answers are in memory twice. It is gone where the connection is.
    let Ok(room) = link.frames.reserve().await else { return };
    let encoded = outcome.and_then(|payload| Ok(encode(kind, Some(id), payload)?));
    let frame = match encoded {
        Ok(Some(frame)) => Some(frame),
        Ok(None) => refuse(kind, id, "reply_too_large", name, &too_large(MAX_FRAME_BYTES + 1)),
        Err(failure) => refuse(kind, id, "internal", name, &failure),
    };
    if let Some(frame) = frame {
        room.send(frame);
    }
}

fn refuse(kind: Kind, id: &str, code: &str, name: &str, failure: &Failure) -> Option<Vec<u8>> {
    Host::get().log(LogEntry::new(Level::Error, format!("{name} failed")).because(failure));
    encode(kind, Some(id), error(code, FAILED)).ok().flatten()
}

fn too_large(bytes: usize) -> Failure {
    format!("the answer has {bytes} bytes or more; a frame of {MAX_FRAME_BYTES} bytes must hold it").into()
}

async fn report_panic(link: &Link, kind: Kind, id: &str, name: &str, end: JoinError) {
    let Ok(panic) = end.try_into_panic() else { return };
    let text = panic.downcast_ref::<&str>().copied().or_else(|| panic.downcast_ref::<String>().map(String::as_str));
    Host::get().log(LogEntry::new(Level::Error, format!("{name} panicked")).because(text.unwrap_or("no text")));
    if let Ok(Some(frame)) = encode(kind, Some(id), error("internal", FAILED)) {
        let _ = link.frames.send(frame).await;
    }
}
