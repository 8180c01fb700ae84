import { ORPCError } from '@orpc/client';
import type { ReleaseGrantInput, ReleaseGrantOutput } from '../../src-main/contract/grants.ts';
import { ConnectionLost } from '../ui/connection-lost.ts';
import { createLiveValue, type LiveValue, type SettableLiveValue } from '../ui/live-value.ts';

/**
 * One release of one grant, from the question to its end:
 *
 *   (nothing) ──ask──▶ asked ──release──▶ pending ──agreed──▶ done
 *                        │                  ├──no──▶ refused ──dismiss──▶ (nothing)
 *                        │                  └──line broke──▶ unanswered ──release, same key──▶ pending
 *                        └──dismiss──▶ (nothing)
 */
export type GrantRelease =
  | { state: 'asked' }
  | { state: 'pending' | 'unanswered'; key: string }
  | { state: 'done'; result: ReleaseGrantOutput }
  | { state: 'refused'; sentence: string };

export interface GrantReleases {
  of: (grantId: string) => LiveValue<GrantRelease | null>;
  ask: (grantId: string) => void;
  /** Only after it was asked for, or after a broken line. */
  release: (grant: { tenantId: string; grantId: string }) => void;
  dismiss: (grantId: string) => void;
}

export interface GrantReleasesOptions {
  send: (input: ReleaseGrantInput) => Promise<ReleaseGrantOutput>;
  newKey: () => string;
  onDone: () => void;
}

const UNREADABLE = 'The console gave no answer that can be read. Look at the list before you try again.';

export function createGrantReleases({ send, newKey, onDone }: GrantReleasesOptions): GrantReleases {
  const releases = new Map<string, SettableLiveValue<GrantRelease | null>>();

  function value(grantId: string): SettableLiveValue<GrantRelease | null> {
    const known = releases.get(grantId) ?? createLiveValue<GrantRelease | null>(null);
    releases.set(grantId, known);
    return known;
  }

  async function run(tenantId: string, grantId: string, key: string): Promise<void> {
    const slot = value(grantId);
    slot.set({ state: 'pending', key });
    try {
      const result = await send({ tenantId, grantId, idempotencyKey: key });
      slot.set({ state: 'done', result });
      onDone();
    } catch (error) {
      if (error instanceof ConnectionLost) slot.set({ state: 'unanswered', key });
      else slot.set({ state: 'refused', sentence: error instanceof ORPCError ? error.message : UNREADABLE });
    }
  }

  return {
    of: value,
    ask(grantId) {
      const now = value(grantId).get();
      if (now === null || now.state === 'refused') value(grantId).set({ state: 'asked' });
    },
    release({ tenantId, grantId }) {
      const now = value(grantId).get();
      if (now?.state === 'asked') void run(tenantId, grantId, newKey());
      else if (now?.state === 'unanswered') void run(tenantId, grantId, now.key);
    },
    dismiss(grantId) {
      if (value(grantId).get()?.state !== 'pending') value(grantId).set(null);
    },
  };
}
