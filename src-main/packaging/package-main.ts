/** `npm run package`: installers of this computer's system in dist/. Electron's program is downloaded by electron-builder. */
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { build } from 'electron-builder';
import { z } from 'zod';
import { buildElectron } from '../launch/build-page.ts';
import { packagesOf } from './needed-packages.ts';
import { packageConfig, updatesAddress } from './package-config.ts';

const projectFolder = path.resolve(import.meta.dirname, '../..');
const manifest = z.object({ devDependencies: z.object({ electron: z.string() }) });
const { electron } = manifest.parse(
  JSON.parse(readFileSync(path.join(projectFolder, 'package.json'), 'utf8')),
).devDependencies;

const updates = updatesAddress(process.env);
const built = await buildElectron({ projectFolder, say: (line) => void process.stderr.write(`${line}\n`) });
await build({
  projectDir: projectFolder,
  // Made here, carried to the address by whoever releases.
  publish: 'never',
  config: packageConfig({
    projectFolder,
    built,
    packages: packagesOf(built, projectFolder, updates),
    output: path.join(projectFolder, 'dist'),
    electronVersion: electron,
    updates,
  }),
});
