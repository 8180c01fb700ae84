import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { z } from 'zod';
import { writeAtomically } from '../credentials-file.ts';

const progressSchema = z.object({
  /** Identity of the database cluster: on another one everything has to be entered again. */
  cluster: z.string(),
  /** Slugs of the tenants whose history is complete. */
  seeded: z.array(z.string()),
  /** A seeding that was begun: all its rows follow from this. */
  run: z
    .object({
      name: z.string(),
      /** The run is for these of the first `tenantCount` demo tenants. */
      slugs: z.array(z.string()),
      tenantCount: z.number(),
      from: z.number(),
      until: z.number(),
      rows: z.number(),
      /** Batches that are in the ledger, for each lane. */
      batchesDone: z.array(z.number()),
    })
    .nullable(),
});

/** How far the demo history has been entered; kept beside the database so that a cut-off seeding goes on where it was. */
export type SeedProgress = z.infer<typeof progressSchema>;

const FILE = 'seed.json';

export function readSeedProgress(folder: string, cluster: string): SeedProgress {
  const file = path.join(folder, FILE);
  if (existsSync(file)) {
    const parsed = progressSchema.safeParse(safeJson(readFileSync(file, 'utf8')));
    if (parsed.success && parsed.data.cluster === cluster) return parsed.data;
  }
  return { cluster, seeded: [], run: null };
}

export function writeSeedProgress(folder: string, progress: SeedProgress): void {
  writeAtomically(path.join(folder, FILE), JSON.stringify(progress));
}

function safeJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
