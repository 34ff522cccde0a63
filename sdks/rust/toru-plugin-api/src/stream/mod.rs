//! Bodies and WebSockets whose bytes travel in frames of their own, as the receiver grants them.
//!
//! The connection's thread fills an [`Incoming`] and refills the credit of an [`Outgoing`], and never waits for either;
//! their other ends belong to the tasks of requests.

mod incoming;
mod outgoing;

use std::collections::HashMap;
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex};

use serde::Serialize;
use tokio::sync::mpsc;

#[cfg(feature = "axum")]
pub use incoming::BodyError;
use incoming::Inbox;
#[cfg(feature = "ws")]
pub(crate) use incoming::Piece;
pub(crate) use incoming::{Content, Incoming};
pub(crate) use outgoing::{Outbox, Outgoing};

use crate::host::lock;
use crate::wire::data_frame::DataFrame;
use crate::wire::frame::Fault;

/// Bytes that a sender may have on a stream which the receiver has not granted anew.
const WINDOW_BYTES: usize = 256 * 1024;
/// Bytes that were taken before they are granted anew.
const GRANT_BYTES: usize = 64 * 1024;
/// Largest message of a WebSocket.
#[cfg(feature = "ws")]
pub(crate) const MAX_MESSAGE_BYTES: usize = 128 * 1024;
/// Streams of the host at a time: of requests in flight, and as many whose requests were answered before their last frame.
const MAX_INCOMING: usize = 2048;
/// Grants and stops that wait to be written. A stream has at most as many as its window has steps, and one stop.
const MAX_CONTROLS: usize = MAX_INCOMING * (WINDOW_BYTES / GRANT_BYTES + 1);

/// What is said of a stream of the host, as the payload of a message.
#[derive(Debug, Clone, Copy, Serialize)]
#[serde(untagged)]
pub(crate) enum Control {
    Credit { stream: u32, credit: usize },
    Stop { stream: u32, stop: bool },
}

/// The streams of one connection that are under way.
pub(crate) struct Streams {
    incoming: Mutex<HashMap<u32, Arc<Inbox>>>,
    outgoing: Mutex<HashMap<u32, Arc<Outbox>>>,
    next: AtomicU32,
    controls: mpsc::Sender<Control>,
}

impl Streams {
    pub(crate) fn new() -> (Self, mpsc::Receiver<Control>) {
        let (controls, written) = mpsc::channel(MAX_CONTROLS);
        let streams =
            Self { incoming: Mutex::default(), outgoing: Mutex::default(), next: AtomicU32::new(1), controls };
        (streams, written)
    }

    /// A request has named a stream of the host. `None` where too many are under way: it is to be stopped.
    pub(crate) fn open(&self, stream: u32, content: Content) -> Result<Option<Incoming>, Fault> {
        let mut incoming = lock(&self.incoming);
        if incoming.contains_key(&stream) {
            return Err(Fault::InvalidMessage(format!("stream {stream} is under way already")));
        }
        if incoming.len() >= MAX_INCOMING {
            return Ok(None);
        }
        let (inbox, reader) = Incoming::new(stream, content, self.controls.clone());
        incoming.insert(stream, inbox);
        Ok(Some(reader))
    }

    /// Takes bytes of the host. Those of a stream that nobody knows are late, and dropped.
    pub(crate) fn receive(&self, frame: &DataFrame<'_>) -> Result<(), Fault> {
        let mut incoming = lock(&self.incoming);
        let Some(inbox) = incoming.get(&frame.stream).cloned() else { return Ok(()) };
        if frame.last {
            incoming.remove(&frame.stream);
        }
        drop(incoming);
        inbox.push(frame)
    }

    /// Starts a stream of ours.
    pub(crate) fn begin(&self) -> Arc<Outbox> {
        let mut outgoing = lock(&self.outgoing);
        loop {
            let stream = self.next.fetch_add(1, Ordering::Relaxed);
            if let std::collections::hash_map::Entry::Vacant(place) = outgoing.entry(stream) {
                return Arc::clone(place.insert(Arc::new(Outbox::new(stream))));
            }
        }
    }

    /// A stream of ours gets its last frame now. False where it has had it, or the connection is gone.
    pub(crate) fn forget(&self, stream: u32) -> bool {
        lock(&self.outgoing).remove(&stream).is_some()
    }

    /// What the host says of a stream of ours; of others it is late.
    pub(crate) fn control(&self, stream: u32, credit: u64, is_stop: bool) {
        if let Some(outbox) = lock(&self.outgoing).get(&stream).cloned() {
            outbox.control(credit, is_stop);
        }
    }

    /// The connection is gone, and every stream with it.
    pub(crate) fn end_all(&self) {
        let incoming = std::mem::take(&mut *lock(&self.incoming));
        incoming.values().for_each(|inbox| inbox.cut());
        let outgoing = std::mem::take(&mut *lock(&self.outgoing));
        outgoing.values().for_each(|outbox| outbox.control(0, true));
    }
}
