import { startTestCluster } from '../../src-platform/testing/test-cluster.ts';
import { createTestDatabase, type TestDatabase } from '../../src-platform/testing/test-database.ts';
import { startSite, type Site } from './site.ts';

/** What scenarios play on; each is started when the first one needs it. */
export interface Stages {
  site(): Promise<Site>;
  /** A database of its own, dropped afterwards. */
  onDatabase<T>(run: (db: TestDatabase) => Promise<T>): Promise<T>;
  /** After a scenario that failed: no line stays tormented or cut. */
  calm(): void;
  /** `keepLogs`: leaves the gateways' logs. @returns their folder, if they are there. */
  close(keepLogs: boolean): Promise<string | undefined>;
}

export function createStages(say: (line: string) => void): Stages {
  let site: Site | undefined;
  let cluster: Awaited<ReturnType<typeof startTestCluster>> | undefined;
  return {
    site: async () => (site ??= await startSite(say)),
    onDatabase: async (run) => {
      cluster ??= await startTestCluster();
      const db = await createTestDatabase(cluster.cluster);
      try {
        return await run(db);
      } finally {
        await db.close();
      }
    },
    calm: () => {
      site?.torment(undefined);
      for (const store of ['postgres', 'redis'] as const) site?.line(store, 'forward');
    },
    close: async (keepLogs) => {
      // One that can't be stopped must not keep the other alive.
      await cluster?.stop().catch((error: unknown) => say(String(error)));
      await site?.close(keepLogs);
      return keepLogs ? site?.folder : undefined;
    },
  };
}
