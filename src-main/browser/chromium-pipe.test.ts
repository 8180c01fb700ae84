import { PassThrough } from 'node:stream';
import { describe, expect, it } from 'vitest';
import { createChromiumPipe } from './chromium-pipe.ts';

function pretendChromium() {
  const toChromium = new PassThrough();
  const fromChromium = new PassThrough();
  return { toChromium, fromChromium, pipe: createChromiumPipe(toChromium, fromChromium) };
}

describe('the debugging pipe', () => {
  it('puts answers together that arrive in pieces and out of order, also inside a character', async () => {
    const { pipe, fromChromium } = pretendChromium();
    const answers = Promise.all([pipe.send('A'), pipe.send('B')]);
    const bytes = Buffer.from(
      '{"method":"Some.event","params":{}}\0{"id":2,"result":{"b":"₹"}}\0{"id":1,"result":{"a":1}}\0',
    );
    for (const byte of bytes) fromChromium.write(Buffer.from([byte]));
    expect(await answers).toEqual([{ a: 1 }, { b: '₹' }]);
  });

  it('rejects with the words of Chromium', async () => {
    const { pipe, fromChromium } = pretendChromium();
    const answer = pipe.send('A');
    fromChromium.write('{"id":1,"error":{"code":-1,"message":"no such page"}}\0');
    await expect(answer).rejects.toThrow('no such page');
  });

  it('leaves nobody waiting when Chromium goes', async () => {
    const { pipe, fromChromium } = pretendChromium();
    const answer = pipe.send('A');
    fromChromium.destroy();
    await expect(answer).rejects.toThrow('Chromium closed.');
    await expect(pipe.send('B')).rejects.toThrow('Chromium closed.');
  });

  it('ends every command with NUL', () => {
    const { pipe, toChromium } = pretendChromium();
    void pipe.send('Page.navigate', { url: 'x' }, 'session').catch(() => undefined);
    expect(String(toChromium.read())).toBe(
      '{"id":1,"method":"Page.navigate","params":{"url":"x"},"sessionId":"session"}\0',
    );
  });
});
