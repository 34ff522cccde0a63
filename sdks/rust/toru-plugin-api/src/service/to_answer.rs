use std::future::poll_fn;
use std::pin::Pin;
use std::task::{ready, Context, Poll};

use bytes::{Buf, Bytes, BytesMut};
use http_body::Body as HttpBody;
use http_body_util::{BodyExt, Limited};

use crate::serve::{Answer, Failure};
use crate::stream::Outgoing;
use crate::wire::frame::MAX_FRAME_BYTES;
use crate::wire::http::{Body, Headers, Response};

/// Bodies that are known to be no larger travel inside of the answer, in bytes.
const MAX_INLINE_BYTES: u64 = 16 * 1024;

/// What the host gets of a response. The body is read whole where it is small, or cannot be a stream.
pub(super) async fn to_answer<B>(response: http::Response<B>, can_stream: bool) -> Result<Answer, Failure>
where
    B: HttpBody + Send + 'static,
    B::Data: Send,
    B::Error: Into<Failure>,
{
    let (head, body) = response.into_parts();
    let (status, headers) = (head.status.as_u16(), to_headers(&head.headers)?);
    let is_small = body.size_hint().upper().is_some_and(|bytes| bytes <= MAX_INLINE_BYTES);
    if can_stream && !is_small {
        return Ok(Answer::Stream { status, headers, fill: Box::new(|stream| Box::pin(fill(body, stream))) });
    }
    let bytes = Limited::new(body, MAX_FRAME_BYTES).collect().await?.to_bytes();
    let body = match String::from_utf8(bytes.into()) {
        Ok(text) if text.is_empty() => Body::None,
        Ok(text) => Body::Text(text),
        Err(error) => Body::Bytes(error.into_bytes()),
    };
    Ok(Answer::Whole(Response { status, headers, body }))
}

pub(super) fn to_headers(map: &http::HeaderMap) -> Result<Headers, Failure> {
    let mut headers = Headers::default();
    for name in map.keys() {
        let values = map.get_all(name).iter().map(|value| String::from_utf8(value.as_bytes().to_vec()));
        let values = values.collect::<Result<Vec<_>, _>>().map_err(|_| format!("the header {name} is not UTF-8"))?;
        headers.0.push((name.as_str().to_owned(), values));
    }
    Ok(headers)
}

/// Polls the body as the host has room for it, and drops it where the host wants no more. Trailers are ignored.
async fn fill<B>(body: B, stream: Outgoing) -> Result<(), Failure>
where
    B: HttpBody + Send + 'static,
    B::Data: Send,
    B::Error: Into<Failure>,
{
    let mut body = Box::pin(body);
    loop {
        let next = async {
            let room = stream.room().await.ok()?;
            let data = poll_fn(|context| poll_next(body.as_mut(), context)).await?;
            Some(data.map(|data| (data, room)))
        };
        let next = tokio::select! {
            biased;
            () = stream.stopped() => None,
            next = next => next,
        };
        let Some(next) = next else { return Ok(()) };
        let (data, room) = next?;
        let (piece, end) = gather(body.as_mut(), data, room).await;
        if stream.send(&piece).await.is_err() {
            return Ok(());
        }
        if let Some(end) = end {
            return end;
        }
    }
}

/// Adds what the body has at once, so that tiny pieces make few frames; and says how it has ended, where it has.
async fn gather<B>(mut body: Pin<&mut B>, data: Bytes, room: usize) -> (Bytes, Option<Result<(), Failure>>)
where
    B: HttpBody<Error: Into<Failure>>,
{
    if data.len() >= room {
        return (data, None);
    }
    let mut piece = BytesMut::from(data);
    let end = loop {
        if piece.len() >= room {
            break None;
        }
        match poll_fn(|context| Poll::Ready(poll_next(body.as_mut(), context))).await {
            Poll::Ready(Some(Ok(data))) => piece.extend_from_slice(&data),
            Poll::Ready(Some(Err(error))) => break Some(Err(error)),
            Poll::Ready(None) => break Some(Ok(())),
            Poll::Pending => break None,
        }
    };
    (piece.freeze(), end)
}

/// The next data; `None` behind the last.
fn poll_next<B>(mut body: Pin<&mut B>, context: &mut Context<'_>) -> Poll<Option<Result<Bytes, Failure>>>
where
    B: HttpBody<Error: Into<Failure>>,
{
    loop {
        match ready!(body.as_mut().poll_frame(context)) {
            None => return Poll::Ready(None),
            Some(Err(error)) => return Poll::Ready(Some(Err(error.into()))),
            Some(Ok(frame)) => {
                if let Ok(mut data) = frame.into_data() {
                    return Poll::Ready(Some(Ok(data.copy_to_bytes(data.remaining()))));
                }
            }
        }
    }
}
