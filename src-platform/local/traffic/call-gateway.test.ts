import { MockAgent } from 'undici';
import { expect, test } from 'vitest';
import { anthropicMessages } from '../../gateway/formats/anthropic-messages/anthropic-messages.ts';
import { openAiChat } from '../../gateway/formats/openai-chat/openai-chat.ts';
import { openAiResponses } from '../../gateway/formats/openai-responses/openai-responses.ts';
import { seededRandom } from '../seeded-random.ts';
import { callGateway } from './call-gateway.ts';

const GATEWAY = 'http://gateway.invalid';
const tenant = { slug: 't', key: 'td_key', callsPerSecond: 1, bursts: false, workflows: [] };

test.each([
  ['chat', openAiChat],
  ['responses', openAiResponses],
  ['messages', anthropicMessages],
] as const)('a workflow of %s sends what the format takes', async (format, wireFormat) => {
  const agent = new MockAgent();
  agent.disableNetConnect();
  const client = agent.get(GATEWAY);
  const sent: string[] = [];
  client.intercept({ method: 'POST', path: wireFormat.path }).reply(200, ({ body }) => {
    sent.push(typeof body === 'string' ? body : '');
    return '{}';
  });
  const workflow = { slug: 'w', weight: 1, model: 'm', format, inputTokens: 100, outputTokens: 50, streaming: 1 };
  expect(await callGateway(client, tenant, workflow, seededRandom('calls'))).toBe('ok');
  const call = wireFormat.read(sent[0] ?? '', {});
  expect(call).toMatchObject({ model: 'm', stream: true, outputLimit: 95 });
});
