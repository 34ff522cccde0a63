use async_trait::async_trait;

use crate::error::PluginResult;
use crate::manifest::Manifest;
use crate::types::{HttpRequest, HttpResponse, KvOp, PluginContext, PluginMetadata};

/// A plugin. [`serve`](crate::serve()) runs it.
///
/// ```
/// use toru_plugin_api::*;
///
/// #[derive(Default)]
/// struct Hello;
///
/// #[async_trait]
/// impl ToruPlugin for Hello {
///     fn metadata() -> PluginMetadata {
///         PluginMetadata {
///             id: "hello".into(),
///             name: "Hello".into(),
///             version: "1.0.0".into(),
///             author: None,
///             icon: "👋".into(),
///             route: "/hello".into(),
///         }
///     }
///     async fn init(&mut self, _ctx: PluginContext) -> PluginResult<()> {
///         Ok(())
///     }
///     async fn handle_http(&self, request: HttpRequest) -> PluginResult<HttpResponse> {
///         Ok(respond::text(200, format!("Hello from {}\n", request.path)))
///     }
///     async fn handle_kv(&mut self, _op: KvOp) -> PluginResult<Option<String>> {
///         Ok(None)
///     }
/// }
/// ```
#[async_trait]
pub trait ToruPlugin: Send + Sync {
    /// What the plugin says of itself. It is asked for before there is an instance.
    fn metadata() -> PluginMetadata
    where
        Self: Sized;

    /// Called once in the life of the process, before any request. An error refuses the start: the host shows it and
    /// tries again later. The host waits 10 s; a call of `ctx.kv` tells it that the plugin is ready, and ends that limit.
    /// Requests that come meanwhile wait for the end of `init`.
    async fn init(&mut self, ctx: PluginContext) -> PluginResult<()>;

    /// Answers a request of a client. Many run at once, none while `init` or `handle_kv` runs.
    ///
    /// The body is whole: a larger one than 16 MiB is answered by 413, one that is not UTF-8 by 415. So is the answer's, of
    /// at most as much. For bodies of any size there is `serve_service`.
    ///
    /// Where nobody waits for the answer any more, the future is dropped at the `.await` where it waits. The host waits 30 s.
    async fn handle_http(&self, request: HttpRequest) -> PluginResult<HttpResponse>;

    /// Answers a request of the panel or of a client to the plugin's **own** store. It is called only where the
    /// [`manifest`](Self::manifest) says that the plugin [handles](crate::Handles) `kv`; otherwise the host keeps the
    /// data. It waits for the HTTP requests that are being answered, and holds up new ones; the host waits 5 s.
    async fn handle_kv(&mut self, op: KvOp) -> PluginResult<Option<String>>;

    /// What the plugin says of itself, and more: description, licence, the page in the panel.
    ///
    /// ```
    /// # use toru_plugin_api::*;
    /// # struct Hello;
    /// # #[async_trait]
    /// # impl ToruPlugin for Hello {
    /// #     fn metadata() -> PluginMetadata { PluginMetadata::default() }
    /// #     async fn init(&mut self, _: PluginContext) -> PluginResult<()> { Ok(()) }
    /// #     async fn handle_http(&self, _: HttpRequest) -> PluginResult<HttpResponse> { Ok(respond::empty(204)) }
    /// #     async fn handle_kv(&mut self, _: KvOp) -> PluginResult<Option<String>> { Ok(None) }
    /// fn manifest() -> Manifest {
    ///     // The bundle would come from include_str!("page.js").
    ///     Manifest::from(Self::metadata()).description("Says hello.").bundle("window.ToruPlugins.hello = {}")
    /// }
    /// # }
    /// ```
    fn manifest() -> Manifest
    where
        Self: Sized,
    {
        Manifest::from(Self::metadata())
    }
}
