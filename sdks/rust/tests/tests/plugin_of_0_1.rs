//! A plugin in the style of 0.1 runs as it did: version 1, one connection for each message.

use serde_json::{json, Value};
use toru_plugin_tests::{message, Connection, Plugin};

const EXECUTABLE: &str = env!("CARGO_BIN_EXE_plugin-0-1");

async fn exchange(plugin: &Plugin, message: Value) -> Value {
    let mut connection = plugin.connect().await;
    connection.send(&message).await;
    connection.next().await.expect("a reply")
}

async fn tell(plugin: &Plugin, message: Value) {
    plugin.connect().await.send(&message).await;
}

fn http(id: &str, method: &str, path: &str, body: Value) -> Value {
    let request = json!({ "method": method, "path": path, "headers": {}, "body": body });
    message("http", Some(id), json!({ "type": "http", "request_id": id, "payload": request }))
}

fn kv(id: &str, action: &str, key: &str, value: Value) -> Value {
    let inner = json!({ "action": action.to_lowercase(), "key": key, "value": value });
    let payload =
        json!({ "type": "kv", "request_id": id, "action": action, "key": key, "value": value, "payload": inner });
    message("kv", Some(id), payload)
}

/// What a host takes from a wrapped reply.
fn unwrap(reply: &Value) -> Value {
    serde_json::from_str(reply["payload"]["payload"]["body"].as_str().expect("JSON text")).expect("JSON")
}

#[tokio::test]
async fn it_prints_its_metadata() {
    let output = std::process::Command::new(EXECUTABLE).arg("--metadata").output().unwrap();
    let printed: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(
        printed,
        json!({ "id": "notes", "name": "Notes", "version": "0.1.0", "author": "Toru contributors", "icon": "📝", "route": "/notes" })
    );
    assert!(output.status.success());
}

#[tokio::test]
async fn it_answers_as_the_host_of_version_1_expects() {
    let mut plugin = Plugin::start(EXECUTABLE);
    let socket = plugin.socket();
    let init = json!({
        "type": "lifecycle", "action": "init", "instance_id": "instance-1", "plugin_socket": socket, "socket_path": socket,
        "log_path": "/var/log/notes.log",
    });
    tell(&plugin, message("lifecycle", None, init)).await;

    let reply = exchange(&plugin, http("1", "GET", "/notes/instance", Value::Null)).await;
    assert_eq!(reply["request_id"], "1");
    let headers = json!({ "Content-Type": "application/json" });
    assert_eq!(unwrap(&reply), json!({ "status": 200, "headers": headers, "body": "instance-1" }));
    let posted = exchange(&plugin, http("2", "POST", "/notes", json!("é😀"))).await;
    assert_eq!(unwrap(&posted)["body"], "é😀");

    let value = |reply: Value| reply["payload"]["value"].clone();
    assert_eq!(value(exchange(&plugin, kv("3", "Set", "colour", json!("blue"))).await), Value::Null);
    assert_eq!(value(exchange(&plugin, kv("4", "Get", "colour", Value::Null)).await), "blue");
    assert_eq!(
        unwrap(&exchange(&plugin, http("5", "GET", "/notes", Value::Null)).await)["body"],
        r#"{"colour":"blue"}"#
    );
    exchange(&plugin, kv("6", "Delete", "colour", Value::Null)).await;
    assert_eq!(value(exchange(&plugin, kv("7", "Get", "colour", Value::Null)).await), Value::Null);

    tell(&plugin, message("lifecycle", None, json!({ "type": "lifecycle", "action": "shutdown" }))).await;
    assert_eq!(plugin.exit_code().await, Some(0));
}

#[tokio::test]
async fn a_broken_frame_costs_only_its_connection() {
    let plugin = Plugin::start(EXECUTABLE);
    let mut broken = plugin.connect().await;
    broken.write(&[0xff; 4]).await;
    assert!(broken.next().await.is_none());
    plugin.printed("stderr", "4294967295 bytes").await;
    let mut cut: Connection = plugin.connect().await;
    cut.write(b"\0\0\0\x10{").await;
    drop(cut);
    let reply = exchange(&plugin, kv("1", "Get", "colour", Value::Null)).await;
    assert_eq!(reply["payload"]["value"], Value::Null);
}
