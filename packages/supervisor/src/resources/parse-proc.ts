/** What `/proc/<pid>/stat` says of one process. Times in clock ticks. */
export interface ProcessStat {
  pid: number;
  /** It uses a processor, waits for one, or for a disk: R or D. */
  isActive: boolean;
  parent: number;
  group: number;
  /** Used by itself. */
  ticks: number;
  /** Used by children that have ended and were waited for, and by theirs. */
  childTicks: number;
  /** Since the machine started: tells it from a later process of the same number. */
  startedAt: number;
  residentPages: number;
}

const SPACE = 0x20;
const ZERO = 0x30;
const RUNNABLE = 0x52;
const WAITS_FOR_DISK = 0x44;
const CLOSING_PARENTHESIS = 0x29;

// Fields by their number in proc(5). The second is the name, in parentheses, with any bytes in it; numbers follow it.
const STATE = 3;
const PARENT = 4;
const GROUP = 5;
const USER_TICKS = 14;
const SYSTEM_TICKS = 15;
const CHILD_USER_TICKS = 16;
const CHILD_SYSTEM_TICKS = 17;
const STARTED_AT = 22;
const RESIDENT_PAGES = 24;

/** Null where the text is no stat line. Reads numbers from the bytes: no text is made of them. */
export function parseProcessStat(bytes: Uint8Array, length: number): ProcessStat | null {
  let at = length - 1;
  while (at >= 0 && bytes[at] !== CLOSING_PARENTHESIS) at -= 1;
  if (at < 0) return null;
  const stat = {
    pid: 0,
    isActive: false,
    parent: 0,
    group: 0,
    ticks: 0,
    childTicks: 0,
    startedAt: 0,
    residentPages: 0,
  };
  stat.pid = numberAt(bytes, 0, length);
  at += 2;
  let field = STATE;
  for (; field <= RESIDENT_PAGES && at < length; field += 1) {
    if (field === STATE) stat.isActive = bytes[at] === RUNNABLE || bytes[at] === WAITS_FOR_DISK;
    else if (field === PARENT) stat.parent = numberAt(bytes, at, length);
    else if (field === GROUP) stat.group = numberAt(bytes, at, length);
    else if (field === USER_TICKS || field === SYSTEM_TICKS) stat.ticks += numberAt(bytes, at, length);
    else if (field === CHILD_USER_TICKS || field === CHILD_SYSTEM_TICKS) stat.childTicks += numberAt(bytes, at, length);
    else if (field === STARTED_AT) stat.startedAt = numberAt(bytes, at, length);
    else if (field === RESIDENT_PAGES) stat.residentPages = numberAt(bytes, at, length);
    while (at < length && bytes[at] !== SPACE) at += 1;
    at += 1;
  }
  return field > RESIDENT_PAGES ? stat : null;
}

/** 0 where there is no digit: a sign too. */
function numberAt(bytes: Uint8Array, from: number, length: number): number {
  let value = 0;
  for (let at = from; at < length; at += 1) {
    const digit = (bytes[at] ?? 0) - ZERO;
    if (digit < 0 || digit > 9) break;
    value = value * 10 + digit;
  }
  return value;
}

/** Of all cores together since the machine started, in clock ticks. */
export interface CpuTimes {
  total: number;
  idle: number;
}

/** The first line of `/proc/stat`: user, nice, system, idle, iowait, irq, softirq, steal. Guests count in user already. */
export function parseCpuTimes(text: string): CpuTimes | null {
  const match = /^cpu +(\d[\d ]*)$/m.exec(text);
  if (match?.[1] === undefined) return null;
  const times = match[1].split(" ").slice(0, 8).map(Number);
  return { total: times.reduce((sum, ticks) => sum + ticks, 0), idle: (times[3] ?? 0) + (times[4] ?? 0) };
}

/** In bytes. `used` is what programs cannot have any more. */
export function parseMemory(text: string): { total: number; used: number } | null {
  const total = kibibytes(text, "MemTotal");
  const available = kibibytes(text, "MemAvailable");
  return total === null || available === null ? null : { total, used: Math.max(0, total - available) };
}

function kibibytes(text: string, name: string): number | null {
  const digits = new RegExp(`^${name}: +(\\d+) kB$`, "m").exec(text)?.[1];
  return digits === undefined ? null : Number(digits) * 1024;
}

/** Units in which the kernel tells time and memory of a process. */
export interface ProcUnits {
  ticksPerSecond: number;
  pageBytes: number;
}

const AT_PAGESZ = 6n;
const AT_CLKTCK = 17n;
const WORD_BYTES = 8;

/** From `/proc/self/auxv`: pairs of words. Where it says nothing, what nearly every Linux has. */
export function parseUnits(auxv: Uint8Array): ProcUnits {
  const units = { ticksPerSecond: 100, pageBytes: 4096 };
  const view = new DataView(auxv.buffer, auxv.byteOffset, auxv.byteLength);
  for (let at = 0; at + 2 * WORD_BYTES <= view.byteLength; at += 2 * WORD_BYTES) {
    const type = view.getBigUint64(at, true);
    if (type === AT_PAGESZ) units.pageBytes = Number(view.getBigUint64(at + WORD_BYTES, true));
    if (type === AT_CLKTCK) units.ticksPerSecond = Number(view.getBigUint64(at + WORD_BYTES, true));
  }
  return units;
}
