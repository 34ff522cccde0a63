use std::future::poll_fn;
use std::sync::{Arc, Mutex};

use async_trait::async_trait;
use bytes::Bytes;
use http::header::{HeaderName, HeaderValue};
use http::{HeaderMap, Uri};
use http_body::Body as HttpBody;
use http_body_util::{BodyExt, Full, Limited};
use tower_service::Service;

use crate::caller::Caller;
use crate::host::lock;
use crate::kv::Kv;
use crate::manifest::Manifest;
use crate::serve::{run, App, Failure};
use crate::types::{KvOp, PluginContext};
use crate::wire::frame::MAX_FRAME_BYTES;
use crate::wire::http::{Body, Headers, Request, Response};

/// The request that a service gets.
pub type ServiceRequest = http::Request<Full<Bytes>>;

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
/// - The request carries [`Caller`] (who asks) and [`Kv`] (the plugin's store) as extensions.
/// - A body is read whole before it is sent, up to a frame of 16 MiB. So an endless one, such as server-sent events, never
///   arrives: the host gives up after 30 s. A body that is not UTF-8 travels as it is.
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
    async fn init(&self, _context: PluginContext) -> Result<(), Failure> {
        Ok(())
    }

    async fn http(&self, request: Request) -> Result<Response, Failure> {
        let request = match to_http(request, &self.route) {
            Ok(request) => request,
            Err(reason) => return Ok(bad_request(&reason)),
        };
        let mut service = lock(&self.service).clone();
        poll_fn(|context| service.poll_ready(context)).await.map_err(Into::into)?;
        from_http(service.call(request).await.map_err(Into::into)?).await
    }

    async fn kv(&self, _op: KvOp) -> Result<Option<String>, Failure> {
        Err("a service has no store of its own; leave `kv` out of the manifest's `handles`".into())
    }
}

fn to_http(request: Request, route: &str) -> Result<ServiceRequest, String> {
    let Request { method, path, headers, body } = request;
    let uri: Uri = relative(&path, route).parse().map_err(|error| format!("the path is not valid: {error}"))?;
    let text = |name: &str| headers.0.iter().find(|(known, _)| known == name).and_then(|(_, values)| values.first());
    let caller = Caller::new(text("x-toru-user").map(String::as_str), text("x-toru-role").map(String::as_str));
    let body = match body {
        Body::None => Bytes::new(),
        Body::Text(text) => text.into(),
        Body::Bytes(bytes) => bytes.into(),
    };
    let mut made = http::Request::builder()
        .method(method.as_str())
        .uri(uri)
        .body(Full::new(body))
        .map_err(|error| format!("the method is not valid: {error}"))?;
    *made.headers_mut() = to_header_map(headers)?;
    if let Some(caller) = caller {
        made.extensions_mut().insert(caller);
    }
    made.extensions_mut().insert(Kv::new());
    Ok(made)
}

/// The path as the service knows it, without the plugin's route, whichever way the request came.
fn relative(path: &str, route: &str) -> String {
    match path.strip_prefix(route) {
        Some("") => "/".to_owned(),
        Some(rest) if rest.starts_with('/') => rest.to_owned(),
        Some(rest) if rest.starts_with('?') => format!("/{rest}"),
        _ => path.to_owned(),
    }
}

fn to_header_map(headers: Headers) -> Result<HeaderMap, String> {
    let mut map = HeaderMap::with_capacity(headers.0.len());
    for (name, values) in headers.0 {
        let invalid = |error: &dyn std::fmt::Display| format!("the header {name:?} is not valid: {error}");
        let key = HeaderName::from_bytes(name.as_bytes()).map_err(|error| invalid(&error))?;
        for value in values {
            map.append(&key, HeaderValue::try_from(value).map_err(|error| invalid(&error))?);
        }
    }
    Ok(map)
}

async fn from_http<B>(response: http::Response<B>) -> Result<Response, Failure>
where
    B: HttpBody,
    B::Error: Into<Failure>,
{
    let (head, body) = response.into_parts();
    let mut headers = Headers::default();
    for name in head.headers.keys() {
        let values = head.headers.get_all(name).iter().map(|value| String::from_utf8(value.as_bytes().to_vec()));
        let values = values.collect::<Result<Vec<_>, _>>().map_err(|_| format!("the header {name} is not UTF-8"))?;
        headers.0.push((name.as_str().to_owned(), values));
    }
    let bytes = Limited::new(body, MAX_FRAME_BYTES).collect().await?.to_bytes();
    let body = match String::from_utf8(bytes.into()) {
        Ok(text) if text.is_empty() => Body::None,
        Ok(text) => Body::Text(text),
        Err(error) => Body::Bytes(error.into_bytes()),
    };
    Ok(Response { status: head.status.as_u16(), headers, body })
}

fn bad_request(reason: &str) -> Response {
    let content_type = ("content-type".to_owned(), vec!["text/plain; charset=utf-8".to_owned()]);
    Response { status: 400, headers: Headers(vec![content_type]), body: Body::Text(format!("{reason}\n")) }
}

#[cfg(test)]
mod tests {
    use super::relative;

    #[test]
    fn paths_are_relative_to_the_route() {
        for (path, expected) in [
            ("/acme/certificate?x=1", "/certificate?x=1"),
            ("/certificate?x=1", "/certificate?x=1"),
            ("/acme", "/"),
            ("/acme/", "/"),
            ("/acme?x=1", "/?x=1"),
            ("/acmes", "/acmes"),
            ("/", "/"),
            ("/?x=1", "/?x=1"),
        ] {
            assert_eq!(relative(path, "/acme"), expected, "{path}");
        }
    }
}
