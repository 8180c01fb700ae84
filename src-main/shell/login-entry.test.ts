import { expect, it } from 'vitest';
import { loginEntry, loginEntryFile } from './login-entry.ts';

const exec = (program: string): string | undefined => /^Exec=(.*)$/m.exec(loginEntry(program))?.[1];

it('starts the program without its window, whatever stands in its path', () => {
  expect(exec('/opt/TenantDesk/tenantdesk')).toBe('"/opt/TenantDesk/tenantdesk" --hidden');
  expect(exec('/home/a b/100%/Tenant.AppImage')).toBe('"/home/a b/100%%/Tenant.AppImage" --hidden');
  expect(exec('/x/$(id)`id`"')).toBe(
    String.raw`"/x/\\$(id)\\` + '`id' + String.raw`\\` + '`' + String.raw`\\"" --hidden`,
  );
});

it('lies where the desktop looks', () => {
  expect(loginEntryFile({}, '/home/asha')).toBe('/home/asha/.config/autostart/tenantdesk.desktop');
  expect(loginEntryFile({ XDG_CONFIG_HOME: '/conf' }, '/home/asha')).toBe('/conf/autostart/tenantdesk.desktop');
  expect(loginEntryFile({ XDG_CONFIG_HOME: 'relative' }, '/h')).toBe('/h/.config/autostart/tenantdesk.desktop');
});
