const HOUR_MS = 3_600_000;
const zoned = new Map<string, Intl.DateTimeFormat>();

function formatter(key: string, options: Intl.DateTimeFormatOptions, locale = 'en-GB'): Intl.DateTimeFormat {
  const known = zoned.get(key);
  if (known) return known;
  const made = new Intl.DateTimeFormat(locale, options);
  zoned.set(key, made);
  return made;
}

const day = (at: Date, timeZone?: string): string =>
  formatter(`day ${timeZone}`, { day: 'numeric', month: 'short', timeZone }).format(at);

const dayAndYear = (at: Date, timeZone?: string): string =>
  formatter(`year ${timeZone}`, { day: 'numeric', month: 'short', year: 'numeric', timeZone }).format(at);

const clock = (at: Date, timeZone?: string): string =>
  formatter(`clock ${timeZone}`, { hour: '2-digit', minute: '2-digit', hourCycle: 'h23', timeZone }).format(at);

const seconds = (at: Date, timeZone?: string): string =>
  formatter(`seconds ${timeZone}`, {
    hour: '2-digit',
    minute: '2-digit',
    second: '2-digit',
    hourCycle: 'h23',
    timeZone,
  }).format(at);

/** "14:02" today, "19 Nov 14:02" else. `timeZone`: this machine's when absent. */
export function formatSince(at: Date, now = new Date(), timeZone?: string): string {
  const recent = Math.abs(now.getTime() - at.getTime()) < 24 * HOUR_MS && day(at, timeZone) === day(now, timeZone);
  return recent ? clock(at, timeZone) : `${day(at, timeZone)} ${clock(at, timeZone)}`;
}

/** "14:02:31" today in the zone, "19 Nov 14:02" before: for lists, newest first. */
export function formatMoment(at: Date, timeZone: string, now = new Date()): string {
  return day(at, timeZone) === day(now, timeZone)
    ? seconds(at, timeZone)
    : `${day(at, timeZone)} ${clock(at, timeZone)}`;
}

/** "27 Nov" in the zone. */
export function formatDay(at: Date, timeZone?: string): string {
  return day(at, timeZone);
}

/** "1 Dec 00:00 IST": an instant as people of that zone write it. */
export function formatInZone(at: Date, timeZone: string): string {
  return `${day(at, timeZone)} ${clock(at, timeZone)} ${zoneName(at, timeZone)}`;
}

/** "20 Nov 2026, 14:02:31": to the second, in this machine's zone. */
export function formatToTheSecond(at: Date, timeZone?: string): string {
  return `${dayAndYear(at, timeZone)}, ${seconds(at, timeZone)}`;
}

/** Everything there is: "2026-11-20T08:32:31.123Z". */
export function formatExactly(at: Date): string {
  return at.toISOString();
}

/** The zone's usual short name at that instant ("IST", "CET", "EST"), else its offset ("GMT+5:45"). */
export function zoneName(at: Date, timeZone?: string): string {
  let offset = '';
  for (const locale of ['en-IN', 'en-GB', 'en-US']) {
    const name = formatter(`${locale} ${timeZone}`, { timeZone, timeZoneName: 'short', hour: 'numeric' }, locale)
      .formatToParts(at)
      .find((part) => part.type === 'timeZoneName')?.value;
    if (name !== undefined && !/^(GMT|UTC)[+-]/.test(name)) return name;
    offset = name ?? offset;
  }
  return offset;
}

/** "00:00 IST": an hour of a day that is not in question, as people of that zone write it. */
export function formatClock(at: Date, timeZone: string): string {
  return `${clock(at, timeZone)} ${zoneName(at, timeZone)}`;
}

/** How old something is, in one unit: "0.4 s", "12 s", "3 min", "5 h", "2 d". */
export function formatAge(ms: number): string {
  const age = Math.max(0, ms);
  if (age < 10_000) return `${(age / 1000).toFixed(1)} s`;
  if (age < 90_000) return `${Math.round(age / 1000)} s`;
  if (age < 90 * 60_000) return `${Math.round(age / 60_000)} min`;
  if (age < 36 * HOUR_MS) return `${Math.round(age / HOUR_MS)} h`;
  return `${Math.round(age / (24 * HOUR_MS))} d`;
}

/** "November 2026" of "2026-11"; what is no month stays as it is. */
export function formatMonth(month: string): string {
  const at = new Date(`${month}-15T12:00:00Z`);
  if (Number.isNaN(at.getTime())) return month;
  return formatter('month', { month: 'long', year: 'numeric', timeZone: 'UTC' }).format(at);
}
