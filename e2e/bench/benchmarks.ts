import { audit } from './benchmarks/audit.ts';
import { boardQuery } from './benchmarks/board-query.ts';
import { callToGauge } from './benchmarks/call-to-gauge.ts';
import { clickToObey } from './benchmarks/click-to-obey.ts';
import { forecast } from './benchmarks/forecast.ts';
import { firstPaint } from './benchmarks/first-paint.ts';
import { gatewayGrowth } from './benchmarks/gateway-growth.ts';
import { gatewayThroughput } from './benchmarks/gateway-throughput.ts';
import { gauges } from './benchmarks/gauges.ts';
import { ingest } from './benchmarks/ingest.ts';
import { memory } from './benchmarks/memory.ts';
import { offline } from './benchmarks/offline.ts';
import { reports } from './benchmarks/reports.ts';
import { rowSecurity } from './benchmarks/rls.ts';
import { streaming } from './benchmarks/streaming.ts';
import { takeGrant } from './benchmarks/take-grant.ts';
import type { BenchmarkResult } from './frame/figure.ts';
import type { Workbench } from './frame/workbench.ts';

/** Every benchmark by its name on the command line. */
export const BENCHMARKS: Readonly<Record<string, (bench: Workbench) => Promise<BenchmarkResult>>> = {
  'click-to-obey': clickToObey,
  'call-to-gauge': callToGauge,
  'gateway-throughput': gatewayThroughput,
  'gateway-growth': gatewayGrowth,
  streaming,
  'take-grant': takeGrant,
  ingest,
  'board-query': boardQuery,
  rls: rowSecurity,
  audit,
  reports,
  forecast,
  gauges,
  'first-paint': firstPaint,
  memory,
  offline,
};
