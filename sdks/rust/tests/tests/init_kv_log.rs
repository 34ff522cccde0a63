//! `init`, the host's store, the plugin's own store, and the log.

use serde_json::{json, Value};
use toru_plugin_tests::{get, init, Connection, Plugin, TemporaryFolder};

const KITCHEN: &str = env!("CARGO_BIN_EXE_kitchen");

fn kitchen(init: &str) -> Plugin {
    Plugin::start_with(KITCHEN, TemporaryFolder::new(), |command| command.env("KITCHEN_INIT", init))
}

/// Asks the plugin, which asks the host once.
async fn by_kv(host: &mut Connection, path: &str, expected: Value, answer: Value) -> Value {
    let id = host.request("http", get(path)).await;
    let (asked, request) = host.asked().await;
    assert_eq!(request, expected);
    host.answer_kv(&asked, answer).await;
    host.reply(&id).await["body"].take()
}

#[tokio::test]
async fn an_init_that_fails_is_refused_with_its_reason() {
    let plugin = kitchen("fails");
    let mut host = plugin.connect().await;
    let reply = host.ask("lifecycle", init()).await;
    assert_eq!(reply["error"]["code"], "init_failed");
    assert!(reply["error"]["message"].as_str().unwrap().contains("the stove is cold"));
}

#[tokio::test]
async fn an_init_that_asks_the_host_is_ready_first_and_requests_wait_for_it() {
    let plugin = kitchen("asks");
    let mut host = plugin.ready().await;
    let state = host.request("http", get("/kitchen/state")).await;
    let (id, request) = host.asked().await;
    assert_eq!(request, json!({ "action": "get", "key": "stove" }));
    host.answer_kv(&id, json!({ "value": "warm" })).await;
    assert!(host.reply(&state).await["body"].as_str().unwrap().contains(r#""drawer":"warm""#));
}

#[tokio::test]
async fn an_init_that_fails_after_that_ends_the_process_and_says_why() {
    let mut plugin = kitchen("asks");
    let mut host = plugin.ready().await;
    let (id, _) = host.asked().await;
    host.answer_kv(&id, json!({ "value": "cold" })).await;
    let entry = host.logged("init failed").await;
    assert!(entry["error"].as_str().unwrap().contains("the stove is cold"));
    assert_eq!(plugin.exit_code().await, Some(1));
}

#[tokio::test]
async fn the_store_of_the_host_is_asked() {
    let plugin = Plugin::start(KITCHEN);
    let mut host = plugin.ready().await;
    let set = json!({ "action": "set", "key": "ключ", "value": "é" });
    assert_eq!(by_kv(&mut host, "/kitchen/set?ключ=é", set, json!({ "value": null })).await, "null");
    let ask = json!({ "action": "get", "key": "ключ" });
    assert_eq!(by_kv(&mut host, "/kitchen/get?ключ", ask.clone(), json!({ "value": "é" })).await, "\"é\"");
    assert_eq!(by_kv(&mut host, "/kitchen/get?ключ", ask, json!({ "value": null })).await, "null");
    let delete = json!({ "action": "delete", "key": "ключ" });
    assert_eq!(by_kv(&mut host, "/kitchen/delete?ключ", delete, json!({ "value": null })).await, "null");
    let list = json!({ "action": "list", "prefix": "user:", "after": "a", "limit": 2 });
    let page = json!({ "keys": ["user:1", "user:2"], "more": true });
    assert_eq!(by_kv(&mut host, "/kitchen/list?user:", list, page).await, r#"[["user:1","user:2"],true]"#);
}

#[tokio::test]
async fn limits_are_checked_before_anything_is_sent_and_refusals_have_their_code() {
    let plugin = Plugin::start(KITCHEN);
    let mut host = plugin.ready().await;
    let body = |reply: Value| reply["body"].as_str().unwrap().to_owned();
    assert!(body(host.get("/kitchen/get?").await).starts_with("InvalidKey: the host's store: the key has 0 bytes"));
    let long = "é".repeat(256) + "x";
    assert!(
        body(host.get(&format!("/kitchen/get?{long}")).await).contains("the key has 513 bytes; allowed are 1 to 512")
    );
    assert!(body(host.get("/kitchen/set-large").await).starts_with("ValueTooLarge"));
    assert!(body(host.get("/kitchen/list-none").await).starts_with("InvalidRequest"));
    let (mut host, others) = host.settled().await;
    assert!(others.iter().all(|message| message["type"] == "log"), "{others:?}");

    let ask = json!({ "action": "get", "key": "a" });
    let refusal = json!({ "error": { "code": "disk_full", "message": "no room" } });
    let refused = by_kv(&mut host, "/kitchen/get?a", ask, refusal).await;
    assert_eq!(refused, "Other(\"disk_full\"): the host's store: no room (disk_full)");
}

#[tokio::test]
async fn an_answer_that_does_not_come_is_waited_for_only_so_long() {
    let plugin = Plugin::start(KITCHEN);
    let mut host = plugin.ready().await;
    let reply = host.get("/kitchen/get?a").await;
    assert_eq!(reply["body"], "Timeout: the host's store: no answer within 5 s");
    let (late, _) = host.asked().await;
    host.answer_kv(&late, json!({ "value": "late" })).await;
    assert_eq!(host.get("/kitchen/state").await["status"], 200);
}

#[tokio::test]
async fn without_a_host_the_store_says_so() {
    let error = toru_plugin_api::Kv::new().get("a").await.unwrap_err();
    assert_eq!(*error.code(), toru_plugin_api::KvErrorCode::Disconnected);
    assert!(matches!(error.into(), toru_plugin_api::PluginError::Socket(_)));
}

#[tokio::test]
async fn its_own_store_answers_where_the_manifest_says_so() {
    let plugin = Plugin::start(KITCHEN);
    let mut host = plugin.ready().await;
    let none = json!({ "value": null });
    assert_eq!(host.ask("kv", json!({ "action": "set", "key": "drawer", "value": "spoon" })).await, none);
    assert_eq!(host.ask("kv", json!({ "action": "get", "key": "drawer" })).await, json!({ "value": "spoon" }));
    assert_eq!(host.ask("kv", json!({ "action": "delete", "key": "drawer" })).await, none);
    assert_eq!(host.ask("kv", json!({ "action": "get", "key": "drawer" })).await, none);
    let failed = host.ask("kv", json!({ "action": "get", "key": "cellar" })).await;
    assert_eq!(failed["error"]["code"], "internal");
    host.logged("there is only a drawer").await;
    let list = host.ask("kv", json!({ "action": "list", "prefix": "", "after": null, "limit": 1 })).await;
    assert_eq!(list["error"]["code"], "invalid_request");
}

#[tokio::test]
async fn the_log_is_kept_until_the_host_is_there_and_has_levels_errors_and_fields() {
    let plugin = Plugin::start(KITCHEN);
    let mut host = plugin.ready().await;
    let early = host.logged("warming up").await;
    assert_eq!(
        early,
        json!({ "level": "warn", "message": "warming up", "fields": { "pots": 3, "target": "kitchen" } })
    );
    host.get("/kitchen/log").await;
    let entry = host.logged("burnt").await;
    let fields = json!({ "hot": true, "salt": 0.5, "table": 4, "plate": "blue", "target": "kitchen" });
    let error = "an error occurred when formatting an argument";
    assert_eq!(entry, json!({ "level": "error", "message": "burnt: rice", "error": error, "fields": fields }));
    let (_, others) = host.settled().await;
    assert!(others.is_empty(), "{others:?}");
}

#[tokio::test]
async fn what_is_logged_while_no_host_is_there_goes_to_stderr() {
    let plugin = Plugin::start(KITCHEN);
    let mut host = plugin.ready().await;
    host.request("http", get("/kitchen/hold")).await;
    host.logged("holding").await;
    drop(host);
    plugin.printed("stderr", r#"{"level":"info","message":"a cook went home","fields":{"target":"kitchen"}}"#).await;
}
