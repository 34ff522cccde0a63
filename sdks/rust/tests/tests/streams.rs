//! The feature `stream`: bodies that travel in frames of their own, by axum and by the trait.

use serde_json::{json, Value};
use toru_plugin_tests::{get, message, soon, Connection, Plugin, ABORTED, LAST};

const STREAMS: &str = env!("CARGO_BIN_EXE_streams");
const KITCHEN: &str = env!("CARGO_BIN_EXE_kitchen");
const WINDOW: usize = 256 * 1024;

async fn ready(plugin: &Plugin) -> Connection {
    plugin.ready_with(&["stream", "unheard-of"], &["stream"]).await
}

fn post(path: &str, stream: u32) -> Value {
    json!({ "method": "POST", "path": path, "headers": {}, "stream": stream })
}

fn number(reply: &Value) -> u32 {
    u32::try_from(reply["stream"].as_u64().unwrap_or_else(|| panic!("no stream: {reply}"))).unwrap()
}

fn body_of(length: usize) -> Vec<u8> {
    (0..length).map(|at| (at * 31 + (at >> 8)) as u8).collect()
}

fn sum(bytes: &[u8]) -> String {
    bytes.iter().fold(0_u64, |sum, byte| sum.wrapping_mul(31).wrapping_add(u64::from(*byte))).to_string()
}

/// What the plugin has counted, as soon as it is so.
async fn seen(host: &mut Connection, what: &str, holds: impl Fn(&Value) -> bool) -> Value {
    soon(what, async {
        loop {
            let seen = serde_json::from_str(host.get("/seen").await["body"].as_str().unwrap()).unwrap();
            if holds(&seen) {
                return seen;
            }
        }
    })
    .await
}

#[tokio::test]
async fn a_handler_sees_one_body_whichever_way_it_comes() {
    let plugin = Plugin::start(STREAMS);
    let mut host = ready(&plugin).await;
    for bytes in [body_of(0), body_of(1), body_of(WINDOW), body_of(5 * WINDOW + 7)] {
        let id = host.request("http", post("/streams/digest", 1)).await;
        host.credits.clear();
        host.send_body(1, &bytes).await;
        let answer: Value = serde_json::from_str(host.reply(&id).await["body"].as_str().unwrap()).unwrap();
        assert_eq!(answer, json!({ "bytes": bytes.len(), "sum": sum(&bytes), "error": null }));
    }
    let inline = host.ask("http", json!({ "method": "POST", "path": "/digest", "headers": {}, "body": "abc" })).await;
    assert_eq!(
        serde_json::from_str::<Value>(inline["body"].as_str().unwrap()).unwrap(),
        json!({ "bytes": 3, "sum": sum(b"abc"), "error": null })
    );
}

#[tokio::test]
async fn request_and_response_run_at_once() {
    let plugin = Plugin::start(STREAMS);
    let mut host = ready(&plugin).await;
    let id = host.request("http", post("/echo", 4_294_967_295)).await;
    let stream = number(&host.reply(&id).await);
    for round in 0..20_u8 {
        host.send_data(u32::MAX, 0, &[round; 20_000]).await;
        let mut back = Vec::new();
        while back.len() < 20_000 {
            back.extend(host.piece(stream).await.bytes);
        }
        assert_eq!(back, [round; 20_000]);
        host.grant(stream, back.len()).await;
    }
    host.send_data(u32::MAX, LAST, b"end").await;
    assert_eq!(host.body(stream).await, (b"end".to_vec(), LAST));
}

#[tokio::test]
async fn a_handler_that_does_not_read_holds_up_its_own_stream_alone() {
    let plugin = Plugin::start(STREAMS);
    let mut host = ready(&plugin).await;
    let held = host.request("http", post("/held", 1)).await;
    let bytes = body_of(2 * WINDOW);
    host.spend(1, WINDOW);
    host.send_data(1, 0, &bytes[..WINDOW]).await;
    let other = host.request("http", post("/digest", 2)).await;
    host.send_body(2, &body_of(4 * WINDOW)).await;
    assert_eq!(host.reply(&other).await["status"], 200);
    let (mut host, _) = host.settled().await;
    assert_eq!(host.credit(1), 0, "nothing was granted ahead of the reader");

    host.get("/release").await;
    host.send_body(1, &bytes[WINDOW..]).await;
    let answer: Value = serde_json::from_str(host.reply(&held).await["body"].as_str().unwrap()).unwrap();
    assert_eq!(answer["sum"], sum(&bytes));
}

#[tokio::test]
async fn what_is_not_read_is_stopped() {
    let plugin = Plugin::start(STREAMS);
    let mut host = ready(&plugin).await;
    let first = host.request("http", post("/first?bytes=100000", 1)).await;
    host.send_data(1, 0, &[0; 100_000]).await;
    assert_eq!(host.reply(&first).await["body"], "100000");
    host.wait("a stop", |host| host.stopped.contains(&1)).await;
    let ignored = host.request("http", post("/ignore", 2)).await;
    assert_eq!(host.reply(&ignored).await["body"], "ignored");
    host.wait("a stop", |host| host.stopped.contains(&2)).await;
    // What was under way is dropped; behind the last frame the number is free again.
    for stream in [1, 2] {
        host.send_data(stream, 0, &[0; 200_000]).await;
        host.send_data(stream, 0, &[0; 200_000]).await;
        host.send_data(stream, LAST, &[]).await;
        host.credits.clear();
        host.stopped.clear();
        let id = host.request("http", post("/digest", stream)).await;
        host.send_body(stream, b"again").await;
        assert_eq!(host.reply(&id).await["status"], 200);
    }
}

#[tokio::test]
async fn a_body_that_is_cut_short_is_an_error_for_its_reader() {
    let plugin = Plugin::start(STREAMS);
    let mut host = ready(&plugin).await;
    let id = host.request("http", post("/digest", 1)).await;
    host.send_data(1, 0, b"abc").await;
    host.send_data(1, LAST | ABORTED, &[]).await;
    let answer: Value = serde_json::from_str(host.reply(&id).await["body"].as_str().unwrap()).unwrap();
    assert_eq!((&answer["bytes"], answer["error"].is_string()), (&json!(3), true), "{answer}");

    // A response that is made of it is cut short, too.
    let id = host.request("http", post("/echo", 2)).await;
    let stream = number(&host.reply(&id).await);
    host.send_data(2, LAST | ABORTED, b"abc").await;
    assert_eq!(host.body(stream).await, (b"abc".to_vec(), LAST | ABORTED));
    host.logged("POST /echo broke off").await;
}

#[tokio::test]
async fn a_response_is_made_as_the_host_takes_it() {
    let plugin = Plugin::start(STREAMS);
    let mut host = ready(&plugin).await;
    let bytes = 4 * WINDOW;
    let stream = number(&host.get(&format!("/count?bytes={bytes}")).await);
    let mut came = Vec::new();
    while came.len() < WINDOW {
        let piece = host.piece(stream).await;
        assert!(piece.bytes.len() <= 64 * 1024);
        came.extend(piece.bytes);
    }
    assert_eq!(came.len(), WINDOW);
    let (mut host, _) = host.settled().await;
    assert!(host.pieces(stream).is_empty(), "nothing comes that was not granted");
    assert_eq!(seen(&mut host, "pieces", |_| true).await["polled"], 3, "the fourth piece was not asked for");
    host.grant(stream, WINDOW).await;
    let (rest, flags) = host.body(stream).await;
    came.extend(rest);
    assert_eq!((came.len(), flags), (bytes, LAST));
    assert!(came.chunks(100 * 1024).enumerate().all(|(number, piece)| piece.iter().all(|byte| *byte == number as u8)));
}

#[tokio::test]
async fn a_stop_and_a_cancel_drop_the_body_and_end_the_stream() {
    let plugin = Plugin::start(STREAMS);
    let mut host = ready(&plugin).await;
    // Blocked by the window, waiting for its own next event, and cancelled.
    let full = number(&host.get("/count?bytes=100000000").await);
    host.stop(full).await;
    let mut flags = 0;
    while flags & LAST == 0 {
        flags = host.piece(full).await.flags;
    }
    assert_eq!(flags, LAST);
    seen(&mut host, "the drop", |seen| seen["dropped"] == 1).await;

    let idle = number(&host.get("/hold").await);
    assert_eq!(host.piece(idle).await.bytes, b"data: held\n\n");
    let start = std::time::Instant::now();
    host.stop(idle).await;
    assert_eq!(host.piece(idle).await.flags, LAST);
    eprintln!("from stop to the last frame: {:?}", start.elapsed());
    seen(&mut host, "the drop", |seen| seen["dropped"] == 2).await;

    let id = host.request("http", get("/hold")).await;
    let cancelled = number(&host.reply(&id).await);
    host.piece(cancelled).await;
    host.send(&message("http", Some(&id), json!({ "cancel": true }))).await;
    assert_eq!(host.piece(cancelled).await.flags, LAST | ABORTED);
    seen(&mut host, "the drop", |seen| seen["dropped"] == 3).await;

    // What is said of a stream that has ended is late.
    host.stop(idle).await;
    host.grant(idle, 1000).await;
    assert_eq!(host.get("/seen").await["status"], 200);
}

#[tokio::test]
async fn a_lost_connection_drops_what_was_under_way() {
    let plugin = Plugin::start(STREAMS);
    let mut host = ready(&plugin).await;
    let idle = number(&host.get("/hold").await);
    host.piece(idle).await;
    host.get("/count?bytes=100000000").await;
    host.request("http", post("/digest", 1)).await;
    drop(host);
    let mut host = ready(&plugin).await;
    seen(&mut host, "the drops", |seen| seen["dropped"] == 2).await;
}

#[tokio::test]
async fn server_sent_events_arrive_one_by_one() {
    let plugin = Plugin::start(STREAMS);
    let mut host = ready(&plugin).await;
    let reply = host.get("/lines?count=200").await;
    assert_eq!(reply["headers"]["content-type"], "text/event-stream");
    let stream = number(&reply);
    assert_eq!(host.piece(stream).await.bytes, b"data: 0\n\n");
    let (rest, flags) = host.body(stream).await;
    let expected: String = (1..200).map(|number| format!("data: {number}\n\n")).collect();
    assert_eq!((String::from_utf8(rest).unwrap(), flags), (expected, LAST));
}

#[tokio::test]
async fn a_response_that_fails_behind_its_head_is_cut_short() {
    let plugin = Plugin::start(STREAMS);
    let mut host = ready(&plugin).await;
    // What was made right before a panic is lost with it.
    for (path, body, word) in [("/broken", "half", "the tape is torn"), ("/panic", "", "the test wants it so")] {
        let stream = number(&host.get(path).await);
        assert_eq!(host.body(stream).await, (body.into(), LAST | ABORTED), "{path}");
        host.logged(word).await;
    }
    let (_, others) = host.settled().await;
    assert!(others.iter().all(|message| message["type"] == "log"), "no second reply: {others:?}");
}

#[tokio::test]
async fn small_bodies_travel_inside_and_trailers_are_ignored() {
    let plugin = Plugin::start(STREAMS);
    let mut host = ready(&plugin).await;
    assert_eq!(host.get("/large?bytes=16384").await["body"].as_str().unwrap().len(), 16384);
    let large = number(&host.get("/large?bytes=16385").await);
    assert_eq!(host.body(large).await.0.len(), 16385);
    let head = json!({ "method": "HEAD", "path": "/large?bytes=70000", "headers": {}, "body": null });
    assert_eq!(host.ask("http", head).await["body"], Value::Null);
    let trailers = number(&host.get("/trailers").await);
    assert_eq!(host.body(trailers).await, (b"data".to_vec(), LAST));
    let plain = plugin.ready_with(&[], &[]).await.get("/large?bytes=70000").await;
    assert_eq!(plain["body"].as_str().unwrap().len(), 70000);
}

#[tokio::test]
async fn pieces_that_are_there_at_once_make_few_frames() {
    let plugin = Plugin::start(STREAMS);
    let mut host = ready(&plugin).await;
    let stream = number(&host.get("/tiny?bytes=300000").await);
    let (mut bytes, mut frames, mut flags) = (0, 0, 0);
    while flags & LAST == 0 {
        let piece = host.piece(stream).await;
        host.grant(stream, piece.bytes.len()).await;
        (bytes, frames, flags) = (bytes + piece.bytes.len(), frames + 1, piece.flags);
    }
    assert_eq!((bytes, flags), (300_000, LAST));
    assert!(frames < 10_000, "{frames} frames");
}

#[tokio::test]
async fn many_streams_run_at_once() {
    let plugin = Plugin::start(STREAMS);
    let mut host = ready(&plugin).await;
    let mut streams = Vec::new();
    for _ in 0..200 {
        streams.push(number(&host.get("/count?bytes=300000").await));
    }
    for stream in streams {
        assert_eq!(host.body(stream).await.0.len(), 300_000);
    }
    seen(&mut host, "the drops", |seen| seen["dropped"] == 200).await;
}

#[tokio::test]
async fn breaches_on_streams_cost_the_connection_alone() {
    let plugin = Plugin::start(STREAMS);
    let short = [0, 0, 0, 3, 0, 0, 0];
    for breach in ["window", "number", "short", "not taken up"] {
        let mut host = match breach {
            "not taken up" => plugin.ready().await,
            _ => ready(&plugin).await,
        };
        match breach {
            "window" => {
                host.request("http", post("/held", 1)).await;
                host.send_data(1, 0, &[0; WINDOW]).await;
                host.send_data(1, 0, &[0; 1]).await;
            }
            "number" => {
                host.request("http", post("/held", 1)).await;
                host.request("http", post("/held", 1)).await;
            }
            "short" => host.write(&short).await,
            _ => host.send_data(1, 0, b"abc").await,
        }
        while host.next().await.is_some() {}
    }
    let mut host = ready(&plugin).await;
    host.send_data(77, 0, b"a stream that nobody knows").await;
    assert_eq!(host.get("/seen").await["status"], 200);
}

#[tokio::test]
async fn a_shutdown_gives_streams_the_grace_and_then_ends() {
    let mut plugin = Plugin::start(STREAMS);
    let mut host = ready(&plugin).await;
    let id = host.request("http", post("/digest", 1)).await;
    host.send_data(1, 0, b"ab").await;
    let shutdown = json!({ "action": "shutdown", "grace_ms": 60_000 });
    host.send(&message("lifecycle", None, shutdown)).await;
    host.send_data(1, LAST, b"c").await;
    assert_eq!(host.reply(&id).await["status"], 200);
    assert_eq!(plugin.exit_code().await, Some(0));

    let mut plugin = Plugin::start(STREAMS);
    let mut host = ready(&plugin).await;
    let idle = number(&host.get("/hold").await);
    host.piece(idle).await;
    host.send(&message("lifecycle", None, json!({ "action": "shutdown", "grace_ms": 100 }))).await;
    assert_eq!(plugin.exit_code().await, Some(0));
}

#[tokio::test]
async fn the_trait_gets_whole_bodies() {
    let plugin = Plugin::start(KITCHEN);
    let mut host = plugin.ready_with(&["stream", "websocket"], &["stream"]).await;
    let text = "é".repeat(WINDOW);
    let id = host.request("http", post("/kitchen/echo", 1)).await;
    host.send_body(1, text.as_bytes()).await;
    let reply = host.reply(&id).await;
    assert!(reply["body"].as_str().unwrap().contains(&text), "{}", reply["status"]);

    let id = host.request("http", post("/kitchen/echo", 2)).await;
    host.send_body(2, &vec![b'x'; 16 * 1024 * 1024 + 1]).await;
    assert_eq!(host.reply(&id).await["status"], 413);

    let id = host.request("http", post("/kitchen/echo", 3)).await;
    host.send_body(3, b"\xff").await;
    assert_eq!(host.reply(&id).await["status"], 415);

    let id = host.request("http", post("/kitchen/echo", 4)).await;
    host.send_data(4, LAST | ABORTED, b"half").await;
    assert_eq!(host.reply(&id).await["error"]["code"], "internal");
}
