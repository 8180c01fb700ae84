import type { ProfileTrial } from '../contract/profiles.ts';

/** The end of a trial. */
export async function trialOf(asked: Promise<AsyncIterable<ProfileTrial>>): Promise<ProfileTrial> {
  let last: ProfileTrial = { parts: [], over: false, id: null };
  for await (const state of await asked) last = state;
  return last;
}
