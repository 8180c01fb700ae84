/** Makes an object throw on everything that was not declared: what passes here, real Electron knows too. */
export function strict<T extends object>(name: string, target: T): T {
  return new Proxy(target, {
    get(object, key) {
      // A promise that resolves to the object asks for `then`.
      if (typeof key === 'symbol' || ['then', 'toJSON'].includes(key) || key in object) return Reflect.get(object, key);
      throw undeclared(`${name}.${key}`);
    },
    set(_object, key) {
      throw undeclared(`${name}.${String(key)} =`);
    },
  });
}

/** The reason is always said in one form, so that a failing spec can be understood. */
export function undeclared(what: string): Error {
  return new Error(`Electron stand-in: ${what} is not declared here. Add it only as electron.d.ts has it.`);
}

/** Something that real Electron refuses too, or that this project never wants. */
export function refused(why: string): Error {
  return new Error(`Electron stand-in: refused, ${why}.`);
}

type Listener = (...args: never[]) => unknown;

export interface Events<Name extends string> {
  readonly on: (event: Name, listener: Listener) => void;
  readonly once: (event: Name, listener: Listener) => void;
  /** Calls the listeners in turn; returns how many there were. */
  readonly emit: (event: Name, ...args: readonly unknown[]) => number;
}

/** Listeners for a closed list of events. */
export function createEvents<Name extends string>(owner: string, names: readonly Name[]): Events<Name> {
  const listeners = new Map<string, Listener[]>();
  function add(event: Name, listener: Listener): void {
    if (!names.includes(event)) throw undeclared(`${owner}.on('${event}')`);
    listeners.set(event, [...(listeners.get(event) ?? []), listener]);
  }
  return {
    on: add,
    once(event, listener) {
      const wrapper: Listener = (...args) => {
        listeners.set(
          event,
          (listeners.get(event) ?? []).filter((other) => other !== wrapper),
        );
        listener(...args);
      };
      add(event, wrapper);
    },
    emit(event, ...args) {
      const found = listeners.get(event) ?? [];
      for (const listener of found) listener(...(args as never[]));
      return found.length;
    },
  };
}

/** An event whose default can be prevented. */
export function preventable(facts: object = {}): { event: { preventDefault: () => void }; prevented: () => boolean } {
  let prevented = false;
  const event = strict('event', { ...facts, preventDefault: () => void (prevented = true) });
  return { event, prevented: () => prevented };
}
