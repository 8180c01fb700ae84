import type { WireFormat } from '../../calls/wire-format.ts';
import { errorBody } from '../openai/error-body.ts';
import { bearer, versionedPath } from '../openai/provider-request.ts';
import { readResponsesCall } from './responses-request.ts';
import { usageOfAnswer } from './responses-usage.ts';

/** OpenAI's responses. */
export const openAiResponses: WireFormat = {
  dialect: 'openai',
  operation: 'chat',
  path: '/v1/responses',
  providerPath: (basePath) => versionedPath(basePath, '/responses'),
  providerHeaders: bearer,
  read: readResponsesCall,
  usageOfAnswer,
  errorBody,
};
