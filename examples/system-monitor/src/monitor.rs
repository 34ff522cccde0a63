//! Samples for as long as the plugin runs.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use serde::Serialize;
use tokio::sync::watch;
use tokio::time::{interval, sleep, MissedTickBehavior};
use toru_plugin_api::{Kv, KvError, Shutdown};

use crate::history::{History, Point};
use crate::keep;
use crate::read::disks::{self, FileSystem};
use crate::read::host::{self, Host};
use crate::read::processes::Processes;
use crate::sampler::{Now, Sampler};

const SAMPLE_INTERVAL: Duration = Duration::from_secs(2);
/// So long the first sample takes, that it says something.
const FIRST_SAMPLE: Duration = Duration::from_millis(250);
const DISKS_INTERVAL: Duration = Duration::from_secs(10);

/// What the one sampler has found, for one who reads it; a clone is for another.
#[derive(Clone)]
pub struct Monitor {
    state: Arc<Mutex<State>>,
    /// Changes with each sample. Closed where none is taken any more.
    samples: watch::Receiver<()>,
}

#[derive(Default)]
pub struct State {
    /// When `now` was, in seconds since 1970.
    at: u64,
    host: Host,
    now: Option<Now>,
    file_systems: Vec<FileSystem>,
    pub history: History,
}

/// What somebody may see of the latest sample.
#[derive(Serialize)]
pub struct Seen<'a> {
    at: u64,
    host: &'a Host,
    now: &'a Option<Now>,
    file_systems: &'a [FileSystem],
    process_count: Option<usize>,
    /// For admins alone.
    processes: Option<&'a Processes>,
}

impl State {
    pub fn seen_by(&self, is_admin: bool) -> Seen<'_> {
        let processes = self.now.as_ref().map(|now| &now.processes);
        Seen {
            at: self.at,
            host: &self.host,
            now: &self.now,
            file_systems: &self.file_systems,
            process_count: processes.map(|processes| processes.count),
            processes: processes.filter(|_| is_admin),
        }
    }
}

/// Seconds since 1970.
pub fn now() -> u64 {
    SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_secs())
}

impl Monitor {
    /// Starts what runs beside the requests.
    pub fn start() -> Self {
        let (taken, samples) = watch::channel(());
        let monitor = Self { state: Arc::default(), samples };
        tokio::spawn(sample_for_ever(monitor.clone(), taken, Shutdown::new()));
        tokio::spawn(restore(monitor.clone()));
        tokio::spawn(watch_disks(monitor.clone()));
        monitor
    }

    /// The state with a sample that this reader has not had; waits for one. `None` where no more are taken.
    pub async fn sampled(&mut self) -> Option<MutexGuard<'_, State>> {
        self.samples.changed().await.ok()?;
        Some(self.state())
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Returns the minute that is over, if one is.
    fn add(&self, sampled: Now) -> Option<Point> {
        let mut state = self.state();
        state.at = now();
        let sample = Point { at: state.at, values: sampled.values() };
        state.now = Some(sampled);
        state.history.add(sample)
    }

    async fn save(&self, minute: Option<Point>) {
        let Some(minute) = minute else { return };
        let hour = minute.at / 3600 * 3600;
        let minutes = self.state().history.minutes_of(hour);
        let saved: Result<(), KvError> = keep::save(&Kv::new(), hour, &minutes).await;
        if let Err(error) = saved {
            tracing::warn!(%error, "a minute of the history was not kept");
        }
    }
}

async fn restore(monitor: Monitor) {
    match keep::load(&Kv::new()).await {
        Ok(minutes) => monitor.state().history.restore(minutes),
        Err(error) => tracing::error!(%error, "the history of earlier runs is not there"),
    }
}

async fn sample_for_ever(monitor: Monitor, taken: watch::Sender<()>, mut shutdown: Shutdown) {
    monitor.state().host = host::read();
    let mut sampler = match Sampler::new() {
        Ok(sampler) => sampler,
        Err(error) => return tracing::error!(%error, "the kernel does not tell, so nothing is sampled"),
    };
    sleep(FIRST_SAMPLE).await;
    let mut ticks = interval(SAMPLE_INTERVAL);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
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
            Ok(now) => {
                let minute = monitor.add(now);
                taken.send_replace(());
                monitor.save(minute).await;
            }
            Err(error) => tracing::warn!(%error, "the kernel did not tell"),
        }
    }
    drop(taken); // whoever follows sees the end
    let last = monitor.state().history.close_minute();
    monitor.save(last).await;
}

/// Beside the samples: where a network disk is gone, this alone hangs, and the last answer stands.
async fn watch_disks(monitor: Monitor) {
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
