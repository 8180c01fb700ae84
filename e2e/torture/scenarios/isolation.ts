import { runInterleaved } from '../../../src-platform/testing/isolation/run-interleaved.ts';
import type { RandomWork } from '../../../src-platform/testing/isolation/run-random-queries.ts';
import { runRandomQueries } from '../../../src-platform/testing/isolation/run-random-queries.ts';
import { makeIsolationScene } from '../../../src-platform/testing/isolation/scene.ts';
import { none, type DatabaseScene, type Figures } from '../scene.ts';

const CONNECTIONS = [1, 2, 3, 4];
const LONGEST = 400;

/** Random queries of everybody, and transactions of many tenants that share a few connections: nobody meets a row that is not theirs. */
export async function isolation(ground: DatabaseScene): Promise<Figures> {
  const { db, scale, seed, say, broken, signal } = ground;
  const scene = await makeIsolationScene(db);
  const goOn = (): void => signal.throwIfAborted();
  const tell = ({ wrong }: RandomWork): number => {
    for (const sentence of wrong) broken(sentence.slice(0, LONGEST));
    return wrong.length;
  };
  const queries = await runRandomQueries(scene, { count: scale.queries, seed, goOn });
  say(`${queries.done} queries, ${queries.rows} rows, ${queries.errors} errors`);
  const wrongQueries = tell(queries);
  const each = Math.ceil(scale.transactions / CONNECTIONS.length);
  let [rows, errors, wrongTransactions] = [0, 0, 0];
  for (const connections of CONNECTIONS) {
    const work = await runInterleaved(scene, { count: each, seed: `${seed}/${connections}`, connections, goOn });
    say(`${each} transactions over ${connections} connection(s)`);
    rows += work.rows;
    errors += work.errors;
    wrongTransactions += tell(work);
  }
  return {
    'isolation-queries': none(
      wrongQueries,
      'random queries that met a foreign row, or not all of their own',
      `${queries.done} queries, ${queries.rows} rows, ${queries.errors} refused`,
    ),
    'isolation-interleaved': none(
      wrongTransactions,
      'interleaved transactions that met a foreign row',
      `${each * CONNECTIONS.length} over 1 to 4 connections, ${rows} rows, ${errors} errors`,
    ),
  };
}
