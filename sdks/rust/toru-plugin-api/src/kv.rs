use std::fmt;

use async_trait::async_trait;
use serde::Serialize;

use crate::error::{PluginError, PluginResult};
use crate::host::Host;
use crate::types::PluginKvStore;

/// Longest key, in bytes of UTF-8.
pub const MAX_KEY_BYTES: usize = 512;
/// Largest value, in bytes of UTF-8: 1 MiB.
pub const MAX_VALUE_BYTES: usize = 1024 * 1024;
/// Most keys that one [`Kv::list`] returns.
pub const MAX_LIST_KEYS: usize = 1000;

/// The key-value store that the host keeps for this plugin alone.
///
/// What was stored survives a kill of the plugin and of the host. A handle costs nothing: make one where it is needed.
/// Every call takes at most 5 s. It needs the connection that [`serve`](crate::serve()) keeps, and a runtime with time. In
/// a process that a host has started a call waits for the first connection.
///
/// ```no_run
/// # async fn count() -> Result<u64, toru_plugin_api::KvError> {
/// let kv = toru_plugin_api::Kv::new();
/// let visits = kv.get("visits").await?.and_then(|text| text.parse().ok()).unwrap_or(0) + 1;
/// kv.set("visits", &visits.to_string()).await?;
/// # Ok(visits)
/// # }
/// ```
#[derive(Debug, Clone, Default)]
pub struct Kv {
    // A field that nobody can name leaves room for more.
    _private: (),
}

/// Keys, in the order of their bytes.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct KvPage {
    /// The keys.
    pub keys: Vec<String>,
    /// Whether others follow: ask again with the last key as `after`.
    pub more: bool,
}

impl Kv {
    /// A handle on the plugin's store.
    pub fn new() -> Self {
        Self::default()
    }

    /// The value of a key, or `None` where there is none.
    ///
    /// # Errors
    /// See [`KvErrorCode`].
    pub async fn get(&self, key: &str) -> Result<Option<String>, KvError> {
        check_key(key)?;
        Host::get().kv(&Request::Get { key }).await?.value()
    }

    /// Stores a value.
    ///
    /// # Errors
    /// See [`KvErrorCode`]. After `Timeout` and `Disconnected` it may be stored or not.
    pub async fn set(&self, key: &str, value: &str) -> Result<(), KvError> {
        check_key(key)?;
        if value.len() > MAX_VALUE_BYTES {
            let message = format!("the value has {} bytes; at most {MAX_VALUE_BYTES} can be stored", value.len());
            return Err(KvError::new(KvErrorCode::ValueTooLarge, message));
        }
        Host::get().kv(&Request::Set { key, value }).await.map(drop)
    }

    /// Deletes a key; one that is not there is as good as deleted.
    ///
    /// # Errors
    /// See [`KvErrorCode`]. After `Timeout` and `Disconnected` it may be deleted or not.
    pub async fn delete(&self, key: &str) -> Result<(), KvError> {
        check_key(key)?;
        Host::get().kv(&Request::Delete { key }).await.map(drop)
    }

    /// The keys that start with `prefix` and sort behind `after`, at most `limit` of them (1 to 1000).
    ///
    /// # Errors
    /// See [`KvErrorCode`].
    pub async fn list(&self, prefix: &str, after: Option<&str>, limit: usize) -> Result<KvPage, KvError> {
        if !(1..=MAX_LIST_KEYS).contains(&limit) {
            let message = format!("the limit of a list is {limit}; allowed are 1 to {MAX_LIST_KEYS} keys");
            return Err(KvError::new(KvErrorCode::InvalidRequest, message));
        }
        Host::get().kv(&Request::List { prefix, after, limit }).await?.page()
    }
}

fn check_key(key: &str) -> Result<(), KvError> {
    if (1..=MAX_KEY_BYTES).contains(&key.len()) {
        return Ok(());
    }
    let message = format!("the key has {} bytes; allowed are 1 to {MAX_KEY_BYTES}", key.len());
    Err(KvError::new(KvErrorCode::InvalidKey, message))
}

#[derive(Serialize)]
#[serde(tag = "action", rename_all = "lowercase")]
pub(crate) enum Request<'a> {
    Get { key: &'a str },
    Set { key: &'a str, value: &'a str },
    Delete { key: &'a str },
    List { prefix: &'a str, after: Option<&'a str>, limit: usize },
}

#[async_trait]
impl PluginKvStore for Kv {
    async fn get(&self, key: &str) -> PluginResult<Option<String>> {
        Ok(Kv::get(self, key).await?)
    }

    async fn set(&self, key: &str, value: &str) -> PluginResult<()> {
        Ok(Kv::set(self, key, value).await?)
    }

    async fn delete(&self, key: &str) -> PluginResult<()> {
        Ok(Kv::delete(self, key).await?)
    }
}

/// Why a request to the store failed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KvError {
    code: KvErrorCode,
    message: String,
}

/// The kinds of [`KvError`].
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum KvErrorCode {
    /// A key has 1 to 512 bytes.
    InvalidKey,
    /// A value has at most 1 MiB.
    ValueTooLarge,
    /// The host did not understand the request, or a limit is not 1 to 1000.
    InvalidRequest,
    /// No answer within 5 s.
    Timeout,
    /// There is no connection to the host, or it was lost before the answer came.
    Disconnected,
    /// Any other code of the host's.
    Other(String),
}

impl KvError {
    pub(crate) fn new(code: KvErrorCode, message: impl Into<String>) -> Self {
        Self { code, message: message.into() }
    }

    pub(crate) fn from_host(code: String, message: String) -> Self {
        let code = match code.as_str() {
            "invalid_key" => KvErrorCode::InvalidKey,
            "value_too_large" => KvErrorCode::ValueTooLarge,
            "invalid_request" => KvErrorCode::InvalidRequest,
            _ => KvErrorCode::Other(code),
        };
        Self { code, message }
    }

    /// What kind of error it is.
    pub fn code(&self) -> &KvErrorCode {
        &self.code
    }
}

impl fmt::Display for KvError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.code {
            KvErrorCode::Other(code) => write!(formatter, "the host's store: {} ({code})", self.message),
            _ => write!(formatter, "the host's store: {}", self.message),
        }
    }
}

impl std::error::Error for KvError {}

impl From<KvError> for PluginError {
    fn from(error: KvError) -> Self {
        match error.code {
            KvErrorCode::InvalidKey | KvErrorCode::ValueTooLarge | KvErrorCode::InvalidRequest => {
                Self::InvalidRequest(error.to_string())
            }
            KvErrorCode::Timeout => Self::Timeout,
            KvErrorCode::Disconnected => Self::Socket(error.to_string()),
            KvErrorCode::Other(_) => Self::Internal(error.to_string()),
        }
    }
}
