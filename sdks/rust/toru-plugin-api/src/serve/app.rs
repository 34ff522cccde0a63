use std::collections::HashMap;

use async_trait::async_trait;
use tokio::sync::RwLock;

use crate::error::PluginResult;
use crate::plugin::ToruPlugin;
use crate::types::{HttpRequest, HttpResponse, KvOp, PluginContext};
use crate::wire::http::{Body, Headers, Request, Response};

/// Why there is no answer; the log gets it, the client does not.
pub(crate) type Failure = Box<dyn std::error::Error + Send + Sync>;

/// What answers requests, whichever way its author wrote it.
#[async_trait]
pub(crate) trait App: Send + Sync {
    /// Called once in the life of the process.
    async fn init(&self, context: PluginContext) -> Result<(), Failure>;
    async fn http(&self, request: Request) -> Result<Response, Failure>;
    async fn kv(&self, op: KvOp) -> Result<Option<String>, Failure>;
}

pub(super) struct TraitApp<P>(RwLock<P>);

impl<P> TraitApp<P> {
    pub(super) fn new(plugin: P) -> Self {
        Self(RwLock::new(plugin))
    }
}

#[async_trait]
impl<P: ToruPlugin> App for TraitApp<P> {
    async fn init(&self, context: PluginContext) -> Result<(), Failure> {
        Ok(self.0.write().await.init(context).await?)
    }

    async fn http(&self, request: Request) -> Result<Response, Failure> {
        let Some(request) = to_text(request) else { return Ok(not_text()) };
        let plugin = self.0.read().await;
        let answer: PluginResult<HttpResponse> = plugin.handle_http(request).await;
        Ok(from_text(answer?))
    }

    async fn kv(&self, op: KvOp) -> Result<Option<String>, Failure> {
        Ok(self.0.write().await.handle_kv(op).await?)
    }
}

/// `None` where the body is no text.
fn to_text(request: Request) -> Option<HttpRequest> {
    let Request { method, path, headers, body } = request;
    let body = match body {
        Body::None => None,
        Body::Text(text) => Some(text),
        Body::Bytes(bytes) => Some(String::from_utf8(bytes).ok()?),
    };
    let headers = headers.0.into_iter().map(|(name, values)| (name, values.join(", "))).collect();
    Some(HttpRequest { method, path, headers, body })
}

fn from_text(HttpResponse { status, headers, body }: HttpResponse) -> Response {
    Response { status, headers: to_headers(headers), body: body.map_or(Body::None, Body::Text) }
}

/// Names that differ only in case are one header with several values.
fn to_headers(headers: HashMap<String, String>) -> Headers {
    let mut merged = HashMap::<String, Vec<String>>::new();
    for (name, value) in headers {
        merged.entry(name.to_ascii_lowercase()).or_default().push(value);
    }
    Headers(merged.into_iter().collect())
}

fn not_text() -> Response {
    let text = "This plugin takes bodies of UTF-8 text only.\n";
    Response {
        status: 415,
        headers: Headers(vec![("content-type".to_owned(), vec!["text/plain; charset=utf-8".to_owned()])]),
        body: Body::Text(text.to_owned()),
    }
}
