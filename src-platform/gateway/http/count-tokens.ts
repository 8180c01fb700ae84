import type { IncomingHttpHeaders } from 'node:http';
import {
  badRequest,
  modelNotAllowed,
  providerTrouble,
  tenantInactive,
  unpricedModel,
  wrongFormat,
  type Refusal,
} from '../admission/refusal.ts';
import { PASSES_ON } from '../calls/forward-call.ts';
import { modelIn, parseBody } from '../calls/json-fields.ts';
import type { ProviderPools } from '../calls/provider-pools.ts';
import { sellersOf, type Seller } from '../calls/sellers.ts';
import { BadCall } from '../calls/wire-format.ts';
import { anthropicMessages } from '../formats/anthropic-messages/anthropic-messages.ts';
import { checkHeaders } from '../formats/anthropic-messages/provider-request.ts';
import type { Caller } from '../policy/authenticate.ts';
import { mayUse } from '../policy/model-permission.ts';
import type { Policy } from '../policy/policy.ts';
import type { QuotaDesk } from '../quotas/quota-desk.ts';
import { quotaReached } from '../quotas/quota-refusal.ts';
import { ProviderBroke } from '../upstream/provider-exchange.ts';

export interface TokenCountPorts {
  readonly policy: Policy;
  readonly providers: Pick<ProviderPools, 'route'>;
  readonly quotas: Pick<QuotaDesk, 'admit'>;
  readonly databaseNow: () => number;
}

interface Question {
  readonly caller: Caller;
  readonly headers: IncomingHttpHeaders;
  /** The body as it came. */
  readonly text: string;
  readonly requestId: string;
}

/** The provider's answer, or why there is none. */
export type TokenCounted =
  { readonly status: number; readonly contentType: string; readonly body: Buffer } | { readonly refusal: Refusal };

export type TokenCount = (question: Question) => Promise<TokenCounted>;

const PATIENCE_MS = 30_000;
const REJECTED = new Set([301, 302, 303, 307, 308, 401, 403]);

/**
 * How many tokens a message would have, as the provider counts them: no other count is right for its models, and it takes nothing for it. So it
 * passes no cap and has no row in the ledger; it is a request for the quotas, because the provider's own limit on counting is shared by all clients.
 */
export function createTokenCount(ports: TokenCountPorts): TokenCount {
  return async (question) => {
    try {
      return await count(question);
    } catch (error) {
      if (!(error instanceof BadCall)) throw error;
      return { refusal: badRequest(error.code, error.message, error.parameter) };
    }
  };

  async function count({ caller, headers, text, requestId }: Question): Promise<TokenCounted> {
    const { tenant } = caller;
    if (tenant.status !== 'active') return { refusal: tenantInactive(tenant) };
    checkHeaders(headers);
    const body = parseBody(text);
    const model = modelIn(body);
    if (!mayUse(tenant.models, model)) return { refusal: modelNotAllowed(tenant, model) };
    const sellers = sellersOf(ports.policy, model, anthropicMessages.dialect);
    if (sellers.length === 0) {
      const elsewhere = ports.policy.prices.sellers(model).length > 0;
      return { refusal: elsewhere ? wrongFormat(model, anthropicMessages.path) : unpricedModel(model) };
    }
    const at = ports.databaseNow();
    const pass = await ports.quotas.admit(tenant, { requests: 1, tokens: 0, session: null }, at);
    if (!pass.passed) return { refusal: quotaReached(tenant, pass, at) };
    pass.settle(0);
    // Written anew, as calls are: what two readers could take for two things goes on as one.
    return ask(sellers, JSON.stringify(body), headers, requestId);
  }

  async function ask(
    sellers: readonly Seller[],
    body: string,
    headers: IncomingHttpHeaders,
    requestId: string,
  ): Promise<TokenCounted> {
    let trouble: TokenCounted = unreachable();
    for (const { provider } of sellers) {
      trouble = await askOne(provider, body, headers, requestId);
      if ('status' in trouble && !PASSES_ON.has(trouble.status)) return trouble;
    }
    if ('status' in trouble && REJECTED.has(trouble.status)) {
      return { refusal: providerTrouble(502, 'provider_rejected', 'The AI provider did not accept the call.') };
    }
    return trouble;
  }

  async function askOne(
    provider: Seller['provider'],
    body: string,
    headers: IncomingHttpHeaders,
    requestId: string,
  ): Promise<TokenCounted> {
    const { line, basePath, credential } = ports.providers.route(provider);
    const sending = line.send({
      path: `${anthropicMessages.providerPath(basePath)}/count_tokens`,
      headers: {
        'content-type': 'application/json',
        accept: 'application/json',
        'accept-encoding': 'identity',
        ...anthropicMessages.providerHeaders(credential, headers),
        'x-request-id': requestId,
        'user-agent': 'tenantdesk-gateway',
      },
      body,
      bodyBytes: Buffer.byteLength(body),
    });
    const timer = setTimeout(() => sending.abort(new Error('The provider took too long.')), PATIENCE_MS);
    try {
      const answer = await sending.answered;
      const contentType = answer.contentType || 'application/json';
      return { status: answer.statusCode, contentType, body: await answer.whole() };
    } catch (error) {
      if (!(error instanceof ProviderBroke)) throw error;
      return unreachable();
    } finally {
      clearTimeout(timer);
    }
  }
}

function unreachable(): TokenCounted {
  return { refusal: providerTrouble(502, 'provider_unreachable', 'The AI provider could not be reached. Try again.') };
}
