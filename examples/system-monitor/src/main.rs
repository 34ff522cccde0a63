//! System monitor, a Toru plugin: what this server does now, and has done in the last seven days.

mod history;
mod keep;
mod monitor;
mod read;
mod sampler;

use std::sync::Arc;

use serde_json::json;
use toru_plugin_api::{
    async_trait, respond, serve, Caller, HttpRequest, HttpResponse, KvOp, Manifest, PluginContext, PluginMetadata,
    PluginResult, ToruPlugin,
};

use crate::history::Range;
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
    include_str!("../page/page.js"),
    "})();\n"
);

#[derive(Default)]
struct SystemMonitor {
    monitor: Arc<Monitor>,
}

#[async_trait]
impl ToruPlugin for SystemMonitor {
    fn metadata() -> PluginMetadata {
        PluginMetadata {
            id: "system-monitor".into(),
            name: "System monitor".into(),
            version: env!("CARGO_PKG_VERSION").into(),
            author: Some("Toru contributors".into()),
            icon: "activity".into(),
            route: "/system-monitor".into(),
        }
    }

    fn manifest() -> Manifest {
        Manifest::from(Self::metadata()).description(env!("CARGO_PKG_DESCRIPTION")).license("MIT").bundle(PAGE)
    }

    async fn init(&mut self, _ctx: PluginContext) -> PluginResult<()> {
        Ok(monitor::start(&self.monitor).await?)
    }

    async fn handle_http(&self, request: HttpRequest) -> PluginResult<HttpResponse> {
        let (path, query) = request.path.split_once('?').unwrap_or((&request.path, ""));
        let is_admin = Caller::of(&request).is_some_and(|caller| caller.is_admin());
        match (request.method.as_str(), path.strip_prefix("/system-monitor").unwrap_or(path)) {
            ("GET" | "HEAD", "" | "/") => self.now(is_admin),
            ("GET" | "HEAD", "/history") => self.history(query),
            ("GET" | "HEAD", _) => error(404, "not_found", "there are / and /history?range=10m|1h|24h|7d"),
            (method, _) => error(405, "method_not_allowed", &format!("{method} is not answered; GET is")),
        }
    }

    async fn handle_kv(&mut self, _op: KvOp) -> PluginResult<Option<String>> {
        Ok(None) // never called: the host keeps the data
    }
}

impl SystemMonitor {
    /// Who runs what is for admins: a command line may hold a secret.
    fn now(&self, is_admin: bool) -> PluginResult<HttpResponse> {
        let state = self.monitor.state();
        let now = &state.now;
        let processes = now.as_ref().filter(|_| is_admin).map(|now| &now.processes);
        let count = now.as_ref().map(|now| now.processes.count);
        respond::json(
            200,
            &json!({
                "at": state.at, "host": state.host, "now": now, "file_systems": state.file_systems,
                "process_count": count, "processes": processes,
            }),
        )
    }

    fn history(&self, query: &str) -> PluginResult<HttpResponse> {
        let parameter = |name: &str| query.split('&').find_map(|pair| pair.strip_prefix(name)?.strip_prefix('='));
        let Some(range) = Range::parse(parameter("range").unwrap_or("10m")) else {
            return error(400, "bad_range", "range is one of 10m, 1h, 24h and 7d");
        };
        let Ok(after) = parameter("after").unwrap_or("0").parse() else {
            return error(400, "bad_after", "after is a time in seconds since 1970");
        };
        let state = self.monitor.state();
        respond::json(200, &state.history.series(range, after, monitor::now()))
    }
}

fn error(status: u16, code: &str, message: &str) -> PluginResult<HttpResponse> {
    respond::json(status, &json!({ "error": { "code": code, "message": message } }))
}

#[tokio::main(worker_threads = 2)]
async fn main() {
    serve::<SystemMonitor>().await
}
