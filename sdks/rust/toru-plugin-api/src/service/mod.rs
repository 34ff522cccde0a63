mod request_body;
#[cfg(feature = "ws")]
mod rfc6455;
mod to_answer;
mod to_request;
#[cfg(feature = "ws")]
mod websocket;

use std::future::poll_fn;
use std::sync::{Arc, Mutex};

use async_trait::async_trait;
use http_body::Body as HttpBody;
use tower_service::Service;

pub use request_body::RequestBody;
use to_answer::to_answer;
use to_request::{inline, to_request};

use crate::host::lock;
use crate::manifest::Manifest;
use crate::serve::{run, Answer, App, Asked, Failure};
use crate::types::{KvOp, PluginContext};
use crate::wire::envelope::Features;
use crate::wire::http::{Body, Headers, Response};

/// The request that a service gets.
pub type ServiceRequest = http::Request<RequestBody>;

/// Runs a tower service, such as an axum `Router`, as a plugin: [`serve`](crate::serve()) without a trait to implement.
///
/// ```no_run
/// use axum::{routing::get, Extension, Router};
/// use toru_plugin_api::{serve_service, Caller, Kv, Manifest};
///
/// async fn hello(Extension(caller): Extension<Caller>, Extension(kv): Extension<Kv>) -> String {
///     let greeting = kv.get("greeting").await.ok().flatten();
///     format!("{}, {}!\n", greeting.as_deref().unwrap_or("Hello"), caller.user)
/// }
///
/// #[tokio::main]
/// async fn main() {
///     let manifest = Manifest::new("hello", "Hello", "1.0.0", "👋", "/hello");
///     serve_service(manifest, Router::new().route("/", get(hello))).await
/// }
/// ```
///
/// - Paths are relative to the plugin's route: `/plugins/hello/world?x=1` is `/world?x=1` for the service.
/// - The request carries [`Caller`](crate::Caller) (who asks) and [`Kv`](crate::Kv) (the plugin's store) as extensions.
/// - Bodies are streams in both directions, of any size; at most 256 KiB of one are under way. The response's body is
///   polled as the client takes it, and dropped when the client goes away. One that fails cuts the client's connection.
///   Trailers are ignored.
/// - With the feature `ws`, `WebSocketUpgrade` of axum works, and so does whatever else builds on `hyper::upgrade::on`.
/// - Work beside the requests goes into tasks with a [`Shutdown`](crate::Shutdown).
pub async fn serve_service<S, B>(manifest: Manifest, service: S) -> !
where
    S: Service<ServiceRequest, Response = http::Response<B>> + Clone + Send + 'static,
    S::Error: Into<Box<dyn std::error::Error + Send + Sync>>,
    S::Future: Send,
    B: HttpBody + Send + 'static,
    B::Data: Send,
    B::Error: Into<Box<dyn std::error::Error + Send + Sync>>,
{
    let route = manifest.route.clone();
    run(manifest, || Arc::new(ServiceApp { route, service: Mutex::new(service) })).await
}

struct ServiceApp<S> {
    route: String,
    service: Mutex<S>,
}

#[async_trait]
impl<S, B> App for ServiceApp<S>
where
    S: Service<ServiceRequest, Response = http::Response<B>> + Clone + Send + 'static,
    S::Error: Into<Failure>,
    S::Future: Send,
    B: HttpBody + Send + 'static,
    B::Data: Send,
    B::Error: Into<Failure>,
{
    fn features(&self) -> Features {
        Features { stream: true, websocket: cfg!(feature = "ws") }
    }

    async fn init(&self, _context: PluginContext) -> Result<(), Failure> {
        Ok(())
    }

    async fn http(&self, asked: Asked) -> Result<Answer, Failure> {
        let Asked { mut request, mut incoming, can_stream } = asked;
        #[cfg(feature = "ws")]
        let messages = incoming.take_if(|_| request.is_websocket);
        let body = incoming.take().map_or_else(|| inline(&mut request.body), RequestBody::stream);
        let request = match to_request(request, body, &self.route) {
            Ok(request) => request,
            Err(reason) => return Ok(bad_request(&reason)),
        };
        let mut service = lock(&self.service).clone();
        poll_fn(|context| service.poll_ready(context)).await.map_err(Into::into)?;
        #[cfg(feature = "ws")]
        if let Some(messages) = messages {
            return websocket::answer(service, request, messages).await;
        }
        to_answer(service.call(request).await.map_err(Into::into)?, can_stream).await
    }

    async fn kv(&self, _op: KvOp) -> Result<Option<String>, Failure> {
        Err("a service has no store of its own; leave `kv` out of the manifest's `handles`".into())
    }
}

fn bad_request(reason: &str) -> Answer {
    let content_type = ("content-type".to_owned(), vec!["text/plain; charset=utf-8".to_owned()]);
    let body = Body::Text(format!("{reason}\n"));
    Answer::Whole(Response { status: 400, headers: Headers(vec![content_type]), body })
}
