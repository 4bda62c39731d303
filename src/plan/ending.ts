// Owns what of the desired State ends soon by itself (DESIGN 3): a plan is where somebody sees it in time. Never tells
// what has ended already, and never asks what access goes with it.

import type { Place, Step } from '../access/decision.ts';
import { type Address, compareText } from '../model/address.ts';
import { periodOf } from '../model/duration.ts';
import type { ApplicationEntity, Entity, Link } from '../model/entity.ts';
import type { Origins, SourceRange } from '../model/origin.ts';
import { secretsOf } from '../model/settings.ts';
import type { State } from '../model/state.ts';
import { type PublicReference, publicReference } from './public-entity.ts';

const SOON_MS = 7 * 86_400_000;

/** What ends: a link, an entity, one of an application's secrets or one of its redirect URIs. */
export type WhatEnds =
  | { readonly kind: 'link'; readonly relation: Step['relation']; readonly from: Address; readonly to: Address }
  | { readonly kind: 'entity' }
  /** `secret` is undefined for a written hash. */
  | { readonly kind: 'secret'; readonly secret: PublicReference | undefined }
  | { readonly kind: 'redirect_uri'; readonly uri: string };

export interface Ending {
  readonly what: WhatEnds;
  /** The entity, and where in it. */
  readonly place: Place;
  readonly range: SourceRange | undefined;
  /** Milliseconds since the epoch. */
  readonly end: number;
}

/** All that ends after `now` and within 7 days of it, the first to end first. `now` in milliseconds since the epoch. */
export function endingSoon(state: State, origins: Origins, now: number): readonly Ending[] {
  const endings: Ending[] = [];
  for (const [address, entity] of state) {
    for (const { pointer, what, expires } of bounded(address, entity)) {
      if (expires === undefined) continue;
      const { end } = periodOf({ expires });
      if (end <= now || end > now + SOON_MS) continue;
      endings.push({
        what,
        place: { address, pointer },
        range: origins.get(address)?.(what.kind === 'link' ? `${pointer}/expires` : pointer),
        end,
      });
    }
  }
  // By address and then as written where instants are equal: sorting keeps the order in which they were found.
  return endings.sort((a, b) => a.end - b.end || compareText(a.place.address, b.place.address));
}

interface Bounded {
  readonly pointer: string;
  readonly what: WhatEnds;
  readonly expires: string | undefined;
}

function* bounded(address: Address, entity: Entity): Generator<Bounded> {
  switch (entity.kind) {
    case 'group':
      yield* links('/members', entity.members, (to) => ({ relation: 'member_of', from: to, to: address }));
      return;
    case 'user':
      yield { pointer: '/expires', what: { kind: 'entity' }, expires: entity.expires };
      yield* links('/impersonated_by', entity.impersonated_by, (to) => ({
        relation: 'impersonates',
        from: to,
        to: address,
      }));
      return;
    case 'application':
      yield { pointer: '/expires', what: { kind: 'entity' }, expires: entity.expires };
      yield* links('/allowed_to', entity.allowed_to, (to) => ({ relation: 'open_to', from: address, to }));
      yield* credentials(entity);
  }
}

function* links(
  list: string,
  written: readonly Link[] | undefined,
  told: (to: Address) => Pick<Step, 'relation' | 'from' | 'to'>,
): Generator<Bounded> {
  for (const [position, { to, expires }] of (written ?? []).entries()) {
    if (expires !== undefined) yield { pointer: `${list}/${position}`, what: { kind: 'link', ...told(to) }, expires };
  }
}

function* credentials(application: ApplicationEntity): Generator<Bounded> {
  for (const [position, secret] of secretsOf(application).entries()) {
    const what: WhatEnds = { kind: 'secret', secret: publicReference(secret) };
    yield { pointer: `/secrets/${position}`, what, expires: secret.expires };
  }
  for (const [position, { uri, expires }] of (application.metadata?.redirect_uris ?? []).entries()) {
    yield { pointer: `/metadata/redirect_uris/${position}`, what: { kind: 'redirect_uri', uri }, expires };
  }
}
