use std::sync::Arc;

use serde::Serialize;
use tokio::io::{AsyncWriteExt, BufWriter};
use tokio::net::unix::OwnedWriteHalf;

use crate::host::{Host, Link, LogEntry, Queues};
use crate::wire::envelope::{encode, Kind};

/// Writes what is queued, urgent frames first, then what is said of streams, and the log last, until the connection is to be closed.
pub(super) async fn write(socket: OwnedWriteHalf, link: Arc<Link>, mut queues: Queues) -> std::io::Result<()> {
    let mut socket = BufWriter::new(socket);
    loop {
        let frame = tokio::select! {
            biased;
            Some(frame) = queues.urgent.recv() => Some(frame),
            Some(control) = queues.controls.recv() => encode(Kind::Http, None, control).ok().flatten(),
            Some(frame) = queues.frames.recv() => Some(frame),
            () = Host::get().logged(), if link.is_ready() => Host::get().take_log().and_then(log_frame),
            () = link.finish.notified() => break,
        };
        if let Some(frame) = frame {
            socket.write_all(&frame).await?;
        }
        if is_idle(&queues) {
            write_log(&mut socket, &link, &queues).await?;
            socket.flush().await?;
        }
    }
    while let Ok(frame) = queues.urgent.try_recv().or_else(|_| queues.frames.try_recv()) {
        socket.write_all(&frame).await?;
    }
    write_log(&mut socket, &link, &queues).await?;
    socket.shutdown().await
}

fn is_idle(queues: &Queues) -> bool {
    queues.urgent.is_empty() && queues.controls.is_empty() && queues.frames.is_empty()
}

/// The entries that wait, as long as nothing else does.
async fn write_log(socket: &mut BufWriter<OwnedWriteHalf>, link: &Link, queues: &Queues) -> std::io::Result<()> {
    while link.is_ready() && is_idle(queues) {
        let Some(entry) = Host::get().take_log() else { break };
        if let Some(frame) = log_frame(entry) {
            socket.write_all(&frame).await?;
        }
    }
    Ok(())
}

/// An entry is far smaller than a frame.
fn log_frame(entry: LogEntry) -> Option<Vec<u8>> {
    encode(Kind::Log, None, entry).ok().flatten()
}

/// Queues an answer that goes before those of handlers.
pub(super) async fn send(link: &Link, kind: Kind, id: &str, payload: impl Serialize) {
    if let Ok(Some(frame)) = encode(kind, Some(id), payload) {
        // It fails where the connection is gone, and with it whoever wanted to know.
        let _ = link.urgent.send(frame).await;
    }
}
