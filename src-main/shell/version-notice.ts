import type { UpdatesState } from '../contract/shell.ts';
import type { FleetNotice } from './fleet-watch.ts';

/** What a desktop notification says of a newer version; it only leads to the settings. */
export function versionNotice({ step, version }: UpdatesState): FleetNotice | undefined {
  if (step !== 'found' && step !== 'ready') return undefined;
  return {
    id: `version ${version} ${step}`,
    title: step === 'found' ? `TenantDesk ${version} is there` : `TenantDesk ${version} is downloaded`,
    body: step === 'found' ? 'Download it in the settings.' : 'Restart to install it, in the settings.',
    place: { kind: 'settings' },
  };
}
