import { eventIterator } from '@orpc/contract';
import { z } from 'zod';
import { base } from './errors.ts';
import { nanoUsd } from './money.ts';

export const operatorRole = z.enum(['viewer', 'account_manager', 'operator', 'admin', 'auditor']);

/** How the console stands to one part of the platform; `since`: when it came to stand so. */
export const linkState = z.object({
  state: z.enum(['connecting', 'live', 'away']),
  since: z.date(),
  /** A sentence when away: what is wrong and what happens next. */
  reason: z.string().nullable(),
});

/** `silentSince`: when it was heard last, once that is too long ago; null: it is heard. */
export const gatewayState = z.object({ id: z.uuid(), name: z.string(), silentSince: z.date().nullable() });

/** An AI provider that does not answer the gateway, and since when. */
export const providerAway = z.object({ id: z.string(), since: z.date() });

export const sessionState = z.object({
  profile: z.object({ name: z.string(), kind: z.enum(['local', 'remote']), colour: z.string() }),
  shell: z.enum(['browser', 'electron']),
  version: z.string(),
  operator: z
    .object({
      login: z.string(),
      name: z.string(),
      role: operatorRole,
      /** Gross sum of raises in 24 h this operator may make alone; null: no limit. */
      raiseLimitNanoUsd: nanoUsd.nullable(),
      raised24hNanoUsd: nanoUsd,
    })
    .nullable(),
  database: linkState,
  gateway: linkState,
  /** Since when the console works from what it kept, because the database does not answer; null: it does. */
  offlineSince: z.date().nullable(),
  /** When the database last answered who is signed in, by its clock; null: it has not, or what was kept stays closed. */
  dataAsOf: z.date().nullable(),
  /** Why nothing is shown, in a sentence that says what to do; null: it is not so. */
  locked: z.string().nullable(),
  /** What is wrong with what the console keeps for the time without a platform, in sentences; null: nothing. */
  keptTrouble: z.string().nullable(),
  /** What follows from platform and console being of different versions, in sentences; empty: they fit. */
  skew: z.array(z.string()),
  /** How often the database came (back) since this console started. */
  returns: z.int(),
  /** False: a change is refused, because the database is away or what is shown was read before its return. */
  refreshed: z.boolean(),
  /** How the gateway that tells the live figures stands to its own stores; null: nobody tells. */
  gatewayDatabase: linkState.nullable(),
  redis: linkState.nullable(),
  /** Every gateway the live one knows of. */
  gateways: z.array(gatewayState),
  /** Known only while calls are made; empty also when nobody tells. */
  providersAway: z.array(providerAway),
});

/** What came since the console was locked; each null: not this operator's to see. */
export const missed = z.object({
  /** By this computer's clock; the counts are of as long a time by the database's. */
  lockedAt: z.date(),
  unlockedAt: z.date(),
  /** Raised, and open still. */
  alerts: z.int().nullable(),
  /** That wait for a decision. */
  requests: z.int().nullable(),
  /** On increase requests. */
  decisions: z.int().nullable(),
});

export const session = {
  /** Who is signed in, on which platform, and how its parts answer; a new value at each change. */
  watch: base.output(eventIterator(sessionState)),
  /** Null: it was not locked on this platform, or `missedSeen` was told of it. */
  missed: base.output(missed.nullable()),
  missedSeen: base.output(z.object({})),
  /** A beat each second whatever the platform does, so that a silent line is known for what it is. */
  pulse: base.output(eventIterator(z.object({ at: z.date() }))),
};

export type Missed = z.infer<typeof missed>;
export type GatewayState = z.infer<typeof gatewayState>;
export type LinkState = z.infer<typeof linkState>;
export type ProviderAway = z.infer<typeof providerAway>;
export type OperatorRole = z.infer<typeof operatorRole>;
export type SessionState = z.infer<typeof sessionState>;
