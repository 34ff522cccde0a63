use crate::types::HttpRequest;

/// What somebody may do in the panel.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Role {
    /// May manage the host and its plugins.
    Admin,
    /// May use plugins.
    User,
}

/// Who asks. The host says so in headers of its own, which no client can forge.
///
/// ```
/// use toru_plugin_api::{respond, Caller, HttpRequest, HttpResponse, PluginResult};
///
/// fn delete_everything(request: &HttpRequest) -> PluginResult<HttpResponse> {
///     match Caller::of(request) {
///         Some(caller) if caller.is_admin() => Ok(respond::empty(204)),
///         _ => Ok(respond::text(403, "Only an admin may do this.")),
///     }
/// }
/// ```
///
/// With `serve_service` it is an extension of the request: `Extension<Caller>` in axum.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub struct Caller {
    /// The name with which somebody signed in, or whose token was sent.
    pub user: String,
    /// What they may do. A role that this crate does not know counts as [`Role::User`].
    pub role: Role,
}

impl Caller {
    /// Who sent the request. `None` where the host did not say so.
    pub fn of(request: &HttpRequest) -> Option<Self> {
        let header = |name| request.headers.get(name).map(String::as_str);
        Self::new(header("x-toru-user"), header("x-toru-role"))
    }

    pub(crate) fn new(user: Option<&str>, role: Option<&str>) -> Option<Self> {
        let role = if role? == "admin" { Role::Admin } else { Role::User };
        Some(Self { user: user?.to_owned(), role })
    }

    /// Whether they may manage the host and its plugins.
    pub fn is_admin(&self) -> bool {
        self.role == Role::Admin
    }
}
