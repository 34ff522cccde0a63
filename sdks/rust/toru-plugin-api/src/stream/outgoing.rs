use std::sync::Arc;

use tokio::sync::watch;

use super::{GRANT_BYTES, WINDOW_BYTES};
use crate::host::Link;
use crate::wire::data_frame::DataFrame;

/// Largest piece of a body in one frame, in bytes.
const PIECE_BYTES: usize = GRANT_BYTES;

/// What the host has said of a stream of ours.
pub(crate) struct Outbox {
    pub(crate) number: u32,
    state: watch::Sender<State>,
}

#[derive(Clone, Copy)]
struct State {
    /// Bytes that may be sent.
    credit: u64,
    is_stopped: bool,
}

impl Outbox {
    pub(super) fn new(number: u32) -> Self {
        Self { number, state: watch::Sender::new(State { credit: WINDOW_BYTES as u64, is_stopped: false }) }
    }

    pub(super) fn control(&self, credit: u64, is_stop: bool) {
        self.state.send_modify(|state| {
            state.credit = state.credit.saturating_add(credit);
            state.is_stopped |= is_stop;
        });
    }

    /// Returns the credit as soon as it is so much; `None` once the stream is stopped.
    async fn credit(&self, bytes: u64) -> Option<u64> {
        let mut state = self.state.subscribe();
        let state = *state.wait_for(|state| state.is_stopped || state.credit >= bytes).await.ok()?;
        (!state.is_stopped).then_some(state.credit)
    }

    fn spend(&self, bytes: usize) {
        self.state.send_modify(|state| state.credit = state.credit.saturating_sub(bytes as u64));
    }
}

/// A stream of ours that is to be filled. Only its last frame, which is not sent here, ends it.
pub(crate) struct Outgoing {
    link: Arc<Link>,
    outbox: Arc<Outbox>,
}

/// The host wants no more of a stream, or is gone.
#[derive(Debug)]
pub(crate) struct Stopped;

#[cfg_attr(not(feature = "axum"), allow(dead_code))]
impl Outgoing {
    pub(crate) fn new(link: Arc<Link>, outbox: Arc<Outbox>) -> Self {
        Self { link, outbox }
    }

    /// Resolves when something may be sent: how many bytes of it fit one frame.
    pub(crate) async fn room(&self) -> Result<usize, Stopped> {
        let credit = self.outbox.credit(1).await.ok_or(Stopped)?;
        Ok(PIECE_BYTES.min(usize::try_from(credit).unwrap_or(usize::MAX)))
    }

    /// Resolves when nothing may be sent any more.
    pub(crate) async fn stopped(&self) {
        let _ = self.outbox.state.subscribe().wait_for(|state| state.is_stopped).await;
    }

    /// Sends bytes of a body as the host grants them.
    pub(crate) async fn send(&self, mut bytes: &[u8]) -> Result<(), Stopped> {
        while !bytes.is_empty() {
            let (piece, rest) = bytes.split_at(bytes.len().min(self.room().await?));
            self.frame(piece, false).await?;
            bytes = rest;
        }
        Ok(())
    }

    /// Sends a message of a WebSocket as soon as the host has granted as much. It is at most as large as the window.
    #[cfg(feature = "ws")]
    pub(crate) async fn send_message(&self, bytes: &[u8], is_text: bool) -> Result<(), Stopped> {
        self.outbox.credit(bytes.len() as u64).await.ok_or(Stopped)?;
        self.frame(bytes, is_text).await
    }

    async fn frame(&self, bytes: &[u8], text: bool) -> Result<(), Stopped> {
        let room = self.link.frames.reserve().await.map_err(|_| Stopped)?;
        self.outbox.spend(bytes.len());
        room.send(DataFrame { stream: self.outbox.number, last: false, text, aborted: false, bytes }.encode());
        Ok(())
    }
}
