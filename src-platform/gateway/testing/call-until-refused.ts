import { chat, type TestTenant } from './tenant-calls.ts';

export interface Refused {
  readonly status: number;
  readonly retry: string | null;
  readonly error: Record<string, unknown>;
}

/** What one caller met. */
export interface CallerCalls {
  /** Request ids of the calls whose answer came whole. */
  readonly whole: readonly string[];
  /** Calls that got no answer, or not all of it. */
  readonly broken: number;
}

/**
 * Calls of random size, streaming or not, one after the other, until two in a row are refused for the cap. A call that breaks off is followed
 * by the next one. `address`: where the gateway is now. `refusals`: gets every answer but 200
 * and 503, which says "try again" and is tried again, as SDKs do: on a busy machine the other gateway may not answer in time.
 */
export async function callUntilRefused(
  address: () => string,
  tenant: TestTenant,
  seed: number,
  refusals: Refused[],
): Promise<CallerCalls> {
  const whole: string[] = [];
  let broken = 0;
  let random = seed % 2_147_483_648;
  const next = (most: number): number => {
    random = (random * 1_103_515_245 + 12_345) % 2_147_483_648;
    return 1 + (random % most);
  };
  for (let refused = 0; refused < 2;) {
    const maxTokens = 20 + next(380);
    let status: number;
    let text: string;
    let headers: Headers;
    const stream = next(2) === 1;
    try {
      const answer = await chat(address(), tenant.key, {
        script: { answer: next(maxTokens), cached: next(10), prompt: 10 + next(20) },
        body: { max_tokens: maxTokens, stream },
      });
      ({ status, headers } = answer);
      text = await answer.text();
      if (status === 200 && stream && !text.includes('[DONE]')) throw new Error('The stream broke off.');
    } catch {
      broken += 1;
      // Nobody is there: as fast as that would only heat the machine.
      await new Promise((resolve) => void setTimeout(resolve, 20));
      continue;
    }
    if (status === 200) {
      refused = 0;
      whole.push(headers.get('x-tenantdesk-request-id') ?? '');
      continue;
    }
    if (status === 503) continue;
    const { error } = JSON.parse(text) as { error: Record<string, unknown> };
    refusals.push({ status, retry: headers.get('x-should-retry'), error });
    if (status === 402) refused += 1;
  }
  return { whole, broken };
}
