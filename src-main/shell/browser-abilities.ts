import type { ShellAbilities } from './shell-service.ts';

/** A window of a browser, which ends with its command: the page notifies by itself, and nothing stays behind. */
export const BROWSER_ABILITIES: ShellAbilities = {
  notifies: false,
  whyNot: {
    notifications: null,
    closeToTray: 'This is a window of a browser, which has no place in the tray. The installed TenantDesk has one.',
    startAtLogin:
      'This is a window of a browser, opened by a command. The installed TenantDesk can start with the computer.',
    updates: 'This TenantDesk runs from its sources. An installed one can look for newer versions.',
  },
  updater: null,
  apply: () => undefined,
};
