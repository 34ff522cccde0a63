//! Streams and WebSockets, as an axum application.

use std::convert::Infallible;
use std::pin::Pin;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::Mutex;
use std::task::{Context, Poll};
use std::time::Duration;

use axum::body::{Body, Bytes};
use axum::extract::ws::{CloseFrame, Message, WebSocket};
use axum::extract::{Query, WebSocketUpgrade};
use axum::http::{HeaderMap, StatusCode};
use axum::response::sse::{Event, Sse};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use axum::{Json, Router};
use futures_util::{stream, Stream, StreamExt};
use serde::Deserialize;
use serde_json::{json, Value};
use tokio::sync::Notify;
use toru_plugin_api::{serve_service, Manifest};

static RELEASED: Notify = Notify::const_new();
/// Pieces that were asked of `/count`; bodies of responses that were dropped.
static POLLED: AtomicU64 = AtomicU64::new(0);
static DROPPED: AtomicU64 = AtomicU64::new(0);
/// How WebSockets ended for their handlers.
static ENDS: Mutex<Vec<&str>> = Mutex::new(Vec::new());

#[derive(Deserialize)]
struct Amount {
    #[serde(default)]
    bytes: usize,
    #[serde(default)]
    count: u64,
}

struct CountsDrop;

impl Drop for CountsDrop {
    fn drop(&mut self) {
        DROPPED.fetch_add(1, Ordering::SeqCst);
    }
}

/// Bytes and their sum, and whether they are all.
async fn digest(body: Body) -> Json<Value> {
    let (mut bytes, mut sum, mut error) = (0, 0_u64, None);
    let mut pieces = body.into_data_stream();
    while let Some(piece) = pieces.next().await {
        match piece {
            Ok(piece) => {
                bytes += piece.len();
                sum = piece.iter().fold(sum, |sum, byte| sum.wrapping_mul(31).wrapping_add(u64::from(*byte)));
            }
            Err(cut) => error = Some(cut.to_string()),
        }
    }
    Json(json!({ "bytes": bytes, "sum": sum.to_string(), "error": error }))
}

async fn first(Query(amount): Query<Amount>, body: Body) -> Json<Value> {
    let mut bytes = 0;
    let mut pieces = body.into_data_stream();
    while bytes < amount.bytes {
        bytes += pieces.next().await.expect("more").expect("a whole body").len();
    }
    Json(json!(bytes))
}

async fn held(body: Body) -> Json<Value> {
    RELEASED.notified().await;
    digest(body).await
}

/// Pieces of 100 KiB, which are no divisor of the window.
fn pieces(bytes: usize) -> impl Stream<Item = Result<Bytes, std::io::Error>> + Send {
    let dropped = CountsDrop;
    stream::unfold((bytes, 0_u8), move |(left, number)| {
        let _ = &dropped;
        let length = left.min(100 * 1024);
        async move {
            POLLED.fetch_add(1, Ordering::SeqCst);
            (length > 0).then(|| (Ok(vec![number; length].into()), (left - length, number.wrapping_add(1))))
        }
    })
}

async fn hold() -> Sse<impl Stream<Item = Result<Event, Infallible>>> {
    let dropped = CountsDrop;
    let first = stream::once(async { Ok(Event::default().data("held")) });
    Sse::new(first.chain(stream::pending()).inspect(move |_| _ = &dropped))
}

async fn lines(Query(amount): Query<Amount>) -> Sse<impl Stream<Item = Result<Event, Infallible>>> {
    Sse::new(stream::iter(0..amount.count).then(|number| async move {
        tokio::time::sleep(Duration::from_millis(1)).await;
        Ok(Event::default().data(number.to_string()))
    }))
}

fn broken() -> Result<Bytes, std::io::Error> {
    Err(std::io::Error::other("the tape is torn"))
}

/// Data, then trailers.
struct WithTrailers(u8);

impl http_body::Body for WithTrailers {
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        _: &mut Context<'_>,
    ) -> Poll<Option<Result<http_body::Frame<Bytes>, Infallible>>> {
        self.0 += 1;
        Poll::Ready(match self.0 {
            1 => Some(Ok(http_body::Frame::data("data".into()))),
            2 => Some(Ok(http_body::Frame::trailers(HeaderMap::new()))),
            _ => None,
        })
    }
}

fn ended(how: &'static str) {
    ENDS.lock().expect("no panic").push(how);
}

async fn talk(mut socket: WebSocket) {
    loop {
        let answer = match socket.recv().await {
            None => return ended("none"),
            Some(Err(_)) => return ended("error"),
            Some(Ok(Message::Close(_))) => return ended("close"),
            Some(Ok(Message::Pong(payload))) => Message::Text(String::from_utf8_lossy(&payload).as_ref().into()),
            Some(Ok(Message::Text(text))) => match text.as_str() {
                "ping" => Message::Ping("pong".into()),
                "close" => Message::Close(None),
                "fail" => Message::Close(Some(CloseFrame { code: 1011, reason: "".into() })),
                "large" => Message::Text("x".repeat(128 * 1024 + 1).into()),
                "drop" => return,
                "leave" => return drop(socket.send(Message::Close(None)).await),
                "panic" => panic!("the test wants it so"),
                _ => Message::Text(text),
            },
            Some(Ok(message)) => message,
        };
        if socket.send(answer).await.is_err() {
            return ended("unsent");
        }
    }
}

async fn flood(mut socket: WebSocket, amount: Amount) {
    for _ in 0..amount.count {
        if socket.send(Message::Binary(vec![7; amount.bytes].into())).await.is_err() {
            return ended("unsent");
        }
        POLLED.fetch_add(1, Ordering::SeqCst);
    }
    let _ = socket.send(Message::Close(None)).await;
}

async fn choose(upgrade: WebSocketUpgrade) -> Response {
    upgrade.protocols(["superchat", "chat"]).on_upgrade(|socket| async {
        RELEASED.notified().await;
        talk(socket).await;
    })
}

#[tokio::main]
async fn main() {
    let seen = || async {
        Json(json!({
            "polled": POLLED.load(Ordering::SeqCst),
            "dropped": DROPPED.load(Ordering::SeqCst),
            "ends": *ENDS.lock().expect("no panic"),
        }))
    };
    let app = Router::new()
        .route("/echo", post(|body: Body| async { body }))
        .route("/digest", post(digest))
        .route("/first", post(first))
        .route("/ignore", post(|| async { "ignored" }))
        .route("/held", post(held))
        .route("/release", get(|| async { RELEASED.notify_waiters() }))
        .route("/count", get(|Query(amount): Query<Amount>| async move { Body::from_stream(pieces(amount.bytes)) }))
        .route("/large", get(|Query(amount): Query<Amount>| async move { "x".repeat(amount.bytes) }))
        .route(
            "/tiny",
            get(|Query(amount): Query<Amount>| async move {
                Body::from_stream(stream::iter(0..amount.bytes).map(|_| Ok::<_, Infallible>(Bytes::from_static(b"x"))))
            }),
        )
        .route("/hold", get(hold))
        .route("/lines", get(lines))
        .route("/broken", get(|| async { Body::from_stream(stream::iter([Ok("half".into()), broken()])) }))
        .route(
            "/panic",
            get(|| async {
                Body::from_stream(stream::iter(0..2).map(|number| match number {
                    0 => Ok::<_, Infallible>(Bytes::from("half")),
                    _ => panic!("the test wants it so"),
                }))
            }),
        )
        .route("/trailers", get(|| async { Body::new(WithTrailers(0)) }))
        .route("/talk", get(|upgrade: WebSocketUpgrade| async { upgrade.on_upgrade(talk) }))
        .route(
            "/flood",
            get(|Query(amount): Query<Amount>, upgrade: WebSocketUpgrade| async {
                upgrade.on_upgrade(|socket| flood(socket, amount))
            }),
        )
        .route("/choose", get(choose))
        .route("/refuse", get(|_: WebSocketUpgrade| async { (StatusCode::FORBIDDEN, "not you").into_response() }))
        .route("/seen", get(seen));
    serve_service(Manifest::new("streams", "Streams", "1.0.0", "waves", "/streams"), app).await
}
