import { runDecisions, type Wrong } from '../../../src-platform/testing/decisions/run-decisions.ts';
import { none, type DatabaseScene, type Figures } from '../scene.ts';

const PROMISES: Readonly<Record<Wrong['kind'], string>> = {
  'self-approved': 'raises approved or confirmed by who asked, or without the right to',
  stale: 'decisions applied to a cap, request or raise that had changed',
  twice: 'commands applied twice, or answered otherwise the second time',
  'split raise': 'raises in parts that passed a person’s limit in 24 h',
  audit: 'sequences without one audit entry for each change',
  limit: 'limits in force that are not the model’s',
  'not allowed': 'commands that a role or a stranger got through',
  other: 'answers that are not the model’s',
};

/** Several people decide about a cap, some at the same time: the database answers as a small model does, and ends where it ends. */
export async function decisions({ db, scale, seed, say, broken, signal }: DatabaseScene): Promise<Figures> {
  const startedAt = performance.now();
  const goOn = (): void => signal.throwIfAborted();
  const { commands, together, answers, wrong } = await runDecisions({
    db,
    sequences: scale.sequences,
    seed,
    goOn,
    say,
  });
  const seconds = (performance.now() - startedAt) / 1000;
  say(JSON.stringify(answers));
  for (const { kind, told } of wrong) broken(`${kind}: ${told}`);
  const conditions = `${scale.sequences} sequences, ${commands} commands, ${together} of them two at once`;
  const figures: Figures = {};
  for (const [kind, unit] of Object.entries(PROMISES)) {
    const count = wrong.filter((one) => one.kind === kind).length;
    figures[`decisions-${kind.replaceAll(' ', '-')}`] = none(count, unit, conditions);
  }
  figures['decisions-rate'] = { value: Math.round(scale.sequences / seconds), unit: 'sequences/s' };
  return figures;
}
