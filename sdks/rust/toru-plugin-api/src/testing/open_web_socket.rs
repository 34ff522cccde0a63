use std::collections::{HashMap, VecDeque};

use super::wire::{Received, ABORTED, LAST, TEXT};
use super::{RunningPlugin, WINDOW_BYTES};

/// A client's WebSocket. Its drop is a client that goes away.
#[derive(Debug)]
#[non_exhaustive]
pub struct OpenWebSocket<'a> {
    /// Headers of the answer, such as `sec-websocket-protocol`.
    pub headers: HashMap<String, Vec<String>>,
    plugin: &'a mut RunningPlugin,
    ours: u32,
    theirs: u32,
    /// Bytes that may be sent.
    credit: usize,
    waiting: VecDeque<(u8, Vec<u8>)>,
    /// The plugin has closed, with this code.
    closed: Option<u16>,
}

/// A message of a WebSocket.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SocketMessage {
    /// Text.
    Text(String),
    /// Bytes.
    Bytes(Vec<u8>),
}

impl From<&str> for SocketMessage {
    fn from(text: &str) -> Self {
        Self::Text(text.to_owned())
    }
}

impl From<Vec<u8>> for SocketMessage {
    fn from(bytes: Vec<u8>) -> Self {
        Self::Bytes(bytes)
    }
}

impl<'a> OpenWebSocket<'a> {
    pub(super) fn new(
        plugin: &'a mut RunningPlugin,
        ours: u32,
        theirs: u32,
        headers: HashMap<String, Vec<String>>,
    ) -> Self {
        Self { headers, plugin, ours, theirs, credit: WINDOW_BYTES, waiting: VecDeque::new(), closed: None }
    }

    /// Sends a message, of at most 128 KiB, as soon as the plugin has room for it.
    pub fn send(&mut self, message: impl Into<SocketMessage>) {
        let (flags, bytes) = match message.into() {
            SocketMessage::Text(text) => (TEXT, text.into_bytes()),
            SocketMessage::Bytes(bytes) => (0, bytes),
        };
        while self.credit < bytes.len() {
            self.take();
        }
        self.credit -= bytes.len();
        self.plugin.send_data(self.ours, flags, &bytes);
    }

    /// The next message.
    ///
    /// # Errors
    /// The code with which the plugin closed: 1000, or 1011 where it failed.
    pub fn receive(&mut self) -> Result<SocketMessage, u16> {
        loop {
            if let Some((flags, bytes)) = self.waiting.pop_front() {
                return Ok(match flags & TEXT {
                    0 => SocketMessage::Bytes(bytes),
                    _ => SocketMessage::Text(String::from_utf8(bytes).expect("a text of UTF-8")),
                });
            }
            if let Some(code) = self.closed {
                return Err(code);
            }
            self.take();
        }
    }

    /// Closes, and waits until the plugin has closed, too. Returns the code of the plugin.
    pub fn close(mut self) -> u16 {
        self.plugin.send_data(self.ours, LAST, &[]);
        loop {
            match self.receive() {
                Ok(_) => {}
                Err(code) => return code,
            }
        }
    }

    fn take(&mut self) {
        match self.plugin.next_received() {
            Received::Credit { stream, bytes } if stream == self.ours => self.credit += bytes,
            Received::Data { stream, flags, bytes } if stream == self.theirs => {
                if flags & LAST != 0 {
                    self.closed = Some(if flags & ABORTED == 0 { 1000 } else { 1011 });
                } else {
                    self.plugin.grant(stream, bytes.len());
                    self.waiting.push_back((flags, bytes));
                }
            }
            _ => {}
        }
    }
}

impl Drop for OpenWebSocket<'_> {
    fn drop(&mut self) {
        self.plugin.end_data(self.ours);
    }
}
