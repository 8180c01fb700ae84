import { readdirSync } from 'node:fs';
import path from 'node:path';

/** The newest migration of this program, by its name; null: its files are not with it, so nobody can compare. */
export function knownSchema(projectFolder: string): string | null {
  try {
    const files = readdirSync(path.join(projectFolder, 'src-platform/schema/migrations'));
    const [newest] = files
      .filter((name) => name.endsWith('.sql'))
      .toSorted()
      .toReversed();
    return newest?.slice(0, -'.sql'.length) ?? null;
  } catch {
    return null;
  }
}
