import { setTimeout as pause } from 'node:timers/promises';
import { Client } from 'pg';
import { integerBetween, type Random } from '../../src-platform/local/seeded-random.ts';
import { startFaultProxy } from '../../src-platform/testing/fault-proxy.ts';

/** An operator's line to the database, which breaks when it matters. */
export interface OperatorLine {
  /** Sends it until an answer comes through, after some times when it was cut. The database's no, in words, is an answer too. */
  send(
    statement: string,
    values: readonly unknown[],
    random: Random,
  ): Promise<{ readonly answer: unknown; readonly cuts: number }>;
  close(): Promise<void>;
}

const MOST_CUTS = 3;
const MOST_DELAY_MS = 4;

export async function startOperatorLine(databaseUrl: string): Promise<OperatorLine> {
  const proxy = await startFaultProxy(databaseUrl);

  async function dial(): Promise<Client> {
    const client = new Client({ connectionString: proxy.url, application_name: 'tenantdesk torture' });
    client.on('error', () => undefined);
    await client.connect();
    return client;
  }

  async function ask(client: Client, statement: string, values: readonly unknown[]): Promise<unknown> {
    const { rows } = await client.query<{ answer: unknown }>(`select platform.${statement} as answer`, [...values]);
    return rows[0]?.answer;
  }

  /** The answer is cut, or the line goes while the database may be at work: what is sent again then meets the first one there. */
  async function askInVain(statement: string, values: readonly unknown[], random: Random): Promise<boolean> {
    const client = await dial();
    const late = random() < 0.5;
    if (late) proxy.cutAnswers(random);
    const answered = ask(client, statement, values).then(
      () => true,
      () => false,
    );
    if (!late) {
      await pause(integerBetween(random, 0, MOST_DELAY_MS));
      proxy.set('refuse');
    }
    const cut = !(await answered);
    proxy.cutAnswers(undefined);
    proxy.set('forward');
    client.end().catch(() => undefined);
    return cut;
  }

  return {
    send: async (statement, values, random) => {
      let cuts = 0;
      for (const wanted = integerBetween(random, 1, MOST_CUTS); cuts < wanted;) {
        if (await askInVain(statement, values, random)) cuts += 1;
      }
      const client = await dial();
      try {
        return { answer: await ask(client, statement, values).catch(String), cuts };
      } finally {
        await client.end();
      }
    },
    close: () => proxy.close(),
  };
}
