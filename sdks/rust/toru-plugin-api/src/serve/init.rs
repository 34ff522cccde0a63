use std::collections::HashMap;
use std::ffi::OsString;
use std::sync::Arc;

use tokio::sync::OnceCell;
use tokio::task::JoinHandle;

use super::writer::send;
use super::{give_up, Plugin};
use crate::host::{Host, Level, Link, LogEntry};
use crate::kv::Kv;
use crate::types::{PluginConfig, PluginContext};
use crate::wire::envelope::{encode, error, ready, Features, Kind};

/// What the author's `init` has said, once in the life of the process.
#[derive(Clone, Default)]
pub(super) struct Initialized(Arc<OnceCell<Result<(), String>>>);

impl Initialized {
    /// Runs it, unless it has run: then the same is said again.
    pub(super) fn run(&self, plugin: &Plugin, instance_id: String) -> JoinHandle<Result<(), String>> {
        let (cell, app) = (Arc::clone(&self.0), Arc::clone(&plugin.app));
        plugin.handlers.spawn(async move {
            let init = async { app.init(context(instance_id)).await.map_err(|failure| failure.to_string()) };
            cell.get_or_init(|| init).await.clone()
        })
    }
}

/// Answers `init` when it has returned, or as soon as it asks the host for something.
pub(super) async fn report(mut once: JoinHandle<Result<(), String>>, link: Arc<Link>, id: String, features: Features) {
    let early = tokio::select! {
        biased;
        ended = &mut once => Some(ended),
        () = link.ready_wanted.notified() => None,
    };
    if matches!(early, None | Some(Ok(Ok(())))) {
        // Without a pause in between: the writer must find `ready` before whatever may follow it.
        if let Ok(Some(frame)) = encode(Kind::Lifecycle, Some(&id), ready(features)) {
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
        give_up().await;
    }
    send(&link, Kind::Lifecycle, &id, error("init_failed", reason)).await;
}

fn context(instance_id: String) -> PluginContext {
    let text = |(name, value): (OsString, OsString)| Some((name.into_string().ok()?, value.into_string().ok()?));
    let env: HashMap<_, _> = std::env::vars_os().filter_map(text).collect();
    PluginContext { instance_id, config: PluginConfig { env }, kv: Box::new(Kv::new()) }
}
