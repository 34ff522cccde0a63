use std::collections::VecDeque;
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll, Waker};

use bytes::{Bytes, BytesMut};
use tokio::sync::mpsc;

use super::{Control, GRANT_BYTES, WINDOW_BYTES};
use crate::host::lock;
use crate::wire::data_frame::DataFrame;
use crate::wire::frame::Fault;

/// Messages of a WebSocket that wait; a client that has more of them waiting loses the socket. Their bytes are bounded by
/// the window, but empty ones have none.
const MAX_WAITING_MESSAGES: usize = 16 * 1024;

/// Why a body or a WebSocket ended before its end.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error(transparent)]
#[cfg_attr(not(feature = "axum"), allow(unreachable_pub))]
pub struct BodyError(Reason);

#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
enum Reason {
    #[error("what came is not all: the client went away, or the connection to the host was lost")]
    Cut,
    #[error("{MAX_WAITING_MESSAGES} messages of a WebSocket waited for the plugin to take them, and more came")]
    Flooded,
}

impl BodyError {
    #[cfg(feature = "ws")]
    pub(crate) fn is_flood(&self) -> bool {
        self.0 == Reason::Flooded
    }
}

/// What the bytes of a stream are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Content {
    /// Bytes one behind the other: where one frame ends says nothing.
    Body,
    /// A frame is a message.
    #[cfg_attr(not(feature = "ws"), allow(dead_code))]
    Messages,
}

/// A frame's bytes; of a body also those of several.
#[derive(Debug)]
pub(crate) struct Piece {
    pub(crate) bytes: Bytes,
    #[cfg_attr(not(feature = "ws"), allow(dead_code))]
    pub(crate) is_text: bool,
}

/// Where the connection puts what came on a stream of the host.
pub(super) struct Inbox {
    stream: u32,
    content: Content,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    waiting: VecDeque<(BytesMut, bool)>,
    /// Bytes that came and were not granted anew.
    ungranted: usize,
    /// Of these, what was taken by the reader.
    taken: usize,
    end: Option<End>,
    /// The reader knows that what came is not all.
    is_told: bool,
    /// Nobody reads: what comes is dropped.
    is_stopped: bool,
    waker: Option<Waker>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum End {
    Whole,
    /// With `Flooded` the host does not know it yet.
    Broken(Reason),
}

impl Inbox {
    pub(super) fn push(&self, frame: &DataFrame<'_>) -> Result<(), Fault> {
        let mut state = lock(&self.state);
        if state.is_stopped || state.end.is_some() {
            return Ok(());
        }
        let ungranted = state.ungranted + frame.bytes.len();
        if ungranted > WINDOW_BYTES {
            return Err(Fault::StreamWindow { stream: self.stream, excess: ungranted - WINDOW_BYTES });
        }
        state.ungranted = ungranted;
        if !frame.bytes.is_empty() || (self.content == Content::Messages && (frame.text || !frame.last)) {
            self.keep(&mut state, frame);
        }
        if frame.last && state.end.is_none() {
            state.end = Some(if frame.aborted { End::Broken(Reason::Cut) } else { End::Whole });
        }
        let waker = state.waker.take();
        drop(state);
        if let Some(waker) = waker {
            waker.wake();
        }
        Ok(())
    }

    fn keep(&self, state: &mut State, frame: &DataFrame<'_>) {
        if self.content == Content::Body {
            // Small pieces together, so that memory follows the bytes and not the frames.
            if let Some((last, _)) = state.waiting.back_mut().filter(|(last, _)| last.len() < GRANT_BYTES) {
                return last.extend_from_slice(frame.bytes);
            }
        } else if state.waiting.len() >= MAX_WAITING_MESSAGES {
            state.end = Some(End::Broken(Reason::Flooded));
            return;
        }
        state.waiting.push_back((BytesMut::from(frame.bytes), frame.text));
    }

    /// Nothing comes any more, and what came is not all.
    pub(super) fn cut(&self) {
        let mut state = lock(&self.state);
        state.end.get_or_insert(End::Broken(Reason::Cut));
        let waker = state.waker.take();
        drop(state);
        if let Some(waker) = waker {
            waker.wake();
        }
    }
}

/// Where a request's task takes what came on a stream of the host. What it takes is granted anew; its drop stops the stream.
pub(crate) struct Incoming {
    inbox: Arc<Inbox>,
    controls: mpsc::Sender<Control>,
}

impl Incoming {
    pub(super) fn new(stream: u32, content: Content, controls: mpsc::Sender<Control>) -> (Arc<Inbox>, Self) {
        let inbox = Arc::new(Inbox { stream, content, state: Mutex::default() });
        (Arc::clone(&inbox), Self { inbox, controls })
    }

    /// The next piece; `None` behind the last one. An error comes once, in its place.
    pub(crate) fn poll_next(&self, context: &mut Context<'_>) -> Poll<Option<Result<Piece, BodyError>>> {
        let state = &mut *lock(&self.inbox.state);
        let Some((bytes, is_text)) = state.waiting.pop_front() else {
            return match state.end {
                Some(End::Broken(reason)) if !std::mem::replace(&mut state.is_told, true) => {
                    Poll::Ready(Some(Err(BodyError(reason))))
                }
                Some(_) => Poll::Ready(None),
                None => {
                    state.waker = Some(context.waker().clone());
                    Poll::Pending
                }
            };
        };
        state.taken += bytes.len();
        if state.taken >= GRANT_BYTES && state.end.is_none() {
            let credit = std::mem::take(&mut state.taken);
            state.ungranted -= credit;
            // Never full, by its capacity. Where the connection is gone nobody waits for it.
            let _ = self.controls.try_send(Control::Credit { stream: self.inbox.stream, credit });
        }
        Poll::Ready(Some(Ok(Piece { bytes: bytes.freeze(), is_text })))
    }

    pub(crate) async fn next(&self) -> Option<Result<Piece, BodyError>> {
        std::future::poll_fn(|context| self.poll_next(context)).await
    }

    /// Whether nothing is left to take.
    #[cfg(feature = "axum")]
    pub(crate) fn is_at_end(&self) -> bool {
        let state = lock(&self.inbox.state);
        state.waiting.is_empty() && state.end == Some(End::Whole)
    }
}

impl Drop for Incoming {
    fn drop(&mut self) {
        let mut state = lock(&self.inbox.state);
        state.waiting.clear();
        state.is_stopped = true;
        if matches!(state.end, None | Some(End::Broken(Reason::Flooded))) {
            let _ = self.controls.try_send(Control::Stop { stream: self.inbox.stream, stop: true });
        }
    }
}
