const second = 1000;
const minute = 60 * second;
const hour = 60 * minute;
const day = 24 * hour;

/** `12 s`, `29 min`, `2 h 05 min`, `3 d 4 h`: as exact as a person needs it. Never less than zero. */
export function durationWords(ms: number): string {
  const length = Math.max(0, ms);
  if (length < minute) return `${Math.floor(length / second)} s`;
  if (length < hour) return `${Math.floor(length / minute)} min`;
  if (length < day) return `${Math.floor(length / hour)} h ${twoDigits((length % hour) / minute)} min`;
  return `${Math.floor(length / day)} d ${Math.floor((length % day) / hour)} h`;
}

/** For a length that was measured or set, in seconds. Rounded up: what took 41 min and a half took up to 42 min. */
export function lengthWords(seconds: number): string {
  const exact = seconds < 60 ? seconds : Math.ceil(seconds / 60) * 60;
  return durationWords(exact * 1000);
}

/** `0:42`, `4:31`, `1:02:10`: for what runs, where each second shows. */
export function stopwatch(ms: number): string {
  const length = Math.max(0, ms);
  const tail = `${twoDigits((length % minute) / second)}`;
  if (length < hour) return `${Math.floor(length / minute)}:${tail}`;
  return `${Math.floor(length / hour)}:${twoDigits((length % hour) / minute)}:${tail}`;
}

export function agoWords(ms: number): string {
  if (ms < 10 * second) return 'just now';
  return `${durationWords(ms)} ago`;
}

/** `14:32`, in the reader's zone; with seconds on request. */
export function clockTime(at: number, withSeconds: boolean = false): string {
  const date = new Date(at);
  const parts = [date.getHours(), date.getMinutes(), ...(withSeconds ? [date.getSeconds()] : [])];
  return parts.map(twoDigits).join(':');
}

/** The instant in UTC, for the tooltip: `2026-05-03 14:32:10 UTC`. */
export function exactTime(at: number): string {
  return `${new Date(at).toISOString().slice(0, 19).replace('T', ' ')} UTC`;
}

function twoDigits(value: number): string {
  return String(Math.floor(value)).padStart(2, '0');
}
