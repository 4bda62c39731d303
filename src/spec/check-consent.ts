// Owns the warnings about what is written of consent pages and shows nothing else (SEMANTICS N-70…N-72). Never about whether
// people are asked.

import { scopeAddress } from '../model/address.ts';
import type { ApplicationEntity, ConsentSettings } from '../model/entity.ts';
import { scopeValues } from '../model/settings.ts';
import type { Bound } from './bind.ts';
import type { Tell } from './check-effects.ts';
import { bound } from './entities.ts';
import { SharedPlaces } from './shared-places.ts';

export function checkConsent(all: Bound, tell: Tell): void {
  const shared = new SharedPlaces(all, tell);
  for (const [address, application] of bound(all, 'application')) {
    const faults = new Map(faultsOf(all, application));
    for (const pointer of placesOf(application.consent ?? {})) {
      const fault = faults.get(pointer);
      if (fault === undefined) shared.works(address, pointer);
      else shared.fails('consent.no-effect', address, pointer, ...fault);
    }
  }
  shared.end();
}

type Fault = readonly [pointer: string, said: readonly [detail: string, help: string]];

/** Where something stands that is about descriptions. */
function placesOf({ template, description_key, brands }: ConsentSettings): readonly string[] {
  return [
    ...(template === undefined ? [] : ['/consent/template']),
    ...(description_key === undefined ? [] : ['/consent/description_key']),
    ...(brands ?? []).map((_, position) => `/consent/brands/${position}`),
  ];
}

function faultsOf(all: Bound, { consent = {}, metadata }: ApplicationEntity): readonly Fault[] {
  const { template, description_key, brands = [] } = consent;
  const keyed = [
    ...(description_key === undefined ? [] : [['/consent/description_key', description_key] as const]),
    ...brands.map((brand, position) => [`/consent/brands/${position}`, brand.description_key] as const),
  ];
  if (template !== 'localized') {
    const said = ['the first description of each scope is shown', 'Write template: localized, or remove it.'] as const;
    return keyed.map(([pointer]) => [pointer, said]);
  }
  if (keyed.length === 0) {
    return [['/consent/template', ['no key says which description is shown', 'Write description_key or brands.']]];
  }
  const keys = keysOf(all, metadata?.scope);
  const unknown = keyed.flatMap(([pointer, key]): readonly Fault[] =>
    keys.size === 0 || keys.has(key)
      ? []
      : [
          [
            pointer,
            [`no scope of the client has a description ${key}`, `The keys are ${[...keys].sort().join(', ')}.`],
          ],
        ],
  );
  const again = brands.flatMap(({ host }, position): readonly Fault[] =>
    brands.findIndex((other) => other.host === host) === position
      ? []
      : [[`/consent/brands/${position}`, [`${host} stands there before`, 'Remove one of the two.']]],
  );
  return [...unknown, ...again];
}

/** The keys of the descriptions of the scopes of the catalogue that a client may ask for. */
function keysOf({ entities }: Bound, scope: string | undefined): ReadonlySet<string> {
  const keys = new Set<string>();
  for (const value of scopeValues(scope)) {
    const entity = entities.get(scopeAddress(value));
    if (entity?.kind === 'scope') for (const { key } of entity.descriptions) keys.add(key);
  }
  return keys;
}
