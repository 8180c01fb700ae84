import { runGrants } from '../../../src-platform/testing/grants/run-grants.ts';
import { none, type DatabaseScene, type Figures } from '../scene.ts';

/** Two gateways spend caps that are lowered meanwhile, with messages late, twice, killed and forgotten: nothing is granted twice. */
export async function grants({ db, scale, seed, say, broken, signal }: DatabaseScene): Promise<Figures> {
  const startedAt = performance.now();
  const goOn = (): void => signal.throwIfAborted();
  const { steps, messages, killed, looks, wrong } = await runGrants({ db, steps: scale.grantSteps, seed, goOn, say });
  for (const sentence of wrong) broken(sentence);
  return {
    grants: none(
      wrong.length,
      'sums where charged ≤ granted ≤ limit did not hold, or something was granted twice',
      `${steps} steps, ${messages} messages, ${killed} of them killed, ${looks} looks`,
    ),
    'grants-rate': { value: Math.round((steps * 1000) / (performance.now() - startedAt)), unit: 'steps/s' },
  };
}
