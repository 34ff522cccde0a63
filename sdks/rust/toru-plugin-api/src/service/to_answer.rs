use std::future::poll_fn;
use std::pin::Pin;

use bytes::Buf;
use http_body::Body as HttpBody;
use http_body_util::{BodyExt, Limited};

use crate::serve::{Answer, Failure};
use crate::stream::Outgoing;
use crate::wire::frame::MAX_FRAME_BYTES;
use crate::wire::http::{Body, Headers, Response};

/// Bodies that are known to be no larger travel inside of the answer, in bytes.
const MAX_INLINE_BYTES: u64 = 64 * 1024;

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
            stream.room().await.ok()?;
            next(body.as_mut()).await
        };
        let data = tokio::select! {
            biased;
            () = stream.stopped() => return Ok(()),
            next = next => next,
        };
        let Some(data) = data else { return Ok(()) };
        let mut data = data?;
        while data.has_remaining() {
            let chunk = data.chunk();
            let length = chunk.len();
            if stream.send(chunk).await.is_err() {
                return Ok(());
            }
            data.advance(length);
        }
    }
}

/// The next data; `None` behind the last.
async fn next<B: HttpBody<Error: Into<Failure>>>(mut body: Pin<&mut B>) -> Option<Result<B::Data, Failure>> {
    loop {
        match poll_fn(|context| body.as_mut().poll_frame(context)).await? {
            Ok(frame) => {
                if let Ok(data) = frame.into_data() {
                    return Some(Ok(data));
                }
            }
            Err(error) => return Some(Err(error.into())),
        }
    }
}
