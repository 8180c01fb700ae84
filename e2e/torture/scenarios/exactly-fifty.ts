import { callAtOnce, makeDimeTenant, priceDimes } from '../../../src-platform/gateway/testing/dime-calls.ts';
import { knownAt } from '../../../src-platform/gateway/testing/tenant-calls.ts';
import { none, type Figures, type Scene } from '../scene.ts';

const CALLERS = 1_000;

/** 1,000 callers at once on a cap that holds 50 calls: exactly 50 pass, every time. */
export async function exactlyFifty(scene: Scene): Promise<Figures> {
  const { site, scale, broken, signal } = scene;
  await priceDimes(site.db);
  const figures: Figures = {};
  for (const count of [1, site.gateways.length]) {
    const addresses = site.gateways.slice(0, count).map(({ address }) => address);
    let off = 0;
    let unverifiable = 0;
    for (let round = 0; round < scale.fiftyRounds; round += 1) {
      signal.throwIfAborted();
      const tenant = await makeDimeTenant(site.db);
      for (const address of addresses) await knownAt(address, tenant.key);
      const answers = await callAtOnce(addresses, tenant, CALLERS);
      unverifiable += answers[503] ?? 0;
      if (answers[200] !== 50 || (answers[402] ?? 0) + (answers[503] ?? 0) !== CALLERS - 50) {
        off += 1;
        broken(`${count} gateway(s), tenant ${tenant.id}, round ${round + 1}: ${JSON.stringify(answers)}`);
      }
    }
    figures[`fifty-${count}`] = none(
      off,
      'rounds in which other than 50 of 1,000 passed',
      `${scale.fiftyRounds} rounds with ${count} gateway(s)`,
    );
    figures[`fifty-${count}-late`] = {
      value: unverifiable,
      unit: 'calls that heard 503: a busy machine kept the database or the other gateway from answering within 0.9 s',
    };
  }
  return figures;
}
