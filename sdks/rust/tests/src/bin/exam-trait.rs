//! The exam route, as far as texts go, by the trait.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use serde_json::json;
use toru_plugin_api::*;
use toru_plugin_tests::exam::{ask, log};

const OFFERS: [&str; 7] = ["request", "large", "fail", "sleep", "cancelled", "kv", "log"];

#[derive(Default)]
struct Exam {
    kv: Kv,
    cancelled: AtomicU64,
}

struct Sleeping<'a>(&'a AtomicU64);

impl Drop for Sleeping<'_> {
    fn drop(&mut self) {
        self.0.fetch_add(1, Ordering::SeqCst);
    }
}

#[async_trait]
impl ToruPlugin for Exam {
    fn metadata() -> PluginMetadata {
        PluginMetadata {
            id: "exam-trait".into(),
            name: "Exam: the trait".into(),
            version: "1.0.0".into(),
            author: None,
            icon: "🎓".into(),
            route: "/exam-trait".into(),
        }
    }

    async fn init(&mut self, _ctx: PluginContext) -> PluginResult<()> {
        Ok(())
    }

    async fn handle_http(&self, request: HttpRequest) -> PluginResult<HttpResponse> {
        let (path, query) = request.path.split_once('?').unwrap_or((&request.path, ""));
        let amount = || query.split_once('=').and_then(|(_, amount)| amount.parse().ok()).unwrap_or(0);
        let body = request.body.as_deref().unwrap_or_default();
        match path.strip_prefix("/exam-trait/__exam") {
            Some("") => respond::json(200, &json!({ "exam": 1, "offers": OFFERS })),
            Some("/request") => {
                let seen = json!({ "method": request.method, "target": request.path, "headers": request.headers });
                respond::json(200, &seen)
            }
            Some("/large") => Ok(respond::text(200, "x".repeat(amount()))),
            Some("/fail") => Err(PluginError::Internal("the exam wants it so".into())),
            Some("/sleep") => {
                let sleeping = Sleeping(&self.cancelled);
                tokio::time::sleep(Duration::from_millis(amount() as u64)).await;
                std::mem::forget(sleeping);
                Ok(respond::empty(200))
            }
            Some("/cancelled") => respond::json(200, &json!({ "cancelled": self.cancelled })),
            Some("/kv") => respond::json(200, &ask(&self.kv, serde_json::from_str(body)?).await),
            Some("/log") => respond::json(200, &log(&serde_json::from_str(body)?)),
            _ => Ok(respond::text(404, "nothing here")),
        }
    }

    async fn handle_kv(&mut self, _op: KvOp) -> PluginResult<Option<String>> {
        Ok(None)
    }
}

#[tokio::main]
async fn main() {
    serve_with(Exam::default()).await
}
