import { expect, test } from 'vitest';
import type { CallAccount } from '../ledger/call-accounts.ts';
import type { QuotaCall, QuotaPass, QuotaStop } from '../quotas/quota-desk.ts';
import { testPrice } from '../testing/test-price.ts';
import { createAdmission, type AdmissionPorts, type Admitted, type BoundedCall } from './admission.ts';

const STOP: Omit<QuotaStop, 'quota'> = { passed: false, limit: 100, retryInMs: 1_000, never: false, standings: [] };

/** Admits a call of a client without caps, whose quotas answer so; what they were asked, and whether they heard that it was cancelled. */
async function admit(
  change: Partial<BoundedCall>,
  answers: readonly ('passes' | QuotaStop['quota'])[],
  ports: Partial<AdmissionPorts> = {},
): Promise<{ admitted: Admitted; asked: QuotaCall[]; cancelled: number }> {
  const asked: QuotaCall[] = [];
  let cancelled = 0;
  const pass: QuotaPass = {
    passed: true,
    settle: () => undefined,
    cancel: () => void (cancelled += 1),
    standings: () => [],
  };
  const secret = { tenantId: 't', keyId: 'k', revokedAt: null, validFrom: 0, validUntil: null };
  const tenant = { id: 't', name: 'T', slug: 't', status: 'active', timeZone: 'UTC', caps: [] };
  const fakes = {
    policy: { tenant: () => tenant, secret: () => secret },
    policyUsable: () => true,
    quotas: {
      admit: (_tenant: unknown, call: QuotaCall) => {
        const answer = answers[asked.length] ?? 'passes';
        asked.push(call);
        return answer === 'passes' ? pass : { ...STOP, quota: answer };
      },
    },
    wallets: { find: () => undefined },
    accounts: { open: () => Promise.resolve({} as CallAccount), openCalls: 0 },
    live: { admitted: () => undefined },
    databaseNow: () => 1_000,
    onJournalTrouble: () => undefined,
    ...ports,
  } as unknown as AdmissionPorts;
  const call = {
    caller: { tenant, secret, digest: 'd' },
    requestId: 'r',
    attempt: 1,
    workflowId: null,
    session: null,
    price: testPrice(),
    bound: 10n,
    tokens: 90,
    countedTokens: () => 40,
    ...change,
  } as unknown as BoundedCall;
  return { admitted: await createAdmission(fakes).admit(call), asked, cancelled };
}

test('an attempt with another provider is no further request, but its tokens count', async () => {
  expect((await admit({}, [])).asked).toEqual([{ requests: 1, tokens: 90, session: null }]);
  expect((await admit({ attempt: 2 }, [])).asked).toEqual([{ requests: 0, tokens: 90, session: null }]);
});

test.each(['tokens_per_minute', 'tokens_per_day', 'tokens_per_month'] as const)(
  'its tokens are counted before it is refused for %s',
  async (quota) => {
    const { admitted, asked } = await admit({}, [quota, 'passes']);
    expect(asked.map(({ tokens }) => tokens)).toEqual([90, 40]);
    expect(admitted.kind).toBe('admitted');
    const refused = await admit({}, [quota, quota]);
    expect(refused.admitted).toMatchObject({ kind: 'refused', refusal: { status: 429, code: quota } });
    const same = await admit({ countedTokens: () => 90 }, [quota]);
    expect(same.asked, 'the count is no lower').toHaveLength(1);
  },
);

test.each(['requests_per_day', 'concurrent_sessions'] as const)('no count helps against %s', async (quota) => {
  const { admitted, asked } = await admit({}, [quota]);
  expect(asked).toHaveLength(1);
  expect(admitted).toMatchObject({ kind: 'refused', refusal: { status: 429, code: quota } });
});

test('what is refused after its quotas uses nothing of them: a full disk, a key that is over, a budget nobody can vouch for', async () => {
  const full = { accounts: { open: () => Promise.reject(new Error('full')), openCalls: 0 } };
  const over = { policy: { tenant: () => undefined, secret: () => undefined } };
  const away = { wallets: { find: () => ({ take: () => ({ kind: 'unverifiable' }) }) } };
  for (const [ports, status] of [
    [full, 503],
    [over, 401],
    [away, 503],
  ] as const) {
    const { admitted, cancelled } = await admit({}, [], ports as unknown as Partial<AdmissionPorts>);
    expect(admitted).toMatchObject({ kind: 'refused', refusal: { status } });
    expect(cancelled).toBe(1);
  }
});

test('nothing is decided by a policy that is too old', async () => {
  const { admitted, asked } = await admit({}, [], { policyUsable: () => false });
  expect(admitted).toMatchObject({ kind: 'refused', refusal: { status: 503, code: 'budget_unverifiable' } });
  expect(asked).toEqual([]);
});
