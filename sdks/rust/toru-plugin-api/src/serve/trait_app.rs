use std::collections::HashMap;

use async_trait::async_trait;
use tokio::sync::RwLock;

use super::app::{Answer, App, Asked, Failure};
use crate::error::PluginResult;
use crate::plugin::ToruPlugin;
use crate::stream::Incoming;
use crate::types::{HttpRequest, HttpResponse, KvOp, PluginContext};
use crate::wire::envelope::Features;
use crate::wire::frame::MAX_FRAME_BYTES;
use crate::wire::http::{Body, Headers, Request, Response};

/// A plugin by the trait of 0.1, whose bodies are whole.
pub(super) struct TraitApp<P>(RwLock<P>);

impl<P> TraitApp<P> {
    pub(super) fn new(plugin: P) -> Self {
        Self(RwLock::new(plugin))
    }
}

#[async_trait]
impl<P: ToruPlugin> App for TraitApp<P> {
    fn features(&self) -> Features {
        Features { stream: true, websocket: false }
    }

    async fn init(&self, context: PluginContext) -> Result<(), Failure> {
        Ok(self.0.write().await.init(context).await?)
    }

    async fn http(&self, asked: Asked) -> Result<Answer, Failure> {
        let Asked { mut request, incoming, .. } = asked;
        if let Some(incoming) = incoming {
            let Some(bytes) = collect(&incoming).await? else {
                return Ok(refused(413, format!("This plugin takes bodies of at most {MAX_FRAME_BYTES} bytes.\n")));
            };
            request.body = if bytes.is_empty() { Body::None } else { Body::Bytes(bytes) };
        }
        let Some(request) = to_text(request) else {
            return Ok(refused(415, "This plugin takes bodies of UTF-8 text only.\n".to_owned()));
        };
        let plugin = self.0.read().await;
        let answer: PluginResult<HttpResponse> = plugin.handle_http(request).await;
        Ok(Answer::Whole(from_text(answer?)))
    }

    async fn kv(&self, op: KvOp) -> Result<Option<String>, Failure> {
        Ok(self.0.write().await.handle_kv(op).await?)
    }
}

/// The whole body; `None` where it is over the limit.
async fn collect(incoming: &Incoming) -> Result<Option<Vec<u8>>, Failure> {
    let mut bytes = Vec::new();
    while let Some(piece) = incoming.next().await {
        let piece = piece?.bytes;
        if bytes.len() + piece.len() > MAX_FRAME_BYTES {
            return Ok(None);
        }
        bytes.extend_from_slice(&piece);
    }
    Ok(Some(bytes))
}

/// `None` where the body is no text.
fn to_text(request: Request) -> Option<HttpRequest> {
    let Request { method, path, headers, body, .. } = request;
    let body = match body {
        Body::None | Body::Stream(_) => None,
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

fn refused(status: u16, text: String) -> Answer {
    let headers = Headers(vec![("content-type".to_owned(), vec!["text/plain; charset=utf-8".to_owned()])]);
    Answer::Whole(Response { status, headers, body: Body::Text(text) })
}
