import { request } from 'undici';
import { findTool } from './debian-tools.ts';
import type { LoadOrder, LoadReport } from './load-order.ts';
import { runWrk } from './wrk.ts';
import type { Workbench } from './workbench.ts';

export interface Load {
  /** What makes closed-loop load: a C program where it can be had, else our own in Node. */
  readonly closedBy: 'wrk' | 'node';
  run(order: LoadOrder): Promise<LoadReport>;
}

/** Load from the core that the subject does not use. */
export async function startLoad(bench: Workbench): Promise<Load> {
  const wrk = findTool('wrk', process.env);
  const { port } = await bench.startNode('load-generator.ts', { core: 'rest' });
  return {
    closedBy: wrk ? 'wrk' : 'node',
    async run(order) {
      if (order.kind === 'closed' && wrk) return runWrk(bench, wrk, order);
      const answer = await request(`http://127.0.0.1:${port}/`, {
        method: 'POST',
        body: JSON.stringify(order),
        headersTimeout: 600_000,
        signal: bench.signal,
      });
      if (answer.statusCode !== 200) throw new Error(`The load generator failed: ${await answer.body.text()}`);
      return (await answer.body.json()) as LoadReport;
    },
  };
}
