//! `serve_service`: an axum application as a plugin.

use serde_json::{json, Value};
use toru_plugin_tests::{get, Plugin};

const WEB_APP: &str = env!("CARGO_BIN_EXE_web-app");

#[tokio::test]
async fn paths_are_relative_to_the_route_and_headers_keep_their_values() {
    let plugin = Plugin::start(WEB_APP);
    let mut host = plugin.ready().await;
    for path in ["/web-app", "/web-app/", "/"] {
        assert_eq!(host.get(path).await["body"], "home", "{path}");
    }
    for path in ["/web-app/echo?x=1", "/echo?x=1"] {
        let request = json!({ "method": "PUT", "path": path, "headers": { "x-tag": ["a", "b"] }, "body": "é" });
        let seen: Value = serde_json::from_str(host.ask("http", request).await["body"].as_str().unwrap()).unwrap();
        assert_eq!(seen, json!({ "method": "PUT", "uri": "/echo?x=1", "tags": ["a", "b"], "bytes": 2 }));
    }
    let cookies = host.get("/web-app/cookies").await;
    assert_eq!(cookies["headers"]["set-cookie"], json!(["a=1", "b=2"]));
    assert_eq!(host.get("/bundle.js").await["status"], 404);
}

#[tokio::test]
async fn bytes_travel_both_ways() {
    let plugin = Plugin::start(WEB_APP);
    let mut host = plugin.ready().await;
    let request = json!({ "method": "POST", "path": "/web-app/bytes", "headers": {}, "body_base64": "AP+A/g==" });
    let reply = host.ask("http", request).await;
    assert_eq!(reply["body_base64"], "AP+A/g==");
    assert!(reply.get("body").is_none());
    let empty = host.ask("http", json!({ "method": "POST", "path": "/bytes", "headers": {}, "body": null })).await;
    assert_eq!(empty["body"], Value::Null);
}

#[tokio::test]
async fn the_store_and_the_caller_are_at_hand() {
    let plugin = Plugin::start(WEB_APP);
    let mut host = plugin.ready().await;
    let headers = json!({ "x-toru-user": "ann", "x-toru-role": "user" });
    let id = host.request("http", json!({ "method": "GET", "path": "/count", "headers": headers, "body": null })).await;
    let (asked, _) = host.asked().await;
    host.answer_kv(&asked, json!({ "value": "41" })).await;
    let (asked, set) = host.asked().await;
    assert_eq!(set, json!({ "action": "set", "key": "count", "value": "42" }));
    host.answer_kv(&asked, json!({ "value": null })).await;
    assert_eq!(host.reply(&id).await["body"], "42 ann false");
}

#[tokio::test]
async fn what_http_cannot_carry_is_refused() {
    let plugin = Plugin::start(WEB_APP);
    let mut host = plugin.ready().await;
    assert_eq!(host.get("/web-app/a b").await["status"], 400);
    let bad = json!({ "method": "GET", "path": "/", "headers": { "a b": "c" }, "body": null });
    assert_eq!(host.ask("http", bad).await["status"], 400);
    assert_eq!(host.get("/header").await["error"]["code"], "internal");
    host.logged("x-odd is not UTF-8").await;
    assert_eq!(host.ask("kv", json!({ "action": "get", "key": "a" })).await["error"]["code"], "unsupported");
    assert_eq!(host.ask("http", get("/")).await["status"], 200);
}
