//! Samples for as long as the plugin runs.

use std::io;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use tokio::time::{interval, sleep, MissedTickBehavior};
use toru_plugin_api::{Kv, KvError, Shutdown};

use crate::history::{History, Point};
use crate::keep;
use crate::read::disks::{self, FileSystem};
use crate::read::host::{self, Host};
use crate::sampler::{Now, Sampler};

const SAMPLE_INTERVAL: Duration = Duration::from_secs(2);
/// So long the first sample takes, that it says something.
const FIRST_SAMPLE: Duration = Duration::from_millis(250);
const DISKS_INTERVAL: Duration = Duration::from_secs(10);

#[derive(Default)]
pub struct Monitor(Mutex<State>);

#[derive(Default)]
pub struct State {
    /// When `now` was, in seconds since 1970.
    pub at: u64,
    pub host: Host,
    pub now: Option<Now>,
    pub file_systems: Vec<FileSystem>,
    pub history: History,
}

impl Monitor {
    pub fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Seconds since 1970.
pub fn now() -> u64 {
    SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_secs())
}

/// Starts what runs beside the requests. The error says what the kernel did not tell.
pub async fn start(monitor: &Arc<Monitor>) -> io::Result<()> {
    let mut sampler = Sampler::new()?;
    monitor.state().host = host::read();
    sleep(FIRST_SAMPLE).await;
    take(monitor, sampler.sample()?);
    tokio::spawn(restore(Arc::clone(monitor)));
    tokio::spawn(sample_for_ever(Arc::clone(monitor), sampler, Shutdown::new()));
    tokio::spawn(watch_disks(Arc::clone(monitor)));
    Ok(())
}

async fn restore(monitor: Arc<Monitor>) {
    match keep::load(&Kv::new()).await {
        Ok(minutes) => monitor.state().history.restore(minutes),
        Err(error) => tracing::error!(%error, "the history of earlier runs is not there"),
    }
}

async fn sample_for_ever(monitor: Arc<Monitor>, mut sampler: Sampler, mut shutdown: Shutdown) {
    let mut ticks = interval(SAMPLE_INTERVAL);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    ticks.reset(); // the first sample has been taken
    loop {
        tokio::select! {
            _ = ticks.tick() => {}
            () = shutdown.requested() => break,
        }
        // Thousands of processes take some milliseconds.
        let sampled = tokio::task::spawn_blocking(move || (sampler.sample(), sampler)).await;
        let Ok((now, again)) = sampled else { return tracing::error!("sampling has failed for good") };
        sampler = again;
        match now {
            Ok(now) => save(take(&monitor, now), &monitor).await,
            Err(error) => tracing::warn!(%error, "the kernel did not tell"),
        }
    }
    let last = monitor.state().history.close_minute();
    save(last, &monitor).await;
}

/// Returns the minute that is over, if one is.
fn take(monitor: &Monitor, sampled: Now) -> Option<Point> {
    let mut state = monitor.state();
    state.at = now();
    let sample = Point { at: state.at, values: sampled.values() };
    state.now = Some(sampled);
    state.history.add(sample)
}

async fn save(minute: Option<Point>, monitor: &Monitor) {
    let Some(minute) = minute else { return };
    let hour = minute.at / 3600 * 3600;
    let minutes = monitor.state().history.minutes_of(hour);
    let saved: Result<(), KvError> = keep::save(&Kv::new(), hour, &minutes).await;
    if let Err(error) = saved {
        tracing::warn!(%error, "a minute of the history was not kept");
    }
}

/// Beside the samples: where a network disk is gone, this alone hangs, and the last answer stands.
async fn watch_disks(monitor: Arc<Monitor>) {
    let mut ticks = interval(DISKS_INTERVAL);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        ticks.tick().await;
        match tokio::task::spawn_blocking(disks::read_file_systems).await {
            Ok(Ok(systems)) => monitor.state().file_systems = systems,
            Ok(Err(error)) => tracing::warn!(%error, "the mounted file systems cannot be read"),
            Err(error) => tracing::error!(%error, "reading the file systems has failed"),
        }
    }
}
