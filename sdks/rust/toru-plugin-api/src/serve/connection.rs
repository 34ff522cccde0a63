use std::sync::Arc;
use std::time::Duration;

use tokio::io::{AsyncRead, BufReader};
use tokio::net::{UnixListener, UnixStream};
use tokio::sync::{mpsc, Semaphore};

use super::app::Asked;
use super::endings::DEFAULT_GRACE;
use super::init::{report, Initialized};
use super::requests::{Job, Refusal, Requests};
use super::writer::{send, write};
use super::Plugin;
use crate::host::{Host, Level, Link, LogEntry};
use crate::stream::{Content, Control};
use crate::types::KvOp;
use crate::wire::data_frame::DataFrame;
use crate::wire::envelope::{encode, error, Envelope, Features, Kind, PONG};
use crate::wire::fields::Fields;
use crate::wire::frame::{self, Allowed, Fault};
use crate::wire::http::{Body, Request};

/// Connections at a time. The host keeps one, and makes another when that is lost.
const MAX_CONNECTIONS: usize = 4;
/// Wait after a connection could not be taken, for want of file descriptors mostly.
const ACCEPT_PAUSE: Duration = Duration::from_millis(100);

pub(super) async fn accept(listener: UnixListener, plugin: Plugin, shutdown: mpsc::Sender<Duration>) {
    let places = Arc::new(Semaphore::new(MAX_CONNECTIONS));
    let initialized = Initialized::default();
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
        let (plugin, shutdown, initialized) = (plugin.clone(), shutdown.clone(), initialized.clone());
        tokio::spawn(async move {
            serve(socket, plugin, shutdown, initialized).await;
            drop(place);
        });
    }
}

async fn serve(socket: UnixStream, plugin: Plugin, shutdown: mpsc::Sender<Duration>, initialized: Initialized) {
    let (reader, writer) = socket.into_split();
    let (link, queues) = Link::new();
    let link = Arc::new(link);
    let mut reader = BufReader::new(reader);
    let requests = Requests::new(plugin.clone(), Arc::clone(&link));
    let mut connection =
        Connection { plugin, link: Arc::clone(&link), requests, shutdown, initialized, features: None };
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
    initialized: Initialized,
    /// What was taken up, once `init` has come.
    features: Option<Features>,
}

impl Connection {
    async fn read(&mut self, reader: &mut (impl AsyncRead + Unpin)) -> Result<(), Fault> {
        while let Some(frame) = frame::read(reader, self.allowed()).await? {
            if let Some(data) = DataFrame::parse(&frame)? {
                self.link.streams.receive(&data)?;
                continue;
            }
            let message = Envelope::parse(&frame)?;
            let fields = message.fields()?;
            self.receive(&message, &fields).await?;
        }
        Ok(())
    }

    fn allowed(&self) -> Allowed {
        match self.features {
            Some(Features { stream: true, .. }) => Allowed::MessagesAndData,
            _ => Allowed::Messages,
        }
    }

    async fn receive(&mut self, message: &Envelope<'_>, fields: &Fields<'_>) -> Result<(), Fault> {
        let id = message.request_id.as_deref();
        if message.kind == Kind::Lifecycle {
            return self.lifecycle(fields, id).await;
        }
        let Some(features) = self.features else {
            return Err(Fault::InvalidMessage("the first message is not `init`".to_owned()));
        };
        // Whatever has no id and no known form is news from a later version, and ignored.
        let Some(id) = id else { return self.control(message.kind, fields) };
        let is_cancel = fields.raw("cancel").is_some_and(|cancel| cancel.get() == "true");
        let job = match message.kind {
            _ if is_cancel => {
                self.requests.cancel(id);
                return Ok(());
            }
            Kind::Http if fields.has("method") => match Request::read(fields) {
                Ok(request) => self.http(request, features).await?,
                Err(reason) => Err(("invalid_request", reason)),
            },
            Kind::Kv if fields.has("action") => {
                read_kv(fields).map(Job::Kv).map_err(|reason| ("invalid_request", reason))
            }
            Kind::Kv => {
                self.link.settle(id, message.payload);
                return Ok(());
            }
            _ => return Ok(()),
        };
        if let Err((code, reason)) = job.and_then(|job| self.requests.start(id.to_owned(), job)) {
            send(&self.link, message.kind, id, error(code, reason)).await;
        }
        Ok(())
    }

    /// Opens the stream of a request, where it has one.
    async fn http(&self, request: Request, features: Features) -> Result<Result<Job, Refusal>, Fault> {
        let Body::Stream(stream) = request.body else {
            return Ok(Ok(Job::Http(Asked { request, incoming: None, can_stream: features.stream })));
        };
        if !features.stream || (request.is_websocket && !features.websocket) {
            return Ok(Err(("unsupported", "this plugin did not take that feature up".to_owned())));
        }
        let content = if request.is_websocket { Content::Messages } else { Content::Body };
        if let Some(incoming) = self.link.streams.open(stream, content)? {
            return Ok(Ok(Job::Http(Asked { request, incoming: Some(incoming), can_stream: true })));
        }
        if let Ok(Some(frame)) = encode(Kind::Http, None, Control::Stop { stream, stop: true }) {
            let _ = self.link.urgent.send(frame).await;
        }
        Ok(Err(("busy", "too many streams are under way".to_owned())))
    }

    /// What the host says of a stream of ours.
    fn control(&self, kind: Kind, fields: &Fields<'_>) -> Result<(), Fault> {
        if kind != Kind::Http || !fields.has("stream") {
            return Ok(());
        }
        let stream = fields.required("stream").map_err(Fault::InvalidMessage)?;
        let credit: Option<u64> = fields.optional("credit").map_err(Fault::InvalidMessage)?;
        let stop: Option<bool> = fields.optional("stop").map_err(Fault::InvalidMessage)?;
        self.link.streams.control(stream, credit.unwrap_or_default(), stop.unwrap_or_default());
        Ok(())
    }

    async fn lifecycle(&mut self, fields: &Fields<'_>, id: Option<&str>) -> Result<(), Fault> {
        let action: String = fields.required("action").map_err(Fault::InvalidMessage)?;
        match (action.as_str(), id) {
            ("init", Some(id)) => return self.init(fields, id).await,
            ("shutdown", _) => {
                let grace: Option<u64> = fields.optional("grace_ms").map_err(Fault::InvalidMessage)?;
                // Full where the end has been asked for already.
                let _ = self.shutdown.try_send(grace.map_or(DEFAULT_GRACE, Duration::from_millis));
            }
            _ if self.features.is_none() => {
                return Err(Fault::InvalidMessage("the first message is not `init`".to_owned()))
            }
            // Nothing may be sent before `ready`; a host does not ask before it either.
            ("ping", Some(id)) if self.link.is_ready() => send(&self.link, Kind::Lifecycle, id, PONG).await,
            ("ping", _) | (_, None) => {}
            (_, Some(id)) => {
                let reason = format!("this plugin does not know the action {action}");
                send(&self.link, Kind::Lifecycle, id, error("unsupported", reason)).await;
            }
        }
        Ok(())
    }

    async fn init(&mut self, fields: &Fields<'_>, id: &str) -> Result<(), Fault> {
        let protocol: u64 = fields.optional("protocol").map_err(Fault::InvalidMessage)?.unwrap_or(1);
        let refused = if protocol != 2 {
            let reason = format!("this plugin speaks version 2 of the protocol, not {protocol}");
            Some(error("unsupported_protocol", reason))
        } else if self.features.is_some() {
            Some(error("unsupported", "`init` has come on this connection before"))
        } else {
            None
        };
        if let Some(refused) = refused {
            send(&self.link, Kind::Lifecycle, id, refused).await;
            return Ok(());
        }
        let instance_id = fields.required("instance_id").map_err(Fault::InvalidMessage)?;
        let offered: Option<Vec<String>> = fields.optional("features").map_err(Fault::InvalidMessage)?;
        let features = self.plugin.app.features().out_of(&offered.unwrap_or_default());
        self.features = Some(features);
        Host::get().connected(&self.link);
        let once = self.initialized.run(&self.plugin, instance_id);
        tokio::spawn(report(once, Arc::clone(&self.link), id.to_owned(), features));
        Ok(())
    }
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
