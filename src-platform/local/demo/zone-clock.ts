/** Reads one zone's clock; keeps the formatter, which is dear to make. For demo data only: periods are PostgreSQL's. */
export interface ZoneClock {
  /** The instant at which the zone's clocks show this day and hour (near a change of clocks up to an hour beside it). */
  instantOf(day: ZoneDay, millisecondsIntoDay: number): number;
  dayOf(instant: number): ZoneDay;
}

/** A calendar day, as the milliseconds of its UTC midnight. */
export type ZoneDay = number;

export const DAY_MS = 86_400_000;

export function zoneClock(timeZone: string): ZoneClock {
  const format = new Intl.DateTimeFormat('en-US', {
    timeZone,
    hourCycle: 'h23',
    year: 'numeric',
    month: 'numeric',
    day: 'numeric',
    hour: 'numeric',
    minute: 'numeric',
    second: 'numeric',
  });
  const offsetAt = (instant: number): number => {
    const parts = new Map(format.formatToParts(instant).map(({ type, value }) => [type, Number(value)]));
    const read = (name: Intl.DateTimeFormatPartTypes): number => parts.get(name) ?? 0;
    const shown = Date.UTC(read('year'), read('month') - 1, read('day'), read('hour'), read('minute'), read('second'));
    return shown - Math.floor(instant / 1000) * 1000;
  };
  const offsetOfDay = new Map<ZoneDay, number>();
  return {
    instantOf: (day, millisecondsIntoDay) => {
      let offset = offsetOfDay.get(day);
      if (offset === undefined) {
        offset = offsetAt(day + DAY_MS / 2);
        offsetOfDay.set(day, offset);
      }
      return day + millisecondsIntoDay - offset;
    },
    dayOf: (instant) => Math.floor((instant + offsetAt(instant)) / DAY_MS) * DAY_MS,
  };
}
