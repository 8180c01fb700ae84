/**
 * The composition of the local platform. Order matters: stores → schema and logins → what the gateway reads (providers, prices, tenants) →
 * history and caps → gateway (which first puts in order what its last run left open) → Clinic B's cap → traffic.
 * Everything that was started is closed in reverse order, also when a later step fails.
 */
import path from 'node:path';
import { ensureCredentials, writeAtomically, type LocalCredentials } from './credentials-file.ts';
import type { DataFolder } from './data-folder.ts';
import { CLINIC_B_SECONDS, clinicBSpending, setClinicBCap } from './demo/clinic-b.ts';
import { enterDemoBrands } from './demo/demo-brands.ts';
import { enterDemoContracts } from './demo/demo-contracts.ts';
import { demoTenants } from './demo/demo-tenants.ts';
import { pricesByModel } from './demo/history-rows.ts';
import { CLINIC_B } from './demo/the-dozen.ts';
import { enterPlatform } from './enter-platform.ts';
import { LOCAL_ADMIN, LOCAL_OPERATORS } from './local-operators.ts';
import { describePlatform, type PlatformDescription } from './platform-description.ts';
import {
  startGatewayPart,
  startPostgresPart,
  startProviderPart,
  startRedisPart,
  startTrafficPart,
  type PartsHome,
} from './platform-parts.ts';
import { databaseUrl, GATEWAY_LOGIN, OWNER_LOGIN } from './prepare-database.ts';
import { prepareOwnDatabase } from './prepare-own-database.ts';
import { readPriceBook } from '../prices/price-book.ts';
import { writePriceList } from './price-list-file.ts';
import { operatorSecrets, type LocalProvider } from './register-platform.ts';
import { awaitEarlierParts } from './running-parts.ts';
import type { SupervisedPart } from './supervised-part.ts';
import { makeTrafficPlan } from './traffic/make-traffic-plan.ts';
import { withClient } from './with-client.ts';

export interface LocalPlatformOptions {
  /** Ours until the platform has closed, which releases it. */
  readonly dataFolder: DataFolder;
  /** Number of demo tenants. */
  readonly tenants: number;
  /** Live calls of the demo tenants. */
  readonly traffic: boolean;
  /** Calls a second over all tenants; undefined: the demo's own, 8 to 12 for the dozen. */
  readonly trafficRate?: number;
  /** Rows of the demo history over all tenants; undefined: about 85,000. */
  readonly historyRows?: number;
  /** Seconds of its live traffic that fit under Clinic B's cap; undefined: 75. */
  readonly clinicBSeconds?: number;
  /** Share of the pretend provider's answers that fail by chance; undefined: 1.5 %. */
  readonly failureRate?: number;
  /** Another provider of OpenAI's models than the pretend one, as SDKs take it: `http://host:port/v1`. */
  readonly openaiBaseUrl?: string;
  /** Likewise for Anthropic's models: `http://host:port`. */
  readonly anthropicBaseUrl?: string;
  /** Credentials for those two are read from OPENAI_API_KEY and ANTHROPIC_API_KEY. */
  readonly env: NodeJS.ProcessEnv;
  /** Hears a sentence for each step, and of parts that end unasked. */
  readonly say: (sentence: string) => void;
  /** Gives the start up; what was started is closed. */
  readonly signal: AbortSignal;
}

export interface LocalPlatform {
  readonly description: PlatformDescription;
  /** The processes, in the order of their start. */
  readonly parts: readonly SupervisedPart[];
  /** Rows that were new in the ledger after the history was entered. */
  readonly enteredRows: number;
  /** Ends everything in reverse order and releases the data folder. */
  close(): Promise<void>;
}

const DEFAULT_HISTORY_ROWS = 85_000;

/** Starts everything on this machine on free ports; resolves when the demo is complete and the gateway takes calls. */
export async function startLocalPlatform(options: LocalPlatformOptions): Promise<LocalPlatform> {
  const stack = new AsyncDisposableStack();
  stack.defer(() => options.dataFolder.release());
  try {
    const started = await start(options, stack);
    return { ...started, close: () => stack.disposeAsync() };
  } catch (error) {
    await stack.disposeAsync();
    throw error;
  }
}

async function start(
  options: LocalPlatformOptions,
  stack: AsyncDisposableStack,
): Promise<Omit<LocalPlatform, 'close'>> {
  const { say, signal } = options;
  const folder = options.dataFolder.path;
  const running = await awaitEarlierParts(folder, say);
  const home: PartsHome = { folder, running, say, stack, parts: [] };
  const tenants = demoTenants(options.tenants);
  const book = readPriceBook();
  const prices = pricesByModel(book);
  const credentials = ensureCredentials(
    folder,
    LOCAL_OPERATORS.map(({ login }) => login),
    tenants.map(({ slug }) => slug),
  );
  const priceList = path.join(folder, 'provider-prices.json');
  writePriceList(priceList, book, Date.now());

  say('Starting PostgreSQL, Redis and the pretend provider…');
  const [cluster, redisUrl, providerUrl] = await allOrNone([
    startPostgresPart(home),
    startRedisPart(home, credentials.redisPassword, options.env),
    startProviderPart(home, {
      credential: credentials.providerCredential,
      priceList,
      failureRate: options.failureRate,
    }),
  ]);
  signal.throwIfAborted();

  say('Preparing the database…');
  const postgres = await prepareOwnDatabase(home, {
    postgres: cluster,
    credentials,
    operators: LOCAL_OPERATORS,
    now: new Date(),
  });
  signal.throwIfAborted();
  const ownerUrl = databaseUrl(postgres.port, OWNER_LOGIN, credentials.ownerPassword);
  const gatewayDatabaseUrl = databaseUrl(postgres.port, GATEWAY_LOGIN, credentials.gatewayPassword);
  const enteredRows = await enterPlatform({
    folder,
    ownerUrl,
    gatewayDatabaseUrl,
    credentials,
    providers: chooseProviders(options, providerUrl, credentials),
    tenants,
    book,
    prices,
    historyRows: options.historyRows ?? DEFAULT_HISTORY_ROWS,
    signal,
    say,
  });
  signal.throwIfAborted();

  await enterTerms(postgres.port, credentials, tenants);
  signal.throwIfAborted();

  say('Starting the gateway…');
  const gateway = await startGatewayPart(home, {
    databaseUrl: gatewayDatabaseUrl,
    redisUrl,
    credentialKey: credentials.credentialKey,
  });
  signal.throwIfAborted();
  if (tenants.includes(CLINIC_B)) {
    const seconds = options.clinicBSeconds ?? CLINIC_B_SECONDS;
    await readyClinicB(postgres.port, credentials, clinicBSpending(prices, seconds, Date.now()));
  }
  const described = { folder, gateway, postgresPort: postgres.port, ownerUrl, redisUrl, tenants, credentials };
  const description = await withClient(ownerUrl, (owner) =>
    describePlatform(owner, { ...described, operators: LOCAL_OPERATORS }),
  );
  if (options.traffic && tenants.length > 0) {
    say('Starting the demo traffic…');
    const wish = { gateway, tenants, credentials, prices, now: Date.now(), rate: options.trafficRate };
    const planFile = path.join(folder, 'traffic-plan.json');
    writeAtomically(planFile, JSON.stringify(makeTrafficPlan(wish)));
    await startTrafficPart(home, planFile);
  }
  return { description, parts: home.parts, enteredRows };
}

/** As the admin would, through the same functions. */
async function enterTerms(
  port: number,
  credentials: LocalCredentials,
  tenants: Parameters<typeof enterDemoContracts>[1],
): Promise<void> {
  const { password } = operatorSecrets(credentials, LOCAL_ADMIN);
  await withClient(databaseUrl(port, LOCAL_ADMIN, password), async (admin) => {
    await enterDemoContracts(admin, tenants, new Date());
    await enterDemoBrands(admin, tenants);
  });
}

/** Cap just above what is spent: set as the admin would, through the same function, with a reason in the audit log. */
async function readyClinicB(port: number, credentials: LocalCredentials, headroom: bigint): Promise<void> {
  const { password } = operatorSecrets(credentials, LOCAL_ADMIN);
  await withClient(databaseUrl(port, LOCAL_ADMIN, password), (admin) => setClinicBCap(admin, headroom));
}

function chooseProviders(
  { openaiBaseUrl, anthropicBaseUrl, env }: LocalPlatformOptions,
  pretendUrl: string,
  { providerCredential: credential }: LocalCredentials,
): LocalProvider[] {
  const openai = { id: 'openai', baseUrl: `${pretendUrl}/v1`, credential };
  const anthropic = { id: 'anthropic', baseUrl: pretendUrl, credential };
  return [
    openaiBaseUrl === undefined
      ? openai
      : { ...openai, baseUrl: openaiBaseUrl, credential: env['OPENAI_API_KEY'] ?? 'none' },
    anthropicBaseUrl === undefined
      ? anthropic
      : { ...anthropic, baseUrl: anthropicBaseUrl, credential: env['ANTHROPIC_API_KEY'] ?? 'none' },
    { id: 'google', baseUrl: `${pretendUrl}/v1`, credential },
  ];
}

/** Waits for all, so that nothing is still starting when the first failure is reported. */
async function allOrNone<Results extends readonly unknown[]>(starts: {
  [Key in keyof Results]: Promise<Results[Key]>;
}): Promise<Results> {
  await Promise.allSettled(starts);
  return Promise.all(starts) as Promise<unknown> as Promise<Results>;
}
