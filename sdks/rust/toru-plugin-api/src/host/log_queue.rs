use std::collections::VecDeque;

use serde::Serialize;
use serde_json::{Map, Value};

/// Entries that wait for the host, or for the first connection to it.
const MAX_ENTRIES: usize = 1000;
/// Bytes that the texts of one entry may have in all; longer ones are cut. The host keeps lines of 16 KiB.
pub(crate) const MAX_ENTRY_BYTES: usize = 16 * 1024;

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Level {
    Debug,
    Info,
    Warn,
    Error,
}

/// The payload of a log message.
#[derive(Debug, Serialize)]
pub(crate) struct LogEntry {
    pub(crate) level: Level,
    pub(crate) message: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) error: Option<String>,
    #[serde(skip_serializing_if = "Map::is_empty")]
    pub(crate) fields: Map<String, Value>,
}

impl LogEntry {
    pub(crate) fn new(level: Level, message: impl Into<String>) -> Self {
        Self { level, message: message.into(), error: None, fields: Map::new() }
    }

    pub(crate) fn because(mut self, error: impl ToString) -> Self {
        self.error = Some(error.to_string());
        self
    }

    /// On stderr, which the host logs, too, while it is there.
    pub(crate) fn print(&self) {
        use std::io::Write;
        let line = serde_json::to_string(self).unwrap_or_else(|_| self.message.clone());
        // Where stderr is gone there is nobody left to tell.
        let _ = writeln!(std::io::stderr().lock(), "{line}");
    }
}

#[derive(Default, PartialEq, Eq)]
enum Place {
    /// No host was there yet: entries are kept for it.
    #[default]
    Waiting,
    Open,
    /// The connection is gone: entries go to stderr.
    Gone,
}

#[derive(Default)]
pub(crate) struct LogQueue {
    place: Place,
    entries: VecDeque<LogEntry>,
    dropped: u64,
}

impl LogQueue {
    pub(super) fn open(&mut self) {
        self.place = Place::Open;
    }

    /// Gives the entry back where it is to be printed.
    pub(super) fn push(&mut self, entry: LogEntry) -> Option<LogEntry> {
        if self.place == Place::Gone {
            return Some(entry);
        }
        if self.entries.len() < MAX_ENTRIES {
            self.entries.push_back(entry);
        } else {
            self.dropped += 1;
        }
        None
    }

    /// What to send next.
    pub(super) fn take(&mut self) -> Option<LogEntry> {
        if self.place != Place::Open {
            return None;
        }
        self.entries.pop_front().or_else(|| match std::mem::take(&mut self.dropped) {
            0 => None,
            dropped => Some(dropped_entry(dropped)),
        })
    }

    /// Returns what is to be printed.
    pub(super) fn close(&mut self) -> Vec<LogEntry> {
        self.place = Place::Gone;
        let mut entries: Vec<_> = self.entries.drain(..).collect();
        let dropped = std::mem::take(&mut self.dropped);
        if dropped > 0 {
            entries.push(dropped_entry(dropped));
        }
        entries
    }
}

fn dropped_entry(dropped: u64) -> LogEntry {
    let message = format!("{dropped} log entries were dropped: more than {MAX_ENTRIES} waited for the host");
    LogEntry::new(Level::Warn, message)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn texts(entries: Vec<LogEntry>) -> Vec<String> {
        entries.into_iter().map(|entry| entry.message).collect()
    }

    #[test]
    fn entries_wait_for_the_host_and_those_above_the_bound_are_counted() {
        let mut queue = LogQueue::default();
        for number in 0..MAX_ENTRIES + 3 {
            assert!(queue.push(LogEntry::new(Level::Info, number.to_string())).is_none());
        }
        assert!(queue.take().is_none(), "nothing may be sent yet");
        queue.open();
        let sent: Vec<_> = std::iter::from_fn(|| queue.take()).collect();
        assert_eq!(sent.len(), MAX_ENTRIES + 1);
        let last = &sent[MAX_ENTRIES];
        assert_eq!((last.level, last.message.split(' ').next()), (Level::Warn, Some("3")));
        assert!(queue.take().is_none());
    }

    #[test]
    fn without_a_connection_entries_are_given_back_until_there_is_one_again() {
        let mut queue = LogQueue::default();
        queue.open();
        assert!(queue.push(LogEntry::new(Level::Info, "a")).is_none());
        assert_eq!(texts(queue.close()), ["a"]);
        assert_eq!(queue.push(LogEntry::new(Level::Info, "b")).map(|entry| entry.message).as_deref(), Some("b"));
        queue.open();
        assert!(queue.push(LogEntry::new(Level::Info, "c")).is_none());
        assert_eq!(queue.take().map(|entry| entry.message).as_deref(), Some("c"));
    }
}
