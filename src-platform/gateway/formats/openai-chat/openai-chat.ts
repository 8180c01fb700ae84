import type { WireFormat } from '../../calls/wire-format.ts';
import { errorBody } from '../openai/error-body.ts';
import { bearer, versionedPath } from '../openai/provider-request.ts';
import { readChatCall } from './chat-request.ts';
import { usageOfAnswer } from './chat-usage.ts';

/** OpenAI's chat completions. */
export const openAiChat: WireFormat = {
  dialect: 'openai',
  operation: 'chat',
  path: '/v1/chat/completions',
  providerPath: (basePath) => versionedPath(basePath, '/chat/completions'),
  providerHeaders: bearer,
  read: readChatCall,
  usageOfAnswer,
  errorBody,
};
