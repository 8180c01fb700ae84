import { makeCappedTenant } from '../../../src-platform/gateway/testing/tenant-calls.ts';
import { makeOperator } from '../../../src-platform/testing/factories.ts';
import { startOperatorLine, type OperatorLine } from '../operator-line.ts';
import { createCapModel, type CapModel } from '../cap-model.ts';
import { none, type Figures, type Scene } from '../scene.ts';

const WRITERS = 8;
const FIRST_LIMIT = 20_000_000_000n;
const SAID_EVERY = 250;

/** Changes of caps whose answer is cut off, once or more, and which are sent again: each has one effect, and tells the first answer. */
export async function cutWrites(scene: Scene): Promise<Figures> {
  const { site, scale, random, broken, signal, say } = scene;
  let begun = 0;
  let cuts = 0;
  let wrongAnswers = 0;
  let wrongEffects = 0;

  async function write(model: CapModel, line: OperatorLine): Promise<void> {
    while (begun < scale.writes) {
      signal.throwIfAborted();
      begun += 1;
      if (begun % SAID_EVERY === 0) say(`${begun} of ${scale.writes} writes, ${cuts} cut`);
      const { statement, values, expected } = model.next(random);
      const sent = await line.send(statement, values, random);
      cuts += sent.cuts;
      const told = model.done(sent.answer);
      if (told !== undefined) {
        wrongAnswers += 1;
        broken(`${statement} ${values.join(' ')}: expected ${expected}, ${told}`);
        // From here on the cap is another one than the model believes.
        break;
      }
    }
    for (const sentence of await model.compare(site.db)) {
      wrongEffects += 1;
      broken(sentence);
    }
  }

  await Promise.all(
    Array.from({ length: WRITERS }, async () => {
      const [tenant, operator] = await Promise.all([
        makeCappedTenant(site.db, FIRST_LIMIT),
        makeOperator(site.db, { role: 'admin' }),
      ]);
      const line = await startOperatorLine(operator.url);
      try {
        await write(createCapModel(tenant, FIRST_LIMIT), line);
      } finally {
        await line.close();
      }
    }),
  );
  return {
    'cut-writes-answers': none(
      wrongAnswers,
      'writes told another answer than the first',
      `${begun} writes, ${cuts} cuts`,
    ),
    'cut-writes-effects': none(
      wrongEffects,
      'caps that are not what one effect of each write makes them',
      `${WRITERS} caps`,
    ),
  };
}
