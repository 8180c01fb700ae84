/** The audit calls of a console, as the window makes them. */
import { createHash, randomUUID } from 'node:crypto';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import type { Pool } from 'pg';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { appendEntries, tamper } from '../../src-platform/testing/audit-tampering.ts';
import { makeOperator, makeTenant, type MadeOperator } from '../../src-platform/testing/factories.ts';
import { createTestDatabase, type TestDatabase } from '../../src-platform/testing/test-database.ts';
import type { AuditMemory } from '../contract/audit.ts';
import { nextState } from '../testing/next-state.ts';
import { openTestConsole, type TestConsole } from '../testing/test-console.ts';

let db: TestDatabase;
let superuser: Pool;
const opened: TestConsole[] = [];

beforeAll(async () => {
  db = await createTestDatabase();
  superuser = db.connect(db.superuserUrl);
});
afterEach(async () => {
  for (let last = opened.pop(); last; last = opened.pop()) await last.console.close();
});
afterAll(() => db.close());

async function open(operator: MadeOperator, folder?: string): Promise<TestConsole> {
  const gatewayUrl = 'http://127.0.0.1:9';
  const made = await openTestConsole({ ...operator, gatewayUrl, ...(folder === undefined ? {} : { folder }) });
  opened.push(made);
  return made;
}

async function all<T>(stream: Promise<AsyncIterable<T>>): Promise<T[]> {
  const states: T[] = [];
  for await (const state of await stream) states.push(state);
  return states;
}

describe('the list', () => {
  it('is narrowed by the database: client, who, action and time, page by page', async () => {
    const id = (await makeTenant(db)).id;
    await appendEntries(superuser, 7, id);
    await superuser.query(`select platform.audit_append($1, null, 'other', 'cap.undo', null, null, null, null)`, [id]);
    const { client } = await open(await makeOperator(db, { role: 'operator' }));
    const count = async (filter: object): Promise<number> =>
      (await client.audit.list({ chain: id, ...filter })).entries.length;
    const { entries } = await client.audit.list({ chain: id });
    expect(entries.map(({ seq }) => seq)).toEqual([8n, 7n, 6n, 5n, 4n, 3n, 2n, 1n]);
    expect(await count({ login: 'other' })).toBe(1);
    expect(await count({ action: 'cap.set' })).toBe(7);
    expect(await count({ login: 'other', action: 'cap.set' })).toBe(0);
    const later = new Date(Date.now() + 60_000);
    expect(await count({ from: later })).toBe(0);
    expect(await count({ to: later })).toBe(8);
    const seen: bigint[] = [];
    let page = await client.audit.list({ chain: id, action: 'cap.set', limit: 3 });
    seen.push(...page.entries.map(({ seq }) => seq));
    while (page.next) {
      page = await client.audit.list({ chain: id, action: 'cap.set', limit: 3, before: page.next });
      seen.push(...page.entries.map(({ seq }) => seq));
    }
    expect(seen).toEqual([7n, 6n, 5n, 4n, 3n, 2n, 1n]);
    const choices = await client.audit.choices();
    expect(choices.actions).toEqual(expect.arrayContaining(['cap.set', 'cap.undo']));
    expect(choices.people).toContainEqual({ login: expect.any(String), name: 'The operator' });
  });

  it('leaves the platform’s anchors out unless they are asked for', async () => {
    await appendEntries(superuser, 1);
    await superuser.query(`select platform.audit_anchor('0')`);
    const { client } = await open(await makeOperator(db, { role: 'auditor' }));
    const actions = async (filter: object): Promise<string[]> =>
      (await client.audit.list({ chain: 'platform', ...filter })).entries.map(({ action }) => action);
    expect(await actions({})).not.toContain('audit.anchor');
    expect(await actions({ action: 'audit.anchor' })).toContain('audit.anchor');
  });
});

describe('a check', () => {
  it('tells how far it is and what it found, one at a time', async () => {
    const id = (await makeTenant(db, { name: 'Clinic B' })).id;
    await appendEntries(superuser, 5, id);
    const { client } = await open(await makeOperator(db, { role: 'account_manager', tenantIds: [id] }));
    const states = await all(client.audit.verify({}));
    expect(states.at(-1)).toMatchObject({ done: true, entries: 5, total: 5, chains: 1, findings: [] });
    await tamper(superuser, id, 5, 'edit', () => 0.5);
    expect((await all(client.audit.verify({ chain: id }))).at(-1)!.findings).toEqual([
      { tenantId: id, tenantName: 'Clinic B', seq: 3n, what: 'edited', by: 'chain', seenAt: null },
    ]);
    const first = await client.audit.verify({});
    await first.next();
    await expect(all(client.audit.verify({}))).rejects.toMatchObject({ code: 'CONFLICT' });
    await first.return();
    await expect
      .poll(async () =>
        all(client.audit.verify({})).then(
          () => 'runs',
          () => 'busy',
        ),
      )
      .toBe('runs');
  });

  it('is refused to a viewer', async () => {
    const { client } = await open(await makeOperator(db, { role: 'viewer' }));
    await expect(all(client.audit.verify({}))).rejects.toMatchObject({ code: 'FORBIDDEN' });
  });
});

describe('what a console remembers', () => {
  const compared = async (made: TestConsole): Promise<AuditMemory> =>
    nextState(await made.client.audit.memory(), (memory) => memory.comparedAt !== null);

  it.each(['rewrite', 'cutWithHead'] as const)(
    'tells a chain after a %s at the next connect, until it is accepted',
    async (kind) => {
      const folder = mkdtempSync(path.join(os.tmpdir(), 'tenantdesk-memory-'));
      const id = (await makeTenant(db, { name: 'Clinic B' })).id;
      const operator = await makeOperator(db, { role: 'operator' });
      await appendEntries(superuser, 6, id);
      const first = await open(operator, folder);
      expect(await compared(first)).toMatchObject({ alarms: [], trouble: null });
      await first.console.close();

      const { seq } = await tamper(superuser, id, 6, kind, () => 0.5);
      const second = await open(operator, folder);
      const what = kind === 'rewrite' ? 'rewritten' : 'cut';
      const alarm = { tenantId: id, tenantName: 'Clinic B', what, seq: 6n, lastSeq: what === 'cut' ? seq - 1n : 6n };
      expect((await compared(second)).alarms).toEqual([{ ...alarm, seenAt: expect.any(Date) }]);
      const findings = (await all(second.client.audit.verify({ chain: id }))).at(-1)!.findings;
      expect(findings).toEqual([expect.objectContaining({ what, seq, by: 'memory', seenAt: expect.any(Date) })]);
      // New entries on the false chain do not make it true.
      await appendEntries(superuser, 9, id);
      await second.console.close();
      const third = await open(operator, folder);
      expect((await compared(third)).alarms).toHaveLength(1);

      expect(await third.client.audit.accept({ chain: id })).toEqual({ remembered: true });
      expect((await compared(third)).alarms).toEqual([]);
      rmSync(folder, { recursive: true });
    },
  );

  it('is nothing for who reads no audit log, and no alarm for who is assigned to fewer clients', async () => {
    const folder = mkdtempSync(path.join(os.tmpdir(), 'tenantdesk-memory-'));
    const ids = [(await makeTenant(db)).id, (await makeTenant(db)).id];
    for (const id of ids) await appendEntries(superuser, 2, id);
    const manager = await makeOperator(db, { role: 'account_manager', tenantIds: ids });
    const first = await open(manager, folder);
    expect(await compared(first)).toMatchObject({ remembered: 2 });
    await first.console.close();
    await db.owner.query('delete from platform.operator_tenants where tenant_id = $1', [ids[0]]);
    expect(await compared(await open(manager, folder))).toMatchObject({ alarms: [], remembered: 2 });
    rmSync(folder, { recursive: true });
    const viewer = await open(await makeOperator(db, { role: 'viewer' }));
    await nextState(await viewer.client.session.watch(), ({ operator }) => operator !== null);
    const memory = await viewer.client.audit.memory();
    expect((await memory.next()).value).toMatchObject({ alarms: [], comparedAt: null });
    await memory.return();
  });
});

describe('an export', () => {
  const files = (made: TestConsole): string[] => readdirSync(path.join(made.folder, 'exports'));

  it('in JSON Lines has what a stranger needs to verify it, and stands in the audit log', async () => {
    const id = (await makeTenant(db, { name: 'Zahnärztin "A" / Bruns' })).id;
    await appendEntries(superuser, 12, id);
    const operator = await makeOperator(db, { role: 'account_manager', tenantIds: [id] });
    const made = await open(operator);
    const states = await all(
      made.client.audit.export({ format: 'jsonl', filter: { chain: id }, idempotencyKey: randomUUID() }),
    );
    const done = states.at(-1)!;
    expect(done).toMatchObject({ done: true, entries: 13, chains: 1, chainsTotal: 1 });
    expect(path.basename(done.file!)).toMatch(/^tenantdesk-audit-zahnärztin-a-bruns-\d{8}-\d{6}\.jsonl$/);
    const text = readFileSync(done.file!, 'utf8');
    expect(done).toMatchObject({ bytes: Buffer.byteLength(text), sha256: sha256(text) });
    const [head, ...lines] = text
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line) as Record<string, string | null>);
    const foot = lines.pop()!;
    expect(head).toMatchObject({ format: 'tenantdesk-audit-1', exportedBy: operator.login });
    let previous: string = sha256(id);
    for (const [index, line] of lines.entries()) {
      // As `howToVerify` in the first line says, by nothing of ours.
      const { tenantId, seq, id, atMicros, operatorId, login, action, target, before, after, reason } = line;
      const fields = [tenantId, seq, id, atMicros, operatorId, login, action, target, before, after, reason];
      const bytes = fields
        .map((field) => (typeof field !== 'string' ? '-' : `${Buffer.byteLength(field)}:${field}`))
        .join('');
      expect(line['prevHash']).toBe(previous);
      expect(line['seq']).toBe(String(index + 1));
      previous = createHash('sha256').update(Buffer.from(previous, 'hex')).update(bytes).digest('hex');
      expect(line['hash']).toBe(previous);
    }
    expect(foot).toEqual({ entries: 13, heads: { [id]: { seq: '13', hash: previous } } });
    expect(lines.at(-1)).toMatchObject({ action: 'audit.export', login: operator.login });
  });

  it('in CSV is safe for spreadsheets, and narrowed as asked', async () => {
    const id = (await makeTenant(db)).id;
    await superuser.query(
      `select platform.audit_append($1, null, '=cmd', 'cap.set', '@x', null, null, '+1 "two"'), platform.audit_append($1, null, 'x', 'cap.undo', null, null, null, null)`,
      [id],
    );
    const made = await open(await makeOperator(db, { role: 'auditor' }));
    const wish = { format: 'csv', filter: { chain: id, action: 'cap.set' }, idempotencyKey: randomUUID() } as const;
    const done = (await all(made.client.audit.export(wish))).at(-1)!;
    const lines = readFileSync(done.file!, 'utf8').split('\r\n');
    expect(lines).toHaveLength(3);
    expect(lines[1]).toContain(`,'=cmd,cap.set,'@x,,,"'+1 ""two""",`);
  });

  it('that is cancelled leaves no file, and stands in the audit log all the same', async () => {
    const id = (await makeTenant(db)).id;
    await appendEntries(superuser, 2500, id);
    const operator = await makeOperator(db, { role: 'auditor' });
    const made = await open(operator);
    const stream = await made.client.audit.export({
      format: 'jsonl',
      filter: { chain: id },
      idempotencyKey: randomUUID(),
    });
    await stream.next();
    await stream.return();
    await expect.poll(() => files(made)).toEqual([]);
    const { rowCount } = await superuser.query(
      `select from platform.audit_log where tenant_id = $1 and action = 'audit.export' and login = $2`,
      [id, operator.login],
    );
    expect(rowCount).toBe(1);
  });

  it('of a stranger’s client is refused, and nothing is written', async () => {
    const theirs = (await makeTenant(db)).id;
    const made = await open(
      await makeOperator(db, { role: 'account_manager', tenantIds: [(await makeTenant(db)).id] }),
    );
    const wish = { format: 'csv', filter: { chain: theirs }, idempotencyKey: randomUUID() } as const;
    await expect(all(made.client.audit.export(wish))).rejects.toMatchObject({ code: 'NOT_FOUND' });
    expect(() => files(made)).toThrow('ENOENT');
  });
});

const sha256 = (text: string | Buffer): string => createHash('sha256').update(text).digest('hex');
