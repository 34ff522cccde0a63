use std::future::Future;
use std::pin::Pin;

use async_trait::async_trait;

use crate::stream::{Incoming, Outgoing};
use crate::types::{KvOp, PluginContext};
use crate::wire::envelope::Features;
use crate::wire::http::{Headers, Request, Response};

/// Why there is no answer; the log gets it, the client does not.
pub(crate) type Failure = Box<dyn std::error::Error + Send + Sync>;

/// What answers requests, whichever way its author wrote it.
#[async_trait]
pub(crate) trait App: Send + Sync {
    /// What it can do beyond bodies inside of messages.
    fn features(&self) -> Features;
    /// Called once in the life of the process.
    async fn init(&self, context: PluginContext) -> Result<(), Failure>;
    async fn http(&self, asked: Asked) -> Result<Answer, Failure>;
    async fn kv(&self, op: KvOp) -> Result<Option<String>, Failure>;
}

/// An http request with what belongs to it.
pub(crate) struct Asked {
    pub(crate) request: Request,
    /// The bytes, where the body is a stream, or the messages of a WebSocket.
    pub(crate) incoming: Option<Incoming>,
    /// Whether the answer may be a stream.
    #[cfg_attr(not(feature = "axum"), allow(dead_code))]
    pub(crate) can_stream: bool,
}

pub(crate) enum Answer {
    Whole(Response),
    /// The head comes first, then what `fill` sends. It is dropped where the request is cancelled.
    #[cfg_attr(not(feature = "axum"), allow(dead_code))]
    Stream {
        status: u16,
        headers: Headers,
        fill: Fill,
    },
}

/// Fills a stream. An error says that what was sent is not all.
pub(crate) type Fill = Box<dyn FnOnce(Outgoing) -> Filling + Send>;
pub(crate) type Filling = Pin<Box<dyn Future<Output = Result<(), Failure>> + Send>>;
