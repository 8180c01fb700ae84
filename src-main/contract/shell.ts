import { eventIterator } from '@orpc/contract';
import { z } from 'zod';
import { base } from './errors.ts';
import { SLUG } from './names.ts';

/** What the user decides about the program around the window; on this computer, whatever platform is open. */
export const shellSettings = z.object({
  /** A desktop notification for each request and alert that is new. */
  notifications: z.boolean(),
  /** Closing the window leaves the program in the tray, and its notifications on. */
  closeToTray: z.boolean(),
  startAtLogin: z.boolean(),
  /** Looks for newer versions by itself; nothing is fetched or installed by that. */
  updates: z.boolean(),
});

/** A place in the window that was asked for outside of it: by a link, a notification, the tray. */
export const wantedPlace = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('client'), slug: z.string().regex(SLUG) }),
  /** `itemId`: of a request or an alert; null: the inbox as it is. */
  z.object({ kind: z.literal('inbox'), itemId: z.uuid().nullable() }),
  z.object({ kind: z.literal('settings') }),
]);

/** How it stands with newer versions of the installed program. */
export const updatesState = z.object({
  current: z.string(),
  /** none: not looked yet; newest: what runs is it; ready: it is fetched and waits for a click. */
  step: z.enum(['none', 'newest', 'checking', 'found', 'downloading', 'ready', 'installing']),
  /** The newer one; null: none is known. */
  version: z.string().nullable(),
  /** Of the download, in whole percent. */
  percent: z.int().min(0).max(100).nullable(),
  /** What did not work, in a sentence. */
  trouble: z.string().nullable(),
});

const whyNot = z.string().nullable();
const MOST_WISHES = 1_000_000;

export const shellState = z.object({
  settings: shellSettings,
  /** Why this shell can't do it, in a sentence; null: it can. */
  whyNot: z.object({ notifications: whyNot, closeToTray: whyNot, startAtLogin: whyNot, updates: whyNot }),
  /** Null: this program gets no newer versions by itself; `whyNot` says why. */
  updates: updatesState.nullable(),
  /** The program notifies by itself; false: the page does, where the browser lets it. */
  notifies: z.boolean(),
  /** Where somebody wants to go, until the window has gone there; another number is another wish. */
  wanted: z.object({ number: z.int(), place: wantedPlace }).nullable(),
  /** What happened to the window, in a sentence; null: nothing that has to be known. */
  notice: z.string().nullable(),
});

export const shell = {
  /** A new value at each change; also while the console is locked. */
  watch: base.output(eventIterator(shellState)),
  /** BAD_REQUEST for what this shell can't do. */
  change: base.input(shellSettings).output(shellSettings),
  /** CONFLICT when there is nothing to download or install, or work is under way; BAD_REQUEST where none can come. */
  update: base.input(z.object({ step: z.enum(['check', 'download', 'install']) })).output(z.object({})),
  /** The window went where it was wanted. */
  arrived: base.input(z.object({ number: z.int().min(1).max(MOST_WISHES) })).output(z.object({})),
  /** The user has read the notice. */
  noticed: base.output(z.object({})),
};

export type ShellSettings = z.infer<typeof shellSettings>;
export type UpdatesState = z.infer<typeof updatesState>;
export type ShellState = z.infer<typeof shellState>;
export type WantedPlace = z.infer<typeof wantedPlace>;
