/**
 * Who may import whom. The table is the project's layering; `violations` holds one file's imports against it.
 *
 * A layer is named by its folder. `type:` before a target: only `import type`, so that an interface may be known where the
 * thing behind it may not. `…/*`: only files directly in that folder; infra keeps its interfaces there and the adapters
 * behind them in folders.
 */

export interface SourceImport {
  /** Path of the importing file from the project's root, with slashes. */
  readonly file: string;
  /** What it imports: a path from the project's root, or the name of a package (`node:` modules included). */
  readonly target: string;
  readonly typeOnly: boolean;
}

const FEATURE = 'src-main/<feature>';
const MAIN_LAYERS = new Set(['contract', 'infra', 'app', 'browser', 'electron', 'launch', 'packaging', 'testing']);
const GENERATED_TYPES = 'src-platform/schema/database-types.ts';

/** Layer → folders (or single files) it may import from, besides itself. */
const TABLE: Readonly<Record<string, readonly string[]>> = {
  'src-main/contract': [],
  'src-main/infra': ['src-main/contract', `type:${GENERATED_TYPES}`],
  [FEATURE]: ['src-main/contract', 'src-main/infra/*', 'type:src-main/infra', `type:${GENERATED_TYPES}`],
  'src-main/app': ['src-main/contract', 'src-main/infra', FEATURE],
  'src-main/browser': ['src-main/app', 'src-main/infra/*', 'src-platform/process'],
  'src-main/electron': ['src-main/app', 'src-main/shell', 'src-main/infra/*', 'type:src-main/contract'],
  'src-main/launch': [
    'src-main/app',
    'src-main/browser',
    'src-main/electron',
    'src-main/shell',
    'type:src-main/contract',
    'type:src-main/infra/*',
    'src-main/isolation',
    'src-platform/isolation',
    'src-platform/local',
    'src-platform/process',
  ],
  'src-main/packaging': ['src-main/launch', 'src-main/shell'],
  'src-main/testing': [
    'src-main/contract',
    'src-main/infra',
    'src-main/app',
    'src-main/browser',
    FEATURE,
    'src-platform/testing',
  ],
  'src-renderer/ui': [],
  'src-renderer': ['src-main/contract'],
  'src-platform': [],
  e2e: ['src-main', 'src-platform', 'src-renderer'],
  '.ci': [],
};

/** Tests may use what is made for tests, and the real stores. */
const FOR_TESTS = [
  'src-main/testing',
  'src-platform/testing',
  'src-platform/process',
  'src-platform/local',
  'src-main/infra',
];

/** Packages that only some folders may touch. */
const RESERVED_PACKAGES: readonly { readonly name: RegExp; readonly only: readonly string[] }[] = [
  { name: /^electron$/, only: ['src-main/electron', 'e2e/electron-stand-in'] },
  { name: /^electron-updater$/, only: ['src-main/electron'] },
  { name: /^(react|react-dom|@mantine|@tanstack|@tabler)(\/|$)/, only: ['src-renderer', 'e2e/bench/pages'] },
  { name: /^(fastify|undici|gpt-tokenizer)(\/|$)/, only: ['src-platform', 'src-main/infra', 'e2e'] },
];

/** A sentence for each import that the table does not allow. */
export function violations(imports: readonly SourceImport[]): string[] {
  return imports.flatMap(({ file, target, typeOnly }) => {
    const reason = isLocal(target) ? refuseLocal(file, target, typeOnly) : refusePackage(file, target);
    return reason ? [`${file} → ${target}: ${reason}`] : [];
  });
}

function refuseLocal(file: string, target: string, typeOnly: boolean): string | undefined {
  const layer = layerOf(file);
  const targetLayer = layerOf(target);
  if (layer === undefined) return 'the file is in no room';
  if (layer === targetLayer && (layer !== FEATURE || featureOf(file) === featureOf(target))) return undefined;
  // One room, one layer: everything below src-renderer but ui, which stands under the rest.
  if (layer === 'src-renderer' && targetLayer === 'src-renderer/ui') return undefined;
  const allowed = [...(TABLE[layer] ?? []), ...(isTest(file) ? FOR_TESTS : [])];
  const fits = allowed.some((entry) => {
    const forType = entry.startsWith('type:');
    const place = forType ? entry.slice('type:'.length) : entry;
    return (!forType || typeOnly || isTest(file)) && lies(target, targetLayer, place);
  });
  return fits ? undefined : `${layer} may import ${TABLE[layer]?.join(', ') || 'nothing but itself'}`;
}

function lies(target: string, targetLayer: string | undefined, place: string): boolean {
  if (place.endsWith('/*')) return target.slice(0, target.lastIndexOf('/')) === place.slice(0, -'/*'.length);
  return place === targetLayer || place === target || target.startsWith(`${place}/`);
}

function refusePackage(file: string, target: string): string | undefined {
  if (layerOf(file) === 'src-main/contract' && !/^(zod|@orpc\/contract)$/.test(target)) {
    return 'the contract knows zod and @orpc/contract';
  }
  const reserved = RESERVED_PACKAGES.find(({ name }) => name.test(target));
  if (!reserved || reserved.only.some((folder) => file.startsWith(`${folder}/`)) || isTest(file)) return undefined;
  return `only ${reserved.only.join(' and ')} may`;
}

function isLocal(target: string): boolean {
  return /^(src-(main|renderer|platform)|e2e|\.ci)\//.test(target);
}

function isTest(file: string): boolean {
  return /\.test\.tsx?$/.test(file);
}

function layerOf(file: string): string | undefined {
  const [room = '', folder = ''] = file.split('/');
  if (room === 'src-main') return MAIN_LAYERS.has(folder) ? `src-main/${folder}` : FEATURE;
  if (room === 'src-renderer') return folder === 'ui' ? 'src-renderer/ui' : 'src-renderer';
  return ['src-platform', 'e2e', '.ci'].includes(room) ? room : undefined;
}

function featureOf(file: string): string | undefined {
  return file.split('/')[1];
}
