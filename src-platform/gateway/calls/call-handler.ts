import type { IncomingHttpHeaders } from 'node:http';
import type { Admission } from '../admission/admission.ts';
import type { RefusedCall } from '../admission/refusal-notes.ts';
import { badRequest, unpricedModel, type Refusal } from '../admission/refusal.ts';
import type { Caller } from '../policy/authenticate.ts';
import type { Policy } from '../policy/policy.ts';
import { boundOf } from '../pricing/cost.ts';
import type { Price } from '../pricing/price.ts';
import type { CallReply } from './call-reply.ts';
import { downgraded, type UsedShare } from './downgraded.ts';
import { forwardCall } from './forward-call.ts';
import { createLowerBounds } from './lower-bounds.ts';
import type { ProviderPools } from './provider-pools.ts';
import type { TokenBounds } from './token-bound.ts';
import { BadCall, type WireCall, type WireFormat } from './wire-format.ts';

export interface CallHandlerPorts {
  readonly policy: Policy;
  readonly admission: Admission;
  readonly pools: ProviderPools;
  readonly tokenBounds: TokenBounds;
  readonly remaining: (tenantId: string, keyId: string, workflowId: string | null) => bigint | undefined;
  readonly usedShare: UsedShare;
  /** Notes a refusal for the operator. */
  readonly onRefused: (call: RefusedCall) => void;
}

const LONGEST_SESSION = 200;

/** One call as it came in. */
export interface IncomingCall {
  readonly format: WireFormat;
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
  /** Who was authenticated for it. */
  readonly caller: Caller;
  readonly requestId: string;
  readonly reply: CallReply;
}

/** Answers one call. Rejects only when the gateway itself failed. */
export type CallHandler = (incoming: IncomingCall) => Promise<void>;

/** What is the same for every wire format: bound, admit, forward, settle. */
export function createCallHandler(ports: CallHandlerPorts): CallHandler {
  return async function handleCall({ format, headers, body: received, caller, requestId, reply }): Promise<void> {
    let call: WireCall;
    try {
      const text = received.toString('utf8');
      call = format.read(text, headers);
      if (caller.tenant.downgrades.size > 0) {
        const cheaper = downgraded({ format, text, headers }, call, caller.tenant, ports.usedShare);
        if (cheaper !== null) reply.header('x-tenantdesk-downgraded', headerText(`${call.model} -> ${cheaper.model}`));
        call = cheaper ?? call;
      }
    } catch (error) {
      if (!(error instanceof BadCall)) throw error;
      return reply.refuse(badRequest(error.code, error.message, error.parameter));
    }
    const workflowId = workflowOf(caller, headers['x-tenantdesk-workflow'], call.workflowSlug);
    const refused = (refusal: Refusal, unpricedAt?: string): void => {
      ports.onRefused({ caller, requestId, workflowId, model: call.model, refusal, unpricedAt });
      reply.refuse(refusal);
    };
    const provider = providerOf(ports.policy, call.model);
    if (provider.price === undefined || provider.policy === undefined) {
      return refused(unpricedModel(call.model), provider.policy?.id ?? 'openai');
    }
    const { price } = provider;
    const limits = outputLimits(call, price, caller.tenant.maxTokensPerMessage);
    const body = call.body(limits.set);
    const bytes = Buffer.byteLength(body);
    const { choices } = call;
    const trims = caller.tenant.trimsLastCall;
    const admitted = await ports.admission.admit({
      caller,
      requestId,
      workflowId,
      session: sessionOf(headers['x-tenantdesk-session']),
      price,
      bound: boundOf(price, bytes, limits.most * choices),
      tokens: bytes + limits.most * choices,
      countedTokens: () => (ports.tokenBounds.count(price, body, bytes) ?? bytes) + limits.most * choices,
      lowerBounds: createLowerBounds(
        { price, body, bytes, outputLimit: limits.most, choices, trims },
        ports.tokenBounds,
      ),
    });
    if (admitted.kind === 'refused') return refused(admitted.refusal);
    const trimmedTo = admitted.trimmedTo ?? limits.lowered;
    for (const [name, value] of Object.entries(admitted.headers)) reply.header(name, value);
    const sent = trimmedTo === null ? body : call.body(trimmedTo);
    await forwardCall({
      format,
      call,
      headers,
      reply,
      route: ports.pools.route(provider.policy),
      body: sent,
      bytes: trimmedTo === null ? bytes : Buffer.byteLength(sent),
      trimmedTo,
      requestId,
      account: admitted.account,
      remaining: () => ports.remaining(caller.tenant.id, caller.secret.keyId, workflowId),
    });
  };
}

function providerOf(policy: Policy, model: string) {
  const price = policy.prices.find(model, policy.providers);
  const [first] = policy.providers.values();
  return { price, policy: price === undefined ? first : policy.providers.get(price.provider) };
}

/**
 * `set`: the limit to write into the body, null when the client's own stands; `most`: output tokens of each choice; `lowered`: the
 * limit where the client asked for more than its messages may have, else null.
 */
function outputLimits(
  { outputLimit: asked }: WireCall,
  price: Price,
  most: number,
): { set: number | null; most: number; lowered: number | null } {
  if (asked !== null && asked <= most) return { set: null, most: asked, lowered: null };
  if (asked !== null) return { set: most, most, lowered: most };
  const limit = price.maxOutputTokens === null ? most : Math.min(most, price.maxOutputTokens);
  return { set: limit, most: limit, lowered: null };
}

/** Without what a header can't hold. */
function headerText(text: string): string {
  return text.replaceAll(/[^\x20-\x7E]/g, '?');
}

/** Header, else metadata, else the key's default; a slug nobody knows is booked under the default. */
function workflowOf(
  caller: Caller,
  header: string | string[] | undefined,
  metadata: string | undefined,
): string | null {
  const slug = typeof header === 'string' ? header : metadata;
  const known = slug === undefined ? undefined : caller.tenant.workflowsBySlug.get(slug);
  return known ?? caller.secret.defaultWorkflowId;
}

function sessionOf(header: string | string[] | undefined): string | null {
  if (typeof header !== 'string' || header === '') return null;
  return header.slice(0, LONGEST_SESSION);
}
