//! What the module `testing` offers for streams and WebSockets.

use toru_plugin_api::testing::{RunningPlugin, SocketMessage};

const STREAMS: &str = env!("CARGO_BIN_EXE_streams");

#[test]
fn answers_are_whole_or_come_piece_by_piece() {
    let mut plugin = RunningPlugin::start(STREAMS);
    assert_eq!(plugin.get("/count?bytes=1000000").body.len(), 1_000_000);
    assert_eq!(plugin.request("POST", "/echo").body("inline").send().text(), "inline");

    let mut events = plugin.request("GET", "/hold").open();
    assert_eq!(events.headers["content-type"], ["text/event-stream"]);
    assert_eq!(events.next().as_deref(), Some(&b"data: held\n\n"[..]));
    drop(events);
    while plugin.get("/seen").json()["dropped"] != 2 {}

    let mut small = plugin.request("GET", "/large?bytes=3").open();
    assert_eq!((small.next(), small.next()), (Some(b"xxx".to_vec()), None));
    drop(small);
    assert_eq!(plugin.stop(), Some(0));
}

#[test]
fn websockets_are_spoken_with() {
    let mut plugin = RunningPlugin::start(STREAMS);
    let mut socket = plugin.request("GET", "/talk").upgrade().expect("a WebSocket");
    for number in 0..20_u8 {
        socket.send(vec![number; 100_000]);
        assert_eq!(socket.receive(), Ok(SocketMessage::Bytes(vec![number; 100_000])));
    }
    socket.send("hello");
    assert_eq!(socket.receive(), Ok("hello".into()));
    assert_eq!(socket.close(), 1000);

    let mut socket = plugin.request("GET", "/talk").upgrade().expect("a WebSocket");
    socket.send("fail");
    assert_eq!(socket.receive(), Err(1011));
    drop(socket);
    assert_eq!(plugin.request("GET", "/refuse").upgrade().expect_err("a refusal").status, 403);
    drop(plugin.request("GET", "/talk").upgrade().expect("a WebSocket"));
    assert_eq!(plugin.stop(), Some(0));
}

#[test]
#[should_panic(expected = "broke its answer off")]
fn an_answer_that_is_broken_off_is_not_taken_for_whole() {
    RunningPlugin::start(STREAMS).get("/broken");
}
