// Owns what of the desired State ends soon by itself (DESIGN 3): a plan is where somebody sees it in time. Never tells
// what has ended already, and never asks what access goes with it.

import type { Place, Step } from '../access/decision.ts';
import { type Address, type CustomerAddress, compareText, SERVER } from '../model/address.ts';
import { periodOf } from '../model/duration.ts';
import type { ApplicationEntity, Entity, Link, RoleGrant } from '../model/entity.ts';
import type { Origins, SourceRange } from '../model/origin.ts';
import { selecting } from '../model/selection.ts';
import type { State } from '../model/state.ts';
import { type PublicReference, publicReference } from './public-entity.ts';

const SOON_MS = 7 * 86_400_000;

/** What ends: a link, an entity, one of an application's secrets or one of its redirect URIs. */
export type WhatEnds =
  | {
      readonly kind: 'link';
      readonly relation: Step['relation'];
      readonly from: Address;
      readonly to: Address;
      /** Of a role that was given for one. */
      readonly customer?: CustomerAddress;
    }
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
  const found: FoundEnd = (address, pointer, expires, what) => {
    const { end } = periodOf({ expires });
    if (end <= now || end > now + SOON_MS) return;
    const range = origins.get(address)?.(what.kind === 'link' ? `${pointer}/expires` : pointer);
    endings.push({ what, place: { address, pointer }, range, end });
  };
  for (const [address, entity] of withEnds(state)) visitEnds(address, entity, found);
  // By address and then as written where instants are equal: sorting keeps the order in which they were found.
  return endings.sort((a, b) => a.end - b.end || compareText(a.place.address, b.place.address));
}

type FoundEnd = (address: Address, pointer: string, expires: string, what: WhatEnds) => void;

/** Few entities have an end, and which do is the same whatever time it is. */
const withEnds = selecting(['application', 'group', 'user'], (entity) => {
  let isFound = false;
  visitEnds(SERVER, entity, () => {
    isFound = true;
  });
  return isFound;
});

/** Finds each end that is written. Every entity of a State passes here, most without one: for those nothing is made. */
function visitEnds(address: Address, entity: Entity, found: FoundEnd): void {
  switch (entity.kind) {
    case 'group':
      visitLinks(address, '/members', entity.members, found);
      visitRoles(address, entity.roles, found);
      return;
    case 'user':
      if (entity.expires !== undefined) found(address, '/expires', entity.expires, { kind: 'entity' });
      visitLinks(address, '/impersonated_by', entity.impersonated_by, found);
      visitRoles(address, entity.roles, found);
      return;
    case 'application':
      if (entity.expires !== undefined) found(address, '/expires', entity.expires, { kind: 'entity' });
      visitLinks(address, '/allowed_to', entity.allowed_to, found);
      visitRoles(address, entity.roles, found);
      visitCredentials(address, entity, found);
  }
}

type LinkList = '/members' | '/impersonated_by' | '/allowed_to';

/** From whom to whom the links of a list lead: its holder, and whom it lists. */
const LEADS: Readonly<Record<LinkList, (holder: Address, listed: Address) => Pick<Step, 'relation' | 'from' | 'to'>>> =
  {
    '/members': (holder, listed) => ({ relation: 'member_of', from: listed, to: holder }),
    '/impersonated_by': (holder, listed) => ({ relation: 'impersonates', from: listed, to: holder }),
    '/allowed_to': (holder, listed) => ({ relation: 'open_to', from: holder, to: listed }),
  };

function visitLinks(address: Address, list: LinkList, written: readonly Link[] | undefined, found: FoundEnd): void {
  if (written === undefined) return;
  for (const [position, { to, expires }] of written.entries()) {
    if (expires === undefined) continue;
    found(address, `${list}/${position}`, expires, { kind: 'link', ...LEADS[list](address, to) });
  }
}

function visitRoles(address: Address, grants: readonly RoleGrant[] | undefined, found: FoundEnd): void {
  for (const [position, { role, customer, expires }] of (grants ?? []).entries()) {
    if (expires === undefined) continue;
    const link = { kind: 'link', relation: 'has_role', from: address, to: role } as const;
    found(address, `/roles/${position}`, expires, customer === undefined ? link : { ...link, customer });
  }
}

function visitCredentials(address: Address, { secrets = [], metadata }: ApplicationEntity, found: FoundEnd): void {
  // The one `secret` has no end.
  for (const [position, secret] of secrets.entries()) {
    if (secret.expires === undefined) continue;
    found(address, `/secrets/${position}`, secret.expires, { kind: 'secret', secret: publicReference(secret) });
  }
  for (const [position, { uri, expires }] of (metadata?.redirect_uris ?? []).entries()) {
    if (expires === undefined) continue;
    found(address, `/metadata/redirect_uris/${position}`, expires, { kind: 'redirect_uri', uri });
  }
}
