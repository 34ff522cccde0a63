//! `serve`: the process, its socket, requests, cancel and shutdown.

use std::os::unix::fs::PermissionsExt;
use std::process::Stdio;

use serde_json::{json, Value};
use toru_plugin_tests::{get, init, message, Connection, Plugin, TemporaryFolder};

const KITCHEN: &str = env!("CARGO_BIN_EXE_kitchen");

fn internal() -> Value {
    json!({ "error": { "code": "internal", "message": "the plugin failed to answer; its log says why" } })
}

#[tokio::test]
async fn metadata_is_printed_with_what_the_manifest_has_to_say() {
    let output = std::process::Command::new(KITCHEN).arg("--metadata").output().unwrap();
    assert_eq!(
        String::from_utf8(output.stdout).unwrap(),
        concat!(
            r#"{"id":"kitchen","name":"Kitchen","version":"1.0.0","icon":"🍳","route":"/kitchen","#,
            r#""author":"Toru contributors","description":"Does what it is told.","license":"MIT","isolation":"iframe","#,
            r#""protocol":2,"handles":["http","kv"]}"#,
            "\n"
        )
    );
    assert_eq!(output.status.code(), Some(0));
}

#[tokio::test]
async fn started_by_hand_it_says_what_it_is() {
    let output = std::process::Command::new(KITCHEN).env_remove("TORU_PLUGIN_SOCKET").output().unwrap();
    assert_eq!(output.status.code(), Some(2));
    let text = String::from_utf8(output.stderr).unwrap();
    assert!(text.contains("kitchen.binary") && text.contains("--metadata"), "{text}");
}

#[tokio::test]
async fn requests_come_as_they_were_sent() {
    let plugin = Plugin::start(KITCHEN);
    let mut host = plugin.ready().await;
    let request = json!({
        "method": "POST", "path": "/kitchen/echo?x=%20", "headers": { "x-tag": ["a", "b"], "accept": "*/*" }, "body": "é😀",
    });
    let reply = host.ask("http", request).await;
    assert_eq!(reply["status"], 200);
    assert_eq!(reply["headers"], json!({ "content-type": "application/json" }));
    let seen: Value = serde_json::from_str(reply["body"].as_str().unwrap()).unwrap();
    let headers = json!({ "x-tag": "a, b", "accept": "*/*" });
    assert_eq!(seen, json!({ "method": "POST", "path": "/kitchen/echo?x=%20", "headers": headers, "body": "é😀" }));
    assert_eq!(plugin.socket().metadata().unwrap().permissions().mode() & 0o777, 0o600);
}

#[tokio::test]
async fn a_body_that_is_no_text_is_refused_and_one_that_is_arrives() {
    let plugin = Plugin::start(KITCHEN);
    let mut host = plugin.ready().await;
    let request = |body: &str| json!({ "method": "PUT", "path": "/kitchen/echo", "headers": {}, "body_base64": body });
    assert_eq!(host.ask("http", request("AP+A/g==")).await["status"], 415);
    let reply = host.ask("http", request("aGk=")).await;
    assert!(reply["body"].as_str().unwrap().contains(r#""body":"hi""#));
    let malformed = host.ask("http", request("!")).await;
    assert_eq!(malformed["error"]["code"], "invalid_request");
}

#[tokio::test]
async fn requests_are_answered_at_once_and_in_any_order() {
    let plugin = Plugin::start(KITCHEN);
    let mut host = plugin.ready().await;
    let held = host.request("http", get("/kitchen/hold")).await;
    host.logged("holding").await;
    assert_eq!(host.get("/kitchen/state").await["status"], 200);
    host.get("/kitchen/release").await;
    assert_eq!(host.reply(&held).await["body"], "released");
}

#[tokio::test]
async fn a_request_over_the_bound_is_refused_and_the_others_go_on() {
    let plugin = Plugin::start(KITCHEN);
    let mut host = plugin.ready().await;
    let mut held = Vec::new();
    for _ in 0..1024 {
        held.push(host.request("http", get("/kitchen/hold")).await);
    }
    assert_eq!(host.get("/kitchen/hold").await["error"]["code"], "busy");
    let (mut host, _) = host.settled().await;
    // All of them wait for the release only once each has logged so, which the queue of the log may not have kept.
    for id in &held {
        host.send(&message("http", Some(id), json!({ "cancel": true }))).await;
    }
    let mut state = host.get("/kitchen/state").await;
    while state.get("error").is_some() {
        state = host.get("/kitchen/state").await;
    }
    assert_eq!(state["status"], 200);
}

#[tokio::test]
async fn cancel_drops_the_handler_and_nothing_is_answered() {
    let plugin = Plugin::start(KITCHEN);
    let mut host = plugin.ready().await;
    let held = host.request("http", get("/kitchen/hold")).await;
    host.logged("holding").await;
    host.send(&message("http", Some(&held), json!({ "cancel": true }))).await;
    host.logged("a cook went home").await;
    host.get("/kitchen/release").await;
    let (_, others) = host.settled().await;
    assert!(others.iter().all(|message| message["request_id"] != held.as_str()), "{others:?}");
}

#[tokio::test]
async fn a_panic_and_an_error_cost_their_request_alone() {
    let plugin = Plugin::start(KITCHEN);
    let mut host = plugin.ready().await;
    assert_eq!(host.get("/kitchen/panic").await, internal());
    let entry = host.logged("GET /kitchen/panic panicked").await;
    assert_eq!((&entry["level"], &entry["error"]), (&json!("error"), &json!("the pan is on fire")));
    assert_eq!(host.get("/kitchen/error?secret").await, internal());
    let entry = host.logged("GET /kitchen/error").await;
    assert_eq!(entry["level"], "error");
    assert_eq!(entry["message"], "GET /kitchen/error failed");
    assert!(entry["error"].as_str().unwrap().contains("the pan is missing"));
    assert_eq!(host.get("/kitchen/state").await["status"], 200);
}

#[tokio::test]
async fn an_answer_that_fits_no_frame_is_an_error() {
    let plugin = Plugin::start(KITCHEN);
    let mut host = plugin.ready().await;
    let fits = host.get("/kitchen/large?8000000").await;
    assert_eq!(fits["body"].as_str().unwrap().len(), 8_000_000);
    for bytes in ["9000000", "17000000"] {
        let reply = host.get(&format!("/kitchen/large?{bytes}")).await;
        assert!(reply["error"]["code"].is_string(), "{bytes}");
        host.logged("a frame of 16777216 bytes must hold it").await;
    }
}

#[tokio::test]
async fn pings_are_answered_while_every_thread_is_blocked() {
    let plugin = Plugin::start(KITCHEN);
    let mut host = plugin.ready().await;
    for _ in 0..2 {
        host.request("http", get("/kitchen/block")).await;
    }
    host.logged("blocking").await;
    host.logged("blocking").await;
    assert_eq!(host.ask("lifecycle", json!({ "action": "ping" })).await, json!({ "action": "pong" }));
}

#[tokio::test]
async fn the_page_is_answered_where_it_is_asked_for_exactly() {
    let plugin = Plugin::start(KITCHEN);
    let mut host = plugin.ready().await;
    let bundle = host.get("/bundle.js").await;
    assert_eq!(bundle["status"], 200);
    assert_eq!(bundle["headers"], json!({ "content-type": "text/javascript; charset=utf-8" }));
    assert!(bundle["body"].as_str().unwrap().ends_with("// é"));
    assert_eq!(host.get("/kitchen/bundle.js").await["status"], 404);
}

#[tokio::test]
async fn who_asks_is_told() {
    let plugin = Plugin::start(KITCHEN);
    let mut host = plugin.ready().await;
    let headers = json!({ "x-toru-user": "ann", "x-toru-role": "admin" });
    let request = json!({ "method": "GET", "path": "/kitchen/caller", "headers": headers, "body": null });
    assert_eq!(host.ask("http", request).await["body"], r#"Some(Caller { user: "ann", role: Admin })"#);
    assert_eq!(host.get("/kitchen/caller").await["body"], "None");
}

#[tokio::test]
async fn frames_arrive_in_any_pieces() {
    let plugin = Plugin::start(KITCHEN);
    let mut host = plugin.connect().await;
    let all: Vec<u8> = [
        message("lifecycle", Some("a"), init()),
        message("lifecycle", Some("b"), json!({ "action": "ping" })),
        message("http", Some("c"), get("/kitchen/echo")),
    ]
    .iter()
    .flat_map(Connection::frame)
    .collect();
    for byte in &all[..60] {
        host.write(&[*byte]).await;
    }
    host.write(&all[60..]).await;
    assert_eq!(host.reply("c").await["status"], 200);
}

#[tokio::test]
async fn a_request_that_comes_before_ready_does_not_overtake_init() {
    for _ in 0..20 {
        let plugin = Plugin::start(KITCHEN);
        let mut host = plugin.connect().await;
        let init = Connection::frame(&message("lifecycle", Some("a"), init()));
        let ping = Connection::frame(&message("lifecycle", Some("b"), json!({ "action": "ping" })));
        let early = Connection::frame(&message("http", Some("c"), get("/kitchen/state")));
        host.write(&[init, ping, early].concat()).await;
        assert_eq!(host.next().await.unwrap()["payload"]["action"], "ready");
        assert!(host.reply("c").await["body"].as_str().unwrap().contains("instance-1"));
    }
}

#[tokio::test]
async fn a_breach_of_the_protocol_costs_the_connection_and_the_next_one_serves() {
    let plugin = Plugin::start(KITCHEN);
    let mut host = plugin.ready().await;
    host.request("http", get("/kitchen/hold")).await;
    host.logged("holding").await;
    host.write(b"\0\0\0\x02[]").await;
    let mut ended = false;
    while !ended {
        ended = host.next().await.is_none();
    }
    plugin.printed("stderr", "frame_kind").await;
    plugin.printed("stderr", "a cook went home").await;

    let mut host = plugin.ready().await;
    let state = host.get("/kitchen/state").await;
    assert_eq!(state["body"], r#"{"drawer":null,"inits":1,"instance":"instance-1"}"#);
}

#[tokio::test]
async fn a_newer_connection_takes_the_place_of_an_older_one() {
    let plugin = Plugin::start(KITCHEN);
    let mut older = plugin.ready().await;
    let mut newer = plugin.ready().await;
    let mut ended = false;
    while !ended {
        ended = older.next().await.is_none();
    }
    newer.get("/kitchen/log").await;
    newer.logged("burnt").await;
}

#[tokio::test]
async fn whoever_does_not_begin_with_init_is_not_served() {
    let plugin = Plugin::start(KITCHEN);
    let mut host = plugin.connect().await;
    host.send(&message("http", Some("1"), get("/kitchen/state"))).await;
    assert!(host.next().await.is_none());
    let mut host = plugin.connect().await;
    let old = host.ask("lifecycle", json!({ "action": "init", "protocol": 3, "instance_id": "i" })).await;
    assert_eq!(old["error"]["code"], "unsupported_protocol");
}

#[tokio::test]
async fn unknown_actions_are_refused_and_strange_messages_ignored() {
    let plugin = Plugin::start(KITCHEN);
    let mut host = plugin.ready().await;
    assert_eq!(host.ask("lifecycle", json!({ "action": "dance" })).await["error"]["code"], "unsupported");
    assert_eq!(host.ask("lifecycle", init()).await["error"]["code"], "unsupported");
    for (kind, payload) in [("kv", json!({ "value": "late" })), ("http", json!({ "news": 1 })), ("log", json!({}))] {
        host.request(kind, payload).await;
    }
    host.send(&message("http", Some("never"), json!({ "cancel": true }))).await;
    let (_, others) = host.settled().await;
    assert!(others.iter().all(|message| message["type"] == "log"), "{others:?}");
}

#[tokio::test]
async fn shutdown_lets_requests_finish_and_takes_no_more() {
    let mut plugin = Plugin::start(KITCHEN);
    let mut host = plugin.ready().await;
    let held = host.request("http", get("/kitchen/hold")).await;
    let last = host.request("http", get("/kitchen/hold")).await;
    host.logged("holding").await;
    host.logged("holding").await;
    host.send(&message("lifecycle", None, json!({ "action": "shutdown", "grace_ms": 60_000 }))).await;
    let mut refused = host.get("/kitchen/state").await;
    while refused.get("error").is_none() {
        refused = host.get("/kitchen/state").await;
    }
    assert_eq!(refused["error"]["code"], "shutting_down");
    host.send(&message("http", Some(&held), json!({ "cancel": true }))).await;
    host.logged("a cook went home").await;
    host.send(&message("http", Some(&last), json!({ "cancel": true }))).await;
    assert_eq!(plugin.exit_code().await, Some(0));
    assert!(!plugin.socket().exists());
}

#[tokio::test]
async fn shutdown_ends_with_the_grace_whatever_is_in_flight() {
    let mut plugin = Plugin::start(KITCHEN);
    let mut host = plugin.ready().await;
    host.request("http", get("/kitchen/hold")).await;
    host.request("http", get("/kitchen/block")).await;
    host.logged("blocking").await;
    host.send(&message("lifecycle", None, json!({ "action": "shutdown", "grace_ms": 50 }))).await;
    assert_eq!(plugin.exit_code().await, Some(0));
}

#[tokio::test]
async fn work_beside_the_requests_is_told_and_waited_for() {
    let mut plugin =
        Plugin::start_with(KITCHEN, TemporaryFolder::new(), |command| command.env("KITCHEN_INIT", "tidies"));
    let mut host = plugin.ready().await;
    host.send(&message("lifecycle", None, json!({ "action": "shutdown", "grace_ms": 60_000 }))).await;
    let (id, request) = host.asked().await;
    assert_eq!(request, json!({ "action": "set", "key": "tidied", "value": "yes" }));
    host.answer_kv(&id, json!({ "value": null })).await;
    assert_eq!(plugin.exit_code().await, Some(0));
}

#[tokio::test]
async fn sigterm_is_a_shutdown() {
    let mut plugin = Plugin::start(KITCHEN);
    let mut host = plugin.ready().await;
    let held = host.request("http", get("/kitchen/hold")).await;
    host.logged("holding").await;
    plugin.signal("TERM").await;
    while host.get("/kitchen/state").await.get("error").is_none() {}
    host.send(&message("http", Some(&held), json!({ "cancel": true }))).await;
    assert_eq!(plugin.exit_code().await, Some(0));
}

#[tokio::test]
async fn the_end_of_stdin_ends_the_plugin_where_it_is_a_pipe() {
    let mut plugin = Plugin::start(KITCHEN);
    let host = plugin.ready().await;
    drop(host);
    drop(plugin.stdin.take());
    assert_eq!(plugin.exit_code().await, Some(0));

    let plugin = Plugin::start_with(KITCHEN, TemporaryFolder::new(), |command| command.stdin(Stdio::null()));
    let mut host = plugin.ready().await;
    assert_eq!(host.get("/kitchen/state").await["status"], 200);
}

#[tokio::test]
async fn a_dead_socket_is_replaced() {
    let folder = TemporaryFolder::new();
    drop(std::os::unix::net::UnixListener::bind(folder.0.join("plugin.sock")).unwrap());
    let plugin = Plugin::start_in(KITCHEN, folder);
    plugin.ready().await;
}

#[tokio::test]
async fn a_socket_in_use_and_a_file_are_left_alone() {
    let folder = TemporaryFolder::new();
    let _listener = std::os::unix::net::UnixListener::bind(folder.0.join("plugin.sock")).unwrap();
    let mut plugin = Plugin::start_in(KITCHEN, folder);
    assert_eq!(plugin.exit_code().await, Some(1));
    assert!(plugin.output("stderr").contains("another process listens there"));
    assert!(plugin.socket().exists());

    let folder = TemporaryFolder::new();
    std::fs::write(folder.0.join("plugin.sock"), "letters").unwrap();
    let mut plugin = Plugin::start_in(KITCHEN, folder);
    assert_eq!(plugin.exit_code().await, Some(1));
    assert!(plugin.output("stderr").contains("no socket"));
    assert_eq!(std::fs::read_to_string(plugin.socket()).unwrap(), "letters");
}
