import { setTimeout } from 'node:timers/promises';
import type { TestDatabase } from '../../testing/test-database.ts';
import { makeCap, makeKey, makeTenant } from '../../testing/factories.ts';

/** A tenant with a key and (unless null) a monthly cap. */
export interface TestTenant {
  readonly id: string;
  readonly slug: string;
  readonly key: string;
  readonly keyId: string;
  readonly capId: string;
}

export async function makeCappedTenant(
  db: Pick<TestDatabase, 'owner'>,
  limitNanoUsd: bigint | null,
  tenant: Parameters<typeof makeTenant>[1] = {},
): Promise<TestTenant> {
  const made = await makeTenant(db, tenant);
  const capId = limitNanoUsd === null ? '' : await makeCap(db, made.id, { limitNanoUsd });
  const key = await makeKey(db, made.id);
  return { id: made.id, slug: made.slug, key: key.key, keyId: key.id, capId };
}

/** The gateway has heard of the key's tenant and its caps (announcements travel in milliseconds, but they travel). */
export async function knownAt(address: string, key: string, caps = 1): Promise<void> {
  const deadline = performance.now() + 20_000;
  for (;;) {
    const answer = await fetch(`${address}/v1/budget`, { headers: { authorization: `Bearer ${key}` } });
    const { caps: known } = (await answer.json()) as { caps?: unknown[] };
    if (known?.length === caps) return;
    if (performance.now() > deadline) throw new Error(`${address} knows ${known?.length ?? 'no'} caps, not ${caps}.`);
    await setTimeout(5);
  }
}

export interface Chat {
  /** Instructions for the scripted provider. */
  readonly script?: Readonly<Record<string, number | boolean>>;
  readonly body?: Readonly<Record<string, unknown>>;
  readonly headers?: Readonly<Record<string, string>>;
  readonly signal?: AbortSignal;
}

/** A chat call through the gateway, not read yet. */
export function chat(address: string, key: string, call: Chat = {}): Promise<Response> {
  return fetch(`${address}/v1/chat/completions`, {
    method: 'POST',
    headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json', ...call.headers },
    body: JSON.stringify({
      model: 'gpt-4o',
      max_tokens: 100,
      messages: [{ role: 'user', content: JSON.stringify(call.script ?? {}) }],
      ...call.body,
    }),
    signal: call.signal,
  });
}

/** The same, sent again while the budget cannot be verified, as SDKs do: on a busy machine the database may not answer in time. */
export async function chatAgain(address: string, key: string, call: Chat = {}): Promise<Response> {
  for (let tries = 1; ; tries += 1) {
    const answer = await chat(address, key, call);
    if (answer.status !== 503 || tries === MOST_TRIES) return answer;
    const text = await answer.clone().text();
    if (!text.includes('budget_unverifiable')) return answer;
  }
}

const MOST_TRIES = 20;

export interface LedgerLine {
  readonly request_id: string;
  readonly kind: string;
  readonly outcome: string;
  readonly cost_nanousd: bigint;
  readonly grant_id: string | null;
  readonly output_tokens: bigint;
  readonly workflow_id: string | null;
  readonly session: string | null;
  readonly units: bigint | null;
}

export async function ledgerOf(db: Pick<TestDatabase, 'owner'>, tenantId: string): Promise<LedgerLine[]> {
  const { rows } = await db.owner.query<LedgerLine>(
    'select * from platform.usage_records where tenant_id = $1 order by occurred_at, request_id',
    [tenantId],
  );
  return rows;
}

/** The cap's present period; everything in nano-USD. */
export async function capPeriodOf(
  db: Pick<TestDatabase, 'owner'>,
  tenantId: string,
): Promise<{ limit: bigint; granted: bigint; charged: bigint; periodEnd: Date }> {
  const { rows } = await db.owner.query<{ limit: bigint; granted: bigint; charged: bigint; periodEnd: Date }>(
    `select limit_nanousd as "limit", granted_nanousd as "granted", charged_nanousd as "charged",
            period_end as "periodEnd"
     from platform.cap_periods where tenant_id = $1`,
    [tenantId],
  );
  const [row] = rows;
  if (row === undefined) throw new Error('The cap has no period yet.');
  return row;
}

export const sumOf = (lines: readonly { readonly cost_nanousd: bigint }[]): bigint =>
  lines.reduce((sum, { cost_nanousd: cost }) => sum + cost, 0n);
