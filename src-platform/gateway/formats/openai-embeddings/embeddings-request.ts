import { modelIn, parseBody, metadataIn } from '../../calls/json-fields.ts';
import { BadCall, type WireCall } from '../../calls/wire-format.ts';
import { FOREIGN_ROUTING } from '../openai/openai-bounds.ts';
import { refuseFields } from '../unbounded.ts';

/** Texts, or texts that are tokens already: either has no more tokens than bytes. @throws BadCall */
export function readEmbeddingsCall(text: string): WireCall {
  const body = parseBody(text);
  const model = modelIn(body);
  refuseFields(body, FOREIGN_ROUTING);
  checkInput(body['input']);
  return {
    model,
    stream: false,
    outputLimit: 0,
    leastOutputLimit: 0,
    choices: 1,
    ...metadataIn(body),
    imageBytes: 0,
    addedTokens: 0,
    body: () => JSON.stringify(body),
    cachesForAnHour: () => false,
    streamReader: () => ({ read: () => 'pass', usage: undefined }),
  };
}

function checkInput(input: unknown): void {
  if (typeof input === 'string') return;
  const bounded =
    Array.isArray(input) && input.every((one) => typeof one === 'string' || typeof one === 'number' || isTokens(one));
  if (bounded) return;
  throw new BadCall("'input' must be a text, a list of texts, or lists of tokens.", 'invalid_request', 'input');
}

function isTokens(value: unknown): boolean {
  return Array.isArray(value) && value.every((token) => typeof token === 'number');
}
