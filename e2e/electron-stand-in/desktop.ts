/**
 * What stands around the windows: tray, notifications, power, screens. Nobody sees it here; `shown` tells a spec what a user would see,
 * by `app.evaluate(() => globalThis.standInShown)`.
 */
import { existsSync } from 'node:fs';
import type {
  MenuItemConstructorOptions,
  NativeImage,
  Notification as RealNotification,
  NotificationConstructorOptions,
  Screen,
  Tray as RealTray,
} from 'electron';
import { NOTIFICATION_EVENTS, POWER_EVENTS, TRAY_EVENTS } from './event-names.ts';
import { runtime } from './runtime.ts';
import { createEvents, refused, strict, undeclared } from './strict.ts';

type Listener = (...args: never[]) => unknown;

export interface ShownNotification {
  readonly title: string;
  readonly body: string;
  readonly actions: readonly string[];
  /** As a user does it: the whole notification, or one of its buttons. */
  click(): void;
  press(action: number): void;
}

/** What a user would see now. */
export const shown = {
  tray: null as null | { picture: string; tip: string; menu: readonly MenuItemConstructorOptions[] },
  menu: [] as readonly MenuItemConstructorOptions[],
  notifications: [] as ShownNotification[],
  badge: 0,
  flashing: false,
  /** Settings of the login item, as told to the system. */
  loginItem: null as object | null,
  protocols: [] as string[],
  /** As a user does it in the tray's menu. */
  clickTray(label: string): void {
    const item = shown.tray?.menu.find((one) => one.label === label);
    if (!item?.click) throw new Error(`The tray has no ${label} to be clicked.`);
    (item.click as () => void)();
  },
};
Object.assign(globalThis, { standInShown: shown });

function afterReady(what: string): void {
  if (runtime.phase !== 'ready') throw refused(`${what} before the app is ready`);
}

const pictures = new WeakMap<object, string>();
const menus = new WeakMap<object, readonly MenuItemConstructorOptions[]>();

export const nativeImage = strict('nativeImage', {
  createFromPath(file: string): object {
    // Electron makes an empty picture of a file that is not there, and nobody hears of it.
    if (!existsSync(file)) throw refused(`a picture of ${file}, which is not there`);
    const picture = strict('NativeImage', {});
    pictures.set(picture, file);
    return picture;
  },
});

export function pictureOf(image: NativeImage | string): string {
  const file = typeof image === 'string' ? image : pictures.get(image);
  if (file === undefined) throw refused('a picture that is none');
  return file;
}

/** Remembers what a menu was made of, so that a spec can click in it. */
export function noteMenu(menu: object, template: readonly MenuItemConstructorOptions[]): object {
  menus.set(menu, template);
  return menu;
}
export function templateOf(menu: object | null): readonly MenuItemConstructorOptions[] {
  return menu === null ? [] : (menus.get(menu) ?? []);
}

export function Tray(image: NativeImage | string): object {
  afterReady('a Tray');
  const events = createEvents('Tray', TRAY_EVENTS);
  shown.tray = { picture: pictureOf(image), tip: '', menu: [] };
  const change = (part: Partial<NonNullable<typeof shown.tray>>): void => {
    if (!shown.tray) throw refused('a tray that was destroyed');
    shown.tray = { ...shown.tray, ...part };
  };
  return strict('Tray', {
    on: events.on,
    setImage: (next) => change({ picture: pictureOf(next) }),
    setToolTip: (tip) => change({ tip }),
    setContextMenu: (menu) => change({ menu: templateOf(menu) }),
    destroy: () => void (shown.tray = null),
  } satisfies Pick<RealTray, 'setImage' | 'setToolTip' | 'setContextMenu' | 'destroy'> & { on: unknown });
}

const NOTIFICATION_OPTIONS: (keyof NotificationConstructorOptions)[] = ['title', 'body', 'actions'];

export class Notification {
  static isSupported(): boolean {
    afterReady('Notification.isSupported()');
    return true;
  }
  constructor(options: NotificationConstructorOptions) {
    afterReady('a Notification');
    const other = Object.keys(options).find((key) => !NOTIFICATION_OPTIONS.some((known) => known === key));
    if (other !== undefined) throw undeclared(`the notification's ${other}`);
    const events = createEvents('Notification', NOTIFICATION_EVENTS);
    const seen: ShownNotification = {
      title: options.title ?? '',
      body: options.body ?? '',
      actions: (options.actions ?? []).map(({ text }) => text ?? ''),
      click: () => void events.emit('click', strict('event', {})),
      press: (actionIndex) =>
        void events.emit('action', strict('event', { actionIndex, selectionIndex: -1 }), actionIndex, -1),
    };
    return strict('Notification', {
      on: (event: 'click' | 'action' | 'close', listener: Listener) => events.on(event, listener),
      ...({ show: () => void shown.notifications.push(seen) } satisfies Pick<RealNotification, 'show'>),
    });
  }
}

const power = createEvents('powerMonitor', POWER_EVENTS);
export const powerMonitor = strict('powerMonitor', {
  on(event: (typeof POWER_EVENTS)[number], listener: Listener) {
    afterReady(`powerMonitor.on('${event}')`);
    power.on(event, listener);
  },
  /** An EventEmitter, as there: specs let the computer sleep by it. */
  emit: (event: (typeof POWER_EVENTS)[number]) => power.emit(event) > 0,
});

/** One screen of 1920 × 1080 with a bar of 40, or those that a spec hands in as JSON. */
export const screen = strict('screen', {
  getAllDisplays() {
    afterReady('screen.getAllDisplays()');
    const areas = JSON.parse(
      process.env['STAND_IN_SCREENS'] ?? '[{"x":0,"y":40,"width":1920,"height":1040}]',
    ) as object[];
    return areas.map((workArea) => strict('Display', { workArea })) as unknown as ReturnType<Screen['getAllDisplays']>;
  },
} satisfies Pick<Screen, 'getAllDisplays'>);
