import type { ReactNode } from 'react';
import type { ProfileSummary } from '../../src-main/contract/profiles.ts';
import { useAsking } from '../ui/asking.ts';
import { Refusal } from '../ui/refusal.tsx';
import classes from './connect-form.module.css';

export interface ForgetFormProps {
  profile: ProfileSummary;
  forget: () => Promise<object>;
  onForgotten: () => void;
  onClose: () => void;
}

/** The last word before a connection leaves the vault. */
export function ForgetForm({ profile, forget, onForgotten, onClose }: ForgetFormProps): ReactNode {
  const { busy, refusal, ask } = useAsking();
  return (
    <>
      <p className={classes['text']}>
        Login, password and token of <bdi>{profile.name}</bdi> ({profile.label}) are removed from the vault. The
        platform itself is not touched.
      </p>
      <Refusal sentence={refusal} />
      <div className={classes['buttons']}>
        <button type="button" className="td-button" onClick={onClose}>
          Keep it
        </button>
        <button
          type="button"
          className="td-button"
          data-weight="strong"
          aria-disabled={busy}
          onClick={() => ask(forget, onForgotten)}
        >
          Forget it
        </button>
      </div>
    </>
  );
}
