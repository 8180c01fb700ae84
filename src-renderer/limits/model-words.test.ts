import { expect, test } from 'vitest';
import { parseModels } from './model-words.ts';

test('takes models as they are typed, each once', () => {
  expect(parseModels(' gpt-4o*\n claude-haiku-4-5, gpt-4o*\n\n')).toEqual({
    ok: true,
    models: ['gpt-4o*', 'claude-haiku-4-5'],
  });
  expect(parseModels(' \n ')).toEqual({ ok: true, models: null });
});

test.each(['*', 'gpt*4o', 'x'.repeat(257)])('says what is no name: %s', (name) => {
  expect(parseModels(`gpt-4o\n${name}`)).toMatchObject({ ok: false, sentence: expect.stringContaining('is no name') });
});

test('says how many a list may have', () => {
  const many = Array.from({ length: 201 }, (_, index) => `model-${index}`).join(',');
  expect(parseModels(many)).toMatchObject({ ok: false, sentence: 'A list has at most 200 models.' });
});
