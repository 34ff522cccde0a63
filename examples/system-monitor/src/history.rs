//! What was measured, for the charts. Nothing here knows the clock or the store.

use std::collections::VecDeque;

use serde::{Deserialize, Serialize};

/// Samples that are kept one by one: an hour of one each 2 s.
pub const MAX_SAMPLES: usize = 1800;
/// Minutes that are kept as averages: 7 days.
pub const MAX_MINUTES: usize = 7 * 24 * 60;
/// Points of an answer. A chart is hardly wider.
const MAX_POINTS: usize = 360;

/// The values of a point, by their place: each has a name in [`NAMES`].
pub type Values = [f32; NAMES.len()];
/// Per cent, processes, and bytes a second.
pub const NAMES: [&str; 8] = ["cpu", "memory", "swap", "load", "received", "sent", "read", "written"];

/// What was measured, or the average of some time, and when: seconds since 1970 in UTC.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Point {
    pub at: u64,
    pub values: Values,
}

/// How much of the past is asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Range {
    TenMinutes,
    Hour,
    Day,
    Week,
}

impl Range {
    pub fn parse(text: &str) -> Option<Self> {
        match text {
            "10m" => Some(Self::TenMinutes),
            "1h" => Some(Self::Hour),
            "24h" => Some(Self::Day),
            "7d" => Some(Self::Week),
            _ => None,
        }
    }

    fn seconds(self) -> u64 {
        match self {
            Self::TenMinutes => 600,
            Self::Hour => 3600,
            Self::Day => 24 * 3600,
            Self::Week => 7 * 24 * 3600,
        }
    }
}

/// Points of one range, as a chart wants them. A longer gap than `interval` is one in what was measured.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Series {
    /// The range, in seconds.
    pub seconds: u64,
    /// Seconds that a point stands for, at least.
    pub interval: u64,
    pub names: [&'static str; NAMES.len()],
    pub points: Vec<Point>,
}

/// The recent past in full, and minutes of a longer one. Its memory is bounded: about 450 KiB.
#[derive(Debug, Default)]
pub struct History {
    samples: VecDeque<Point>,
    minutes: VecDeque<Point>,
    /// Samples of the minute that is not over.
    open: Vec<Point>,
}

impl History {
    /// Adds a sample. Returns the minute that it ends, if it does.
    pub fn add(&mut self, sample: Point) -> Option<Point> {
        push(&mut self.samples, sample, MAX_SAMPLES);
        let is_over = self.open.first().is_some_and(|first| first.at / 60 != sample.at / 60);
        let minute = if is_over { self.close_minute() } else { None };
        self.open.push(sample);
        minute
    }

    /// Ends the minute that is not over.
    pub fn close_minute(&mut self) -> Option<Point> {
        let minute = average(&std::mem::take(&mut self.open), 60)?;
        push(&mut self.minutes, minute, MAX_MINUTES);
        Some(minute)
    }

    /// Takes minutes of an earlier run, in order.
    pub fn restore(&mut self, minutes: Vec<Point>) {
        let since = self.minutes.drain(..).collect::<Vec<_>>();
        for minute in minutes.into_iter().chain(since) {
            push(&mut self.minutes, minute, MAX_MINUTES);
        }
    }

    /// The minutes of the hour that begins at `hour`.
    pub fn minutes_of(&self, hour: u64) -> Vec<Point> {
        self.minutes.iter().filter(|minute| minute.at / 3600 == hour / 3600).copied().collect()
    }

    /// The points of a range, those from `after` on.
    pub fn series(&self, range: Range, after: u64, now: u64) -> Series {
        let seconds = range.seconds();
        let (points, sampled) = match range {
            Range::TenMinutes | Range::Hour => (&self.samples, 2),
            Range::Day | Range::Week => (&self.minutes, 60),
        };
        let interval = sampled.max(seconds / MAX_POINTS as u64);
        let first = now.saturating_sub(seconds).max(after / interval * interval);
        let wanted: Vec<Point> = points.iter().filter(|point| point.at >= first).copied().collect();
        let groups = wanted.chunk_by(|one, other| one.at / interval == other.at / interval);
        let points = groups.filter_map(|group| average(group, interval)).collect();
        Series { seconds, interval, names: NAMES, points }
    }
}

/// Where the clock was put back, what lies in its future is forgotten.
fn push(points: &mut VecDeque<Point>, point: Point, most: usize) {
    while points.back().is_some_and(|last| last.at >= point.at) {
        points.pop_back();
    }
    if points.len() == most {
        points.pop_front();
    }
    points.push_back(point);
}

/// The mean of each value, at the beginning of the interval.
fn average(points: &[Point], interval: u64) -> Option<Point> {
    let at = points.first()?.at / interval * interval;
    let mean = |place: usize| {
        let sum: f64 = points.iter().map(|point| f64::from(point.values[place])).sum();
        let mean = sum / points.len() as f64;
        ((mean * 10.0).round() / 10.0) as f32
    };
    Some(Point { at, values: std::array::from_fn(mean) })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn point(at: u64, value: f32) -> Point {
        Point { at, values: [value; NAMES.len()] }
    }

    #[test]
    fn a_minute_is_the_average_of_its_samples() {
        let mut history = History::default();
        assert_eq!(history.add(point(120, 1.0)), None);
        assert_eq!(history.add(point(150, 2.0)), None);
        assert_eq!(history.add(point(180, 9.0)), Some(point(120, 1.5)));
        assert_eq!(history.close_minute(), Some(point(180, 9.0)));
        assert_eq!(history.minutes_of(0), [point(120, 1.5), point(180, 9.0)]);
        assert_eq!(history.minutes_of(3600), []);
    }

    #[test]
    fn nothing_grows_without_bound() {
        let mut history = History::default();
        for second in 0..(MAX_MINUTES as u64 + 10) * 60 {
            if second % 20 == 0 {
                history.add(point(second, 1.0));
            }
        }
        assert_eq!((history.samples.len(), history.minutes.len(), history.open.len()), (MAX_SAMPLES, MAX_MINUTES, 3));
    }

    #[test]
    fn a_series_has_no_more_points_than_a_chart_needs() {
        let mut history = History::default();
        for second in (0..3600).step_by(2) {
            history.add(point(second, second as f32));
        }
        let hour = history.series(Range::Hour, 0, 3600);
        assert_eq!((hour.interval, hour.points.len()), (10, 360));
        assert_eq!(hour.points[1], point(10, 14.0));
        assert_eq!(history.series(Range::Hour, 3585, 3600).points, hour.points[358..]);
        let ten = history.series(Range::TenMinutes, 0, 3600);
        assert_eq!((ten.interval, ten.points.len(), ten.points[0].at), (2, 300, 3000));
        assert_eq!(history.series(Range::Week, 0, 3600).points.len(), 3);
    }

    #[test]
    fn a_clock_that_is_put_back_leaves_no_knot() {
        let mut history = History::default();
        for at in [100, 102, 50, 52] {
            history.add(point(at, 1.0));
        }
        let times: Vec<u64> = history.series(Range::Hour, 0, 3600).points.iter().map(|point| point.at).collect();
        assert_eq!(times, [50]);
    }

    #[test]
    fn minutes_of_an_earlier_run_come_first() {
        let mut history = History::default();
        history.add(point(600, 1.0));
        history.close_minute();
        history.restore(vec![point(60, 2.0), point(120, 3.0)]);
        let times: Vec<u64> = history.minutes.iter().map(|minute| minute.at).collect();
        assert_eq!(times, [60, 120, 600]);
    }
}
