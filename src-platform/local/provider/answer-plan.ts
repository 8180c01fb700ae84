import { integerBetween, logNormal, type Random } from '../seeded-random.ts';
import type { BilledTokens } from './price-list.ts';
import type { ProviderRequest } from './provider-format.ts';

/** What the pretend model will do with a call, decided when it arrives. */
export interface AnswerPlan {
  readonly tokens: BilledTokens;
  /** What the usage report says: the same, or zeros when nothing is billed. */
  readonly reported: BilledTokens;
  readonly finishReason: 'stop' | 'length';
  /** Milliseconds before the first byte. */
  readonly firstByteMs: number;
  /** Milliseconds from the first byte to the last. */
  readonly writingMs: number;
  /** A failure by chance or by marker; such a call is not billed. */
  readonly failStatus: number | undefined;
}

const LEAST_MS = 250;
const MOST_MS = 1_500;
const CACHE_STEP = 128;
const FAILURES = [500, 529, 429] as const;

/** `alreadySeen`: the prompt's beginning was here lately, so a good part of it comes out of the prompt cache. */
export function planAnswer(
  request: ProviderRequest,
  alreadySeen: boolean,
  failureRate: number,
  random: Random,
): AnswerPlan {
  const { markers, promptTokens } = request;
  const wanted = request.silent ? 0 : (markers.answerTokens ?? Math.max(16, Math.round(logNormal(random, 170, 0.55))));
  const each = request.silent ? 0 : Math.max(1, Math.min(wanted, request.maxTokens ?? wanted));
  const output = each * request.choices;
  const thinks = /^(gpt-5|gpt-6|o\d)/.test(request.model);
  const reasoning = markers.reasoningTokens ?? (thinks ? Math.floor(output * (0.1 + 0.3 * random())) : 0);
  const cached = Math.min(markers.cachedTokens ?? (alreadySeen ? cacheable(promptTokens) : 0), promptTokens);
  const written = Math.min(markers.writtenTokens ?? 0, promptTokens - cached);
  const byChance = !markers.fast && random() < failureRate ? FAILURES[integerBetween(random, 0, 2)] : undefined;
  const naturalMs = Math.min(MOST_MS, Math.max(LEAST_MS, logNormal(random, 520, 0.45)));
  const firstShare = 0.35 + 0.25 * random();
  const tokens = {
    input: promptTokens,
    cachedInput: cached,
    cacheWrite: written,
    hourCacheWrite: markers.writtenForAnHour ? written : 0,
    output,
    reasoning: Math.min(reasoning, output),
  };
  return {
    tokens,
    reported: markers.billsNothing ? NOTHING : tokens,
    finishReason: each < wanted ? 'length' : 'stop',
    firstByteMs: (markers.fast ? 0 : naturalMs * firstShare) + markers.delayMs,
    writingMs: markers.fast ? 0 : naturalMs * (1 - firstShare),
    failStatus: markers.failStatus ?? byChance,
  };
}

const NOTHING: BilledTokens = {
  input: 0,
  cachedInput: 0,
  cacheWrite: 0,
  hourCacheWrite: 0,
  output: 0,
  reasoning: 0,
};

/** Providers cache from 1,024 tokens on, in steps of 128. */
function cacheable(promptTokens: number): number {
  return promptTokens < 1_024 ? 0 : Math.floor((promptTokens * 0.8) / CACHE_STEP) * CACHE_STEP;
}
