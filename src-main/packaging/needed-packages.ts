import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { z } from 'zod';

const manifest = z.object({
  dependencies: z.record(z.string(), z.string()).default({}),
  optionalDependencies: z.record(z.string(), z.string()).default({}),
});

/** Packages that a bundle loads from node_modules, by name. */
export function importsOf(bundle: string): string[] {
  const found = bundle.matchAll(/(?:\bfrom|^import|\bimport\(|\brequire\()\s*"([^".][^"]*)"/gm);
  const names = [...found]
    .map(([, name = '']) => name)
    .filter((name) => !name.startsWith('node:') && name !== 'electron');
  return [...new Set(names.map(packageOf))].sort();
}

/** With all that these need in turn, as installed; what is optional and not there is left out. */
export function neededPackages(imports: readonly string[], projectFolder: string): string[] {
  const needed = new Set<string>();
  const visit = (name: string, from: string): void => {
    const folder = locate(name, from);
    if (folder === undefined || needed.has(path.relative(projectFolder, folder))) return;
    needed.add(path.relative(projectFolder, folder));
    const { dependencies, optionalDependencies } = manifest.parse(
      JSON.parse(readFileSync(path.join(folder, 'package.json'), 'utf8')),
    );
    for (const next of Object.keys({ ...dependencies, ...optionalDependencies })) visit(next, folder);
  };
  for (const name of imports) visit(name, projectFolder);
  return [...needed].map((folder) => folder.split(path.sep).join('/')).sort();
}

function packageOf(specifier: string): string {
  return specifier
    .split('/')
    .slice(0, specifier.startsWith('@') ? 2 : 1)
    .join('/');
}

/** As Node looks for it: from folder to folder upwards. */
function locate(name: string, from: string): string | undefined {
  for (let folder = from; ; folder = path.dirname(folder)) {
    const place = path.join(folder, 'node_modules', name);
    if (existsSync(path.join(place, 'package.json'))) return place;
    if (folder === path.dirname(folder)) return undefined;
  }
}
