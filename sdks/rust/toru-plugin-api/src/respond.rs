//! Short ways to answer a request.

use std::collections::HashMap;

use serde::Serialize;

use crate::error::PluginResult;
use crate::types::HttpResponse;

/// Plain text.
pub fn text(status: u16, body: impl Into<String>) -> HttpResponse {
    with_type(status, "text/plain; charset=utf-8", body)
}

/// Any value as JSON.
///
/// # Errors
/// Where the value cannot be written as JSON.
///
/// ```
/// let answer = toru_plugin_api::respond::json(200, &vec![1, 2])?;
/// assert_eq!(answer.body.as_deref(), Some("[1,2]"));
/// # Ok::<(), toru_plugin_api::PluginError>(())
/// ```
pub fn json(status: u16, value: &impl Serialize) -> PluginResult<HttpResponse> {
    Ok(with_type(status, "application/json", serde_json::to_string(value)?))
}

/// A body of any `content-type`.
pub fn with_type(status: u16, content_type: &str, body: impl Into<String>) -> HttpResponse {
    let headers = HashMap::from([("content-type".to_owned(), content_type.to_owned())]);
    HttpResponse { status, headers, body: Some(body.into()) }
}

/// No body.
pub fn empty(status: u16) -> HttpResponse {
    HttpResponse { status, headers: HashMap::new(), body: None }
}
