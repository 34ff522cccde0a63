//! WebSockets, for a service that expects a server of HTTP/1.1 in front of it.
//!
//! axum's `WebSocketUpgrade` takes the socket from `hyper::upgrade`, and only a connection of hyper can fill that. So each
//! WebSocket gets such a connection, over a pipe in memory: hyper is asked for an upgrade there, the service gets the
//! upgrade of that request with the head of the host's, and what is then said on the pipe is translated.

use std::convert::Infallible;
use std::sync::Mutex;
use std::time::Duration;

use bytes::Bytes;
use http::header::{self, HeaderName};
use http::{HeaderValue, StatusCode};
use http_body::Body as HttpBody;
use http_body_util::Empty;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper::upgrade::OnUpgrade;
use hyper_util::rt::TokioIo;
use tokio::io::{AsyncReadExt, AsyncWriteExt, BufReader, DuplexStream, ReadHalf, WriteHalf};
use tokio::sync::{mpsc, oneshot, Notify};
use tokio::time::timeout;
use tower_service::Service;

use super::rfc6455::{encode, read, Opcode, Said};
use super::to_answer::{to_answer, to_headers};
use super::ServiceRequest;
use crate::host::lock;
use crate::serve::{Answer, Failure};
use crate::stream::{BodyError, Incoming, Outgoing, Piece};

/// Bytes that wait in the pipe, in each direction.
const PIPE_BYTES: usize = 16 * 1024;
/// How long the other end may take to say that it closes, too.
const CLOSE_LIMIT: Duration = Duration::from_secs(1);
/// All that hyper needs to know.
const UPGRADE: &[u8] = b"GET / HTTP/1.1\r\nhost: plugin\r\nconnection: upgrade\r\nupgrade: websocket\r\n\r\n";
/// What the host has done with its client, done once more between the service and the pipe.
const HANDSHAKE: [(HeaderName, HeaderValue); 4] = [
    (header::CONNECTION, HeaderValue::from_static("upgrade")),
    (header::UPGRADE, HeaderValue::from_static("websocket")),
    (header::SEC_WEBSOCKET_VERSION, HeaderValue::from_static("13")),
    (header::SEC_WEBSOCKET_KEY, HeaderValue::from_static("dG9ydS1wbHVnaW4tYXBpIQ==")),
];
/// Headers of the service's answer that end with the pipe.
const OF_THE_PIPE: [HeaderName; 4] =
    [header::CONNECTION, header::UPGRADE, header::SEC_WEBSOCKET_ACCEPT, header::CONTENT_LENGTH];

/// Asks the service for a WebSocket. Any other answer than status 101 is an ordinary one.
pub(super) async fn answer<S, B>(
    mut service: S,
    mut request: ServiceRequest,
    messages: Incoming,
) -> Result<Answer, Failure>
where
    S: Service<ServiceRequest, Response = http::Response<B>>,
    S::Error: Into<Failure>,
    B: HttpBody + Send + 'static,
    B::Data: Send,
    B::Error: Into<Failure>,
{
    let (mut pipe, server_end) = tokio::io::duplex(PIPE_BYTES);
    pipe.write_all(UPGRADE).await?;
    let (asked, upgrade) = oneshot::channel();
    let (accept, accepted) = oneshot::channel();
    let mut connection = Box::pin(upgrade_once(server_end, asked, accepted));
    let upgrade: OnUpgrade = tokio::select! {
        upgrade = upgrade => upgrade?,
        ended = &mut connection => return Err(ended.err().unwrap_or_else(|| "hyper knows no upgrade".into())),
    };
    request.extensions_mut().insert(upgrade);
    request.headers_mut().extend(HANDSHAKE);
    let mut response = service.call(request).await.map_err(Into::into)?;
    if response.status() != StatusCode::SWITCHING_PROTOCOLS {
        return to_answer(response, true).await;
    }
    let _ = accept.send(()); // the connection waits for it
    connection.await?;
    skip_head(&mut pipe).await?;
    for name in OF_THE_PIPE {
        response.headers_mut().remove(name);
    }
    let headers = to_headers(response.headers())?;
    let fill = Box::new(|stream| Box::pin(relay(pipe, messages, stream)) as _);
    Ok(Answer::Stream { status: StatusCode::SWITCHING_PROTOCOLS.as_u16(), headers, fill })
}

/// A connection of hyper's that hands out the upgrade of its only request, and upgrades once that is accepted.
async fn upgrade_once(
    io: DuplexStream,
    asked: oneshot::Sender<OnUpgrade>,
    accepted: oneshot::Receiver<()>,
) -> Result<(), Failure> {
    let once = Mutex::new(Some((asked, accepted)));
    let service = service_fn(|request| {
        let once = lock(&once).take();
        async move {
            if let Some((asked, accepted)) = once {
                let _ = asked.send(hyper::upgrade::on(request));
                let _ = accepted.await;
            }
            let mut response = http::Response::new(Empty::<Bytes>::new());
            *response.status_mut() = StatusCode::SWITCHING_PROTOCOLS;
            Ok::<_, Infallible>(response)
        }
    });
    Ok(http1::Builder::new().serve_connection(TokioIo::new(io), service).with_upgrades().await?)
}

/// Reads the head of hyper's answer and nothing behind it.
async fn skip_head(pipe: &mut DuplexStream) -> std::io::Result<()> {
    let mut end = [0; 4];
    while end != *b"\r\n\r\n" {
        end.rotate_left(1);
        end[3] = pipe.read_u8().await?;
    }
    Ok(())
}

/// Carries messages both ways until either side closes, and lets the other side close, too.
async fn relay(pipe: DuplexStream, messages: Incoming, stream: Outgoing) -> Result<(), Failure> {
    let (from_service, to_service) = tokio::io::split(pipe);
    let (pong, pongs) = mpsc::channel(1);
    let closing = Notify::new();
    let mut tell = std::pin::pin!(tell_service(to_service, messages, pongs, &closing));
    let mut hear = std::pin::pin!(hear_service(BufReader::new(from_service), pong, &stream));
    tokio::select! {
        biased;
        () = stream.stopped() => {}
        heard = &mut hear => {
            heard?;
            closing.notify_one();
            drop(timeout(CLOSE_LIMIT, tell).await);
        }
        told = &mut tell => match told {
            Ok(()) => drop(timeout(CLOSE_LIMIT, hear).await),
            Err(error) if error.is_flood() => return Err(error.into()),
            Err(_) => {} // nobody is there who could be told
        }
    }
    Ok(())
}

/// Ends behind the message that closes. An error where the client's side broke off.
async fn tell_service(
    mut service: WriteHalf<DuplexStream>,
    messages: Incoming,
    mut pongs: mpsc::Receiver<Vec<u8>>,
    closing: &Notify,
) -> Result<(), BodyError> {
    let mut is_open = true;
    while is_open {
        let frame = tokio::select! {
            next = messages.next() => match next {
                Some(Ok(Piece { bytes, is_text: true })) => encode(Opcode::Text, &bytes),
                Some(Ok(Piece { bytes, is_text: false })) => encode(Opcode::Binary, &bytes),
                Some(Err(error)) => return Err(error),
                None => close(&mut is_open),
            },
            Some(payload) = pongs.recv() => encode(Opcode::Pong, &payload),
            () = closing.notified() => close(&mut is_open),
        };
        if service.write_all(&frame).await.is_err() && is_open {
            // The service has dropped its end. What it said before that is still to be heard.
            closing.notified().await;
            break;
        }
    }
    Ok(())
}

fn close(is_open: &mut bool) -> Vec<u8> {
    *is_open = false;
    encode(Opcode::Close, &[])
}

/// Ends with the message that closes. An error where the service's side broke off.
async fn hear_service(
    mut service: BufReader<ReadHalf<DuplexStream>>,
    pong: mpsc::Sender<Vec<u8>>,
    stream: &Outgoing,
) -> Result<(), Failure> {
    loop {
        match read(&mut service).await? {
            Said::Message { bytes, is_text } => {
                if stream.send_message(&bytes, is_text).await.is_err() {
                    return Ok(());
                }
            }
            // Full where the one before it was not told yet; to answer the newest is enough.
            Said::Ping(payload) => drop(pong.try_send(payload)),
            Said::Close { is_failure: false } => return Ok(()),
            Said::Close { is_failure: true } => return Err("the WebSocket was closed with the code 1011".into()),
        }
    }
}
