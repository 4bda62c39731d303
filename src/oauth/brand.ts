// Owns under which host a person is at this server: the issuer's own, or one that stands for a brand (SEMANTICS N-72). Pages of a
// brand lead to its own host, where the browser has its cookies. Never a host that the spec does not name.

import type { ConsentSettings } from '../model/entity.ts';
import { entitiesOf, type State } from '../model/state.ts';
import type { EndpointRequest } from './endpoint.ts';
import { type FamilyPaths, urlOf } from './paths.ts';
import { issuerOf, type Snapshot } from './snapshot.ts';

/** The issuer's own origin, and all hosts of brands. */
interface Places {
  readonly protocol: string;
  readonly origin: string;
  readonly brands: ReadonlySet<string>;
}

const known = new WeakMap<State, Places>();

/** Found out once for each State. */
function placesOf(snapshot: Snapshot): Places {
  const { state } = snapshot;
  const kept = known.get(state);
  if (kept !== undefined) return kept;
  const { protocol, origin } = new URL(issuerOf(snapshot));
  const brands = new Set(
    [...entitiesOf(state, 'application')].flatMap(([, { consent }]) => (consent?.brands ?? []).map(({ host }) => host)),
  );
  const places = { protocol, origin, brands };
  known.set(state, places);
  return places;
}

type At = Pick<EndpointRequest, 'host'>;

/** The origin of our pages as this browser sees them. */
export function ownOrigin({ host }: At, snapshot: Snapshot): string {
  const { protocol, origin, brands } = placesOf(snapshot);
  return host !== undefined && brands.has(host) ? `${protocol}//${host}` : origin;
}

/** The URL of an endpoint that a page leads to. */
export function pageUrl(
  asked: At & Pick<EndpointRequest, 'family'>,
  snapshot: Snapshot,
  at: keyof FamilyPaths,
): string {
  const url = urlOf(issuerOf(snapshot), asked.family, at);
  return ownOrigin(asked, snapshot) + url.slice(placesOf(snapshot).origin.length);
}

/**
 * By which key the description of a scope is chosen: that of the brand, else that of the application. Undefined where its template
 * takes the first one (N-70, N-71).
 */
export function descriptionKey(
  { template, description_key, brands = [] }: ConsentSettings,
  { host }: At,
): string | undefined {
  if (template !== 'localized') return undefined;
  return brands.find((brand) => brand.host === host)?.description_key ?? description_key;
}
