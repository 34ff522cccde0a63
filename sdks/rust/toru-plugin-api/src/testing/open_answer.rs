use std::collections::HashMap;

use super::wire::{ABORTED, LAST};
use super::RunningPlugin;

/// An answer whose body comes piece by piece. Its drop is a client that goes away.
#[derive(Debug)]
#[non_exhaustive]
pub struct OpenAnswer<'a> {
    /// As in [`Answer`](super::Answer).
    pub status: u16,
    /// Lower-case names with their values.
    pub headers: HashMap<String, Vec<String>>,
    pub(super) plugin: &'a mut RunningPlugin,
    pub(super) inline: Vec<u8>,
    pub(super) stream: Option<u32>,
}

impl OpenAnswer<'_> {
    /// The next bytes, as the plugin sends them; `None` at the end. Panics where the plugin breaks off.
    // Not an iterator: nobody should `collect` what has no end.
    #[allow(clippy::should_implement_trait)]
    pub fn next(&mut self) -> Option<Vec<u8>> {
        if !self.inline.is_empty() {
            return Some(std::mem::take(&mut self.inline));
        }
        loop {
            let stream = self.stream?;
            let (flags, bytes) = self.plugin.next_data(stream);
            assert_eq!(flags & ABORTED, 0, "the plugin broke its answer off");
            if flags & LAST != 0 {
                self.stream = None;
            } else {
                self.plugin.grant(stream, bytes.len());
            }
            if !bytes.is_empty() {
                return Some(bytes);
            }
        }
    }
}

impl Drop for OpenAnswer<'_> {
    fn drop(&mut self) {
        if let Some(stream) = self.stream {
            self.plugin.stop_stream(stream);
        }
    }
}
