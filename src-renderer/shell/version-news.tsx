import { useId, type ReactNode } from 'react';
import type { UpdatesState } from '../../src-main/contract/shell.ts';
import { useAsking } from '../ui/asking.ts';
import { Refusal } from '../ui/refusal.tsx';
import classes from './shell-settings.module.css';

export type UpdateStep = 'check' | 'download' | 'install';

const OFFERS: Partial<Record<UpdatesState['step'], { step: UpdateStep; label: string }>> = {
  none: { step: 'check', label: 'Look now' },
  newest: { step: 'check', label: 'Look now' },
  found: { step: 'download', label: 'Download' },
  ready: { step: 'install', label: 'Restart to install' },
};

/** The version that runs, whether there is a newer one, and the one click that is next. */
export function VersionNews({
  state,
  update,
}: {
  state: UpdatesState;
  update: (step: UpdateStep) => Promise<unknown>;
}): ReactNode {
  const { busy, refusal, ask } = useAsking();
  const id = useId();
  const offer = OFFERS[state.step];
  return (
    <section className={classes['version']} aria-labelledby={id}>
      <h2 id={id} className={classes['title']}>
        Version
      </h2>
      <output>{standing(state)}</output>
      {offer && (
        <button type="button" className="td-button" aria-disabled={busy} onClick={() => ask(() => update(offer.step))}>
          {offer.label}
        </button>
      )}
      <Refusal sentence={refusal ?? state.trouble} />
    </section>
  );
}

/** In a sentence. */
function standing({ current, step, version, percent }: UpdatesState): string {
  if (step === 'installing') return `Closing to install version ${version} …`;
  const more: Record<typeof step, string> = {
    none: '.',
    newest: ', the newest version.',
    checking: '. Looking for a newer version …',
    found: `. Version ${version} is there.`,
    downloading: `. Version ${version} is being downloaded: ${percent ?? 0} %.`,
    ready: `. Version ${version} is downloaded. Installing it closes the window.`,
  };
  return `This is TenantDesk ${current}${more[step]}`;
}
