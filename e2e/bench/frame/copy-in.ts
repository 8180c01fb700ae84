import { Query, type Client, type PoolClient } from 'pg';

interface CopyConnection {
  sendCopyFromChunk(chunk: Buffer): void;
  endCopyFrom(): void;
}

/** `COPY … FROM STDIN` by the driver's own protocol: pg leaves it to a package that nothing else here needs. */
export function copyIn(client: Client | PoolClient, statement: string, data: Buffer): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  const query = new Query(statement, (error) => (error ? reject(error) : resolve()));
  Reflect.set(query, 'handleCopyInResponse', (connection: CopyConnection) => {
    connection.sendCopyFromChunk(data);
    connection.endCopyFrom();
  });
  client.query(query);
  return promise;
}
