//! The whole exam route, as an axum application.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use axum::body::Body;
use axum::extract::ws::{Message, WebSocket};
use axum::extract::{Query, WebSocketUpgrade};
use axum::http::{header, HeaderMap, Method, Uri};
use axum::response::{AppendHeaders, IntoResponse};
use axum::routing::{get, post, put};
use axum::{Extension, Json, Router};
use serde::Deserialize;
use serde_json::{json, Value};
use toru_plugin_api::{serve_service, Kv, Manifest};
use toru_plugin_tests::exam::{ask, log, KvRequest, LogRequest};

const OFFERS: [&str; 10] =
    ["echo", "request", "cookies", "large", "fail", "sleep", "cancelled", "kv", "log", "websocket"];
static CANCELLED: AtomicU64 = AtomicU64::new(0);

#[derive(Deserialize)]
struct Amount {
    #[serde(default)]
    bytes: usize,
    #[serde(default)]
    ms: u64,
}

/// While it comes.
async fn echo(headers: HeaderMap, body: Body) -> impl IntoResponse {
    let content_type = headers.get(header::CONTENT_TYPE).cloned();
    (content_type.map(|value| AppendHeaders([(header::CONTENT_TYPE, value)])), body)
}

async fn request(method: Method, uri: Uri, headers: HeaderMap) -> Json<Value> {
    let text = |name| headers.get_all(name).iter().map(|value| String::from_utf8_lossy(value.as_bytes()).into_owned());
    let values: serde_json::Map<_, _> =
        headers.keys().map(|name| (name.to_string(), json!(text(name).collect::<Vec<_>>()))).collect();
    Json(json!({ "method": method.as_str(), "target": uri.to_string(), "headers": values }))
}

struct Slept(bool);

impl Drop for Slept {
    fn drop(&mut self) {
        if !self.0 {
            CANCELLED.fetch_add(1, Ordering::SeqCst);
        }
    }
}

async fn sleep(Query(amount): Query<Amount>) {
    let mut slept = Slept(false);
    tokio::time::sleep(Duration::from_millis(amount.ms)).await;
    slept.0 = true;
}

async fn send_back(mut socket: WebSocket) {
    while let Some(Ok(message @ (Message::Text(_) | Message::Binary(_)))) = socket.recv().await {
        if socket.send(message).await.is_err() {
            break;
        }
    }
}

async fn fail() {
    panic!("the exam wants it so");
}

#[tokio::main]
async fn main() {
    let exam = Router::new()
        .route("/__exam", get(|| async { Json(json!({ "exam": 1, "offers": OFFERS })) }))
        .route("/__exam/echo", post(echo))
        .route("/__exam/request", put(request))
        .route(
            "/__exam/cookies",
            get(|| async { AppendHeaders([(header::SET_COOKIE, "a=1"), (header::SET_COOKIE, "b=2; Path=/")]) }),
        )
        .route("/__exam/large", get(|Query(amount): Query<Amount>| async move { "x".repeat(amount.bytes) }))
        .route("/__exam/fail", get(fail))
        .route("/__exam/sleep", get(sleep))
        .route("/__exam/cancelled", get(|| async { Json(json!({ "cancelled": CANCELLED.load(Ordering::SeqCst) })) }))
        .route(
            "/__exam/kv",
            post(|Extension(kv): Extension<Kv>, Json(request): Json<KvRequest>| async move {
                Json(ask(&kv, request).await)
            }),
        )
        .route("/__exam/websocket", get(|upgrade: WebSocketUpgrade| async { upgrade.on_upgrade(send_back) }))
        .route("/__exam/log", post(|Json(request): Json<LogRequest>| async move { Json(log(&request)) }))
        .layer(axum::extract::DefaultBodyLimit::disable());
    serve_service(Manifest::new("exam-service", "Exam: a service", "1.0.0", "🎓", "/exam-service"), exam).await
}
