import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Admission } from '../admission/admission.ts';
import type { RefusedCall } from '../admission/refusal-notes.ts';
import { badRequest, unpricedModel, type Refusal } from '../admission/refusal.ts';
import type { Caller } from '../policy/authenticate.ts';
import type { Policy } from '../policy/policy.ts';
import { boundOf } from '../pricing/cost.ts';
import type { Price } from '../pricing/price.ts';
import { BadChatRequest, forwardedBody, readChatRequest, type ChatRequest } from './chat-request.ts';
import { errorBody } from './errors.ts';
import type { ProviderPools } from './provider-pools.ts';
import { forwardCall } from './forward-call.ts';
import type { TokenBounds } from './token-bound.ts';

export interface ChatHandlerPorts {
  readonly policy: Policy;
  readonly admission: Admission;
  readonly pools: ProviderPools;
  readonly tokenBounds: TokenBounds;
  readonly remaining: (tenantId: string) => bigint | undefined;
  /** Notes a refusal for the operator. */
  readonly onRefused: (call: RefusedCall) => void;
}

const LONGEST_SESSION = 200;

/** `POST /v1/chat/completions`: bound, admit, forward, settle. */
export function createChatHandler(ports: ChatHandlerPorts) {
  return async function handleChat(
    request: FastifyRequest,
    reply: FastifyReply,
    caller: Caller,
    requestId: string,
  ): Promise<FastifyReply> {
    let chat: ChatRequest;
    try {
      chat = readChatRequest(typeof request.body === 'string' ? request.body : '');
    } catch (error) {
      if (!(error instanceof BadChatRequest)) throw error;
      return answerRefusal(reply, badRequest(error.code, error.message, error.parameter));
    }
    const workflowId = workflowOf(caller, request.headers['x-tenantdesk-workflow'], chat.workflowSlug);
    const refused = (refusal: Refusal, unpricedAt?: string): FastifyReply => {
      ports.onRefused({ caller, requestId, workflowId, model: chat.model, refusal, unpricedAt });
      return answerRefusal(reply, refusal);
    };
    const provider = providerOf(ports.policy, chat.model);
    if (provider.price === undefined || provider.policy === undefined) {
      return refused(unpricedModel(chat.model), provider.policy?.id ?? 'openai');
    }
    const { price } = provider;
    const limits = outputLimits(chat, price, caller.tenant.maxTokensPerMessage);
    const body = forwardedBody(chat, limits.set);
    const mostInputTokens = Buffer.byteLength(body);
    const admitted = await ports.admission.admit({
      caller,
      requestId,
      workflowId,
      session: sessionOf(request.headers['x-tenantdesk-session']),
      price,
      bound: boundOf(price, mostInputTokens, limits.most),
      tighterBound: (remaining) => ports.tokenBounds.tighter(price, body, mostInputTokens, limits.most, remaining),
    });
    if (admitted.kind === 'refused') return refused(admitted.refusal);
    return forwardCall({
      reply,
      route: ports.pools.route(provider.policy),
      body,
      requestId,
      stream: chat.stream,
      clientWantsUsage: chat.clientWantsUsage,
      account: admitted.account,
      remaining: () => ports.remaining(caller.tenant.id),
    });
  };
}

/** Answers in OpenAI's error shape. */
export function answerRefusal(reply: FastifyReply, refusal: Refusal): FastifyReply {
  if (refusal.headers) reply.headers(refusal.headers);
  return reply.code(refusal.status).type('application/json; charset=utf-8').send(errorBody(refusal));
}

function providerOf(policy: Policy, model: string) {
  const price = policy.prices.find(model, policy.providers);
  const [first] = policy.providers.values();
  return { price, policy: price === undefined ? first : policy.providers.get(price.provider) };
}

/** `set`: the limit to write into the body, null when the client gave one; `most`: output tokens of all choices together. */
function outputLimits(chat: ChatRequest, price: Price, planLimit: number): { set: number | null; most: number } {
  if (chat.outputLimit !== null) return { set: null, most: chat.outputLimit * chat.choices };
  const limit = price.maxOutputTokens === null ? planLimit : Math.min(planLimit, price.maxOutputTokens);
  return { set: limit, most: limit * chat.choices };
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
