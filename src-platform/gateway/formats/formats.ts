import type { WireFormat } from '../calls/wire-format.ts';
import { anthropicMessages } from './anthropic-messages/anthropic-messages.ts';
import { openAiChat } from './openai-chat/openai-chat.ts';
import { openAiEmbeddings } from './openai-embeddings/openai-embeddings.ts';
import { openAiResponses } from './openai-responses/openai-responses.ts';

/** The wire formats that tenants may call in. */
export const FORMATS: readonly WireFormat[] = [openAiChat, openAiResponses, openAiEmbeddings, anthropicMessages];

/** The format whose error shape an answer at that path, or below it, has: its own, else OpenAI's. */
export function formatOf(path: string): WireFormat {
  return FORMATS.find((format) => path === format.path || path.startsWith(`${format.path}/`)) ?? openAiChat;
}
