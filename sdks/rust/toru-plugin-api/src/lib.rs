#![doc = include_str!("../README.md")]
#![forbid(unsafe_code)]
#![deny(missing_docs)]

// The attribute and the crate that it comes from: sources written for 0.1 may name either.
#[doc(hidden)]
pub extern crate async_trait;
pub use async_trait::async_trait;

mod caller;
pub mod error;
mod host;
mod host_log;
mod kv;
mod manifest;
pub mod message;
mod plugin;
pub mod protocol;
pub mod respond;
mod serve;
#[cfg(feature = "axum")]
mod service;
mod shutdown;
mod stream;
#[cfg(feature = "testing")]
pub mod testing;
pub mod types;
mod wire;

pub use caller::{Caller, Role};
pub use error::{PluginError, PluginResult};
pub use host_log::HostLog;
pub use kv::{Kv, KvError, KvErrorCode, KvPage, MAX_KEY_BYTES, MAX_LIST_KEYS, MAX_VALUE_BYTES};
pub use manifest::{Handles, Isolation, Manifest};
pub use message::{
    HttpMessageResponse, KvMessagePayload, KvMessageResponse, LifecycleInitPayload, Message, MessagePayload,
};
pub use plugin::ToruPlugin;
pub use protocol::PluginProtocol;
pub use serve::{serve, serve_with};
#[cfg(feature = "axum")]
pub use service::{serve_service, RequestBody, ServiceRequest};
pub use shutdown::Shutdown;
#[cfg(feature = "axum")]
pub use stream::BodyError;
pub use types::{HttpRequest, HttpResponse, KvOp, PluginConfig, PluginContext, PluginKvStore, PluginMetadata};
