const MODEL = 'gpt-4o';

/** Chunks of text in a stream. */
export const STREAM_CHUNKS = 40;

/** One call's body, about 1 KB, as a chat bot sends it; `gapMs`: a stream with its chunks so far apart. */
export function requestBody(gapMs?: number): string {
  const history = 'I booked a cleaning for Thursday at ten and would like to move it to the week after. '.repeat(9);
  return JSON.stringify({
    model: MODEL,
    max_tokens: 64,
    messages: [
      { role: 'system', content: 'You are the front desk of a dental clinic. Be brief and kind.' },
      { role: 'user', content: `${history}${gapMs === undefined ? '' : `[gap ${gapMs}]`}` },
    ],
    ...(gapMs === undefined ? {} : { stream: true }),
  });
}

/** The provider's whole answer, about 700 bytes. */
export const ANSWER = JSON.stringify({
  id: 'chatcmpl-9f2c1a7b3d5e4f60',
  object: 'chat.completion',
  created: 1_790_000_000,
  model: MODEL,
  choices: [
    {
      index: 0,
      message: {
        role: 'assistant',
        content:
          'Of course. I have moved your cleaning from Thursday to the Thursday after, at ten in the morning. Please come ten minutes early.',
        refusal: null,
      },
      logprobs: null,
      finish_reason: 'stop',
    },
  ],
  usage: {
    prompt_tokens: 198,
    completion_tokens: 29,
    total_tokens: 227,
    prompt_tokens_details: { cached_tokens: 0, audio_tokens: 0 },
    completion_tokens_details: { reasoning_tokens: 0, audio_tokens: 0, accepted_prediction_tokens: 0 },
  },
  service_tier: 'default',
  system_fingerprint: 'fp_5d58a6052a',
});

const HEAD = `"id":"chatcmpl-9f2c1a7b3d5e4f60","object":"chat.completion.chunk","created":1790000000,"model":"${MODEL}"`;

/** One chunk of a stream. */
export function streamChunk(content: string, finishReason: 'stop' | null = null): string {
  const delta = content === '' ? {} : { content };
  return `data: {${HEAD},"choices":[${JSON.stringify({ index: 0, delta, finish_reason: finishReason })}]}\n\n`;
}

/** The last chunk of a stream whose caller asked for its usage. */
export const STREAM_USAGE = `data: {${HEAD},"choices":[],"usage":{"prompt_tokens":198,"completion_tokens":40,"total_tokens":238}}\n\n`;
