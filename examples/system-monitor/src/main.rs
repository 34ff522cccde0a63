//! System monitor, a Toru plugin: what this server does now, and has done in the last seven days.

mod history;
mod keep;
mod live;
mod monitor;
mod read;
mod sampler;

use axum::extract::{Extension, Query, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use axum::{Json, Router};
use serde::Deserialize;
use serde_json::json;
use toru_plugin_api::{serve_service, Caller, Manifest};

use crate::history::Range;
use crate::live::Live;
use crate::monitor::Monitor;

/// One script: the last file draws with what the others have.
const PAGE: &str = concat!(
    "(() => {\nconst STYLE = `\n",
    include_str!("../page/style.css"),
    "`;\n",
    include_str!("../page/format.js"),
    include_str!("../page/parts.js"),
    include_str!("../page/chart.js"),
    include_str!("../page/panels.js"),
    include_str!("../page/live.js"),
    include_str!("../page/page.js"),
    "})();\n"
);

#[derive(Deserialize)]
struct Asked {
    range: Option<String>,
}

impl Asked {
    fn range(&self) -> Result<Range, Refusal> {
        let refusal = Refusal(StatusCode::BAD_REQUEST, "bad_range", "range is one of 10m, 1h, 24h and 7d");
        Range::parse(self.range.as_deref().unwrap_or("10m")).ok_or(refusal)
    }
}

struct Refusal(StatusCode, &'static str, &'static str);

const NOT_SAMPLED: Refusal =
    Refusal(StatusCode::SERVICE_UNAVAILABLE, "not_sampled", "nothing can be measured; the log says why");
const TOO_MANY: Refusal = Refusal(
    StatusCode::SERVICE_UNAVAILABLE,
    "too_many",
    "as many follow as can; close another page, or try again later",
);
const NOT_FOUND: Refusal =
    Refusal(StatusCode::NOT_FOUND, "not_found", "there are /, /live and /history, both with ?range=10m|1h|24h|7d");
const NOT_ALLOWED: Refusal = Refusal(StatusCode::METHOD_NOT_ALLOWED, "method_not_allowed", "only GET is answered");

impl IntoResponse for Refusal {
    fn into_response(self) -> Response {
        let Self(status, code, message) = self;
        (status, Json(json!({ "error": { "code": code, "message": message } }))).into_response()
    }
}

async fn now(State(live): State<Live>, caller: Option<Extension<Caller>>) -> Result<Response, Refusal> {
    let mut monitor = live.monitor();
    let state = monitor.sampled().await.ok_or(NOT_SAMPLED)?;
    Ok(Json(state.seen_by(is_admin(caller))).into_response())
}

async fn history(State(live): State<Live>, Query(asked): Query<Asked>) -> Result<Response, Refusal> {
    let range = asked.range()?;
    let mut monitor = live.monitor();
    let state = monitor.sampled().await.ok_or(NOT_SAMPLED)?;
    Ok(Json(state.history.series(range, 0, monitor::now())).into_response())
}

async fn follow(
    State(live): State<Live>,
    Query(asked): Query<Asked>,
    caller: Option<Extension<Caller>>,
) -> Result<impl IntoResponse, Refusal> {
    live.follow(asked.range()?, is_admin(caller)).ok_or(TOO_MANY)
}

/// Who runs what is for admins: a command line may hold a secret.
fn is_admin(caller: Option<Extension<Caller>>) -> bool {
    caller.is_some_and(|Extension(caller)| caller.is_admin())
}

fn app(live: Live) -> Router {
    Router::new()
        .route("/", get(now))
        .route("/live", get(follow))
        .route("/history", get(history))
        .fallback(|| async { NOT_FOUND })
        .method_not_allowed_fallback(|| async { NOT_ALLOWED })
        .with_state(live)
}

#[tokio::main(worker_threads = 2)]
async fn main() {
    let manifest =
        Manifest::new("system-monitor", "System monitor", env!("CARGO_PKG_VERSION"), "activity", "/system-monitor")
            .author("Toru contributors")
            .description(env!("CARGO_PKG_DESCRIPTION"))
            .license("MIT")
            .bundle(PAGE);
    serve_service(manifest, app(Live::new(Monitor::start()))).await
}
