import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import type { SourceImport } from './import-rules.ts';

export interface SourceFile {
  /** Path from the project's root, with slashes. */
  readonly file: string;
  readonly text: string;
}

const ROOMS = ['src-main', 'src-renderer', 'src-platform', 'e2e', '.ci'];

/** Every file of code in the rooms. */
export function readSourceFiles(projectFolder: string): SourceFile[] {
  return ROOMS.flatMap((room) =>
    readdirSync(path.join(projectFolder, room), { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile() && /\.(ts|tsx|mjs)$/.test(entry.name))
      .map((entry) => path.join(entry.parentPath, entry.name))
      .map((file) => ({
        file: path.relative(projectFolder, file).split(path.sep).join('/'),
        text: readFileSync(file, 'utf8'),
      })),
  );
}

// `import … from 'x'`, `export … from 'x'`; `import 'x'`; `import('x')`. Strings are single-quoted by the formatter.
const FROM = /^[ \t]*(?:import|export)\s+(type\s)?[^'";]*?\sfrom\s+'([^']+)'/gm;
const BARE = /^[ \t]*import\s+'([^']+)'/gm;
const DYNAMIC = /\bimport\(\s*'([^']+)'\s*\)/g;

/** All imports of a file, relative ones as paths from the project's root. */
export function importsOf({ file, text }: SourceFile): SourceImport[] {
  const found = [
    ...[...text.matchAll(FROM)].map((match) => ({ target: match[2] ?? '', typeOnly: match[1] !== undefined })),
    ...[...text.matchAll(BARE)].map((match) => ({ target: match[1] ?? '', typeOnly: false })),
    ...[...text.matchAll(DYNAMIC)].map((match) => ({ target: match[1] ?? '', typeOnly: false })),
  ];
  return found.map(({ target, typeOnly }) => ({
    file,
    typeOnly,
    target: target.startsWith('.') ? path.posix.join(path.posix.dirname(file), target) : target,
  }));
}
