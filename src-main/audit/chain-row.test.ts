import { createHash } from 'node:crypto';
import { expect, it } from 'vitest';
import { chainHash, genesisHash, type ChainRow } from './chain-row.ts';

const row: ChainRow = {
  tenantId: '5f0c8a52-0000-4000-8000-000000000001',
  seq: 1n,
  id: '7',
  atMicros: '1795163551123456',
  operatorId: null,
  login: 'asha',
  action: 'cap.set',
  target: 'cap:1',
  before: null,
  after: '{"name": "Zahnärztin"}',
  reason: '',
  prevHash: genesisHash('5f0c8a52-0000-4000-8000-000000000001'),
  hash: '',
};

it('is what the description of an export says', () => {
  const text =
    '36:5f0c8a52-0000-4000-8000-000000000001' +
    '1:1' +
    '1:7' +
    '16:1795163551123456' +
    '-' +
    '4:asha' +
    '7:cap.set' +
    '5:cap:1' +
    '-' +
    '23:{"name": "Zahnärztin"}' +
    '0:';
  const previous = createHash('sha256').update('5f0c8a52-0000-4000-8000-000000000001').digest();
  expect(chainHash(row)).toBe(createHash('sha256').update(previous).update(text).digest('hex'));
});

it.each(Object.keys(row).filter((name) => name !== 'hash'))('changes with %s', (name) => {
  const changed = { ...row, [name]: name === 'seq' ? 2n : name === 'prevHash' ? 'ab'.repeat(32) : 'other' };
  expect(chainHash(changed)).not.toBe(chainHash(row));
});

it('tells null from an empty text, and one field from the next', () => {
  const hashes = [
    row,
    { ...row, reason: null },
    { ...row, target: null, reason: 'cap:1' },
    { ...row, login: 'ash', action: 'acap.set' },
    { ...row, before: row.after, after: null },
  ].map((one) => chainHash(one));
  expect(new Set(hashes).size).toBe(hashes.length);
});
