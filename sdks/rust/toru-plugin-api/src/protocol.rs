//! Version 1 of the protocol on a socket, for plugins that keep their own. [`serve`](crate::serve()) needs none of it.

use tokio::io::AsyncWriteExt;
use tokio::net::UnixStream;

use crate::error::{PluginError, PluginResult};
use crate::message::Message;
use crate::wire::frame::{self, Allowed, Fault};

/// Reads and writes messages of version 1: 4 bytes of length, big-endian, and that many bytes of JSON, at most 16 MiB.
///
/// It keeps nothing from one call to the next, so one of them can serve many connections. A read that is given up
/// half-way leaves its connection unusable.
#[derive(Debug, Clone, Default)]
pub struct PluginProtocol {
    // A field that nobody can name keeps the type from being written as a literal.
    _private: (),
}

impl PluginProtocol {
    /// A new one.
    pub fn new() -> Self {
        Self::default()
    }

    /// Reads the next message.
    ///
    /// # Errors
    /// [`PluginError::Io`] of the kind `UnexpectedEof` at the end of the connection, [`PluginError::Protocol`] where the
    /// frame is not one, [`PluginError::Serialization`] where it holds no message of version 1.
    pub async fn read_message(&mut self, stream: &mut UnixStream) -> PluginResult<Message> {
        match frame::read(stream, Allowed::Messages).await {
            Ok(Some(frame)) => Ok(serde_json::from_slice(&frame)?),
            Ok(None) => Err(std::io::Error::from(std::io::ErrorKind::UnexpectedEof).into()),
            Err(Fault::Io(error)) => Err(error.into()),
            Err(fault) => Err(PluginError::Protocol(fault.to_string())),
        }
    }

    /// Writes a message.
    ///
    /// # Errors
    /// [`PluginError::Protocol`] where it does not fit a frame of 16 MiB, else what the socket answers.
    pub async fn write_message(&self, stream: &mut UnixStream, message: &Message) -> PluginResult<()> {
        let frame = frame::encode(message)?.ok_or_else(|| {
            PluginError::Protocol(format!("a message does not fit a frame of {} bytes", frame::MAX_FRAME_BYTES))
        })?;
        stream.write_all(&frame).await?;
        Ok(stream.flush().await?)
    }
}
