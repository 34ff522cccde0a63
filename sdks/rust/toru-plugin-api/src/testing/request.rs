use std::collections::BTreeMap;

use serde_json::{json, Value};

use super::answer::to_answer;
use super::{Answer, OpenAnswer, OpenWebSocket, RunningPlugin};

/// A request that is to be sent.
#[derive(Debug)]
pub struct Request<'a> {
    pub(super) plugin: &'a mut RunningPlugin,
    pub(super) method: String,
    pub(super) path: String,
    pub(super) headers: BTreeMap<String, String>,
    pub(super) body: Option<String>,
}

impl<'a> Request<'a> {
    /// Says who asks; otherwise it is the admin `admin`. `role` is `admin` or `user`.
    #[must_use]
    pub fn user(self, name: &str, role: &str) -> Self {
        self.header("x-toru-user", name).header("x-toru-role", role)
    }

    /// Adds a header; the name is in lower case.
    #[must_use]
    pub fn header(mut self, name: &str, value: &str) -> Self {
        self.headers.insert(name.to_owned(), value.to_owned());
        self
    }

    /// Adds a body.
    #[must_use]
    pub fn body(mut self, body: impl Into<String>) -> Self {
        self.body = Some(body.into());
        self
    }

    /// Sends it and waits for the answer and its whole body. Meanwhile the plugin can ask the store.
    pub fn send(self) -> Answer {
        let mut open = self.open();
        let mut body = Vec::new();
        while let Some(piece) = open.next() {
            body.extend(piece);
        }
        Answer { status: open.status, headers: std::mem::take(&mut open.headers), body }
    }

    /// Sends it and waits for the head of the answer alone: for server-sent events and other bodies without an end.
    pub fn open(self) -> OpenAnswer<'a> {
        let (plugin, payload) = self.ask(&[]);
        let Answer { status, headers, body } = to_answer(&payload);
        OpenAnswer { status, headers, plugin, inline: body, stream: number(&payload) }
    }

    /// Asks for a WebSocket.
    ///
    /// # Errors
    /// The answer, where the plugin does not take it up.
    pub fn upgrade(self) -> Result<OpenWebSocket<'a>, Answer> {
        let stream = self.plugin.new_stream();
        let (plugin, payload) = self.ask(&[("upgrade", "websocket".into()), ("stream", stream.into())]);
        match number(&payload).filter(|_| payload["status"] == 101) {
            Some(theirs) => Ok(OpenWebSocket::new(plugin, stream, theirs, to_answer(&payload).headers)),
            None => Err(to_answer(&payload)),
        }
    }

    fn ask(self, more: &[(&str, Value)]) -> (&'a mut RunningPlugin, Value) {
        let Self { plugin, method, path, headers, body } = self;
        let mut payload = json!({ "method": method, "path": path, "headers": headers, "body": body });
        for (name, value) in more {
            payload[*name] = value.clone();
        }
        let answer = plugin.ask("http", payload);
        (plugin, answer)
    }
}

fn number(payload: &Value) -> Option<u32> {
    payload["stream"].as_u64().map(|stream| u32::try_from(stream).expect("a stream of 32 bits"))
}
