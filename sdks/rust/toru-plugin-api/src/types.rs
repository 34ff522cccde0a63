//! What a plugin is told, and what it answers.

use std::collections::HashMap;
use std::fmt;

use async_trait::async_trait;
use serde::{Deserialize, Serialize};

pub use crate::error::{PluginError, PluginResult};
pub use crate::message::{HttpMessageResponse, KvMessageResponse};
pub use crate::plugin::ToruPlugin;

/// What every plugin says of itself. [`Manifest`](crate::Manifest) has more to say.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct PluginMetadata {
    /// Letters, digits and hyphens, 1 to 64, the first no hyphen.
    pub id: String,
    /// What people see: 1 to 100 characters.
    pub name: String,
    /// 1 to 64 characters.
    pub version: String,
    /// Who made it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub author: Option<String>,
    /// An emoji, the name of an icon such as `hard-drive`, or a `data:image/` URI of at most 32 KiB.
    pub icon: String,
    /// `/` and one segment, such as `/acme`.
    pub route: String,
}

/// What a plugin gets when it is initialized.
pub struct PluginContext {
    /// The installation of the host. It never changes.
    pub instance_id: String,
    /// The plugin's surroundings.
    pub config: PluginConfig,
    /// The plugin's own key-value store.
    pub kv: Box<dyn PluginKvStore>,
}

impl fmt::Debug for PluginContext {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("PluginContext").field("instance_id", &self.instance_id).finish_non_exhaustive()
    }
}

/// The plugin's surroundings.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct PluginConfig {
    /// The environment of the process. `TORU_PLUGIN_DATA_DIR` is a private folder that outlives restarts.
    pub env: HashMap<String, String>,
}

/// A key-value store. Keys are strings of 1 to 512 bytes, values strings of at most 1 MiB.
///
/// [`serve`](crate::serve()) gives a plugin the one that the host keeps, which is [`Kv`](crate::Kv).
#[async_trait]
pub trait PluginKvStore: Send + Sync {
    /// The value of a key, or `None` where there is none.
    async fn get(&self, key: &str) -> PluginResult<Option<String>>;
    /// Stores a value.
    async fn set(&self, key: &str, value: &str) -> PluginResult<()>;
    /// Deletes a key; one that is not there is as good as deleted.
    async fn delete(&self, key: &str) -> PluginResult<()>;
}

/// A request of a client.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct HttpRequest {
    /// `GET`, `POST` and so on.
    pub method: String,
    /// Path and query as they came: `/acme/orders?x=1` for what was asked of `/plugins/acme/orders?x=1`.
    pub path: String,
    /// Lower-case names. Several values of one name are joined by `, `.
    #[serde(default)]
    pub headers: HashMap<String, String>,
    /// The body, or `None` where there is none.
    #[serde(default)]
    pub body: Option<String>,
}

/// The answer to a request.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct HttpResponse {
    /// 200 to 599.
    pub status: u16,
    /// What the client gets as headers; nothing is added but what HTTP needs.
    #[serde(default)]
    pub headers: HashMap<String, String>,
    /// The body, or `None` where there is none.
    #[serde(default)]
    pub body: Option<String>,
}

/// A request to a key-value store.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "action")]
pub enum KvOp {
    /// Asks for a value.
    #[serde(alias = "get")]
    Get {
        /// Whose value.
        key: String,
    },
    /// Stores a value.
    #[serde(alias = "set")]
    Set {
        /// Where.
        key: String,
        /// What.
        value: String,
    },
    /// Deletes a value.
    #[serde(alias = "delete")]
    Delete {
        /// Whose value.
        key: String,
    },
}
