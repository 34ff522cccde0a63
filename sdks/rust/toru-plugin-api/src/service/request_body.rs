use std::pin::Pin;
use std::task::{Context, Poll};

use bytes::Bytes;
use http_body::{Body, Frame, SizeHint};

use crate::stream::{BodyError, Incoming};

/// The body of a [`ServiceRequest`](crate::ServiceRequest).
///
/// It yields bytes as they come. The client is held up where nobody takes them: at most 256 KiB wait here. Its drop says
/// that the rest is not wanted. It has no trailers. A body that was cut short ends with a [`BodyError`].
pub struct RequestBody(State);

enum State {
    /// What came inside of the request, until it is taken.
    Inline(Option<Bytes>),
    Stream(Incoming),
}

impl RequestBody {
    pub(super) fn inline(bytes: Bytes) -> Self {
        Self(State::Inline(Some(bytes).filter(|bytes| !bytes.is_empty())))
    }

    pub(super) fn stream(incoming: Incoming) -> Self {
        Self(State::Stream(incoming))
    }
}

impl Body for RequestBody {
    type Data = Bytes;
    type Error = BodyError;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, BodyError>>> {
        match &mut self.0 {
            State::Inline(bytes) => Poll::Ready(bytes.take().map(|bytes| Ok(Frame::data(bytes)))),
            State::Stream(incoming) => {
                incoming.poll_next(context).map(|next| next.map(|piece| piece.map(|piece| Frame::data(piece.bytes))))
            }
        }
    }

    fn is_end_stream(&self) -> bool {
        match &self.0 {
            State::Inline(bytes) => bytes.is_none(),
            State::Stream(incoming) => incoming.is_at_end(),
        }
    }

    fn size_hint(&self) -> SizeHint {
        match &self.0 {
            State::Inline(bytes) => SizeHint::with_exact(bytes.as_ref().map_or(0, |bytes| bytes.len() as u64)),
            State::Stream(_) => SizeHint::default(),
        }
    }
}

impl std::fmt::Debug for RequestBody {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_struct("RequestBody").finish_non_exhaustive()
    }
}
