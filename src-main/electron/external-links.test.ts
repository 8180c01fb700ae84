import { expect, it } from 'vitest';
import { externalLink } from './external-links.ts';

it('opens a whole address that is listed, and nothing that looks like it or is not https', () => {
  const listed = ['https://updates.example/notes', 'http://plain.example/', 'file:///etc/passwd', 'not an address'];
  expect(externalLink('https://updates.example/notes', listed)).toBe('https://updates.example/notes');
  for (const url of [...listed.slice(1), 'https://updates.example/notes/', 'HTTPS://updates.example/notes']) {
    expect(externalLink(url, listed), url).toBeUndefined();
  }
  expect(externalLink('https://updates.example/notes', [])).toBeUndefined();
});
