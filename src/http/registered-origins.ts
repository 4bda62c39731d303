// Owns which origins may call the token and revocation endpoints from a browser: those where a client runs that cannot keep
// a secret, by the redirect_uris that it registered (P:E-006, P:V-016, P:S-027). Never opens anything to a client with a secret.

import { periodOf } from '../model/duration.ts';
import { isEnabled } from '../model/settings.ts';
import { entitiesOf } from '../model/state.ts';
import type { Snapshot } from '../oauth/snapshot.ts';
import { isLoopback } from './loopback.ts';
import { type CrossOrigin, openPostTo } from './response-header.ts';

/** Of each origin the instant from which on it is none of them: milliseconds since the epoch, infinite mostly. */
type Origins = ReadonlyMap<string, number>;

const known = new WeakMap<Snapshot, Origins>();

/** What a browser at that origin may do; undefined where no client runs there. `now` in milliseconds since the epoch. */
export function openToRegistered(origin: string, snapshot: Snapshot, now: number): CrossOrigin | undefined {
  let origins = known.get(snapshot);
  if (origins === undefined) {
    origins = originsOf(snapshot);
    known.set(snapshot, origins);
  }
  return now < (origins.get(origin) ?? Number.NEGATIVE_INFINITY) ? openPostTo(origin) : undefined;
}

function originsOf({ state }: Snapshot): Origins {
  const origins = new Map<string, number>();
  for (const [, application] of entitiesOf(state, 'application')) {
    const { metadata } = application;
    if (!isEnabled(application) || metadata?.token_endpoint_auth_method !== 'none') continue;
    for (const redirect of metadata.redirect_uris ?? []) {
      const origin = webOrigin(redirect.uri);
      if (origin === undefined) continue;
      const end = Math.min(periodOf(pick(application)).end, periodOf(pick(redirect)).end);
      origins.set(origin, Math.max(end, origins.get(origin) ?? Number.NEGATIVE_INFINITY));
    }
  }
  return origins;
}

function pick({ expires }: { readonly expires?: string }): { readonly expires?: string } {
  return expires === undefined ? {} : { expires };
}

/** The origin of a page that can be trusted to be that of its client: https, or of this machine. */
function webOrigin(uri: string): string | undefined {
  const url = URL.canParse(uri) ? new URL(uri) : undefined;
  if (url === undefined) return undefined;
  const trusted = url.protocol === 'https:' || (url.protocol === 'http:' && isLoopback(url.hostname));
  return trusted ? url.origin : undefined;
}
