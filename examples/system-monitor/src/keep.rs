//! Minutes of the history in the host's store, an hour to a key: `minutes:<start of the hour>`.

use toru_plugin_api::{Kv, KvError, MAX_LIST_KEYS};

use crate::history::{Point, MAX_MINUTES};

const PREFIX: &str = "minutes:";
const MAX_HOURS: usize = MAX_MINUTES / 60 + 1;

/// The minutes of earlier runs, in order. What cannot be read is left out. Hours that are too old are deleted.
pub async fn load(kv: &Kv) -> Result<Vec<Point>, KvError> {
    let mut keys = hours(kv).await?;
    for old in keys.drain(..keys.len().saturating_sub(MAX_HOURS)) {
        kv.delete(&old).await?;
    }
    let mut minutes = Vec::new();
    for key in keys {
        if let Some(text) = kv.get(&key).await? {
            match serde_json::from_str::<Vec<Point>>(&text) {
                Ok(hour) => minutes.extend(hour),
                Err(error) => tracing::warn!(%error, key, "an hour of the history cannot be read"),
            }
        }
    }
    Ok(minutes)
}

/// Keeps the minutes of the hour that begins at `hour`.
pub async fn save(kv: &Kv, hour: u64, minutes: &[Point]) -> Result<(), KvError> {
    let text = serde_json::to_string(minutes).unwrap_or_default();
    kv.set(&format!("{PREFIX}{hour:011}"), &text).await?;
    // The last one of an hour is the time to forget one that is too old.
    if minutes.len() == 1 {
        let mut keys = hours(kv).await?;
        for old in keys.drain(..keys.len().saturating_sub(MAX_HOURS)) {
            kv.delete(&old).await?;
        }
    }
    Ok(())
}

async fn hours(kv: &Kv) -> Result<Vec<String>, KvError> {
    // There are 169, and as many again only where the clock was wrong.
    Ok(kv.list(PREFIX, None, MAX_LIST_KEYS).await?.keys)
}
