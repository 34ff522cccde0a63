//! What can go wrong in a plugin.

/// The result of everything that a plugin does.
pub type PluginResult<T> = Result<T, PluginError>;

/// What went wrong in a plugin.
///
/// A handler that returns one of these is answered for with an error: whoever asked sees `502` without details, and the
/// details are in the plugin's log. An answer that is meant for the one who asked, such as "not found", is an
/// [`HttpResponse`](crate::HttpResponse) with the status for it.
#[derive(Debug, thiserror::Error)]
pub enum PluginError {
    /// Reading or writing failed.
    #[error("input or output failed: {0}")]
    Io(#[from] std::io::Error),
    /// Something is not the JSON that was expected, or cannot be written as JSON.
    #[error("JSON could not be read or written: {0}")]
    Serialization(#[from] serde_json::Error),
    /// The other side broke the protocol; the connection cannot be used any more.
    #[error("protocol error: {0}")]
    Protocol(String),
    /// Something was used before `init` had been called.
    #[error("the plugin is not initialized yet")]
    NotInitialized,
    /// A request asks for something that is not possible.
    #[error("invalid request: {0}")]
    InvalidRequest(String),
    /// A fault of the plugin itself.
    #[error("internal error: {0}")]
    Internal(String),
    /// The socket could not be bound, or the connection is gone.
    #[error("socket error: {0}")]
    Socket(String),
    /// No answer came within the time limit.
    #[error("no answer within the time limit")]
    Timeout,
}
