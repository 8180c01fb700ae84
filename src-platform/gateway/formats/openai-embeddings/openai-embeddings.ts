import type { WireFormat } from '../../calls/wire-format.ts';
import { errorBody } from '../openai/error-body.ts';
import { bearer, versionedPath } from '../openai/provider-request.ts';
import { readEmbeddingsCall } from './embeddings-request.ts';
import { usageOfAnswer } from './embeddings-usage.ts';

/** OpenAI's embeddings. */
export const openAiEmbeddings: WireFormat = {
  dialect: 'openai',
  operation: 'embeddings',
  path: '/v1/embeddings',
  providerPath: (basePath) => versionedPath(basePath, '/embeddings'),
  providerHeaders: bearer,
  read: readEmbeddingsCall,
  usageOfAnswer,
  errorBody,
};
