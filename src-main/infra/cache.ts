import type { z } from 'zod';

/** A kind of kept values: `name` is the same for ever, `schema` is what a value must still be when it is read. */
export interface CacheKind<T> {
  readonly name: string;
  readonly schema: z.ZodType<T>;
}

/** A value the platform told. Bigints and dates come back as what they were. */
export interface Kept<T> {
  readonly value: T;
  /** What the platform said when it was read: the value's age counts from here. */
  readonly asOf: Date;
}

/**
 * What the console keeps for the time without a platform: of one profile and login, encrypted. It may be lost at any time and
 * is never the truth. No call throws for the state of the disk: what can't be read is not there, what can't be written is
 * kept until the console is closed, and `trouble` says so.
 */
export interface Cache {
  /** Sentences for the operator: what was damaged and set aside, or can't be kept, since this console started; null: nothing. */
  readonly trouble: string | null;
  /** Null: not there. A value that is no longer what the schema says is dropped, with a word in `trouble`. */
  read<T>(kind: CacheKind<T>, id: string): Kept<T> | null;
  write<T>(kind: CacheKind<T>, id: string, kept: Kept<T>): void;
  /** By id; reads no values. */
  list(kind: CacheKind<unknown>): { readonly id: string; readonly asOf: Date }[];
  remove(kind: CacheKind<unknown>, id: string): void;
  /** Nothing is read or written afterwards. */
  close(): void;
}
