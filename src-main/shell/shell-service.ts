import { shellSettings, type ShellSettings, type ShellState, type WantedPlace } from '../contract/shell.ts';
import type { Clock } from '../infra/clock.ts';
import type { KeptFile } from '../infra/kept-file.ts';
import type { Logger } from '../infra/logger.ts';
import { OperatorError } from '../infra/operator-error.ts';
import { createStateFeed, type StateFeed } from '../infra/state-feed.ts';
import { createUpdates, type Updater } from './updates.ts';

/** What the program around the window can do on this computer. */
export interface ShellAbilities extends Pick<ShellState, 'whyNot' | 'notifies'> {
  /** Null: `whyNot` says why. */
  readonly updater: Updater | null;
  /** Tells the system. Throws what it says; nothing is kept then. */
  apply(settings: ShellSettings): void;
}

export interface ShellService {
  readonly state: StateFeed<ShellState>;
  /** Throws OperatorError BAD_REQUEST for what this shell can't do, UNAVAILABLE when the system refuses. */
  change(settings: ShellSettings): ShellSettings;
  /** Looks for a newer version, fetches or installs it. Throws OperatorError as `Updates` does, BAD_REQUEST when none can come. */
  update(step: 'check' | 'download' | 'install'): Promise<void>;
  /** Somebody wants to go there; the wish before it is forgotten. */
  want(place: WantedPlace): void;
  arrived(number: number): void;
  /** Shows a sentence until it was read. */
  tell(notice: string): void;
  noticed(): void;
  close(): void;
}

export interface ShellServiceParts {
  readonly abilities: ShellAbilities;
  /** Where the settings are kept. */
  readonly file: KeptFile;
  readonly log: Logger;
  readonly clock: Clock;
  /** Work that the program's end would cut off. */
  readonly underWay: () => boolean;
}

/** Nothing is started, left running or fetched unasked. */
const FIRST: ShellSettings = { notifications: true, closeToTray: false, startAtLogin: false, updates: true };

export function createShellService(parts: ShellServiceParts): ShellService {
  const { abilities, file, log } = parts;
  const { whyNot, notifies, updater } = abilities;
  const feed = createStateFeed<ShellState>({
    settings: possible({ ...FIRST, ...readKept(file, log) }, whyNot),
    whyNot,
    notifies,
    wanted: null,
    notice: null,
    updates: null,
  });
  const set = (part: Partial<ShellState>): void => feed.set({ ...feed.get(), ...part });
  let wishes = 0;
  const updates =
    updater &&
    createUpdates({
      ...parts,
      updater,
      wanted: () => feed.get().settings.updates,
      onChange: (state) => set({ updates: state }),
      onNews: (notice) => set({ notice }),
    });
  if (updates) set({ updates: updates.first });

  return {
    state: feed,
    change(settings) {
      for (const name of shellSettings.keyof().options) {
        const reason = whyNot[name];
        if (settings[name] && reason !== null) throw new OperatorError('BAD_REQUEST', reason);
      }
      try {
        abilities.apply(settings);
      } catch (error) {
        throw new OperatorError('UNAVAILABLE', 'The system refused it, and nothing was changed.', { cause: error });
      }
      set({ settings });
      try {
        file.write(JSON.stringify(settings));
      } catch (error) {
        // It holds until the console is closed.
        log.warn('The settings of the program could not be kept.', { error: String(error) });
      }
      return settings;
    },
    async update(step) {
      if (!updates) throw new OperatorError('BAD_REQUEST', whyNot.updates ?? 'No newer versions come by themselves.');
      await updates[step]();
    },
    want: (place) => set({ wanted: { number: ++wishes, place } }),
    arrived(number) {
      if (feed.get().wanted?.number === number) set({ wanted: null });
    },
    tell: (notice) => set({ notice }),
    noticed: () => set({ notice: null }),
    close() {
      updates?.close();
      feed.close();
    },
  };
}

/** What was kept by another shell may be more than this one can. */
function possible(settings: ShellSettings, whyNot: ShellState['whyNot']): ShellSettings {
  const names = shellSettings.keyof().options;
  return shellSettings.parse(Object.fromEntries(names.map((name) => [name, settings[name] && whyNot[name] === null])));
}

function readKept(file: KeptFile, log: Logger): Partial<ShellSettings> {
  try {
    const text = file.read();
    return text === undefined ? {} : shellSettings.partial().parse(JSON.parse(text));
  } catch (error) {
    log.warn('The kept settings of the program could not be read; the usual ones are taken.', { error: String(error) });
    return {};
  }
}
