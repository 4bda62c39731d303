// Owns what a plan document holds beside changes, both ways: tests, risks, impact, what ends. Never judges any of it.

import type { RiskKind } from '../model/approval.ts';
import { formatApproval } from '../model/approval.ts';
import { approvalOf } from './approving.ts';
import type { Ending, WhatEnds } from './ending.ts';
import { instantFromJson, instantToJson, sourceMember, sourceToJson } from './json-places.ts';
import type { EndingJson, ImpactJson, RiskJson, TestChangeJson, TestJson } from './json-types.ts';
import type { Impact, Risk, TestResult } from './plan.ts';
import type { PublicReference } from './public-entity.ts';
import type { TestChange } from './test-changes.ts';

export function testToJson({ name, range, outcome, before, problems }: TestResult): TestJson {
  return { name, source: sourceToJson(range), outcome, before, problems };
}

export function testFromJson({ name, source, outcome, before, problems }: TestJson): TestResult {
  return { name, range: source, outcome, before, problems };
}

export function testChangeToJson(change: TestChange): TestChangeJson {
  const { action, name, was } = change;
  return { action, name, was: sourceToJson(was), ...sourceMember(action === 'change' ? change.range : undefined) };
}

/** Throws a TypeError for what does not fit the schema. */
export function testChangeFromJson({ action, name, was, source }: TestChangeJson): TestChange {
  if (action === 'remove') return { action, name, was };
  if (source === undefined) throw new TypeError('no plan document: a test that is changed has no place');
  return { action, name, was, range: source };
}

export function riskToJson(risk: Risk): RiskJson {
  const { kind, subject, digest, summary, items, approvable, approved } = risk;
  const source = sourceMember(approved?.range).source;
  return {
    kind,
    subject,
    digest,
    summary,
    items: items.map(({ address, text }) => ({ ...(address === undefined ? {} : { address }), text })),
    approvable,
    approve: approvable ? formatApproval(approvalOf(risk)) : null,
    approved: approved !== undefined,
    ...(source === undefined ? {} : { approval_source: source }),
  };
}

export function riskFromJson(json: RiskJson): Risk {
  const { subject, digest, summary, items, approvable, approved, approval_source: range } = json;
  const kind: RiskKind = json.kind;
  return {
    kind,
    subject,
    digest,
    summary,
    items,
    approvable,
    approved: approved ? { risk: kind, subject, digest, ...(range === undefined ? {} : { range }) } : undefined,
  };
}

export function impactToJson(impact: Impact): ImpactJson {
  const { address, ends, stopsRefresh, liveTokens, families, users, sessions, lastUsed, offlineSeconds } = impact;
  return {
    address,
    ends,
    ...(stopsRefresh ? { stops_refresh: true } : {}),
    live_tokens: liveTokens ?? null,
    ...(families === undefined ? {} : { refresh_families: families }),
    ...(users === undefined ? {} : { users }),
    ...(sessions === undefined ? {} : { sessions }),
    last_used: lastUsed === undefined ? null : instantToJson(lastUsed),
    offline_seconds: offlineSeconds ?? null,
  };
}

export function impactFromJson(json: ImpactJson): Impact {
  const { address, ends, live_tokens, refresh_families, users, sessions, last_used, offline_seconds } = json;
  return {
    address,
    ends,
    stopsRefresh: json.stops_refresh === true,
    liveTokens: live_tokens ?? undefined,
    families: refresh_families,
    users,
    sessions,
    lastUsed: last_used === null ? undefined : instantFromJson(last_used),
    offlineSeconds: offline_seconds ?? undefined,
  };
}

/** What names the thing is beside its place: the ends of a link, the reference of a secret (none where it is a hash), a URI. */
export function endingToJson({ what, place: { address, pointer }, range, end }: Ending): EndingJson {
  return { what: what.kind, ...namesOf(what), until: instantToJson(end), address, pointer, ...sourceMember(range) };
}

function namesOf(what: WhatEnds): Partial<EndingJson> {
  switch (what.kind) {
    case 'link':
      return {
        relation: what.relation,
        from: what.from,
        to: what.to,
        ...(what.customer === undefined ? {} : { customer: what.customer }),
      };
    case 'secret':
      return what.secret === undefined ? {} : { secret: what.secret };
    case 'redirect_uri':
      return { uri: what.uri };
    case 'entity':
      return {};
  }
}

/** Throws a TypeError for what does not fit the schema. */
export function endingFromJson(json: EndingJson): Ending {
  const { address, pointer, source, until } = json;
  return { what: whatFromJson(json), place: { address, pointer }, range: source, end: instantFromJson(until) };
}

function whatFromJson({ what, relation, from, to, customer, secret, uri }: EndingJson): WhatEnds {
  switch (what) {
    case 'entity':
      return { kind: what };
    case 'secret':
      return { kind: what, secret: secret as PublicReference | undefined };
    case 'redirect_uri':
      if (uri !== undefined) return { kind: what, uri };
      break;
    case 'link':
      if (relation !== undefined && from !== undefined && to !== undefined) {
        return { kind: what, relation, from, to, ...(customer === undefined ? {} : { customer }) };
      }
  }
  throw new TypeError('no plan document: something that ends has no name');
}
