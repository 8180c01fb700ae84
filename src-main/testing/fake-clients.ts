import { implement } from '@orpc/server';
import type { BoardRow } from '../contract/board.ts';
import { contract } from '../contract/contract.ts';
import type { TenantKey } from '../contract/keys.ts';
import { fakeId, judged } from './fake-tenants.ts';

const USD = 1_000_000_000n;

/** Pretend clients made, suspended and resumed, and their keys: kept in memory, secrets that open nothing. */
export function createFakeClients(board: { rows: Map<string, BoardRow> }) {
  const os = implement(contract);
  const versions = new Map<string, number>();
  const keysOf = new Map<string, TenantKey[]>();
  let made = 0;

  const versionOf = (tenantId: string): number => versions.get(tenantId) ?? 1;

  function keys(tenantId: string): TenantKey[] {
    const known = keysOf.get(tenantId) ?? [pretendKey('Production')];
    keysOf.set(tenantId, known);
    return known;
  }

  function pretendKey(name: string): TenantKey {
    made += 1;
    return {
      keyId: fakeId(8, made),
      name,
      prefix: 'td_Fake',
      last4: String(made).padStart(4, '0'),
      workflowName: 'Support triage',
      version: 1,
      createdAt: new Date(),
      createdBy: 'asha',
      lastUsedAt: null,
      previous: null,
      revoked: null,
    };
  }

  function changeKey(tenantId: string, keyId: string, change: (key: TenantKey) => TenantKey): void {
    keysOf.set(
      tenantId,
      keys(tenantId).map((key) => (key.keyId === keyId ? change(key) : key)),
    );
  }

  return {
    versionOf,
    tenants: {
      choices: os.tenants.choices.handler(() => ({
        plans: [
          { id: 'free', name: 'Free', maxTokensPerMessage: 2_000, usualCapNanoUsd: 10n * USD },
          { id: 'pro', name: 'Pro', maxTokensPerMessage: 8_000, usualCapNanoUsd: 50n * USD },
        ],
        timeZones: ['Asia/Kathmandu', 'Asia/Kolkata', 'Europe/Berlin', 'UTC'],
        currencies: ['EUR', 'INR', 'USD'],
      })),
      create: os.tenants.create.handler(({ input, errors }) => {
        const [like] = board.rows.values();
        if (!like || [...board.rows.values()].some(({ slug }) => slug === input.slug)) {
          throw errors.CONFLICT({ message: `There is a client with the slug ${input.slug} already.`, data: {} });
        }
        const tenantId = fakeId(1, 90_000 + (made += 1));
        const { name, slug, plan, currency, timeZone } = input;
        const cap = like.cap && { ...like.cap, capId: fakeId(2, 90_000 + made), limitNanoUsd: input.capNanoUsd };
        const none = { committedNanoUsd: 0n, burnNanoUsdPerDay: 0n, spentTodayNanoUsd: 0n, refusingSince: null };
        const row = {
          ...like,
          tenantId,
          name,
          slug,
          plan,
          currency,
          timeZone,
          cap,
          ...none,
          status: 'active' as const,
        };
        board.rows.set(tenantId, judged(row));
        return { tenantId, keyId: keys(tenantId)[0]?.keyId ?? fakeId(8, 0), secret: `td_${'Fake'.repeat(11)}` };
      }),
      setStatus: os.tenants.setStatus.handler(({ input, errors }) => {
        const row = board.rows.get(input.tenantId);
        if (!row) throw errors.NOT_FOUND({ message: 'There is no such tenant.' });
        board.rows.set(input.tenantId, judged({ ...row, status: input.status }));
        versions.set(input.tenantId, versionOf(input.tenantId) + 1);
        const { tenantId, status } = input;
        return { tenantId, status, version: versionOf(tenantId), changedAt: new Date() };
      }),
    },
    keys: {
      list: os.keys.list.handler(({ input }) => ({ keys: keys(input.tenantId), asOf: new Date() })),
      issue: os.keys.issue.handler(({ input }) => {
        const key = pretendKey(input.name);
        keysOf.set(input.tenantId, [key, ...keys(input.tenantId)]);
        return { tenantId: input.tenantId, keyId: key.keyId, secret: `td_${'Fake'.repeat(11)}` };
      }),
      rotate: os.keys.rotate.handler(({ input: { tenantId, keyId, overlapSeconds } }) => {
        const previousUntil = new Date(Date.now() + overlapSeconds * 1_000);
        changeKey(tenantId, keyId, (key) => ({
          ...key,
          version: key.version + 1,
          previous: { last4: key.last4, until: previousUntil },
        }));
        return { tenantId, keyId, secret: `td_${'Fake'.repeat(11)}`, previousUntil };
      }),
      revoke: os.keys.revoke.handler(({ input: { tenantId, keyId } }) => {
        const revokedAt = new Date();
        changeKey(tenantId, keyId, (key) => ({
          ...key,
          version: key.version + 1,
          revoked: { at: revokedAt, by: 'asha' },
        }));
        return { tenantId, keyId, revokedAt };
      }),
    },
  };
}
