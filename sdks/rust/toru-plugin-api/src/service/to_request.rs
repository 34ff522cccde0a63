use http::header::{HeaderName, HeaderValue};
use http::{HeaderMap, Uri};

use super::{RequestBody, ServiceRequest};
use crate::caller::Caller;
use crate::kv::Kv;
use crate::wire::http::{Body, Headers, Request};

/// The request as the service gets it; an error says what HTTP cannot carry.
pub(super) fn to_request(request: Request, body: RequestBody, route: &str) -> Result<ServiceRequest, String> {
    let Request { method, path, headers, .. } = request;
    let uri: Uri = relative(&path, route).parse().map_err(|error| format!("the path is not valid: {error}"))?;
    let text = |name: &str| headers.0.iter().find(|(known, _)| known == name).and_then(|(_, values)| values.first());
    let caller = Caller::new(text("x-toru-user").map(String::as_str), text("x-toru-role").map(String::as_str));
    let mut made = http::Request::builder()
        .method(method.as_str())
        .uri(uri)
        .body(body)
        .map_err(|error| format!("the method is not valid: {error}"))?;
    *made.headers_mut() = to_header_map(headers)?;
    if let Some(caller) = caller {
        made.extensions_mut().insert(caller);
    }
    made.extensions_mut().insert(Kv::new());
    Ok(made)
}

/// What came inside of the request.
pub(super) fn inline(body: &mut Body) -> RequestBody {
    RequestBody::inline(match std::mem::replace(body, Body::None) {
        Body::None | Body::Stream(_) => bytes::Bytes::new(),
        Body::Text(text) => text.into(),
        Body::Bytes(bytes) => bytes.into(),
    })
}

/// The path as the service knows it, without the plugin's route, whichever way the request came.
fn relative(path: &str, route: &str) -> String {
    match path.strip_prefix(route) {
        Some("") => "/".to_owned(),
        Some(rest) if rest.starts_with('/') => rest.to_owned(),
        Some(rest) if rest.starts_with('?') => format!("/{rest}"),
        _ => path.to_owned(),
    }
}

fn to_header_map(headers: Headers) -> Result<HeaderMap, String> {
    let mut map = HeaderMap::with_capacity(headers.0.len());
    for (name, values) in headers.0 {
        let invalid = |error: &dyn std::fmt::Display| format!("the header {name:?} is not valid: {error}");
        let key = HeaderName::from_bytes(name.as_bytes()).map_err(|error| invalid(&error))?;
        for value in values {
            map.append(&key, HeaderValue::try_from(value).map_err(|error| invalid(&error))?);
        }
    }
    Ok(map)
}

#[cfg(test)]
mod tests {
    use super::relative;

    #[test]
    fn paths_are_relative_to_the_route() {
        for (path, expected) in [
            ("/acme/certificate?x=1", "/certificate?x=1"),
            ("/certificate?x=1", "/certificate?x=1"),
            ("/acme", "/"),
            ("/acme/", "/"),
            ("/acme?x=1", "/?x=1"),
            ("/acmes", "/acmes"),
            ("/", "/"),
            ("/?x=1", "/?x=1"),
        ] {
            assert_eq!(relative(path, "/acme"), expected, "{path}");
        }
    }
}
