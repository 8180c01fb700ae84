import type { ProviderPolicy } from '../policy/policy.ts';
import { createProviderLine, type ProviderLine } from '../upstream/provider-line.ts';
import type { ProviderHealth, SentCall } from './provider-health.ts';

/** A place to send calls to: connections that are kept, and the path before the format's own. */
export interface ProviderRoute {
  readonly line: ProviderLine;
  /** "/v1", or empty. */
  readonly basePath: string;
  readonly credential: string;
  /** To be told once for each call that goes out. */
  readonly sent: () => SentCall;
  /** Of all providers together; counted up and down by who streams. */
  readonly streams: { open: number };
  /** The most that is kept of one answer: of a whole one, of an event of a stream. */
  readonly largestAnswerBytes: number;
}

export interface ProviderPools {
  readonly openStreams: number;
  route(provider: ProviderPolicy): ProviderRoute;
  close(): void;
}

const LINE_OPTIONS = {
  mostConnections: 4_096,
  connectTimeoutMs: 5_000,
  headTimeoutMs: 600_000,
  bodyTimeoutMs: 120_000,
  keepMs: 4_000,
};

/** One line of kept connections a provider. URL and credential come from the platform's policy alone. */
export function createProviderPools(
  health: ProviderHealth,
  monotonic: () => number,
  largestAnswerBytes: number,
): ProviderPools {
  const routes = new Map<string, { readonly policy: ProviderPolicy; readonly route: ProviderRoute }>();
  const retired: ProviderLine[] = [];
  const streams = { open: 0 };
  return {
    get openStreams() {
      return streams.open;
    },
    route: (policy) => {
      const known = routes.get(policy.id);
      if (known?.policy === policy) return known.route;
      const url = new URL(policy.baseUrl);
      const samePlace = known !== undefined && known.policy.baseUrl === policy.baseUrl;
      if (known !== undefined && !samePlace) {
        known.route.line.retire();
        retired.push(known.route.line);
      }
      const route = {
        line: samePlace
          ? known.route.line
          : createProviderLine(url, { ...LINE_OPTIONS, largestAnswerBytes, monotonic }),
        basePath: url.pathname.replace(/\/+$/, ''),
        credential: policy.credential,
        sent: () => health.sent(policy.id),
        streams,
        largestAnswerBytes,
      };
      routes.set(policy.id, { policy, route });
      return route;
    },
    close: () => {
      for (const line of retired) line.destroy();
      for (const { route } of routes.values()) route.line.destroy();
    },
  };
}
