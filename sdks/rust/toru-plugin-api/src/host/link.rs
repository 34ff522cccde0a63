use std::collections::HashMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::Mutex;

use serde_json::value::RawValue;
use tokio::sync::{mpsc, oneshot, watch, Notify};

use super::lock;
use crate::kv::{KvError, KvErrorCode, KvPage, Request};
use crate::stream::{Control, Streams};
use crate::wire::envelope::{self, Kind, RemoteError};
use crate::wire::fields::Fields;

/// Frames that wait to be written: replies and requests of the plugin's own.
const MAX_QUEUED_FRAMES: usize = 16;
/// Frames that go before those: answers to lifecycle requests, and refusals.
const MAX_URGENT_FRAMES: usize = 64;

/// One connection to the host, as those see it who send on it.
pub(crate) struct Link {
    pub(crate) frames: mpsc::Sender<Vec<u8>>,
    pub(crate) urgent: mpsc::Sender<Vec<u8>>,
    pub(crate) streams: Streams,
    waiting: Mutex<Option<HashMap<String, oneshot::Sender<Box<RawValue>>>>>,
    next_id: AtomicU64,
    ready: watch::Sender<bool>,
    /// Somebody wants to ask the host before `ready` was sent.
    pub(crate) ready_wanted: Notify,
    /// The writer is to send what is queued and close.
    pub(crate) finish: Notify,
}

/// What the writer of a connection takes its frames from.
pub(crate) struct Queues {
    pub(crate) frames: mpsc::Receiver<Vec<u8>>,
    pub(crate) urgent: mpsc::Receiver<Vec<u8>>,
    pub(crate) controls: mpsc::Receiver<Control>,
}

impl Link {
    pub(crate) fn new() -> (Self, Queues) {
        let (frames, frames_out) = mpsc::channel(MAX_QUEUED_FRAMES);
        let (urgent, urgent_out) = mpsc::channel(MAX_URGENT_FRAMES);
        let (streams, controls) = Streams::new();
        let link = Self {
            frames,
            urgent,
            streams,
            waiting: Mutex::new(Some(HashMap::new())),
            next_id: AtomicU64::new(1),
            ready: watch::Sender::new(false),
            ready_wanted: Notify::new(),
            finish: Notify::new(),
        };
        (link, Queues { frames: frames_out, urgent: urgent_out, controls })
    }

    pub(crate) fn is_ready(&self) -> bool {
        *self.ready.borrow()
    }

    /// `ready` is on its way: everything else may follow.
    pub(crate) fn set_ready(&self) {
        self.ready.send_replace(true);
    }

    /// Resolves when `ready` is on its way.
    pub(crate) async fn ready(&self) {
        let _ = self.ready.subscribe().wait_for(|ready| *ready).await;
    }

    /// Hands a reply of the host to the one who waits for it; a late one is dropped.
    pub(crate) fn settle(&self, id: &str, payload: &RawValue) {
        let waiting = lock(&self.waiting).as_mut().and_then(|waiting| waiting.remove(id));
        if let Some(waiting) = waiting {
            // Whoever gave up meanwhile does not want it.
            let _ = waiting.send(payload.to_owned());
        }
    }

    /// The connection is gone: nobody gets an answer any more, and no stream goes on.
    pub(crate) fn fail_all(&self) {
        lock(&self.waiting).take();
        self.streams.end_all();
    }

    pub(super) async fn kv(&self, request: &Request<'_>) -> Result<KvReply, KvError> {
        if !self.is_ready() {
            self.ready_wanted.notify_one();
            self.ready().await;
        }
        let lost = || KvError::new(KvErrorCode::Disconnected, "the connection to the host was lost");
        // With a prefix, so that it looks like none of the host's.
        let id = format!("p-{}", self.next_id.fetch_add(1, Ordering::Relaxed));
        let (sender, reply) = oneshot::channel();
        lock(&self.waiting).as_mut().ok_or_else(lost)?.insert(id.clone(), sender);
        let _forget = Forget { link: self, id: &id };
        let frame = envelope::encode(Kind::Kv, Some(&id), request)
            .ok()
            .flatten()
            .ok_or_else(|| KvError::new(KvErrorCode::InvalidRequest, "the request does not fit a frame"))?;
        self.frames.send(frame).await.map_err(|_| lost())?;
        KvReply::read(reply.await.map_err(|_| lost())?)
    }
}

/// Forgets a request that was answered or given up.
struct Forget<'a> {
    link: &'a Link,
    id: &'a str,
}

impl Drop for Forget<'_> {
    fn drop(&mut self) {
        if let Some(waiting) = lock(&self.link.waiting).as_mut() {
            waiting.remove(self.id);
        }
    }
}

/// The host's answer to a kv request that it did not refuse.
pub(crate) struct KvReply(Box<RawValue>);

impl KvReply {
    fn read(payload: Box<RawValue>) -> Result<Self, KvError> {
        let error: Option<RemoteError> = fields(&payload)?.optional("error").map_err(malformed)?;
        match error {
            Some(RemoteError { code, message }) => Err(KvError::from_host(code, message)),
            None => Ok(Self(payload)),
        }
    }

    pub(crate) fn value(&self) -> Result<Option<String>, KvError> {
        let fields = fields(&self.0)?;
        if !fields.has("value") {
            return Err(malformed("`value` is missing".to_owned()));
        }
        fields.optional("value").map_err(malformed)
    }

    pub(crate) fn page(&self) -> Result<KvPage, KvError> {
        let fields = fields(&self.0)?;
        let keys = fields.required("keys").map_err(malformed)?;
        let more = fields.required("more").map_err(malformed)?;
        Ok(KvPage { keys, more })
    }
}

fn fields(payload: &RawValue) -> Result<Fields<'_>, KvError> {
    Fields::parse(payload.get()).map_err(|error| malformed(error.to_string()))
}

fn malformed(what: String) -> KvError {
    KvError::new(KvErrorCode::Other("malformed_reply".to_owned()), format!("the host's answer is malformed: {what}"))
}
