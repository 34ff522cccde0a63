use serde::Serialize;
use tokio::io::{AsyncRead, AsyncReadExt};

use super::data_frame::DATA;

/// Largest frame, without its length: 16 MiB.
pub(crate) const MAX_FRAME_BYTES: usize = 16 * 1024 * 1024;
/// Memory that is set aside for a frame before any of it has arrived, in bytes.
const FIRST_BYTES: usize = 8 * 1024;

/// What the other side did wrong. The connection cannot be used any more.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Fault {
    #[error("a frame announced {0} bytes; allowed are 1 to {MAX_FRAME_BYTES} (frame_length)")]
    FrameLength(u32),
    #[error("the connection ended inside a frame (frame_truncated)")]
    FrameTruncated,
    #[error("a frame starts with the byte 0x{0:02x}; a message starts with 0x7b, an opening brace (frame_kind)")]
    FrameKind(u8),
    #[error("stream {stream} got {excess} bytes more than it was granted (stream_window)")]
    StreamWindow { stream: u32, excess: usize },
    #[error("a message is not valid UTF-8: {0} (invalid_utf8)")]
    InvalidUtf8(std::str::Utf8Error),
    #[error("a frame does not hold one JSON object: {0} (invalid_json)")]
    InvalidJson(serde_json::Error),
    #[error("a message has the wrong shape: {0} (invalid_message)")]
    InvalidMessage(String),
    #[error("the connection failed: {0}")]
    Io(std::io::Error),
}

/// What a frame starts with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Allowed {
    /// `{` alone.
    Messages,
    /// `{`, or the 0x00 of a data frame.
    MessagesAndData,
}

impl Allowed {
    fn has(self, first: u8) -> bool {
        first == b'{' || (first == DATA && self == Self::MessagesAndData)
    }
}

/// Reads the bytes of the next frame; `None` at the end of the connection. Memory follows what arrives, not what is
/// announced. To give it up half-way loses what was read.
pub(crate) async fn read<R: AsyncRead + Unpin>(reader: &mut R, allowed: Allowed) -> Result<Option<Vec<u8>>, Fault> {
    let mut header = Vec::with_capacity(4);
    reader.take(4).read_to_end(&mut header).await.map_err(Fault::Io)?;
    let length = match header[..] {
        [] => return Ok(None),
        [a, b, c, d] => u32::from_be_bytes([a, b, c, d]),
        _ => return Err(Fault::FrameTruncated),
    };
    let bytes = length as usize;
    if bytes == 0 || bytes > MAX_FRAME_BYTES {
        return Err(Fault::FrameLength(length));
    }
    let mut frame = Vec::with_capacity(bytes.min(FIRST_BYTES));
    reader.take(u64::from(length)).read_to_end(&mut frame).await.map_err(Fault::Io)?;
    match frame.first() {
        Some(first) if !allowed.has(*first) => Err(Fault::FrameKind(*first)),
        _ if frame.len() < bytes => Err(Fault::FrameTruncated),
        _ => Ok(Some(frame)),
    }
}

/// A whole frame, length and all; `None` where the message does not fit one.
pub(crate) fn encode(message: &impl Serialize) -> Result<Option<Vec<u8>>, serde_json::Error> {
    let mut frame = vec![0; 4];
    serde_json::to_writer(&mut frame, message)?;
    let length = frame.len() - 4;
    if length > MAX_FRAME_BYTES {
        return Ok(None);
    }
    let header = u32::try_from(length).unwrap_or(u32::MAX).to_be_bytes();
    frame[..4].copy_from_slice(&header);
    Ok(Some(frame))
}
