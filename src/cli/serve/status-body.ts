// Owns what a server tells of itself: the JSON of /status, and its lines for people. Never holds a secret.

import { formatApproval } from '../../model/approval.ts';
import type { Diagnostic } from '../../model/diagnostic.ts';
import { formatPlace } from '../../model/origin.ts';
import { serverOf } from '../../model/state.ts';
import { approvalOf, unapproved } from '../../plan/approving.ts';
import type { Risk, TestResult } from '../../plan/plan.ts';
import type { LastPass, ReconcileStatus } from '../../reconcile/event.ts';
import { diagnosticsOf, type HeldPlan, type Refusal } from '../../reconcile/refusal.ts';
import { isLeftAlone, speakLeftAlone } from '../left-alone.ts';
import { count } from '../names.ts';
import { storeOption } from '../store-path.ts';

/** A public contract: members are added, never changed. Times are RFC 3339. */
export interface ServerStatus {
  readonly running: true;
  readonly version: string;
  readonly pid: number;
  readonly started_at: string;
  readonly issuer: string | null;
  readonly listening: readonly string[];
  readonly store: string;
  /** Why the store cannot be relied on: it cannot be written, or its file is another one. The server is not ready then. */
  readonly store_problem: string | null;
  readonly generation: number;
  readonly digest: string | null;
  /** Since when this generation is served. */
  readonly since: string | null;
  /** The spec on disk is not what is served. */
  readonly degraded: boolean;
  /** The approvals that a plan which is held waits for, as `charter approve` takes them. */
  readonly held: readonly string[];
  readonly entities: number;
  readonly watched: { readonly spec_files: number; readonly secret_files: number; readonly by: string };
  readonly last_reload: {
    readonly at: string;
    readonly outcome: 'published' | 'refused';
    /** Of what was refused: what kind of reason it was; `risks` is held, `undone` and `overtaken` are left alone. */
    readonly reason: Refusal['reason'] | null;
    readonly errors: number;
    readonly warnings: number;
    /** Why it was refused, a line each. */
    readonly problems: readonly string[];
  } | null;
}

/** What of a server does not change while it runs. */
export type ServerFacts = Pick<ServerStatus, 'version' | 'pid' | 'started_at' | 'listening' | 'store'>;

export function statusBody(
  facts: ServerFacts,
  status: ReconcileStatus,
  storeProblem: string | undefined,
): ServerStatus {
  const { serving, servingSince, lastPass } = status;
  const refusal = status.degraded ? lastPass?.refusal : undefined;
  return {
    running: true,
    ...facts,
    store_problem: storeProblem ?? null,
    issuer: serving === undefined ? null : (serverOf(serving.state)?.issuer ?? null),
    generation: serving?.generation ?? 0,
    digest: serving?.digest ?? null,
    since: servingSince === undefined ? null : new Date(servingSince).toISOString(),
    degraded: status.degraded,
    held: refusal?.reason === 'risks' ? openApprovals(unapproved(refusal.held.plan.risks)) : [],
    entities: serving?.state.size ?? 0,
    watched: { spec_files: status.files, secret_files: status.secretFiles, by: status.watching },
    last_reload: lastPass === undefined ? null : lastReload(lastPass, storeOption(facts.store)),
  };
}

function lastReload(
  { at, outcome, errors, warnings, refusal }: LastPass,
  store: string,
): NonNullable<ServerStatus['last_reload']> {
  const problems = refusal === undefined ? [] : problemLines(refusal, store);
  const reason = refusal?.reason ?? null;
  return { at: new Date(at).toISOString(), outcome, reason, errors, warnings, problems };
}

/** A line for each problem. `store` names the store in what is suggested (storeOption). */
export function problemLines(refusal: Refusal, store: string): readonly string[] {
  if (refusal.reason === 'failure') return [refusal.failure.message];
  if (refusal.reason === 'tests') return refusal.held.plan.tests.flatMap(testLine);
  if (refusal.reason === 'risks') return heldLines(refusal.held, store);
  if (isLeftAlone(refusal)) return [speakLeftAlone(refusal, store)];
  if (refusal.reason === 'bug') return ['internal error; the log has its cause'];
  return diagnosticsOf(refusal)
    .filter(({ severity }) => severity === 'error')
    .map(problemLine);
}

/** What approves each of the risks, as it is written. */
export function openApprovals(risks: readonly Risk[]): readonly string[] {
  return risks.filter(({ approvable }) => approvable).map((risk) => formatApproval(approvalOf(risk)));
}

/** With why an approval of the spec does not count. */
function heldLines({ plan, warnings }: HeldPlan, store: string): readonly string[] {
  const risks = unapproved(plan.risks).flatMap((risk) => [
    `risk ${risk.kind}: ${risk.summary}`,
    ...openApprovals([risk]).map((text) => `  charter approve ${text}${store}`),
  ]);
  return [...risks, ...warnings.map(problemLine)];
}

function testLine({ outcome, range, name, problems }: TestResult): readonly string[] {
  return outcome === 'passed' ? [] : [`${formatPlace(range)} test failed: ${name}: ${problems.join('; ')}`];
}

/** `file:line:column error[code] detail` */
export function problemLine({ range, severity, code, detail }: Diagnostic): string {
  const place = range === undefined ? '' : `${formatPlace(range)} `;
  return `${place}${severity}[${code}] ${detail}`;
}

function stateWords({ degraded, held, generation, last_reload }: ServerStatus): string {
  if (held.length > 0) return 'held: the last good generation is served until the risks of the spec are approved';
  if (degraded && last_reload !== null && outcomeWords(last_reload) === 'left alone') {
    return `left alone: generation ${generation} is served, not the spec`;
  }
  return degraded ? 'degraded: the last good generation is served, not the spec' : 'serving the spec';
}

function outcomeWords({ outcome, reason }: NonNullable<ServerStatus['last_reload']>): string {
  if (reason === 'risks') return 'held';
  return reason === 'undone' || reason === 'overtaken' ? 'left alone' : outcome;
}

/** The same for people. */
export function statusLines(status: ServerStatus): string {
  const { last_reload, watched } = status;
  const rows: [string, string][] = [
    ['Issuer', status.issuer ?? '(none)'],
    ['Listening', status.listening.join(', ')],
    ['Store', status.store],
    [
      'Generation',
      `${status.generation}, ${count(status.entities, 'entity', 'entities')}, served since ${status.since ?? '(never)'}`,
    ],
    ['Digest', status.digest ?? '(none)'],
    [
      'Watching',
      `${count(watched.spec_files, 'spec file')}, ${count(watched.secret_files, 'secret file')}, by ${watched.by}`,
    ],
    ['Process', `${status.pid}, charter ${status.version}, started ${status.started_at}`],
    ['State', stateWords(status)],
  ];
  if (last_reload !== null) {
    const counts = `${count(last_reload.errors, 'error')}, ${count(last_reload.warnings, 'warning')}`;
    rows.push(['Last reload', `${outcomeWords(last_reload)} ${last_reload.at}, ${counts}`]);
  }
  // Of a server of an earlier version it is not there.
  if ((status.store_problem ?? null) !== null) rows.push(['Not ready', status.store_problem ?? '']);
  const lines = rows.map(([name, value]) => `${name.padEnd(13)}${value}`);
  return `${[...lines, ...(last_reload?.problems ?? []).map((problem) => `  ${problem}`)].join('\n')}\n`;
}
