import { integerBetween } from '../../../src-platform/local/seeded-random.ts';
import { createClients, makeCall, plan, type Call } from '../call.ts';
import { ledgerFigures, makeTenants, none, settle, type Figures, type Scene } from '../scene.ts';

const CALLERS = 32;
const CAP = 1_000_000_000_000n;
const MOST_BYTES = 1_600;

/** Streams that their client leaves at a random byte: charged what the provider billed. */
export async function cutStreams(scene: Scene): Promise<Figures> {
  const { site, scale, random, signal } = scene;
  const [tenant] = await makeTenants(scene, 1, () => CAP);
  if (tenant === undefined) throw new Error('No tenant was made.');
  const clients = createClients();
  const calls: Call[] = [];
  let made = 0;
  const caller = async (): Promise<void> => {
    while (made < scale.cutStreams) {
      signal.throwIfAborted();
      made += 1;
      const script = { answer: integerBetween(random, 1, 400), prompt: 20, gapMs: integerBetween(random, 1, 15) };
      const gateway = site.gateways[made % site.gateways.length];
      const call = plan(tenant, `cut-${made}`, 400, true, script);
      calls.push(await makeCall(clients, gateway?.address ?? '', call, integerBetween(random, 1, MOST_BYTES)));
    }
  };
  await Promise.all(Array.from({ length: CALLERS }, caller));
  await clients.close();
  const settled = await settle(scene, calls);
  return {
    ...ledgerFigures('cut-streams', settled),
    'cut-streams-estimated': none(settled.reckoning.estimates, 'streams charged at anything but their bill'),
  };
}
