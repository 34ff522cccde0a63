use std::sync::{Arc, OnceLock};

use serde::Serialize;
use tokio::task::JoinError;

use super::app::{Answer, Asked, Failure, Fill};
use super::requests::Job;
use super::Plugin;
use crate::host::{Host, Level, Link, LogEntry};
use crate::stream::{Outbox, Outgoing};
use crate::types::KvOp;
use crate::wire::data_frame::DataFrame;
use crate::wire::envelope::{encode, error, Kind};
use crate::wire::frame::MAX_FRAME_BYTES;
use crate::wire::http::{Body, Headers, Request, Response};

/// What the client may know of a fault of the plugin.
const FAILED: &str = "the plugin failed to answer; its log says why";

/// A request on its way to its answer.
pub(super) struct Exchange {
    plugin: Plugin,
    link: Arc<Link>,
    id: String,
    kind: Kind,
    /// For the log.
    name: String,
    /// The stream of the answer, once its head was sent.
    stream: OnceLock<Arc<Outbox>>,
}

impl Exchange {
    pub(super) fn new(plugin: Plugin, link: Arc<Link>, id: String, job: &Job) -> Self {
        Self { plugin, link, id, kind: job.kind(), name: job.name(), stream: OnceLock::new() }
    }

    /// Answers, in a task of the author's runtime.
    pub(super) async fn answer(&self, job: Job) {
        self.link.ready().await; // a request that came too early must not overtake `init`
        match job {
            Job::Http(asked) => self.http(asked).await,
            Job::Kv(op) => self.kv(op).await,
        }
    }

    /// The task has ended, by itself or not.
    pub(super) async fn ended(&self, end: Result<(), JoinError>) {
        let panic = end.err().and_then(|end| end.try_into_panic().ok());
        if let Some(panic) = &panic {
            let text = panic.downcast_ref::<&str>().copied();
            let text = text.or_else(|| panic.downcast_ref::<String>().map(String::as_str)).unwrap_or("no text");
            Host::get().log(LogEntry::new(Level::Error, format!("{} panicked", self.name)).because(text));
        }
        if let Some(stream) = self.stream.get() {
            self.end(stream, true).await;
        } else if panic.is_some() {
            if let Ok(Some(frame)) = encode(self.kind, Some(&self.id), error("internal", FAILED)) {
                let _ = self.link.frames.send(frame).await;
            }
        }
    }

    async fn http(&self, asked: Asked) {
        let is_head = asked.request.method == "HEAD";
        let outcome = match bundle(&self.plugin, &asked.request) {
            Some(bundle) => Ok(Answer::Whole(bundle)),
            None => self.plugin.app.http(asked).await,
        };
        let outcome = match outcome {
            Ok(Answer::Stream { status, headers, .. }) if is_head => Ok(Response { status, headers, body: Body::None }),
            Ok(Answer::Stream { status, headers, fill }) => return self.stream(status, headers, fill).await,
            Ok(Answer::Whole(response)) if is_head => Ok(Response { body: Body::None, ..response }),
            Ok(Answer::Whole(response)) if response.body.len() > MAX_FRAME_BYTES => Err(too_large(response.body.len())),
            Ok(Answer::Whole(response)) => Ok(response),
            Err(failure) => Err(failure),
        };
        self.reply(outcome).await;
    }

    async fn kv(&self, op: KvOp) {
        #[derive(Serialize)]
        struct Reply {
            value: Option<String>,
        }
        self.reply(self.plugin.app.kv(op).await.map(|value| Reply { value })).await;
    }

    async fn reply<T: Serialize>(&self, outcome: Result<T, Failure>) {
        // Room first, so that only so many answers are in memory twice. It is gone where the connection is.
        let Ok(room) = self.link.frames.reserve().await else { return };
        if let Some(frame) = self.encoded(outcome) {
            room.send(frame);
        }
    }

    fn encoded<T: Serialize>(&self, outcome: Result<T, Failure>) -> Option<Vec<u8>> {
        match outcome.and_then(|payload| Ok(encode(self.kind, Some(&self.id), payload)?)) {
            Ok(Some(frame)) => Some(frame),
            Ok(None) => self.refusal("reply_too_large", &too_large(MAX_FRAME_BYTES + 1)),
            Err(failure) => self.refusal("internal", &failure),
        }
    }

    fn refusal(&self, code: &str, failure: &Failure) -> Option<Vec<u8>> {
        Host::get().log(LogEntry::new(Level::Error, format!("{} failed", self.name)).because(failure));
        encode(self.kind, Some(&self.id), error(code, FAILED)).ok().flatten()
    }

    /// Sends the head and has the stream behind it filled.
    async fn stream(&self, status: u16, headers: Headers, fill: Fill) {
        let Ok(room) = self.link.frames.reserve().await else { return };
        // From here to its entry there is no pause, so whatever happens to the task, the stream is ended.
        let stream = self.link.streams.begin();
        let head = Response { status, headers, body: Body::Stream(stream.number) };
        let Ok(Some(frame)) = encode(self.kind, Some(&self.id), &head) else {
            self.link.streams.forget(stream.number);
            return room.send(self.refusal("reply_too_large", &too_large(MAX_FRAME_BYTES + 1)).unwrap_or_default());
        };
        room.send(frame);
        let stream = self.stream.get_or_init(|| stream);
        let outcome = fill(Outgoing::new(Arc::clone(&self.link), Arc::clone(stream))).await;
        if let Err(failure) = &outcome {
            let entry = LogEntry::new(Level::Error, format!("{} broke off", self.name));
            Host::get().log(entry.because(failure));
        }
        self.end(stream, outcome.is_err()).await;
    }

    /// Sends the last frame, unless it was sent.
    async fn end(&self, stream: &Outbox, aborted: bool) {
        let Ok(room) = self.link.frames.reserve().await else { return };
        if self.link.streams.forget(stream.number) {
            let frame = DataFrame { stream: stream.number, last: true, text: false, aborted, bytes: &[] };
            room.send(frame.encode());
        }
    }
}

/// The page, where it is asked for and embedded.
fn bundle(plugin: &Plugin, request: &Request) -> Option<Response> {
    let bundle = plugin.manifest.bundle.filter(|_| request.method == "GET" && request.path == "/bundle.js")?;
    let content_type = ("content-type".to_owned(), vec!["text/javascript; charset=utf-8".to_owned()]);
    Some(Response { status: 200, headers: Headers(vec![content_type]), body: Body::Text(bundle.to_owned()) })
}

fn too_large(bytes: usize) -> Failure {
    format!("the answer has {bytes} bytes or more; a frame of {MAX_FRAME_BYTES} bytes must hold it").into()
}
