//! The feature `websocket`: axum's own extractor.

use serde_json::{json, Value};
use toru_plugin_tests::{soon, Connection, Data, Plugin, ABORTED, LAST, TEXT};

const STREAMS: &str = env!("CARGO_BIN_EXE_streams");

async fn ready(plugin: &Plugin) -> Connection {
    plugin.ready_with(&["stream", "websocket"], &["stream", "websocket"]).await
}

fn upgrade(path: &str, stream: u32) -> Value {
    json!({ "method": "GET", "path": path, "headers": {}, "upgrade": "websocket", "stream": stream })
}

/// Opens a WebSocket, and returns the plugin's stream of it.
async fn open(host: &mut Connection, path: &str, stream: u32) -> u32 {
    let reply = host.ask("http", upgrade(path, stream)).await;
    assert_eq!((&reply["status"], &reply["headers"]), (&json!(101), &json!({})), "{reply}");
    u32::try_from(reply["stream"].as_u64().unwrap()).unwrap()
}

fn text(text: &str) -> Data {
    Data { flags: TEXT, bytes: text.into() }
}

/// How WebSockets ended for their handlers, as soon as so many have.
async fn ends(host: &mut Connection, count: usize) -> Value {
    soon("the ends", async {
        loop {
            let seen: Value = serde_json::from_str(host.get("/seen").await["body"].as_str().unwrap()).unwrap();
            if seen["ends"].as_array().unwrap().len() == count {
                return seen["ends"].clone();
            }
        }
    })
    .await
}

#[tokio::test]
async fn messages_go_both_ways_as_they_are() {
    let plugin = Plugin::start(STREAMS);
    let mut host = ready(&plugin).await;
    let stream = open(&mut host, "/streams/talk", 1).await;
    let messages = [(TEXT, "ž 🧪".into()), (0, vec![0, 0xff, 0x80]), (TEXT, vec![]), (0, vec![]), (0, vec![1; 126])];
    for (flags, bytes) in messages.into_iter().chain([(TEXT, vec![b'x'; 128 * 1024]), (0, vec![2; 65_535])]) {
        host.send_data(1, flags, &bytes).await;
        assert_eq!(host.piece(stream).await, Data { flags, bytes: bytes.clone() });
        host.grant(stream, bytes.len()).await;
    }
    // Pings of the plugin's own are answered at its end already.
    host.send_data(1, TEXT, b"ping").await;
    assert_eq!(host.piece(stream).await, text("pong"));
}

#[tokio::test]
async fn the_client_closes() {
    let plugin = Plugin::start(STREAMS);
    let mut host = ready(&plugin).await;
    let stream = open(&mut host, "/talk", 1).await;
    host.send_data(1, TEXT, b"a").await;
    host.send_data(1, LAST, &[]).await;
    assert_eq!(host.body(stream).await, (b"a".to_vec(), LAST));
    assert_eq!(ends(&mut host, 1).await, json!(["close"]));

    // A last frame may hold a message, too.
    let stream = open(&mut host, "/talk", 1).await;
    host.send_data(1, TEXT | LAST, b"bye").await;
    assert_eq!(host.body(stream).await, (b"bye".to_vec(), LAST));
    assert_eq!(ends(&mut host, 2).await, json!(["close", "close"]));

    let stream = open(&mut host, "/talk", 1).await;
    host.send_data(1, LAST | ABORTED, &[]).await;
    assert_eq!(host.body(stream).await.1 & LAST, LAST);
    assert_eq!(ends(&mut host, 3).await, json!(["close", "close", "error"]));

    let stream = open(&mut host, "/talk", 1).await;
    host.stop(stream).await;
    assert_eq!(host.body(stream).await.1, LAST);
    assert_eq!(ends(&mut host, 4).await, json!(["close", "close", "error", "error"]));
}

#[tokio::test]
async fn the_plugin_closes() {
    let plugin = Plugin::start(STREAMS);
    let mut host = ready(&plugin).await;
    for (stream, word, flags) in [
        (1, "close", LAST),
        (2, "fail", LAST | ABORTED),
        (3, "drop", LAST | ABORTED),
        (4, "panic", LAST | ABORTED),
        (5, "large", LAST | ABORTED),
    ] {
        let theirs = open(&mut host, "/talk", stream).await;
        host.send_data(stream, TEXT, word.as_bytes()).await;
        assert_eq!(host.body(theirs).await, (vec![], flags), "{word}");
        host.wait("a stop", |host| host.stopped.contains(&stream)).await;
        host.send_data(stream, LAST, &[]).await;
    }
    host.logged("131073 bytes").await;
    assert_eq!(host.get("/seen").await["status"], 200);
}

#[tokio::test]
async fn a_socket_that_was_closed_is_closed_whatever_the_client_still_sends() {
    let plugin = Plugin::start(STREAMS);
    let mut host = ready(&plugin).await;
    for stream in 1..50 {
        let theirs = open(&mut host, "/talk", stream).await;
        host.send_data(stream, TEXT, b"leave").await;
        for _ in 0..20 {
            host.send_data(stream, TEXT, b"too late").await;
        }
        assert_eq!(host.body(theirs).await, (vec![], LAST));
    }
}

#[tokio::test]
async fn a_slow_side_holds_up_the_other() {
    let plugin = Plugin::start(STREAMS);
    let mut host = ready(&plugin).await;
    let stream = open(&mut host, "/flood?count=100&bytes=50000", 1).await;
    for _ in 0..5 {
        assert_eq!(host.piece(stream).await.bytes.len(), 50_000);
    }
    let (mut host, _) = host.settled().await;
    assert!(host.pieces(stream).is_empty(), "the sixth message does not fit the window");
    host.grant(stream, 250_000).await;
    let (rest, flags) = host.body(stream).await;
    assert_eq!((rest.len(), flags), (95 * 50_000, LAST));
    host.send_data(1, LAST, &[]).await;

    // A handler that takes nothing: what is granted is bounded by what waits in memory.
    let reply = host.ask("http", upgrade("/choose", 2)).await;
    let theirs = u32::try_from(reply["stream"].as_u64().unwrap()).unwrap();
    let mut sent = 0;
    while host.credit(2) >= 10_000 {
        host.spend(2, 10_000);
        host.send_data(2, 0, &[3; 10_000]).await;
        sent += 10_000;
        assert!(sent < 2_000_000, "it takes whatever is sent");
        (host, _) = host.settled().await;
    }
    host.get("/release").await;
    let mut back = 0;
    while back < sent {
        let piece = host.piece(theirs).await.bytes.len();
        host.grant(theirs, piece).await;
        back += piece;
    }
    host.send_data(2, LAST, &[]).await;
    assert_eq!(host.body(theirs).await, (vec![], LAST));
}

#[tokio::test]
async fn protocols_are_chosen_and_upgrades_refused() {
    let plugin = Plugin::start(STREAMS);
    let mut host = ready(&plugin).await;
    let mut chat = upgrade("/choose", 1);
    chat["headers"]["sec-websocket-protocol"] = "chat, other".into();
    let reply = host.ask("http", chat).await;
    assert_eq!((&reply["status"], &reply["headers"]["sec-websocket-protocol"]), (&json!(101), &json!("chat")));

    for (stream, path, status) in [(2, "/refuse", 403), (3, "/nowhere", 404), (4, "/count?bytes=9", 200)] {
        let reply = host.ask("http", upgrade(path, stream)).await;
        assert_eq!(reply["status"], status, "{path}");
        host.wait("a stop", |host| host.stopped.contains(&stream)).await;
    }
    let plain = host.get("/talk").await;
    assert_eq!(plain["status"], 400, "no WebSocket was asked for");
}

#[tokio::test]
async fn a_client_that_floods_with_empty_messages_loses_its_socket() {
    let plugin = Plugin::start(STREAMS);
    let mut host = ready(&plugin).await;
    let reply = host.ask("http", upgrade("/choose", 1)).await;
    let theirs = u32::try_from(reply["stream"].as_u64().unwrap()).unwrap();
    let empty = [0, 0, 0, 6, 0, 0, 0, 0, 0, 1].repeat(100_000);
    host.write(&empty).await;
    let (mut host, _) = host.settled().await;
    host.get("/release").await;
    let mut flags = 0;
    while flags & LAST == 0 {
        flags = host.piece(theirs).await.flags;
    }
    assert_eq!(flags, LAST | ABORTED);
    host.wait("a stop", |host| host.stopped.contains(&1)).await;
}

#[tokio::test]
async fn a_websocket_without_the_feature_is_refused() {
    let plugin = Plugin::start(STREAMS);
    let mut host = plugin.ready_with(&["stream"], &["stream"]).await;
    assert_eq!(host.ask("http", upgrade("/talk", 1)).await["error"]["code"], "unsupported");
    let mut host = plugin.ready_with(&["websocket"], &[]).await;
    assert_eq!(host.ask("http", upgrade("/talk", 1)).await["error"]["code"], "unsupported");
}
