import { randomUUID } from 'node:crypto';
import { z } from 'zod';
import type { Random } from '../../../src-platform/local/seeded-random.ts';

/** What a text of the contract may be; each schema takes those that fit it. Ids are made anew: they are of nothing that there is. */
const TEXTS = [
  'Asked by phone',
  '2026-10',
  '2026-10-05',
  '2026-12-01T10:00',
  'Asia/Kolkata',
  'INR',
  'pro',
  'new-client',
  '0.0118',
  'http://127.0.0.1:9',
  '127.0.0.1',
  'req-1',
  '',
];
const NUMBERS = [1, 5, 10, 50, 60, 100, 9, 3_600, 65_535, 2_026];
const WHOLE_NUMBERS = [1n, 50n, 1_000n, 5_000_000_000n];

/** A value of the shape that a schema describes, as a window could send it. Where rules go beyond shapes it may be refused. */
export function plausible(schema: z.core.$ZodType, random: Random): unknown {
  const { def } = (schema as z.core.$ZodTypes)._zod;
  const pick = <T>(values: readonly T[]): T => values[Math.floor(random() * values.length)]!;
  const fitting = <T>(values: readonly T[]): T => {
    const fits = values.filter((value) => z.safeParse(schema, value).success);
    return pick(fits.length > 0 ? fits : values);
  };
  // oxlint-disable-next-line typescript/switch-exhaustiveness-check -- a kind that is new here says so
  switch (def.type) {
    case 'object':
      return Object.fromEntries(Object.entries(def.shape).map(([key, value]) => [key, plausible(value, random)]));
    case 'array':
      return [plausible(def.element, random)];
    case 'union':
      return plausible(pick(def.options), random);
    case 'nullable':
    case 'optional':
      return plausible(def.innerType, random);
    case 'default':
      return plausible(def.innerType, random);
    case 'literal':
      return pick(def.values);
    case 'enum':
      return pick(Object.values(def.entries));
    case 'string':
      return fitting([randomUUID(), randomUUID(), ...TEXTS]);
    case 'number':
      return fitting(NUMBERS);
    case 'bigint':
      return fitting(WHOLE_NUMBERS);
    case 'boolean':
      return random() < 0.5;
    case 'date':
      return new Date(1_790_000_000_000);
    default:
      throw new Error(`Inputs of the kind "${def.type}" are new: say here what is plausible for them.`);
  }
}

/** Places of a value, as paths into it. */
export function places(value: unknown, path: readonly string[] = []): readonly (readonly string[])[] {
  if (typeof value !== 'object' || value === null || value instanceof Date) return [path];
  return [path, ...Object.entries(value).flatMap(([key, item]) => places(item, [...path, key]))];
}

/** The value with another one in that place. */
export function replaced(value: unknown, [key, ...rest]: readonly string[], by: unknown): unknown {
  if (key === undefined) return by;
  if (Array.isArray(value)) {
    return value.map((item: unknown, index) => (String(index) === key ? replaced(item, rest, by) : item));
  }
  const entries = Object.entries(value as object);
  return Object.fromEntries(entries.map(([name, item]) => [name, name === key ? replaced(item, rest, by) : item]));
}

/** The body as the window's link writes it: bigints and dates as text with their place in `meta`. */
export function encode(value: unknown): { readonly json: unknown; readonly meta: readonly unknown[] } {
  const meta: unknown[] = [];
  const write = (item: unknown, path: readonly (string | number)[]): unknown => {
    if (typeof item === 'bigint') {
      meta.push([0, ...path]);
      return item.toString();
    }
    if (item instanceof Date) {
      meta.push([1, ...path]);
      return item;
    }
    if (Array.isArray(item)) return item.map((one: unknown, index) => write(one, [...path, index]));
    if (typeof item !== 'object' || item === null) return item;
    return Object.fromEntries(Object.entries(item).map(([key, one]) => [key, write(one, [...path, key])]));
  };
  return { json: write(value, []), meta };
}
