//! Runs a plugin as the process that the host starts.

mod app;
mod connection;
mod endings;
mod exchange;
mod init;
mod listener;
mod requests;
mod trait_app;
mod writer;

use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::exit;
use std::sync::Arc;
use std::time::Duration;

use tokio::runtime::Handle;
use tokio::sync::oneshot;

pub(crate) use app::App;
#[cfg(feature = "axum")]
pub(crate) use app::{Answer, Asked, Failure};
use trait_app::TraitApp;

use crate::host::{Host, Level, LogEntry};
use crate::host_log::HostLog;
use crate::manifest::Manifest;
use crate::plugin::ToruPlugin;

/// How long what is queued for the host may take to be written at the end.
const FLUSH_LIMIT: Duration = Duration::from_secs(1);

/// Runs a plugin: the whole of its `main`. It ends the process.
///
/// ```no_run
/// # use toru_plugin_api::*;
/// # #[derive(Default)] struct Hello;
/// # #[async_trait] impl ToruPlugin for Hello {
/// #     fn metadata() -> PluginMetadata { unimplemented!() }
/// #     async fn init(&mut self, _: PluginContext) -> PluginResult<()> { Ok(()) }
/// #     async fn handle_http(&self, _: HttpRequest) -> PluginResult<HttpResponse> { unimplemented!() }
/// #     async fn handle_kv(&mut self, _: KvOp) -> PluginResult<Option<String>> { Ok(None) }
/// # }
/// #[tokio::main]
/// async fn main() {
///     toru_plugin_api::serve::<Hello>().await
/// }
/// ```
///
/// - With `--metadata` it prints the manifest and exits with code 0.
/// - Without `TORU_PLUGIN_SOCKET`, which the host sets, it says what this program is, and exits with code 2.
/// - Else it listens on that socket and speaks version 2 of the protocol until the host has it shut down, SIGTERM comes or
///   stdin ends. Then it takes no more requests, waits for those in flight and for what holds a
///   [`Shutdown`](crate::Shutdown), up to the grace (5 s where the host says nothing else), and exits with code 0.
/// - Where the socket cannot be bound it says why, and exits with code 1.
///
/// Requests run at once, up to 1024; one above that is refused with `busy`. A request that nobody waits for any more is
/// cancelled: its future is dropped where it waits. A panic costs only its own request (with `panic = "abort"` it
/// costs the process). The plugin is not dropped at the end: [`Shutdown`](crate::Shutdown) is for what is to be done then.
///
/// The connection has a thread of its own, so pings are answered even while every thread of the runtime is blocked.
/// The runtime must have time and I/O enabled, as that of `#[tokio::main]` has.
pub async fn serve<P: ToruPlugin + Default + 'static>() -> ! {
    run(P::manifest(), || Arc::new(TraitApp::new(P::default()))).await
}

/// [`serve`], for a plugin that has no `Default`.
pub async fn serve_with<P: ToruPlugin + 'static>(plugin: P) -> ! {
    run(P::manifest(), || Arc::new(TraitApp::new(plugin))).await
}

pub(crate) async fn run(manifest: Manifest, make: impl FnOnce() -> Arc<dyn App>) -> ! {
    if std::env::args_os().skip(1).any(|argument| argument == "--metadata") {
        exit(print_manifest(&manifest));
    }
    let Some(path) = std::env::var_os("TORU_PLUGIN_SOCKET").map(PathBuf::from) else {
        eprintln!(
            "{} {} is a plugin of Toru, which starts it: put this file into the host's folder of plugins as {}.binary. \
             With --metadata it prints what it is.",
            manifest.name, manifest.version, manifest.id
        );
        exit(2);
    };
    HostLog::install();
    let plugin = Plugin { manifest: Arc::new(manifest), app: make(), handlers: Handle::current() };
    let (panicked, wait) = oneshot::channel::<()>();
    let thread = std::thread::Builder::new().name("toru-host".to_owned()).spawn(move || {
        let _dropped_by_a_panic = panicked;
        on_own_thread(&path, &plugin)
    });
    if let Err(error) = thread {
        eprintln!("the thread for the host's connection could not be made: {error}");
        exit(1);
    }
    // The other thread ends the process, whatever blocks this one.
    let _ = wait.await;
    exit(101)
}

/// A plugin while it runs.
#[derive(Clone)]
struct Plugin {
    manifest: Arc<Manifest>,
    app: Arc<dyn App>,
    /// Where the author's code runs.
    handlers: Handle,
}

fn print_manifest(manifest: &Manifest) -> i32 {
    let printed = serde_json::to_string(manifest)
        .map_err(std::io::Error::from)
        .and_then(|json| writeln!(std::io::stdout().lock(), "{json}"));
    match printed {
        Ok(()) => 0,
        Err(error) => {
            eprintln!("the manifest could not be printed: {error}");
            1
        }
    }
}

fn on_own_thread(path: &Path, plugin: &Plugin) -> ! {
    let serve_and_exit = async {
        let outcome = listen_until_the_end(path, plugin).await;
        Host::get().print_log();
        // Before anything is dropped: a destructor of the author's knows nothing of this thread.
        exit(outcome.map_or_else(|error| complain(&error), |()| 0))
    };
    match tokio::runtime::Builder::new_current_thread().enable_all().build() {
        Ok(runtime) => runtime.block_on(serve_and_exit),
        Err(error) => exit(complain(&error)),
    }
}

/// Returns the exit code.
fn complain(error: &std::io::Error) -> i32 {
    LogEntry::new(Level::Error, "the plugin cannot be served").because(error).print();
    1
}

async fn listen_until_the_end(path: &Path, plugin: &Plugin) -> std::io::Result<()> {
    let listener = listener::bind(path).await?;
    let mut endings = endings::Endings::new()?;
    let accept = tokio::spawn(connection::accept(listener, plugin.clone(), endings.on_shutdown()));
    let grace = endings.next().await;
    Host::get().stop(grace).await;
    accept.abort();
    flush().await;
    // The path may be another's by now only where somebody removed ours; then there is nothing to clean up.
    let _ = std::fs::remove_file(path);
    Ok(())
}

/// Sends what is queued and closes the connection.
async fn flush() {
    if let Some(link) = Host::get().link() {
        link.finish.notify_one();
        let _ = tokio::time::timeout(FLUSH_LIMIT, link.frames.closed()).await;
    }
}

/// Ends the process as a crash, once the log has reached the host.
async fn give_up() -> ! {
    flush().await;
    Host::get().print_log();
    exit(1)
}
