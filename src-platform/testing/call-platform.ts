import { DatabaseError, type Pool } from 'pg';

/**
 * One answer of one of the platform's functions: `call` is its name and places, `set_cap($1, $2)`. A refusal leaves the connection as it is;
 * `pool.query` would close it, and the next call would wait for a new one that knows and has planned nothing.
 */
export async function callPlatform<Answer>(pool: Pool, call: string, values: readonly unknown[]): Promise<Answer> {
  const client = await pool.connect();
  let lost = false;
  try {
    const { rows } = await client.query<{ answer: Answer }>(`select platform.${call} as answer`, [...values]);
    const [row] = rows;
    if (!row) throw new Error('The function gave no answer.');
    return row.answer;
  } catch (error) {
    lost = !(error instanceof DatabaseError && error.severity === 'ERROR');
    throw error;
  } finally {
    client.release(lost);
  }
}
