import { z } from 'zod';
import { readMarkers } from '../markers.ts';
import { bearerOf, openAiError, readPrompt, type ProviderFormat } from '../provider-format.ts';

const tokens = z.array(z.number().int());
const schema = z.looseObject({
  model: z.string(),
  input: z.union([z.string(), tokens, z.array(z.string()), z.array(tokens)]),
  dimensions: z.number().int().min(1).max(4_096).nullish(),
  encoding_format: z.enum(['float', 'base64']).nullish(),
});
const USUAL_DIMENSIONS = 1_536;

/** OpenAI's embeddings: vectors of length 1 that say nothing. */
export const embeddings: ProviderFormat = {
  path: '/embeddings',
  credential: bearerOf,
  error: openAiError,
  read: (body) => {
    const request = schema.parse(JSON.parse(body));
    const inputs = inputsOf(request.input);
    const messages = inputs.map((text) => ({ role: 'user', text, images: 0 }));
    return {
      model: request.model,
      stream: false,
      includeUsage: true,
      maxTokens: undefined,
      choices: 1,
      silent: true,
      flex: false,
      inputs: inputs.length,
      dimensions: request.dimensions ?? USUAL_DIMENSIONS,
      base64: request.encoding_format === 'base64',
      ...readPrompt(messages, readMarkers, []),
      // An input has nothing around it.
      promptTokens: inputs.reduce((sum, text) => sum + Math.max(1, Math.ceil(Buffer.byteLength(text) / 4)), 0),
    };
  },
  whole: ({ request, plan }) => {
    const { inputs, dimensions, base64, markers } = request;
    const vector = new Float32Array(dimensions).fill(1 / Math.sqrt(dimensions));
    const embedding = base64 ? Buffer.from(vector.buffer).toString('base64') : [...vector];
    const { input } = plan.reported;
    return {
      object: 'list',
      data: Array.from({ length: inputs }, (_, index) => ({ object: 'embedding', index, embedding })),
      model: request.model,
      ...(markers.hideUsage ? {} : { usage: { prompt_tokens: input, total_tokens: input } }),
    };
  },
  stream: () => {
    throw new Error('Embeddings do not stream.');
  },
};

/** Texts; tokens count as four letters each. */
function inputsOf(input: z.output<typeof schema>['input']): string[] {
  if (typeof input === 'string') return [input];
  const texts: string[] = [];
  const lone: number[] = [];
  for (const one of input) {
    if (typeof one === 'number') lone.push(one);
    else texts.push(typeof one === 'string' ? one : 'x'.repeat(one.length * 4));
  }
  return lone.length === 0 ? texts : ['x'.repeat(lone.length * 4)];
}
