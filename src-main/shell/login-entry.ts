/**
 * Start at login on Linux: an entry in the folder for it (https://specifications.freedesktop.org/autostart-spec/latest/). Other systems
 * have a call for it.
 */
import path from 'node:path';

/** Text of the entry that starts this program, without its window. */
export function loginEntry(program: string): string {
  return `[Desktop Entry]
Type=Application
Name=TenantDesk
Comment=Starts with the computer, in the tray
Exec=${quoted(program)} --hidden
Terminal=false
X-GNOME-Autostart-enabled=true
`;
}

export function loginEntryFile(env: NodeJS.ProcessEnv, home: string): string {
  const config = env['XDG_CONFIG_HOME'];
  const folder = config !== undefined && path.isAbsolute(config) ? config : path.join(home, '.config');
  return path.join(folder, 'autostart', 'tenantdesk.desktop');
}

/** As Exec wants it: in quotes, its own signs behind a backslash, which stands twice in a text of such a file. `%` begins a field. */
function quoted(program: string): string {
  return `"${program.replace(/[\\"`$]/g, (sign) => (sign === '\\' ? '\\\\\\\\' : `\\\\${sign}`)).replaceAll('%', '%%')}"`;
}
