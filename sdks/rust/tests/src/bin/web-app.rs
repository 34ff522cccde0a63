//! An axum application as a plugin.

use axum::body::Bytes;
use axum::http::{HeaderMap, HeaderValue, Method, Uri};
use axum::response::{AppendHeaders, IntoResponse};
use axum::routing::{any, get, post};
use axum::{Extension, Json, Router};
use toru_plugin_api::{serve_service, Caller, Kv, Manifest};

async fn echo(method: Method, uri: Uri, headers: HeaderMap, body: Bytes) -> impl IntoResponse {
    let tags: Vec<_> = headers.get_all("x-tag").iter().map(|tag| String::from_utf8_lossy(tag.as_bytes())).collect();
    let answer =
        serde_json::json!({ "method": method.as_str(), "uri": uri.to_string(), "tags": tags, "bytes": body.len() });
    Json(answer)
}

async fn bytes(body: Bytes) -> Bytes {
    body
}

async fn cookies() -> impl IntoResponse {
    (AppendHeaders([("set-cookie", "a=1"), ("set-cookie", "b=2")]), "two")
}

async fn count(Extension(kv): Extension<Kv>, Extension(caller): Extension<Caller>) -> Result<String, String> {
    let count =
        kv.get("count").await.map_err(|error| error.to_string())?.map_or(0, |text| text.parse().unwrap_or(0)) + 1;
    kv.set("count", &count.to_string()).await.map_err(|error| error.to_string())?;
    Ok(format!("{count} {} {}", caller.user, caller.is_admin()))
}

async fn header() -> impl IntoResponse {
    ([("x-odd", HeaderValue::from_bytes(b"\xff").expect("HTTP allows it"))], "odd")
}

#[tokio::main(flavor = "current_thread")]
async fn main() {
    let app = Router::new()
        .route("/", get(|| async { "home" }))
        .route("/echo", any(echo))
        .route("/bytes", post(bytes))
        .route("/cookies", get(cookies))
        .route("/count", get(count))
        .route("/header", get(header));
    serve_service(Manifest::new("web-app", "Web app", "1.0.0", "globe", "/web-app"), app).await
}
