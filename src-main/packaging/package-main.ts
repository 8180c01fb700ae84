/** `npm run package`: installers of this computer's system in dist/. Electron's program is downloaded by electron-builder. */
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { build } from 'electron-builder';
import { z } from 'zod';
import { buildElectron } from '../launch/build-page.ts';
import { importsOf, neededPackages } from './needed-packages.ts';
import { packageConfig } from './package-config.ts';

const projectFolder = path.resolve(import.meta.dirname, '../..');
const manifest = z.object({ devDependencies: z.object({ electron: z.string() }) });
const { electron } = manifest.parse(
  JSON.parse(readFileSync(path.join(projectFolder, 'package.json'), 'utf8')),
).devDependencies;

const built = await buildElectron({ projectFolder, say: (line) => void process.stderr.write(`${line}\n`) });
const bundle = readFileSync(path.join(built, 'main/index.js'), 'utf8');
await build({
  projectDir: projectFolder,
  config: packageConfig({
    projectFolder,
    built,
    packages: neededPackages(importsOf(bundle), projectFolder),
    output: path.join(projectFolder, 'dist'),
    electronVersion: electron,
  }),
});
