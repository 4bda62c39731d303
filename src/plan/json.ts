// Owns a plan as a document, both ways: one for --json and --out, by Terraform's names where they fit, described by
// schema/plan.schema.json: a public contract, versioned. Never holds a sensitive value.

import { digestValue } from '../model/digest.ts';
import type { Entity } from '../model/entity.ts';
import { storedOrigin } from '../model/origin.ts';
import { unapproved } from './approving.ts';
import { accessFromJson, accessToJson, tokenFromJson, tokenToJson } from './json-access.ts';
import { changesFromJson, changesToJson, circumstancesFromJson } from './json-changes.ts';
import { loginFromJson, loginToJson } from './json-logins.ts';
import {
  endingFromJson,
  endingToJson,
  impactFromJson,
  impactToJson,
  riskFromJson,
  riskToJson,
  testChangeFromJson,
  testChangeToJson,
  testFromJson,
  testToJson,
} from './json-parts.ts';
import { permissionFromJson, permissionToJson } from './json-permitted.ts';
import { instantFromJson, instantToJson, originToJson, placesFromJson } from './json-places.ts';
import { releasedFromJson, releasedToJson } from './json-released.ts';
import type { AppliedJson, ConfigJson, OutcomeJson, PlanJson } from './json-types.ts';
import { useFromJson, useToJson } from './json-uses.ts';
import type { Change, Plan } from './plan.ts';
import type { KnownEntity, ReadPlan } from './read-plan.ts';
import { summarize } from './summary.ts';
import type { TestChange } from './test-changes.ts';
import type { Places } from './text-changes.ts';

/** Minor: members were added, ignore what you do not know. Major: read no further. */
export const FORMAT_VERSION = '1.0';

/** How the command ended that made the plan; what in the plan stands in its way is seen in the plan. */
export type PlanOutcome = Pick<OutcomeJson, 'exit_code' | 'changes'>;

/** What only the caller knows of a plan. */
export interface PlanContext {
  readonly engine_version?: string;
  /** Milliseconds since the epoch at which the plan was made. */
  readonly timestamp?: number;
  readonly config?: ConfigJson;
  readonly applied?: AppliedJson;
  /** Sentences of notes.ts. */
  readonly notes?: readonly string[] | undefined;
  /** Warnings of the spec. */
  readonly diagnostics?: PlanJson['diagnostics'];
  /** Undefined where the tests of the base are not known. */
  readonly testChanges?: readonly TestChange[] | undefined;
}

/** Plain data, ready for JSON.stringify; equal plans give equal text. */
export function planToJson(
  plan: Plan<KnownEntity>,
  places: Places,
  outcome: PlanOutcome,
  context: PlanContext = {},
): PlanJson {
  const content = contentOf(plan, places, outcome, context);
  return { ...content, checksum: checksumOf(content) };
}

/** Of a document without its checksum. */
export function checksumOf(content: Omit<PlanJson, 'checksum'>): string {
  return digestValue(content);
}

function contentOf(
  plan: Plan<KnownEntity>,
  places: Places,
  outcome: PlanOutcome,
  context: PlanContext,
): Omit<PlanJson, 'checksum'> {
  const { drift } = plan;
  const { engine_version, timestamp, config, applied, notes = [], diagnostics = [], testChanges } = context;
  // What is in the store is written where it was when it was applied.
  const drifted = { beforeOrigins: places.beforeOrigins, afterOrigins: places.beforeOrigins };
  return {
    format_version: FORMAT_VERSION,
    ...(engine_version === undefined ? {} : { engine_version }),
    ...(timestamp === undefined ? {} : { timestamp: instantToJson(timestamp) }),
    ...(config === undefined ? {} : { config }),
    base: plan.base,
    resource_changes: changesToJson(plan.changes, places, timestamp),
    access_changes: plan.access.map((change) => accessToJson(change, places)),
    ...(plan.released.length === 0 ? {} : { released_changes: plan.released.map(releasedToJson) }),
    ...(plan.uses === undefined ? {} : { use_changes: plan.uses.map(useToJson) }),
    ...(plan.permissions.length === 0 ? {} : { permission_changes: plan.permissions.map(permissionToJson) }),
    ...(plan.logins === undefined ? {} : { login_changes: plan.logins.map(loginToJson) }),
    token_changes: plan.tokens.map(tokenToJson),
    tests: plan.tests.map(testToJson),
    ...(testChanges === undefined ? {} : { test_changes: testChanges.map(testChangeToJson) }),
    ...(notes.length === 0 ? {} : { notes }),
    ...(diagnostics.length === 0 ? {} : { diagnostics }),
    risks: plan.risks.map(riskToJson),
    impact: plan.impact.map(impactToJson),
    drift:
      drift === undefined
        ? null
        : {
            recorded_digest: drift.recorded,
            found_digest: drift.found,
            resource_changes: changesToJson(drift.changes, drifted),
          },
    ending: plan.ending.map(endingToJson),
    origins: Object.fromEntries(plan.changes.flatMap((change) => originEntry(change, places))),
    summary: summarize(plan),
    digest: plan.digest,
    result_digest: plan.resultDigest,
    outcome: {
      ...outcome,
      tests_failed: plan.tests.filter((test) => test.outcome === 'failed').length,
      risks_unapproved: unapproved(plan.risks).length,
    },
    ...(applied === undefined ? {} : { applied }),
  };
}

function originEntry(
  change: Change<KnownEntity>,
  { afterOrigins }: Places,
): readonly (readonly [string, Readonly<Record<string, string>>])[] {
  if (change.action === 'delete') return [];
  const { address, after } = change;
  const origin = afterOrigins.get(address);
  if (origin === undefined) return [];
  // Of the members' names alone.
  const entity = ('shown' in after ? after.shown : after) as Entity;
  return [[address, originToJson(storedOrigin(entity, origin))]];
}

/** All that a document says. */
export interface ReadDocument {
  readonly plan: ReadPlan;
  /** As far as the document knows them: what its text tells, and all of what its changes lead to. */
  readonly places: Places;
  readonly outcome: PlanOutcome;
  readonly context: PlanContext;
}

/**
 * The plan of a document that readPlanDocument accepted. Told again it is the same text; planToJson of it is the same
 * document. What it decides about (approvals, failed tests) was decided when it was written. Throws a TypeError for a
 * document that does not fit its schema.
 */
export function planFromJson(json: PlanJson): ReadDocument {
  const { engine_version, timestamp, config, applied, notes, diagnostics, test_changes, drift } = json;
  const { exit_code, changes } = json.outcome;
  const now = timestamp === undefined ? undefined : instantFromJson(timestamp);
  return {
    plan: {
      base: json.base,
      changes: changesFromJson(json.resource_changes),
      access: json.access_changes.map(accessFromJson),
      released: (json.released_changes ?? []).map(releasedFromJson),
      ...(json.use_changes === undefined ? {} : { uses: json.use_changes.map(useFromJson) }),
      permissions: (json.permission_changes ?? []).map(permissionFromJson),
      ...(json.login_changes === undefined ? {} : { logins: json.login_changes.map(loginFromJson) }),
      tokens: json.token_changes.map(tokenFromJson),
      tests: json.tests.map(testFromJson),
      risks: json.risks.map(riskFromJson),
      impact: json.impact.map(impactFromJson),
      drift:
        drift === null
          ? undefined
          : {
              recorded: drift.recorded_digest,
              found: drift.found_digest,
              changes: changesFromJson(drift.resource_changes),
            },
      ending: json.ending.map(endingFromJson),
      unchanged: json.summary.unchanged,
      digest: json.digest,
      resultDigest: json.result_digest,
    },
    places: { ...placesFromJson(json), circumstances: circumstancesFromJson(json.resource_changes, now) },
    outcome: { exit_code, changes },
    context: {
      ...(engine_version === undefined ? {} : { engine_version }),
      ...(now === undefined ? {} : { timestamp: now }),
      ...(config === undefined ? {} : { config }),
      ...(applied === undefined ? {} : { applied }),
      ...(notes === undefined ? {} : { notes }),
      ...(diagnostics === undefined ? {} : { diagnostics }),
      ...(test_changes === undefined ? {} : { testChanges: test_changes.map(testChangeFromJson) }),
    },
  };
}
