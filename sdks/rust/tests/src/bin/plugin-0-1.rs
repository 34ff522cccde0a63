//! A plugin in the style of toru-plugin-api 0.1: it keeps its own socket and speaks version 1. It stands for all those that
//! were written before there was `serve`, so it is never to be changed to suit the crate.

use std::collections::HashMap;
use std::sync::Arc;

use tokio::net::{UnixListener, UnixStream};
use tokio::sync::Mutex;
use toru_plugin_api::message::{HttpMessageResponse, KvMessagePayload, Message, MessagePayload};
use toru_plugin_api::protocol::PluginProtocol;
use toru_plugin_api::*;

struct NotesPlugin {
    context: Option<PluginContext>,
    notes: HashMap<String, String>,
}

struct MemoryStore {
    values: Mutex<HashMap<String, String>>,
}

#[async_trait]
impl PluginKvStore for MemoryStore {
    async fn get(&self, key: &str) -> PluginResult<Option<String>> {
        Ok(self.values.lock().await.get(key).cloned())
    }

    async fn set(&self, key: &str, value: &str) -> PluginResult<()> {
        self.values.lock().await.insert(key.to_string(), value.to_string());
        Ok(())
    }

    async fn delete(&self, key: &str) -> PluginResult<()> {
        self.values.lock().await.remove(key);
        Ok(())
    }
}

#[async_trait]
impl ToruPlugin for NotesPlugin {
    fn metadata() -> PluginMetadata {
        PluginMetadata {
            id: "notes".to_string(),
            name: "Notes".to_string(),
            version: "0.1.0".to_string(),
            author: Some("Toru contributors".to_string()),
            icon: "📝".to_string(),
            route: "/notes".to_string(),
        }
    }

    async fn init(&mut self, ctx: PluginContext) -> PluginResult<()> {
        ctx.kv.set("instance", &ctx.instance_id).await?;
        self.context = Some(ctx);
        Ok(())
    }

    async fn handle_http(&self, req: HttpRequest) -> PluginResult<HttpResponse> {
        let context = self.context.as_ref().ok_or(PluginError::NotInitialized)?;
        let (status, body) = match (req.method.as_str(), req.path.as_str()) {
            ("GET", "/notes") => (200, serde_json::to_string(&self.notes)?),
            ("GET", "/notes/instance") => (200, context.kv.get("instance").await?.unwrap_or_default()),
            ("POST", _) => (201, req.body.ok_or_else(|| PluginError::InvalidRequest("no body".to_string()))?),
            _ => (404, format!("nothing at {}", req.path)),
        };
        let mut headers = HashMap::new();
        headers.insert("Content-Type".to_string(), "application/json".to_string());
        Ok(HttpResponse { status, headers, body: Some(body) })
    }

    async fn handle_kv(&mut self, op: KvOp) -> PluginResult<Option<String>> {
        match op {
            KvOp::Get { key } => Ok(self.notes.get(&key).cloned()),
            KvOp::Set { key, value } => {
                self.notes.insert(key, value);
                Ok(None)
            }
            KvOp::Delete { key } => Ok(self.notes.remove(&key)),
        }
    }
}

async fn serve_connection(plugin: Arc<Mutex<NotesPlugin>>, mut stream: UnixStream) -> PluginResult<bool> {
    let mut protocol = PluginProtocol::new();
    loop {
        let message = match protocol.read_message(&mut stream).await {
            Ok(message) => message,
            Err(PluginError::Io(_)) => return Ok(true),
            Err(error) => return Err(error),
        };
        match message.payload {
            MessagePayload::Lifecycle { action, payload } => match action.as_str() {
                "init" => {
                    let payload = payload.ok_or_else(|| PluginError::Protocol("init without a payload".to_string()))?;
                    println!("init: {} {}", payload.plugin_socket, payload.log_path);
                    let context = PluginContext {
                        instance_id: payload.instance_id,
                        config: PluginConfig { env: std::env::vars().collect() },
                        kv: Box::new(MemoryStore { values: Mutex::new(HashMap::new()) }),
                    };
                    plugin.lock().await.init(context).await?;
                }
                "shutdown" => return Ok(false),
                other => eprintln!("unknown action {other}"),
            },
            MessagePayload::Http { request_id, payload } => {
                let (method, path) = (payload.method.clone(), payload.path.clone());
                let response = match plugin.lock().await.handle_http(payload).await {
                    Ok(response) => response,
                    Err(error) => {
                        eprintln!("error: {error}");
                        continue; // no reply ever comes
                    }
                };
                let response =
                    HttpMessageResponse { status: response.status, headers: response.headers, body: response.body };
                let body = Some(serde_json::to_string(&response)?);
                let wrapped = HttpRequest { method, path, headers: HashMap::new(), body };
                protocol.write_message(&mut stream, &Message::new_http(request_id, wrapped)).await?;
            }
            MessagePayload::Kv { request_id, payload } => {
                if let KvMessagePayload::Request(op) = payload {
                    let value = plugin.lock().await.handle_kv(op).await?;
                    protocol.write_message(&mut stream, &Message::new_kv_response(request_id, value)).await?;
                }
            }
        }
    }
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    if std::env::args().any(|arg| arg == "--metadata") {
        println!("{}", serde_json::to_string(&NotesPlugin::metadata())?);
        return Ok(());
    }
    let socket = std::env::var("TORU_PLUGIN_SOCKET")?;
    let _ = std::fs::remove_file(&socket);
    let listener = UnixListener::bind(&socket)?;
    let plugin = Arc::new(Mutex::new(NotesPlugin { context: None, notes: HashMap::new() }));
    loop {
        let (stream, _) = listener.accept().await?;
        match serve_connection(plugin.clone(), stream).await {
            Ok(true) => {}
            Ok(false) => break,
            Err(error) => eprintln!("error: {error}"),
        }
    }
    let _ = std::fs::remove_file(&socket);
    Ok(())
}
