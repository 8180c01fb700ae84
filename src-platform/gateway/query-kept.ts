import { DatabaseError, type Pool, type QueryResult, type QueryResultRow } from 'pg';

/**
 * A query whose refusal leaves its connection as it is. `pool.query` closes the connection on every error, and the next call would wait for a
 * new one that has planned nothing. Lost connections and queries that were given up on are closed here too.
 */
export async function queryKept<Row extends QueryResultRow>(
  pool: Pool,
  text: string,
  values: readonly unknown[],
): Promise<QueryResult<Row>> {
  const client = await pool.connect();
  // While it is out nobody else listens: a connection that is lost would end the process. The query tells of it.
  client.on('error', ignore);
  let lost = false;
  try {
    return await client.query<Row>(text, [...values]);
  } catch (error) {
    lost = !(error instanceof DatabaseError && error.severity === 'ERROR');
    throw error;
  } finally {
    client.release(lost);
    client.off('error', ignore);
  }
}

const ignore = (): void => undefined;
