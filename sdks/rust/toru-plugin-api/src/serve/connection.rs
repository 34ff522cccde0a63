use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use serde::Serialize;
use tokio::io::BufReader;
use tokio::net::{UnixListener, UnixStream};
use tokio::sync::{mpsc, OnceCell, Semaphore};

use super::app::Failure;
use super::requests::{Job, Requests};
use super::writer::write;
use super::Plugin;
use crate::host::{Host, Level, Link, LogEntry};
use crate::kv::Kv;
use crate::types::{KvOp, PluginConfig, PluginContext};
use crate::wire::envelope::{encode, error, Envelope, Kind};
use crate::wire::fields::Fields;
use crate::wire::frame::{self, Fault};
use crate::wire::http::Request;

/// Connections at a time. The host keeps one, and makes another when that is lost.
const MAX_CONNECTIONS: usize = 4;
/// Wait after a connection could not be taken, for want of file descriptors mostly.
const ACCEPT_PAUSE: Duration = Duration::from_millis(100);

pub(super) async fn accept(listener: UnixListener, plugin: Plugin, shutdown: mpsc::Sender<Duration>) {
    let places = Arc::new(Semaphore::new(MAX_CONNECTIONS));
    let initialized = Arc::new(OnceCell::new());
    loop {
        let socket = match listener.accept().await {
            Ok((socket, _)) => socket,
            Err(error) => {
                Host::get().log(LogEntry::new(Level::Warn, "a connection could not be taken").because(error));
                tokio::time::sleep(ACCEPT_PAUSE).await;
                continue;
            }
        };
        let Ok(place) = Arc::clone(&places).try_acquire_owned() else { continue };
        let (plugin, shutdown, initialized) = (plugin.clone(), shutdown.clone(), Arc::clone(&initialized));
        tokio::spawn(async move {
            serve(socket, plugin, shutdown, initialized).await;
            drop(place);
        });
    }
}

async fn serve(
    socket: UnixStream,
    plugin: Plugin,
    shutdown: mpsc::Sender<Duration>,
    initialized: Arc<OnceCell<Result<(), String>>>,
) {
    let (reader, writer) = socket.into_split();
    let (link, queues) = Link::new();
    let link = Arc::new(link);
    let mut reader = BufReader::new(reader);
    let requests = Requests::new(plugin.clone(), Arc::clone(&link));
    let mut connection = Connection { plugin, link: Arc::clone(&link), requests, shutdown, initialized, began: false };
    let ended: Result<(), Fault> = tokio::select! {
        ended = connection.read(&mut reader) => ended,
        ended = write(writer, Arc::clone(&link), queues) => ended.map_err(Fault::Io),
    };
    drop(connection);
    Host::get().disconnected(&link);
    if let Err(fault) = ended {
        Host::get().log(LogEntry::new(Level::Error, "the host's connection was closed").because(fault));
    }
}

struct Connection {
    plugin: Plugin,
    link: Arc<Link>,
    requests: Requests,
    shutdown: mpsc::Sender<Duration>,
    initialized: Arc<OnceCell<Result<(), String>>>,
    /// `init` has come.
    began: bool,
}

impl Connection {
    async fn read(&mut self, reader: &mut (impl tokio::io::AsyncRead + Unpin)) -> Result<(), Fault> {
        while let Some(frame) = frame::read(reader).await? {
            let message = Envelope::parse(&frame)?;
            let fields = message.fields()?;
            self.receive(&message, &fields).await?;
        }
        Ok(())
    }

    async fn receive(&mut self, message: &Envelope<'_>, fields: &Fields<'_>) -> Result<(), Fault> {
        let id = message.request_id.as_deref();
        if message.kind == Kind::Lifecycle {
            return self.lifecycle(fields, id).await;
        }
        if !self.began {
            return Err(Fault::InvalidMessage("the first message is not `init`".to_owned()));
        }
        // Whatever has no id or no known form is news from a later version, and ignored.
        let Some(id) = id else { return Ok(()) };
        let is_cancel = fields.raw("cancel").is_some_and(|cancel| cancel.get() == "true");
        let job = match message.kind {
            _ if is_cancel => {
                self.requests.cancel(id);
                return Ok(());
            }
            Kind::Http if fields.has("method") => Request::read(fields).map(Job::Http),
            Kind::Kv if fields.has("action") => read_kv(fields).map(Job::Kv),
            Kind::Kv => {
                self.link.settle(id, message.payload);
                return Ok(());
            }
            _ => return Ok(()),
        };
        let refused = match job {
            Ok(job) => self.requests.start(id.to_owned(), job),
            Err(reason) => Err(("invalid_request", reason)),
        };
        match refused {
            Err((code, reason)) => self.answer(message.kind, Some(id), error(code, reason)).await,
            Ok(()) => Ok(()),
        }
    }

    async fn lifecycle(&mut self, fields: &Fields<'_>, id: Option<&str>) -> Result<(), Fault> {
        let action: String = fields.required("action").map_err(Fault::InvalidMessage)?;
        match (action.as_str(), id) {
            ("init", Some(id)) => self.init(fields, id).await,
            ("shutdown", _) => {
                let grace: Option<u64> = fields.optional("grace_ms").map_err(Fault::InvalidMessage)?;
                let grace = grace.map_or(super::endings::DEFAULT_GRACE, Duration::from_millis);
                // Full where the end has been asked for already.
                let _ = self.shutdown.try_send(grace);
                Ok(())
            }
            _ if !self.began => Err(Fault::InvalidMessage("the first message is not `init`".to_owned())),
            ("ping", Some(_)) => self.answer(Kind::Lifecycle, id, Action { action: "pong", features: None }).await,
            (_, Some(_)) => {
                let reason = format!("this plugin does not know the action {action}");
                self.answer(Kind::Lifecycle, id, error("unsupported", reason)).await
            }
            _ => Ok(()),
        }
    }

    async fn init(&mut self, fields: &Fields<'_>, id: &str) -> Result<(), Fault> {
        let protocol: u64 = fields.optional("protocol").map_err(Fault::InvalidMessage)?.unwrap_or(1);
        if protocol != 2 {
            let reason = format!("this plugin speaks version 2 of the protocol, not {protocol}");
            return self.answer(Kind::Lifecycle, Some(id), error("unsupported_protocol", reason)).await;
        }
        if std::mem::replace(&mut self.began, true) {
            let reason = "`init` has come on this connection before";
            return self.answer(Kind::Lifecycle, Some(id), error("unsupported", reason)).await;
        }
        let instance_id = fields.required("instance_id").map_err(Fault::InvalidMessage)?;
        Host::get().connected(&self.link);
        let (plugin, initialized) = (self.plugin.clone(), Arc::clone(&self.initialized));
        let once = self.plugin.handlers.spawn(async move {
            let context = context(instance_id);
            let init = async { plugin.app.init(context).await.map_err(|failure| describe(&failure)) };
            initialized.get_or_init(|| init).await.clone()
        });
        tokio::spawn(report_init(Arc::clone(&self.link), id.to_owned(), once));
        Ok(())
    }

    async fn answer(&self, kind: Kind, id: Option<&str>, payload: impl Serialize) -> Result<(), Fault> {
        send_urgent(&self.link, kind, id, payload).await;
        Ok(())
    }
}

/// Answers `init` when it has returned, or as soon as it asks the host for something.
async fn report_init(link: Arc<Link>, id: String, once: tokio::task::JoinHandle<Result<(), String>>) {
    let mut once = once;
    let early = tokio::select! {
        biased;
        ended = &mut once => Some(ended),
        () = link.ready_wanted.notified() => None,
    };
    if matches!(early, None | Some(Ok(Ok(())))) {
        // Without a pause in between: the writer must find `ready` before whatever may follow it.
        let ready = Action { action: "ready", features: Some(&[]) };
        if let Ok(Some(frame)) = encode(Kind::Lifecycle, Some(&id), ready) {
            let _ = link.urgent.try_send(frame);
        }
        link.set_ready();
        Host::get().ready();
    }
    let is_early = early.is_none();
    let ended = match early {
        Some(ended) => ended,
        None => once.await,
    };
    let reason = match ended {
        Ok(Ok(())) => return,
        Ok(Err(reason)) => reason,
        Err(_) => "it panicked".to_owned(),
    };
    if is_early {
        // Too late to refuse: the end of the process is what tells the host.
        Host::get().log(LogEntry::new(Level::Error, "init failed").because(reason));
        super::give_up().await;
    }
    send_urgent(&link, Kind::Lifecycle, Some(&id), error("init_failed", reason)).await;
}

async fn send_urgent(link: &Link, kind: Kind, id: Option<&str>, payload: impl Serialize) {
    if let Ok(Some(frame)) = encode(kind, id, payload) {
        // It fails where the connection is gone, and with it whoever wanted to know.
        let _ = link.urgent.send(frame).await;
    }
}

fn context(instance_id: String) -> PluginContext {
    let text = |(name, value): (std::ffi::OsString, std::ffi::OsString)| {
        Some((name.into_string().ok()?, value.into_string().ok()?))
    };
    let env: HashMap<_, _> = std::env::vars_os().filter_map(text).collect();
    PluginContext { instance_id, config: PluginConfig { env }, kv: Box::new(Kv::new()) }
}

fn describe(failure: &Failure) -> String {
    failure.to_string()
}

fn read_kv(fields: &Fields<'_>) -> Result<KvOp, String> {
    let action: String = fields.required("action")?;
    match action.as_str() {
        "get" => Ok(KvOp::Get { key: fields.required("key")? }),
        "set" => Ok(KvOp::Set { key: fields.required("key")?, value: fields.required("value")? }),
        "delete" => Ok(KvOp::Delete { key: fields.required("key")? }),
        _ => Err(format!("this plugin's store does not know the action {action}; it knows get, set and delete")),
    }
}

#[derive(Serialize)]
struct Action<'a> {
    action: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    features: Option<&'a [&'a str]>,
}
