/** USD for a million tokens of the one model that the scripted provider sells: gpt-4o. */
const INPUT = 2.5;
const CACHED = 1.25;
const OUTPUT = 10;

/** The provider's own arithmetic, on purpose unlike the gateway's: micro-dollar floats are exact at these sizes. Nano-USD. */
export function billedCost(prompt: number, cached: number, output: number): bigint {
  const microUsd = (prompt - cached) * INPUT + cached * CACHED + output * OUTPUT;
  return BigInt(Math.ceil(microUsd * 1000));
}
