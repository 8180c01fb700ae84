import { writeFileSync } from 'node:fs';
import path from 'node:path';
import type { Tool } from './debian-tools.ts';
import type { ClosedOrder, LoadReport } from './load-order.ts';
import type { Workbench } from './workbench.ts';

/** Closed-loop load by wrk, a C program, so that the harness is not the limit; one thread, as there is one core for it. */
export async function runWrk(bench: Workbench, wrk: Tool, order: ClosedOrder): Promise<LoadReport> {
  const script = path.join(bench.folder, 'load.lua');
  writeFileSync(script, luaScript(order));
  let line = '';
  const child = await bench.start({
    name: 'wrk',
    command: wrk.command,
    args: ['-t1', `-c${order.connections}`, `-d${order.seconds}s`, '--timeout', '10s', '-s', script, order.url],
    core: 'rest',
    stopSignal: 'SIGTERM',
    env: wrk.env,
    onLine: (text) => {
      if (text.startsWith('{"calls"')) line = text;
    },
  });
  await child.exited;
  if (line === '') throw new Error(`wrk gave no figures for ${order.url}.`);
  return JSON.parse(line) as LoadReport;
}

/** Requests are made once, before the load; the answers' bodies are not looked at. */
function luaScript(order: ClosedOrder): string {
  const headers = order.headers.map((set) => {
    const pairs = Object.entries(set).map(([name, value]) => `[${JSON.stringify(name)}]=${JSON.stringify(value)}`);
    return `{${pairs.join(',')}}`;
  });
  return `
local body = [==[${order.body}]==]
local sets = {${headers.join(',\n')}}
local ready, turn = {}, 0
function init()
  for i, set in ipairs(sets) do ready[i] = wrk.format("POST", wrk.path, set, body) end
end
function request()
  turn = turn % #ready + 1
  return ready[turn]
end
function done(summary, latency)
  local e = summary.errors
  io.write(string.format('{"calls":%d,"failed":%d,"seconds":%.3f,"p50":%d,"p95":%d,"p99":%d}\\n',
    summary.requests - e.status, e.status + e.connect + e.read + e.write + e.timeout, summary.duration / 1e6,
    latency:percentile(50), latency:percentile(95), latency:percentile(99)))
end
`;
}
