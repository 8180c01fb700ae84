import type { Dispatcher } from 'undici';
import { answerWords } from '../provider/answer-text.ts';
import { logNormal, type Random } from '../seeded-random.ts';
import type { TrafficTenant, TrafficWorkflow } from './traffic-plan.ts';

/** How a call ended, as the caller sees it. */
export type CallResult = 'ok' | 'refused' | 'failed' | 'unreachable';

const PATHS = { chat: '/v1/chat/completions', responses: '/v1/responses', messages: '/v1/messages' } as const;
const BYTES_PER_TOKEN = 4;
const SHARE_WITHOUT_PATIENCE = 0.01;
const HEADERS_TIMEOUT_MS = 60_000;

/** One call of a workflow through the gateway's public interface, its answer read to the end (now and then the caller leaves early). */
export async function callGateway(
  client: Dispatcher,
  tenant: TrafficTenant,
  workflow: TrafficWorkflow,
  random: Random,
): Promise<CallResult> {
  const stream = random() < workflow.streaming;
  try {
    const { statusCode, body } = await client.request({
      method: 'POST',
      path: PATHS[workflow.format],
      headers: {
        ...credentialOf(tenant, workflow),
        'content-type': 'application/json',
        'x-tenantdesk-workflow': workflow.slug,
      },
      body: JSON.stringify(makeRequest(workflow, stream, random)),
      headersTimeout: HEADERS_TIMEOUT_MS,
    });
    if (stream && statusCode === 200 && random() < SHARE_WITHOUT_PATIENCE) {
      for await (const _ of body) break;
      return 'ok';
    }
    await body.dump({ limit: Number.MAX_SAFE_INTEGER });
    if (statusCode === 200) return 'ok';
    return statusCode === 402 || statusCode === 403 ? 'refused' : 'failed';
  } catch {
    return 'unreachable';
  }
}

/** As the SDKs of both families send it. */
function credentialOf({ key }: TrafficTenant, { format }: TrafficWorkflow): Record<string, string> {
  return format === 'messages'
    ? { 'x-api-key': key, 'anthropic-version': '2023-06-01' }
    : { authorization: `Bearer ${key}` };
}

function makeRequest(workflow: TrafficWorkflow, stream: boolean, random: Random): Record<string, unknown> {
  const answer = Math.max(8, Math.round(logNormal(random, workflow.outputTokens, 0.25)));
  const words = Math.round((logNormal(random, workflow.inputTokens, 0.15) * BYTES_PER_TOKEN) / 5.4);
  const question = answerWords(Math.floor(random() * 60), Math.max(10, words - 30)).trim();
  const system = `You are the assistant of the workflow ${workflow.slug}. Be short, kind and exact.`;
  const asked = { role: 'user', content: `${question} [answer ${answer} tokens]` };
  // Callers set a limit with some room; what they do not use comes back when the call is settled.
  const limit = Math.round(workflow.outputTokens * 1.9);
  const common = { model: workflow.model, ...(stream ? { stream: true } : {}) };
  if (workflow.format === 'messages') return { ...common, system, messages: [asked], max_tokens: limit };
  if (workflow.format === 'responses') {
    return { ...common, instructions: system, input: [asked], max_output_tokens: limit };
  }
  return {
    ...common,
    messages: [{ role: 'system', content: system }, asked],
    max_tokens: limit,
    ...(stream ? { stream_options: { include_usage: random() < 0.5 } } : {}),
  };
}
