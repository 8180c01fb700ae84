import type { IncomingHttpHeaders } from 'node:http';
import type { Admission, BoundedCall } from '../admission/admission.ts';
import type { RefusedCall } from '../admission/refusal-notes.ts';
import {
  badRequest,
  modelNotAllowed,
  unknownHourRate,
  unpricedModel,
  wrongFormat,
  type Refusal,
} from '../admission/refusal.ts';
import type { Caller } from '../policy/authenticate.ts';
import type { Policy } from '../policy/policy.ts';
import { boundOf } from '../pricing/cost.ts';
import type { Price } from '../pricing/price.ts';
import type { CallReply } from './call-reply.ts';
import { downgraded, type UsedShare } from './downgraded.ts';
import { forwardCall, type Trouble } from './forward-call.ts';
import { countedInput, createLowerBounds, type QuickBound } from './lower-bounds.ts';
import type { ProviderPools } from './provider-pools.ts';
import { firstProvider, sellersOf, type Seller } from './sellers.ts';
import type { TokenBounds } from './token-bound.ts';
import { mayUse } from '../policy/model-permission.ts';
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
const MOST_UNITS = 1_000_000;

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

/**
 * What is the same for every wire format: bound, admit, forward, settle. A provider that did not run the call is followed by the next that
 * sells its model: an attempt of its own, under its own bound and at its own price.
 */
export function createCallHandler(ports: CallHandlerPorts): CallHandler {
  return async function handleCall(incoming): Promise<void> {
    try {
      await handle(incoming);
    } catch (error) {
      if (!(error instanceof BadCall)) throw error;
      incoming.reply.refuse(badRequest(error.code, error.message, error.parameter));
    }
  };

  async function handle({ format, headers, body: received, caller, requestId, reply }: IncomingCall): Promise<void> {
    const text = received.toString('utf8');
    const asked = format.read(text, headers);
    const { tenant } = caller;
    const cheaper =
      tenant.downgrades.size === 0 ? null : downgraded({ format, text, headers }, asked, tenant, ports.usedShare);
    if (cheaper !== null) reply.header('x-tenantdesk-downgraded', headerText(`${asked.model} -> ${cheaper.model}`));
    const call = cheaper ?? asked;
    const workflowId = workflowOf(caller, headers['x-tenantdesk-workflow'], call.workflowSlug);
    const refused = (refusal: Refusal, unpricedAt?: string): void => {
      ports.onRefused({ caller, requestId, workflowId, model: call.model, refusal, unpricedAt });
      reply.refuse(refusal);
    };
    if (!mayUse(tenant.models, asked.model)) return refused(modelNotAllowed(tenant, asked.model));
    const sellers = sellersOf(ports.policy, call.model, format.dialect);
    if (sellers.length === 0) return nobodySells(call.model, format, refused);
    const common = { format, call, headers, caller, requestId, workflowId, reply };
    let trouble: Trouble | undefined;
    let earlierCost = 0n;
    for (const [index, seller] of sellers.entries()) {
      const attempt = index + 1;
      const bounded = boundCall(common, seller, attempt);
      if (bounded === undefined) continue;
      const admitted = await ports.admission.admit(bounded.call);
      if (admitted.kind === 'refused') {
        if (trouble === undefined) return refused(admitted.refusal);
        // What became of the call is the first provider's trouble; that another could not be paid is for the operator.
        ports.onRefused({ caller, requestId, workflowId, model: call.model, refusal: admitted.refusal });
        break;
      }
      const { account } = admitted;
      const trimmedTo = admitted.trimmedTo ?? bounded.loweredTo;
      if (attempt === 1) for (const [name, value] of Object.entries(admitted.headers)) reply.header(name, value);
      const body = trimmedTo === null ? bounded.body : call.body(trimmedTo);
      trouble = await forwardCall({
        ...common,
        route: ports.pools.route(seller.provider),
        body,
        bytes: trimmedTo === null ? bounded.bytes : Buffer.byteLength(body),
        trimmedTo,
        account,
        remaining: () => ports.remaining(caller.tenant.id, caller.secret.keyId, workflowId),
        earlierCost,
        another: attempt < sellers.length,
      });
      if (trouble === undefined) return;
      earlierCost += trouble.cost;
    }
    if (trouble === undefined) return refused(unknownHourRate(call.model));
    trouble.answer();
  }

  /** Undefined: what this provider asks for it is not known. @throws BadCall */
  function boundCall(incoming: CommonFacts, seller: Seller, attempt: number): Bounded | undefined {
    const { call, caller, requestId, workflowId, headers } = incoming;
    const { price } = seller;
    const limits = outputLimits(call, price, Math.max(caller.tenant.maxTokensPerMessage, call.leastOutputLimit));
    const body = bodyOf(call, limits.set);
    const hourCaching = call.cachesForAnHour(body);
    if (hourCaching && price.hourCacheWrite === null) return undefined;
    const { choices, imageBytes, addedTokens, leastOutputLimit } = call;
    const bytes = Buffer.byteLength(body);
    const input = bytes - imageBytes + addedTokens;
    const quick: QuickBound = {
      price,
      body,
      input,
      added: imageBytes === 0 ? addedTokens : null,
      hourCaching,
      outputLimit: limits.most,
      leastOutputLimit,
      choices,
      trims: caller.tenant.trimsLastCall,
    };
    return {
      body,
      bytes,
      loweredTo: limits.lowered,
      call: {
        caller,
        requestId,
        attempt,
        workflowId,
        session: sessionOf(headers['x-tenantdesk-session'] ?? call.session),
        units: unitsOf(headers['x-tenantdesk-units'], call.units),
        operation: incoming.format.operation,
        price,
        bound: boundOf(price, { input, output: limits.most * choices, hourCaching }),
        tokens: input + limits.most * choices,
        countedTokens: () => countedInput(quick, ports.tokenBounds) + limits.most * choices,
        lowerBounds: createLowerBounds(quick, ports.tokenBounds),
      },
    };
  }

  function nobodySells(
    model: string,
    format: WireFormat,
    refused: (refusal: Refusal, unpricedAt?: string) => void,
  ): void {
    const { policy } = ports;
    if (policy.prices.sellers(model).some(({ provider }) => policy.providers.has(provider))) {
      return refused(wrongFormat(model, format.path));
    }
    refused(unpricedModel(model), firstProvider(policy, format.dialect)?.id ?? format.dialect);
  }
}

/** @throws BadCall for one nested so deep that it can be read, but not be written */
function bodyOf(call: WireCall, outputLimit: number | null): string {
  try {
    return call.body(outputLimit);
  } catch (error) {
    if (error instanceof RangeError) throw new BadCall('The body is nested too deep.', 'invalid_json');
    throw error;
  }
}

/** What all attempts of a call have in common. */
interface CommonFacts extends Omit<IncomingCall, 'body'> {
  readonly call: WireCall;
  readonly workflowId: string | null;
}

/** A call as one provider would get it. */
interface Bounded {
  readonly call: BoundedCall;
  readonly body: string;
  /** Of the body in UTF-8. */
  readonly bytes: number;
  /** The output limit that it got because the client asked for more than its messages may have; else null. */
  readonly loweredTo: number | null;
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

/** How many units of its workflow's work a call does, such as leads scored: header, else metadata. @throws BadCall */
function unitsOf(header: string | string[] | undefined, metadata: string | undefined): number | null {
  const said = header ?? metadata;
  if (said === undefined) return null;
  if (typeof said === 'string' && /^\d{1,7}$/.test(said) && Number(said) <= MOST_UNITS) return Number(said);
  const name = header === undefined ? 'metadata.units' : 'x-tenantdesk-units';
  throw new BadCall(`'${name}' must be a whole number from 0 to ${MOST_UNITS}.`, 'invalid_request', name);
}

function sessionOf(said: string | string[] | undefined): string | null {
  if (typeof said !== 'string' || said === '') return null;
  return said.slice(0, LONGEST_SESSION);
}
