import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { violations, type SourceImport } from './import-rules.ts';
import { importsOf, readSourceFiles } from './source-files.ts';

const files = readSourceFiles(path.resolve(import.meta.dirname, '..'));
const MOST_LINES = 300;
const isTest = (file: string): boolean => /\.(test|spec)\.tsx?$/.test(file);
const isGenerated = (file: string): boolean => file.endsWith('/database-types.ts');

describe('the rooms', () => {
  it('import only what the table allows', () => {
    expect(files.length).toBeGreaterThan(20);
    expect(violations(files.flatMap(importsOf))).toEqual([]);
  });

  it('have kebab-case files without names that say nothing', () => {
    const badNames = files
      .map(({ file }) => file)
      .filter((file) => {
        const words = path.posix.basename(file).split('.')[0] ?? '';
        const plain = /^[a-z0-9]+(-[a-z0-9]+)*$/.test(words);
        return !plain || /(^|-)(utils?|helpers?|common|manager|misc)($|-)/.test(words);
      });
    expect(badNames).toEqual([]);
  });

  it('have files that fit a reader', () => {
    const long = files
      .filter(({ file }) => !isTest(file) && !isGenerated(file))
      .map(({ file, text }) => ({ file, lines: text.split('\n').length - 1 }))
      .filter(({ lines }) => lines > MOST_LINES);
    expect(long).toEqual([]);
  });

  it('export by name', () => {
    const byDefault = files.filter(({ file, text }) => !file.endsWith('.config.ts') && /^export default /m.test(text));
    expect(byDefault.map(({ file }) => file)).toEqual([]);
  });
});

describe('the table itself', () => {
  const refused: SourceImport[] = [
    { file: 'src-renderer/caps/caps-page.tsx', target: 'src-main/caps/caps-service.ts', typeOnly: true },
    { file: 'src-renderer/ui/gauge.tsx', target: 'src-renderer/board/board-page.tsx', typeOnly: false },
    { file: 'src-main/caps/caps-service.ts', target: 'src-main/audit/audit-service.ts', typeOnly: false },
    { file: 'src-main/caps/caps-service.ts', target: 'src-main/infra/postgres/database.ts', typeOnly: false },
    { file: 'src-main/caps/caps-service.ts', target: 'src-main/app/create-console.ts', typeOnly: true },
    { file: 'src-main/app/create-console.ts', target: 'src-main/browser/browser-server.ts', typeOnly: false },
    { file: 'src-main/app/create-console.ts', target: 'src-platform/local/platform.ts', typeOnly: false },
    { file: 'src-main/infra/postgres/database.ts', target: 'src-platform/schema/database-types.ts', typeOnly: false },
    { file: 'src-main/browser/browser-server.ts', target: 'src-platform/local/platform.ts', typeOnly: false },
    { file: 'src-main/contract/caps.ts', target: '@orpc/server', typeOnly: true },
    { file: 'src-main/launch/start.ts', target: 'electron', typeOnly: false },
    { file: 'src-platform/gateway/main.ts', target: 'src-main/contract/money.ts', typeOnly: false },
    { file: 'src-platform/gateway/main.test.ts', target: 'src-main/contract/money.ts', typeOnly: false },
    { file: 'src-main/app/create-console.ts', target: 'react', typeOnly: false },
  ];

  it.each(refused)('refuses $file → $target', (wrong) => {
    expect(violations([wrong])).toHaveLength(1);
  });

  const allowed: SourceImport[] = [
    { file: 'src-main/caps/caps-service.ts', target: 'src-main/caps/caps-repository.ts', typeOnly: false },
    { file: 'src-main/caps/caps-service.ts', target: 'src-main/infra/operator-error.ts', typeOnly: false },
    { file: 'src-main/caps/caps-repository.ts', target: 'src-main/infra/postgres/database.ts', typeOnly: true },
    { file: 'src-main/app/create-console.ts', target: 'src-main/caps/caps-service.ts', typeOnly: false },
    { file: 'src-renderer/board/board-page.tsx', target: 'src-renderer/ui/gauge.tsx', typeOnly: false },
    { file: 'src-renderer/board/board-page.tsx', target: 'src-main/contract/board.ts', typeOnly: true },
    { file: 'src-main/launch/start.ts', target: 'src-platform/process/child.ts', typeOnly: false },
    { file: 'src-main/electron/main.ts', target: 'electron', typeOnly: false },
  ];

  it.each(allowed)('allows $file → $target', (right) => {
    expect(violations([right])).toEqual([]);
  });
});

describe('reading imports', () => {
  it('sees every form', () => {
    const text = [
      "import a from 'x';",
      "import type { B } from './b.ts';",
      "import {\n  c,\n  type D,\n} from '../c/d.ts';",
      "export { e } from 'node:fs';",
      "import './side.css';",
      "const f = await import('f');",
    ].join('\n');
    const found = importsOf({ file: 'src-main/app/a.ts', text }).map(({ target, typeOnly }) => `${target} ${typeOnly}`);
    expect(found.sort()).toEqual([
      'f false',
      'node:fs false',
      'src-main/app/b.ts true',
      'src-main/app/side.css false',
      'src-main/c/d.ts false',
      'x false',
    ]);
  });
});
