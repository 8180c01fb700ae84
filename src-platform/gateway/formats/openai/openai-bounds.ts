import { isRecord } from '../../calls/json-fields.ts';
import { unbounded, type UnboundedFields } from '../unbounded.ts';

/** What OpenAI's formats have in common where a call's cost is bounded. */

/** Fields by which some providers choose models, routes or plugins of their own: the price would be another model's. */
export const FOREIGN_ROUTING: UnboundedFields = {
  models: "name one model in 'model'; other models are for the agency to set as fallback.",
  fallbacks: "name one model in 'model'; other models are for the agency to set as fallback.",
  route: 'routes are for the agency to set.',
  provider: 'providers are for the agency to set.',
  plugins: 'send no plugins of the provider.',
};

const BOUNDED_TIERS = new Set<unknown>([undefined, null, 'auto', 'default', 'flex']);
const BOUNDED_TOOLS = new Set<unknown>(['function', 'custom']);

/** @throws BadCall */
export function checkTier(body: Record<string, unknown>): void {
  if (!BOUNDED_TIERS.has(body['service_tier'])) {
    throw unbounded('service_tier', "leave it out, or take 'default' or 'flex'.");
  }
}

/** @throws BadCall for tools that the provider runs itself */
export function checkTools(body: Record<string, unknown>): void {
  const { tools } = body;
  if (!Array.isArray(tools)) return;
  for (let index = 0; index < tools.length; index += 1) {
    const tool: unknown = tools[index];
    if (isRecord(tool) && BOUNDED_TOOLS.has(tool['type'])) continue;
    throw unbounded(`tools[${index}]`, "take tools of the type 'function' or 'custom', which the caller runs itself.");
  }
}

/** The most tokens that an image can count as, by the provider's own rules for its largest size. */
const IMAGE_TOKENS: readonly (readonly [RegExp, number])[] = [
  [/^gpt-4o-mini/, 48_169],
  [/^(gpt-4o|gpt-4\.1(?!-)|gpt-4\.1-20)/, 1_445],
  [/^(gpt-4\.1-|o4-mini|gpt-5-(mini|nano))/, 3_779],
  [/^(o1|o3)/, 1_275],
  [/^gpt-5(-20|$)/, 1_190],
  [/^claude-/, 5_000],
];
/** More than any published rule of an OpenAI-compatible provider comes to. */
const ANY_IMAGE_TOKENS = 50_000;

export function imageTokens(model: string): number {
  return IMAGE_TOKENS.find(([pattern]) => pattern.test(model))?.[1] ?? ANY_IMAGE_TOKENS;
}

/** Bytes of an image's data that stand in the body; 0: it is at an address, which the provider reads. */
export function dataUrlBytes(url: string): number {
  return url.startsWith('data:') ? url.length : 0;
}
