/**
 * Newer versions of an installed program: looked for by itself, fetched and installed by a click alone, and never a version that is older or a trial.
 * Whatever fails is a sentence; the program goes on as it is.
 */
import type { UpdatesState } from '../contract/shell.ts';
import type { Clock } from '../infra/clock.ts';
import type { Logger } from '../infra/logger.ts';
import { OperatorError } from '../infra/operator-error.ts';

/** What fetches and installs; made by a shell for a program that was packed with an address to ask. */
export interface Updater {
  /** The version that runs. */
  readonly current: string;
  /** The newest version there is, whatever runs. Null: what runs here was not installed in a way that can be replaced. */
  check(): Promise<string | null>;
  /** Fetches what the last check found; hears whole percents. */
  download(tell: (percent: number) => void): Promise<void>;
  /** Begins the program's end, after which what was fetched is installed and started. */
  install(): void;
}

export interface UpdatesOptions {
  readonly updater: Updater;
  readonly clock: Clock;
  readonly log: Logger;
  /** Whether the user lets it look by itself. */
  readonly wanted: () => boolean;
  /** Something that an end would cut off. */
  readonly underWay: () => boolean;
  readonly onChange: (state: UpdatesState) => void;
  /** A newer version was found or fetched, in a sentence. */
  readonly onNews: (sentence: string) => void;
}

export interface Updates {
  readonly first: UpdatesState;
  /** Answers when it looked. */
  check(): Promise<void>;
  /** Begins it. Throws OperatorError CONFLICT when none was found. */
  download(): void;
  /** Throws OperatorError CONFLICT when none was fetched, or work is under way. */
  install(): void;
  close(): void;
}

const FIRST_CHECK_MS = 5 * 60_000;
const CHECK_EVERY_MS = 24 * 3_600_000;
const RELEASE = /^(\d{1,9})\.(\d{1,9})\.(\d{1,9})$/;

/** Releases alone: a trial version (1.2.0-beta.1) or anything else is never newer. */
export function isNewer(version: string, current: string): boolean {
  const offered = RELEASE.exec(version)?.slice(1).map(Number);
  const running = /^(\d+)\.(\d+)\.(\d+)/.exec(current)?.slice(1).map(Number);
  if (!offered || !running) return false;
  const at = offered.findIndex((part, index) => part !== running[index]);
  return at !== -1 && (offered[at] ?? 0) > (running[at] ?? 0);
}

export function createUpdates(options: UpdatesOptions): Updates {
  const { updater, clock, log, wanted, underWay, onChange, onNews } = options;
  const first: UpdatesState = { current: updater.current, step: 'none', version: null, percent: null, trouble: null };
  let state = first;
  let closed = false;
  const set = (part: Partial<UpdatesState>): void => {
    if (closed) return;
    state = { ...state, ...part };
    onChange(state);
  };
  const fail = (step: UpdatesState['step'], trouble: string, error: unknown): void => {
    log.warn(trouble, { error: String(error) });
    set({ step, percent: null, trouble });
  };

  async function check(): Promise<void> {
    if (!['none', 'newest', 'found'].includes(state.step)) return;
    const { version: known } = state;
    set({ step: 'checking', trouble: null });
    try {
      const version = await updater.check();
      if (version === null) {
        set({ step: 'none', trouble: 'This TenantDesk can’t be replaced by itself: install a newer one by hand.' });
      } else if (isNewer(version, updater.current)) {
        set({ step: 'found', version });
        if (version !== known) onNews(`TenantDesk ${version} is there. Download it in the settings.`);
      } else set({ step: 'newest', version: null });
    } catch (error) {
      fail(
        known === null ? 'none' : 'found',
        'The server for new versions could not be asked. Look again later.',
        error,
      );
    }
  }
  const checkIfWanted = (): void => void (wanted() && check());
  let stop = clock.after(FIRST_CHECK_MS, () => {
    checkIfWanted();
    stop = clock.every(CHECK_EVERY_MS, checkIfWanted);
  });

  return {
    first,
    check,
    download() {
      const { step, version } = state;
      if (step !== 'found') throw new OperatorError('CONFLICT', 'There is no newer version to download.');
      set({ step: 'downloading', percent: 0, trouble: null });
      updater
        .download((percent) => {
          if (state.step === 'downloading' && percent !== state.percent) set({ percent });
        })
        .then(() => {
          set({ step: 'ready', percent: null });
          onNews(`TenantDesk ${version} is downloaded. Restart to install it, in the settings.`);
        })
        .catch((error: unknown) =>
          fail('found', `TenantDesk ${version} could not be downloaded. Try again later.`, error),
        );
    },
    install() {
      if (state.step !== 'ready') throw new OperatorError('CONFLICT', 'There is no downloaded version to install.');
      if (underWay()) {
        const sentence = 'Nothing was installed: a change, a check or an export is under way. Install when it is done.';
        throw new OperatorError('CONFLICT', sentence);
      }
      set({ step: 'installing', trouble: null });
      try {
        updater.install();
      } catch (error) {
        fail('ready', 'The new version could not be installed.', error);
      }
    },
    close() {
      closed = true;
      stop();
    },
  };
}
