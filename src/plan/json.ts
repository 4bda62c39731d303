// Owns a plan as JSON, by Terraform's names where they fit: a public contract, versioned. Never holds a sensitive value:
// entities come out of publicEntity, members out of those.

import type { Place, Step } from '../access/decision.ts';
import { type Address, kindOf, nameOf, siteOf } from '../model/address.ts';
import { canonicalJson } from '../model/digest.ts';
import type { Entity } from '../model/entity.ts';
import type { Position, SourceRange } from '../model/origin.ts';
import type { Ending, WhatEnds } from './ending.ts';
import { userOf } from './holding.ts';
import { valueAt } from './paths.ts';
import type { AccessChange, Change, Plan, PlanBase } from './plan.ts';
import { type PublicEntity, type PublicReference, publicEntity } from './public-entity.ts';
import { type PlanSummary, summarize } from './text.ts';
import { originElsewhere, type Places } from './text-changes.ts';

/** Minor: members were added, ignore what you do not know. Major: read no further. */
const FORMAT_VERSION = '1.0';

export interface PlanOutcome {
  readonly exit_code: number;
  /** Whether applying it would change anything. */
  readonly changes: boolean;
}

export interface PlanJson {
  readonly format_version: string;
  readonly base: PlanBase;
  readonly resource_changes: readonly ResourceChangeJson[];
  readonly access_changes: readonly AccessChangeJson[];
  /** What ends within 7 days, the first to end first; absent where nothing does. */
  readonly ending?: readonly EndingJson[];
  readonly summary: PlanSummary;
  readonly result_digest: string;
  readonly outcome: PlanOutcome;
}

export interface ResourceChangeJson {
  readonly address: Address;
  readonly kind: string;
  readonly name: string;
  readonly site?: string;
  readonly change: {
    /** A list, as Terraform's is, so that a reader may look for "delete" in it. */
    readonly actions: readonly [Change['action']];
    readonly before: PublicEntity | null;
    readonly after: PublicEntity | null;
    /** The members whose value is left out because it is sensitive. */
    readonly before_sensitive: Readonly<Record<string, true>>;
    readonly after_sensitive: Readonly<Record<string, true>>;
    readonly paths: readonly {
      readonly path: string;
      readonly op: 'add' | 'remove' | 'replace';
      readonly before?: unknown;
      readonly after?: unknown;
      /** Where that stands in another file than the entity: in an overlay, say. */
      readonly source?: SourceJson;
    }[];
    readonly renews: boolean;
  };
  /** Of a delete where it was written. Null when that is not known. */
  readonly source: SourceJson | null;
}

export interface AccessChangeJson {
  readonly effect: 'grant' | 'revoke';
  readonly client: Address;
  readonly client_id: string;
  /** Either an audience, with the application that it is, or a scope. */
  readonly audience?: string;
  readonly application?: Address;
  readonly scope?: string;
  /** As whom; null when the client acts as itself. */
  readonly user: Address | null;
  /** The links that give the access, or gave it. */
  readonly via: readonly { readonly relation: Step['relation']; readonly from: Address; readonly to: Address }[];
  /** Of a grant that ends by itself (RFC 3339, UTC). */
  readonly until?: string;
  /** Why the side without the access lacks it; null when an application or a scope came or went, or when it has it as another
   * user. */
  readonly reason: string | null;
  readonly cause: PlacedJson;
}

/** A member of an entity, and where it was written where that is known. */
interface PlacedJson {
  readonly address: Address;
  readonly pointer: string;
  readonly file?: string;
  readonly line?: number;
  readonly column?: number;
}

/** A link, an entity, a secret or a redirect URI; the address is that of the entity that it is, or stands in. */
interface EndingJson extends PlacedJson {
  readonly what: WhatEnds['kind'];
  readonly relation?: Step['relation'];
  readonly from?: Address;
  readonly to?: Address;
  /** By its reference; absent for a written hash. */
  readonly secret?: PublicReference;
  readonly uri?: string;
  /** RFC 3339, UTC. */
  readonly until: string;
}

interface SourceJson {
  readonly file: string;
  readonly start: PlaceJson;
  readonly end: PlaceJson;
}

type PlaceJson = Pick<Position, 'line' | 'column'>;

/** Plain data, ready for JSON.stringify; equal plans give equal text. */
export function planToJson(plan: Plan, context: Places, outcome: PlanOutcome): PlanJson {
  return {
    format_version: FORMAT_VERSION,
    base: plan.base,
    resource_changes: plan.changes.map((change) => changeToJson(change, context)),
    access_changes: plan.access.map(accessToJson),
    ...(plan.ending.length === 0 ? {} : { ending: plan.ending.map(endingToJson) }),
    summary: summarize(plan),
    result_digest: plan.resultDigest,
    outcome,
  };
}

function changeToJson(change: Change, context: Places): ResourceChangeJson {
  const { address } = change;
  const site = siteOf(address);
  const before = sideToJson(change.action === 'create' ? undefined : change.before);
  const after = sideToJson(change.action === 'delete' ? undefined : change.after);
  const origins = change.action === 'delete' ? context.beforeOrigins : context.afterOrigins;
  const range = origins.get(address)?.('');
  return {
    address,
    kind: kindOf(address),
    name: nameOf(address),
    ...(site === undefined ? {} : { site }),
    change: {
      actions: [change.action],
      before: before.entity,
      after: after.entity,
      before_sensitive: before.sensitive,
      after_sensitive: after.sensitive,
      paths:
        change.action === 'update'
          ? change.paths.map((path) => ({
              ...pathToJson(path, before.entity, after.entity),
              ...sourceOf(originElsewhere(address, path.pointer, context)),
            }))
          : [],
      renews: change.action === 'update' && change.renews,
    },
    source: range === undefined ? null : sourceToJson(range),
  };
}

/** Keys sorted: a State that was compiled and one that was stored give the same text. */
function sideToJson(side: Entity | undefined): {
  entity: PublicEntity | null;
  sensitive: Readonly<Record<string, true>>;
} {
  if (side === undefined) return { entity: null, sensitive: {} };
  const { entity, sensitive } = publicEntity(side);
  return { entity: JSON.parse(canonicalJson(entity)), sensitive };
}

function sourceOf(range: SourceRange | undefined): { source?: SourceJson } {
  return range === undefined ? {} : { source: sourceToJson(range) };
}

/** The values are read out of the public entities, not out of the path: what those leave out cannot come back here. */
function pathToJson(
  path: Extract<Change, { action: 'update' }>['paths'][number],
  before: PublicEntity | null,
  after: PublicEntity | null,
): ResourceChangeJson['change']['paths'][number] {
  const from = valueAt(before, path.pointer);
  const to = valueAt(after, path.pointer);
  return {
    path: path.pointer,
    op: path.before === undefined ? 'add' : path.after === undefined ? 'remove' : 'replace',
    ...(from === undefined ? {} : { before: from }),
    ...(to === undefined ? {} : { after: to }),
  };
}

function accessToJson(change: AccessChange): AccessChangeJson {
  const { place, range } = change.cause;
  return {
    effect: change.effect,
    client: change.client,
    client_id: change.client_id,
    ...(change.audience === undefined
      ? { scope: change.scope }
      : { audience: change.audience, application: change.held.application }),
    user: userOf(change.held.chain) ?? null,
    via: change.held.chain.map(({ relation, from, to }) => ({ relation, from, to })),
    ...(change.effect === 'grant' && change.held.until !== undefined ? { until: instantOf(change.held.until) } : {}),
    reason: change.other?.code ?? null,
    cause: placeToJson(place, range),
  };
}

/** What names the thing is beside its place: the ends of a link, the reference of a secret (none where it is a hash), a URI. */
function endingToJson({ what, place, range, end }: Ending): EndingJson {
  return { what: what.kind, ...namesOf(what), until: instantOf(end), ...placeToJson(place, range) };
}

function namesOf(what: WhatEnds): Partial<EndingJson> {
  switch (what.kind) {
    case 'link':
      return { relation: what.relation, from: what.from, to: what.to };
    case 'secret':
      return what.secret === undefined ? {} : { secret: what.secret };
    case 'redirect_uri':
      return { uri: what.uri };
    case 'entity':
      return {};
  }
}

function instantOf(milliseconds: number): string {
  return new Date(milliseconds).toISOString();
}

function placeToJson({ address, pointer }: Place, range: SourceRange | undefined): PlacedJson {
  const where = range === undefined ? {} : { file: range.file, line: range.start.line, column: range.start.column };
  return { address, pointer, ...where };
}

function sourceToJson(range: SourceRange): SourceJson {
  const place = ({ line, column }: Position): PlaceJson => ({ line, column });
  return { file: range.file, start: place(range.start), end: place(range.end) };
}
