//! Everything public of 0.1, used the way its sources could: literals of every struct, a match over every enum with no arm
//! to spare, names from every module.

use std::collections::HashMap;

use chrono::Utc;
use toru_plugin_api::error::{PluginError as ErrorByModule, PluginResult as ResultByModule};
use toru_plugin_api::message::{
    HttpMessageResponse, KvMessagePayload, KvMessageResponse, LifecycleInitPayload, Message, MessagePayload,
};
use toru_plugin_api::protocol::PluginProtocol as ProtocolByModule;
use toru_plugin_api::types::{
    HttpRequest as RequestByModule, KvOp as KvOpByModule, PluginConfig as ConfigByModule,
    PluginContext as ContextByModule,
};
use toru_plugin_api::*;

fn name_of(error: PluginError) -> &'static str {
    match error {
        PluginError::Io(_) => "io",
        PluginError::Serialization(_) => "serialization",
        PluginError::Protocol(_) => "protocol",
        PluginError::NotInitialized => "not initialized",
        PluginError::InvalidRequest(_) => "invalid request",
        PluginError::Internal(_) => "internal",
        PluginError::Socket(_) => "socket",
        PluginError::Timeout => "timeout",
    }
}

fn read_file() -> PluginResult<String> {
    Ok(std::fs::read_to_string("/nowhere/at/all")?)
}

fn parse() -> ResultByModule<serde_json::Value> {
    Ok(serde_json::from_str("{")?)
}

#[test]
fn errors_convert_and_match_without_an_arm_to_spare() {
    assert_eq!(name_of(read_file().unwrap_err()), "io");
    assert_eq!(name_of(parse().unwrap_err()), "serialization");
    assert_eq!(name_of(ErrorByModule::Timeout), "timeout");
    let boxed: Box<dyn std::error::Error + Send + Sync> = Box::new(PluginError::Socket("gone".into()));
    assert!(boxed.to_string().contains("gone"));
}

fn describe(payload: MessagePayload) -> String {
    match payload {
        MessagePayload::Lifecycle { action, payload: None } => action,
        MessagePayload::Lifecycle {
            action,
            payload: Some(LifecycleInitPayload { instance_id, plugin_socket, log_path }),
        } => {
            format!("{action} {instance_id} {plugin_socket} {log_path}")
        }
        MessagePayload::Http { request_id, payload: HttpRequest { method, path, headers, body } } => {
            format!("{request_id} {method} {path} {} {body:?}", headers.len())
        }
        MessagePayload::Kv { request_id, payload } => match payload {
            KvMessagePayload::Request(KvOp::Get { key }) => format!("{request_id} get {key}"),
            KvMessagePayload::Request(KvOp::Set { key, value }) => format!("{request_id} set {key} {value}"),
            KvMessagePayload::Request(KvOp::Delete { key }) => format!("{request_id} delete {key}"),
            KvMessagePayload::Response { value } => format!("{request_id} {value:?}"),
        },
    }
}

#[test]
fn every_message_survives_the_wire() {
    let init = LifecycleInitPayload { instance_id: "i".into(), plugin_socket: "/s".into(), log_path: "/l".into() };
    let request = RequestByModule { method: "GET".into(), path: "/".into(), headers: HashMap::new(), body: None };
    let by_hand = Message {
        message_type: "kv".into(),
        timestamp: Utc::now(),
        request_id: Some("9".into()),
        payload: MessagePayload::Kv { request_id: "9".into(), payload: KvMessagePayload::Response { value: None } },
    };
    let messages = [
        (Message::new_lifecycle("init", Some(init)), "init i /s /l"),
        (Message::new_lifecycle("shutdown", None), "shutdown"),
        (Message::new_http("1".to_string(), request), "1 GET / 0 None"),
        (Message::new_kv("2".to_string(), KvOpByModule::Get { key: "k".into() }), "2 get k"),
        (Message::new_kv("3".to_string(), KvOp::Set { key: "k".into(), value: "v".into() }), "3 set k v"),
        (Message::new_kv("4".to_string(), KvOp::Delete { key: "k".into() }), "4 delete k"),
        (Message::new_kv_response("5".to_string(), Some("v".into())), "5 Some(\"v\")"),
        (by_hand, "9 None"),
    ];
    for (message, expected) in messages {
        let text = serde_json::to_string(&message.clone()).unwrap();
        let read: Message = serde_json::from_str(&text).unwrap();
        assert_eq!(describe(read.payload), expected, "{text}");
    }
}

#[test]
fn structs_are_written_as_literals_and_read_from_json() {
    let response = HttpResponse { status: 200, headers: HashMap::new(), body: Some("x".into()) };
    let message_response =
        HttpMessageResponse { status: response.status, headers: HashMap::new(), body: response.body };
    assert_eq!(serde_json::to_string(&message_response).unwrap(), r#"{"status":200,"headers":{},"body":"x"}"#);
    assert_eq!(serde_json::to_string(&KvMessageResponse { value: None }).unwrap(), r#"{"value":null}"#);
    assert!(ConfigByModule::default().env.is_empty());
    let metadata: PluginMetadata =
        serde_json::from_str(r#"{"id":"a","name":"A","version":"1","icon":"a","route":"/a"}"#).unwrap();
    let PluginMetadata { id, name, version, author, icon, route } = metadata.clone();
    assert_eq!(
        (id, name, version, author, icon, route),
        ("a".into(), "A".into(), "1".into(), None, "a".into(), "/a".into())
    );
}

struct Store;

#[toru_plugin_api::async_trait]
impl PluginKvStore for Store {
    async fn get(&self, _key: &str) -> PluginResult<Option<String>> {
        Err(PluginError::NotInitialized)
    }
    async fn set(&self, _key: &str, _value: &str) -> PluginResult<()> {
        Ok(())
    }
    async fn delete(&self, _key: &str) -> PluginResult<()> {
        Ok(())
    }
}

/// Names of its own that the crate has come to use, too.
struct Manifest {
    served: bool,
}

#[derive(Default)]
struct Plugin {
    context: Option<ContextByModule>,
}

impl Plugin {
    fn manifest(&self) -> Manifest {
        Manifest { served: self.context.is_some() }
    }
}

#[toru_plugin_api::async_trait::async_trait]
impl ToruPlugin for Plugin {
    fn metadata() -> PluginMetadata {
        PluginMetadata {
            id: "p".into(),
            name: "P".into(),
            version: "1".into(),
            author: None,
            icon: "p".into(),
            route: "/p".into(),
        }
    }
    async fn init(&mut self, ctx: PluginContext) -> PluginResult<()> {
        self.context = Some(ctx);
        Ok(())
    }
    async fn handle_http(&self, _req: HttpRequest) -> PluginResult<HttpResponse> {
        Err(PluginError::Timeout)
    }
    async fn handle_kv(&mut self, _op: KvOp) -> PluginResult<Option<String>> {
        Ok(None)
    }
}

fn serve(plugin: &Plugin) -> bool {
    plugin.manifest().served
}

#[tokio::test]
async fn a_plugin_keeps_its_own_names_and_its_own_store() {
    let mut plugin = Plugin::default();
    let kv = Box::new(Store);
    plugin.init(PluginContext { instance_id: "i".into(), config: PluginConfig::default(), kv }).await.unwrap();
    assert!(serve(&plugin));
    let context = plugin.context.as_ref().unwrap();
    assert!(matches!(context.kv.get("k").await, Err(PluginError::NotInitialized)));
    assert_eq!(<Plugin as ToruPlugin>::metadata().id, "p");
}

#[tokio::test]
async fn the_protocol_reads_and_writes_on_a_socket() {
    let (mut here, mut there) = tokio::net::UnixStream::pair().unwrap();
    let mut protocol = PluginProtocol::new();
    let message = Message::new_kv("1".to_string(), KvOp::Get { key: "k".into() });
    protocol.write_message(&mut here, &message).await.unwrap();
    let read = ProtocolByModule::new().read_message(&mut there).await.unwrap();
    assert_eq!(read.request_id.as_deref(), Some("1"));
    drop(here);
    let end = protocol.read_message(&mut there).await.unwrap_err();
    assert!(matches!(end, PluginError::Io(error) if error.kind() == std::io::ErrorKind::UnexpectedEof));
}
