//! Server-sent events: a sample as soon as it is taken, with what it adds to a chart.

use std::convert::Infallible;
use std::sync::Arc;

use axum::response::sse::{Event, Sse};
use futures_util::{stream, Stream};
use serde::Serialize;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use crate::history::{Range, Series};
use crate::monitor::{self, Monitor, Seen};

/// Viewers at a time. Nothing waits for one: it gets the latest sample when it has taken the one before.
const MAX_VIEWERS: usize = 64;

#[derive(Clone)]
pub struct Live {
    monitor: Monitor,
    places: Arc<Semaphore>,
}

impl Live {
    pub fn new(monitor: Monitor) -> Self {
        Self { monitor, places: Arc::new(Semaphore::new(MAX_VIEWERS)) }
    }

    pub fn monitor(&self) -> Monitor {
        self.monitor.clone()
    }

    /// The first event has all points of the range. It ends when no more samples are taken; `None` where there is no place.
    pub fn follow(&self, range: Range, is_admin: bool) -> Option<Sse<impl Stream<Item = Result<Event, Infallible>>>> {
        let place = Arc::clone(&self.places).try_acquire_owned().ok()?;
        let viewer = Viewer { monitor: self.monitor.clone(), range, is_admin, drawn: 0, _place: place };
        Some(Sse::new(stream::unfold(viewer, |mut viewer| async {
            let event = viewer.next().await?;
            Some((Ok(event), viewer))
        })))
    }
}

struct Viewer {
    monitor: Monitor,
    range: Range,
    is_admin: bool,
    /// The last point that it has, which may still grow; 0 at first.
    drawn: u64,
    _place: OwnedSemaphorePermit,
}

#[derive(Serialize)]
struct News<'a> {
    #[serde(flatten)]
    seen: Seen<'a>,
    history: Series,
}

impl Viewer {
    async fn next(&mut self) -> Option<Event> {
        let state = self.monitor.sampled().await?;
        let history = state.history.series(self.range, self.drawn, monitor::now());
        self.drawn = history.points.last().map_or(self.drawn, |last| last.at);
        let news = News { seen: state.seen_by(self.is_admin), history };
        Some(Event::default().json_data(news).unwrap_or_default())
    }
}
