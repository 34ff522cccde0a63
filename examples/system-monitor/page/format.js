/* oxlint-disable no-unused-vars -- one script is made of the files of this folder */

function percent(value) {
  return value.toFixed(value < 9.95 ? 1 : 0) + " %";
}

function size(bytes) {
  const power = bytes < 1 ? 0 : Math.min(5, Math.floor(Math.log2(bytes) / 10));
  const number = bytes / 1024 ** power;
  const unit = ["B", "KiB", "MiB", "GiB", "TiB", "PiB"][power];
  return number.toFixed(power > 0 && number < 99.95 ? 1 : 0) + " " + unit;
}

function rate(bytes) {
  return size(bytes) + "/s";
}

function duration(seconds) {
  const [days, hours, minutes] = [
    Math.floor(seconds / 86400),
    Math.floor(seconds / 3600) % 24,
    Math.floor(seconds / 60),
  ];
  if (days > 0) return `${days} d ${hours} h`;
  return hours > 0 ? `${hours} h ${minutes % 60} min` : `${minutes} min`;
}

/** A range, in one unit. */
function ago(seconds) {
  if (seconds > 86_400) return `${seconds / 86_400} days`;
  return seconds > 600 ? `${seconds / 3600} h` : `${seconds / 60} min`;
}

/** When a point of a chart was, as exactly as the chart is. */
function clock(at, rangeSeconds) {
  const time = new Date(at * 1000);
  const day = { weekday: "short", hour: "2-digit", minute: "2-digit", hourCycle: "h23" };
  const exact = { hour: "2-digit", minute: "2-digit", second: "2-digit", hourCycle: "h23" };
  return time.toLocaleTimeString("en-GB", rangeSeconds > 3600 ? day : exact);
}

/** The next of 1, 2 and 5 times a power of 1024 or 10, so that a scale reads well and seldom changes. */
function niceAbove(bytes) {
  const unit = 1024 ** Math.max(1, Math.floor(Math.log2(Math.max(1, bytes)) / 10));
  for (const step of [1, 2, 5, 10, 20, 50, 100, 200, 500, 1024]) {
    if (bytes <= step * unit) return step * unit;
  }
  return bytes;
}
