//! A plugin that does whatever a test asks of it.

use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::Arc;

use tokio::sync::Notify;
use toru_plugin_api::*;

#[derive(Default)]
struct Kitchen {
    kv: Kv,
    instance: String,
    inits: AtomicU32,
    release: Arc<Notify>,
    drawer: Option<String>,
}

/// Tells of its end.
struct Cook;

impl Drop for Cook {
    fn drop(&mut self) {
        tracing::info!("a cook went home");
    }
}

#[async_trait]
impl ToruPlugin for Kitchen {
    fn metadata() -> PluginMetadata {
        PluginMetadata {
            id: "kitchen".into(),
            name: "Kitchen".into(),
            version: "1.0.0".into(),
            author: Some("Toru contributors".into()),
            icon: "🍳".into(),
            route: "/kitchen".into(),
        }
    }

    fn manifest() -> Manifest {
        Manifest::from(Self::metadata())
            .description("Does what it is told.")
            .license("MIT")
            .isolation(Isolation::Iframe)
            .handles([Handles::Http, Handles::Kv])
            .bundle("window.ToruPlugins.kitchen = { mount() {}, unmount() {} }; // é")
    }

    async fn init(&mut self, ctx: PluginContext) -> PluginResult<()> {
        tracing::warn!(pots = 3, "warming up");
        self.instance = ctx.instance_id;
        self.inits.fetch_add(1, Ordering::SeqCst);
        match ctx.config.env.get("KITCHEN_INIT").map(String::as_str) {
            Some("fails") => Err(PluginError::Internal("the stove is cold".into())),
            Some("asks") => match ctx.kv.get("stove").await? {
                Some(stove) if stove == "cold" => Err(PluginError::Internal("the stove is cold".into())),
                stove => {
                    self.drawer = stove;
                    Ok(())
                }
            },
            Some("tidies") => {
                let kv = self.kv.clone();
                let mut shutdown = Shutdown::new();
                tokio::spawn(async move {
                    shutdown.requested().await;
                    let _ = kv.set("tidied", "yes").await;
                });
                Ok(())
            }
            _ => Ok(()),
        }
    }

    async fn handle_http(&self, request: HttpRequest) -> PluginResult<HttpResponse> {
        let (path, query) = request.path.split_once('?').unwrap_or((&request.path, ""));
        match path.strip_prefix("/kitchen").unwrap_or(path) {
            "/echo" => respond::json(200, &request),
            "/state" => respond::json(
                200,
                &serde_json::json!({ "instance": self.instance, "drawer": self.drawer, "inits": self.inits }),
            ),
            "/caller" => Ok(respond::text(200, format!("{:?}", Caller::of(&request)))),
            "/hold" => {
                let _cook = Cook;
                let released = self.release.notified();
                tracing::info!("holding");
                released.await;
                Ok(respond::text(200, "released"))
            }
            "/release" => {
                self.release.notify_waiters();
                Ok(respond::empty(204))
            }
            "/block" => {
                tracing::info!("blocking");
                loop {
                    std::thread::park();
                }
            }
            "/panic" => panic!("the pan is on fire"),
            "/error" => Err(std::io::Error::other("the pan is missing").into()),
            "/large" => {
                let bytes = query.parse().map_err(|_| PluginError::InvalidRequest("no size".into()))?;
                Ok(respond::text(200, "\"".repeat(bytes)))
            }
            "/set" => {
                let (key, value) = query.split_once('=').unwrap_or_default();
                answer(self.kv.set(key, value).await.map(|()| None::<String>))
            }
            "/set-large" => answer(self.kv.set("large", &"x".repeat(MAX_VALUE_BYTES + 1)).await),
            "/get" => answer(self.kv.get(query).await),
            "/delete" => answer(self.kv.delete(query).await),
            "/list" => answer(self.kv.list(query, Some("a"), 2).await.map(|page| (page.keys, page.more))),
            "/list-none" => answer(self.kv.list("", None, 0).await.map(|page| page.more)),
            "/log" => {
                let span = tracing::info_span!("order", table = 4, plate = tracing::field::Empty);
                let _inside = span.enter();
                span.record("plate", "blue");
                let error = std::fmt::Error;
                tracing::error!(error = &error as &dyn std::error::Error, hot = true, salt = 0.5, "burnt: {}", "rice");
                tracing::debug!("nobody hears this");
                Ok(respond::empty(204))
            }
            _ => Ok(respond::text(404, format!("no {path}"))),
        }
    }

    async fn handle_kv(&mut self, op: KvOp) -> PluginResult<Option<String>> {
        match op {
            KvOp::Get { key } if key == "drawer" => Ok(self.drawer.clone()),
            KvOp::Get { .. } => Err(PluginError::InvalidRequest("there is only a drawer".into())),
            KvOp::Set { value, .. } => {
                self.drawer = Some(value);
                Ok(None)
            }
            KvOp::Delete { .. } => {
                self.drawer = None;
                Ok(None)
            }
        }
    }
}

fn answer<T: serde::Serialize>(outcome: Result<T, KvError>) -> PluginResult<HttpResponse> {
    match outcome {
        Ok(value) => respond::json(200, &value),
        Err(error) => Ok(respond::text(500, format!("{:?}: {error}", error.code()))),
    }
}

#[tokio::main(worker_threads = 2)]
async fn main() {
    serve::<Kitchen>().await
}
