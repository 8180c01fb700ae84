/**
 * The console's main side with its browser shell, in a process of its own as in real life, so that its processor time and
 * memory are its own. Environment: `TENANTDESK_BENCH_FACTS` (the platform's ready line), `TENANTDESK_BENCH_ROLE`.
 */
import type { PlatformFacts } from '../fixtures/local-platform.ts';
import { startTestConsole } from '../fixtures/test-console.ts';

const facts = JSON.parse(process.env['TENANTDESK_BENCH_FACTS'] ?? '{}') as PlatformFacts;
const console = await startTestConsole(facts, process.env['TENANTDESK_BENCH_ROLE'] ?? 'operator');
process.on('SIGTERM', () => {
  void console.close().finally(() => process.exit(0));
});
process.stdout.write(`ready ${new URL(console.origin).port} ${console.newAddress()}\n`);
