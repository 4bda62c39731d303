// Owns the changes of access and of tokens in a plan document, both ways. Never decides access.

import type { Place, Step } from '../access/decision.ts';
import type { ReasonCode } from '../access/reason.ts';
import type { UserAddress } from '../model/address.ts';
import type { Networks } from '../model/network.ts';
import { userOf } from './holding.ts';
import { instantFromJson, instantToJson, sourceMember, sourceToJson } from './json-places.ts';
import type { AccessChangeJson, LinkJson, TokenChangeJson } from './json-types.ts';
import type { AccessChange, Holding, Span, TokenChange, UsersTold } from './plan.ts';
import type { Places } from './text-changes.ts';

export function accessToJson(change: AccessChange, { afterOrigins }: Places): AccessChangeJson {
  const { effect, client, client_id, scope, held, users, from, otherwise, other, cause } = change;
  const target = { audience: held.audience, application: held.application };
  const { address, pointer } = cause.place;
  const present = effect === 'revoke' ? afterOrigins.get(address)?.(pointer) : undefined;
  return {
    effect,
    client,
    client_id,
    ...(scope === undefined ? target : { scope, carried_by: target }),
    user: userOf(held.chain) ?? null,
    ...(users === undefined ? {} : { users: usersToJson(users) }),
    via: held.chain.map(linkToJson),
    ...spanToJson({ from, until: held.until, ...networksIn(held) }),
    ...(otherwise === undefined ? {} : { otherwise: spanToJson(otherwise) }),
    reason: other?.code ?? null,
    refusal:
      other === undefined
        ? null
        : {
            via: other.chain.map(linkToJson),
            missing: placeToJson(other.missing),
            ...spanToJson({ from: undefined, until: other.until }),
          },
    cause: {
      ...placeToJson(cause.place),
      ...(cause.ended === true ? { ended: true } : {}),
      ...(cause.removed === true ? { removed: true } : {}),
      ...sourceMember(cause.range),
      ...(present === undefined ? {} : { present: sourceToJson(present) }),
    },
  };
}

/** Throws a TypeError for what does not fit the schema. */
export function accessFromJson(json: AccessChangeJson): AccessChange {
  const { effect, client, client_id, scope, users, otherwise, reason, refusal, cause } = json;
  const { audience, application } = json.carried_by ?? json;
  if (audience === undefined || application === undefined) {
    throw new TypeError('no plan document: an access change without an audience');
  }
  const holding: Holding = scope === undefined ? { audience } : { scope };
  const target = { audience, application };
  const span = spanFromJson(json);
  const other: AccessChange['other'] =
    refusal === null
      ? undefined
      : {
          ...target,
          until: spanFromJson(refusal).until,
          granted: false,
          chain: refusal.via,
          code: reason as ReasonCode,
          missing: refusal.missing,
        };
  const { address, pointer, ended, removed, source } = cause;
  return {
    ...holding,
    effect,
    client,
    client_id,
    held: { ...target, until: span.until, granted: true, chain: json.via, ...networksIn(span) },
    ...(users === undefined ? {} : { users: usersFromJson(users) }),
    ...(span.from === undefined ? {} : { from: span.from }),
    ...(otherwise === undefined ? {} : { otherwise: spanFromJson(otherwise) }),
    other,
    cause: {
      place: { address, pointer },
      range: source,
      ...(ended === undefined ? {} : { ended }),
      ...(removed === undefined ? {} : { removed }),
    },
  };
}

function usersToJson({ grant_type, through, users }: UsersTold): NonNullable<AccessChangeJson['users']> {
  const [first, ...others] = users;
  return {
    grant_type,
    through: through ?? null,
    count: users.length,
    addresses: [first as UserAddress, ...others],
  };
}

function usersFromJson({ grant_type, through, addresses }: NonNullable<AccessChangeJson['users']>): UsersTold {
  return { grant_type, through: through ?? undefined, users: addresses };
}

export function tokenToJson(change: TokenChange): TokenChangeJson {
  const { client, client_id, grant_type, user, scope, before, after, refused } = change;
  const told = (token: TokenChange['before']) =>
    token === undefined ? null : { claims: token.claims, lifetime: token.lifetime };
  return {
    client,
    client_id,
    grant_type,
    ...(user === undefined ? {} : { user }),
    scope: scope ?? null,
    before: told(before),
    after: told(after),
    reason: refused ?? null,
  };
}

export function tokenFromJson(json: TokenChangeJson): TokenChange {
  const { client, client_id, grant_type, user, scope, before, after, reason } = json;
  const token = (told: TokenChangeJson['before']): TokenChange['before'] => told ?? undefined;
  return {
    client,
    client_id,
    grant_type,
    ...(user === undefined ? {} : { user }),
    scope: scope ?? undefined,
    before: token(before),
    after: token(after),
    refused: reason ?? undefined,
  };
}

function linkToJson({ relation, from, to, at, value, function: name, customer }: Step): LinkJson {
  return {
    relation,
    from,
    to,
    at: placeToJson(at),
    ...(value === undefined ? {} : { value: { ...value } }),
    ...(name === undefined ? {} : { function: name }),
    ...(customer === undefined ? {} : { customer }),
  };
}

function placeToJson({ address, pointer }: Place): Place {
  return { address, pointer };
}

type SpanJson = { readonly from?: string; readonly until?: string; readonly networks?: readonly Networks[] };

function networksIn({ networks }: { readonly networks?: readonly Networks[] }): {
  readonly networks?: readonly Networks[];
} {
  return networks === undefined ? {} : { networks };
}

function spanToJson({ from, until, ...more }: Span): SpanJson {
  return {
    ...networksIn(more),
    ...(from === undefined ? {} : { from: instantToJson(from) }),
    ...(until === undefined ? {} : { until: instantToJson(until) }),
  };
}

function spanFromJson({ from, until, ...more }: SpanJson): Span {
  return {
    ...networksIn(more),
    from: from === undefined ? undefined : instantFromJson(from),
    until: until === undefined ? undefined : instantFromJson(until),
  };
}
