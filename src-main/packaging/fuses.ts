/**
 * Switches inside Electron's program, set once when it is packed. All are named: a new one breaks the types until somebody has decided
 * (https://www.electronjs.org/docs/latest/tutorial/fuses).
 */
import {
  FuseState,
  FuseV1Options,
  FuseVersion,
  flipFuses,
  getCurrentFuseWire,
  type FuseV1Config,
} from '@electron/fuses';

export const FUSES: Readonly<Record<FuseV1Options, boolean>> = {
  // The program is nothing but the console: no Node for whoever starts it with a variable or a switch.
  [FuseV1Options.RunAsNode]: false,
  [FuseV1Options.EnableNodeOptionsEnvironmentVariable]: false,
  [FuseV1Options.EnableNodeCliInspectArguments]: false,
  [FuseV1Options.EnableCookieEncryption]: true,
  // Checked on macOS and Windows; without the second one the first is passed by.
  [FuseV1Options.EnableEmbeddedAsarIntegrityValidation]: true,
  [FuseV1Options.OnlyLoadAppFromAsar]: true,
  [FuseV1Options.LoadBrowserProcessSpecificV8Snapshot]: false,
  [FuseV1Options.GrantFileProtocolExtraPrivileges]: false,
  // hash-wasm makes the vault's keys: its memory stays guarded by the processor.
  [FuseV1Options.WasmTrapHandlers]: true,
};

/** Sets them in a program and reads them again. Throws when one is not as it should be. */
export async function setFuses(program: string, resetAdHocDarwinSignature: boolean): Promise<void> {
  const config: FuseV1Config = {
    version: FuseVersion.V1,
    strictlyRequireAllFuses: true,
    resetAdHocDarwinSignature,
    ...FUSES,
  };
  await flipFuses(program, config);
  const wire = await getCurrentFuseWire(program);
  for (const [fuse, wanted] of Object.entries(FUSES)) {
    const found = Reflect.get(wire, fuse) as unknown;
    if (found !== (wanted ? FuseState.ENABLE : FuseState.DISABLE)) {
      throw new Error(`Fuse ${FuseV1Options[Number(fuse)]} of ${program} is not as it was set.`);
    }
  }
}
