// Owns `charter history`: what was applied to a store, when, by whom and from which commit, and one of it in full. Never
// changes anything.

import { parseApproval } from '../model/approval.ts';
import { digestState } from '../model/digest.ts';
import { formatInstant } from '../model/duration.ts';
import { EMPTY_STATE } from '../model/state.ts';
import { approve } from '../plan/approving.ts';
import { planToJson } from '../plan/json.ts';
import { makePlan } from '../plan/make-plan.ts';
import type { Plan, Risk } from '../plan/plan.ts';
import type { ConfigStore, Revision, RevisionSummary } from '../plan/port.ts';
import { compareRisks } from '../plan/risks.ts';
import { columnWidth, escapeControls, pad } from '../plan/style.ts';
import { speakPermissions, speakReleased } from '../plan/summary.ts';
import { renderPlan } from '../plan/text.ts';
import { movesForth, revisionOf, stateOf } from '../reconcile/history.ts';
import { openSqliteStore } from '../store/sqlite.ts';
import { EXIT, type ExitCode } from './exit-code.ts';
import { count, qualifiedNames } from './names.ts';
import { printJson } from './outputs.ts';
import { storePath } from './store-path.ts';
import type { Terminal } from './terminal.ts';
import { version } from './version.ts';

export interface HistoryOptions {
  readonly store?: string;
  readonly limit: number;
  readonly json?: boolean;
}

/** Lists revisions, the newest first; with a generation, tells the plan that made it. */
export async function history(
  generation: number | undefined,
  options: HistoryOptions,
  terminal: Terminal,
): Promise<ExitCode> {
  const store = await openSqliteStore(storePath(options.store, terminal.env), { readOnly: true, mustExist: true });
  try {
    if (generation === undefined) await tellList(store, options, terminal);
    else await tellOne(store, generation, options, terminal);
    return EXIT.done;
  } finally {
    await store.close();
  }
}

async function tellList(
  store: Pick<ConfigStore, 'revisions'>,
  { json, limit }: HistoryOptions,
  terminal: Terminal,
): Promise<void> {
  const revisions = await store.revisions(limit);
  if (json === true) {
    terminal.out(printJson({ revisions: revisions.map(revisionToJson) }));
    return;
  }
  if (revisions.length === 0) {
    terminal.out('Nothing was ever applied to the store.\n');
    return;
  }
  const rows = [
    ['Generation', 'Applied', 'Commit', 'By', 'What'],
    ...revisions.map((revision) => [
      String(revision.generation),
      instant(revision),
      (revision.commit ?? '-').slice(0, 12),
      escapeControls(revision.author ?? UNKNOWN),
      whatOf(revision),
    ]),
  ];
  const widths = [0, 1, 2, 3].map((column) =>
    columnWidth(
      rows.map((row) => row[column] ?? ''),
      WIDEST_COLUMN,
    ),
  );
  for (const row of rows) {
    terminal.out(
      `${row
        .map((cell, column) => pad(cell, widths[column] ?? 0))
        .join('  ')
        .trimEnd()}\n`,
    );
  }
  const earlier = (revisions.at(-1)?.generation ?? 1) - 1;
  if (earlier > 0) terminal.out(`… and ${earlier} earlier; --limit ${limit + earlier} lists them too.\n`);
}

const WIDEST_COLUMN = 40;

/** Outside of Git nobody says whose spec it is. */
const UNKNOWN = 'unknown';

/** The plan that made a generation, told again: what it changed in entities and in access. */
async function tellOne(
  store: ConfigStore,
  generation: number,
  { json }: HistoryOptions,
  terminal: Terminal,
): Promise<void> {
  const revision = await revisionOf(store, generation);
  const plan = await planOf(store, revision);
  if (json === true) {
    const { secrets, appliedAt } = revision;
    const outcome = { exit_code: EXIT.done, changes: plan.changes.length > 0 || secrets.length > 0 };
    const about = { engine_version: version(), timestamp: appliedAt, applied: { generation, secrets } };
    terminal.out(printJson({ ...revisionToJson(revision), plan: planToJson(plan, NOWHERE, outcome, about) }));
    return;
  }
  const rows: [string, string][] = [
    ['Generation', String(generation)],
    ['Applied', instant(revision)],
    ['By', revision.author ?? UNKNOWN],
    ['Commit', revision.commit ?? '(none)'],
    ['Digest', revision.digest],
    ...revision.approvals.map((text): [string, string] => ['Approved', text]),
    ...(revision.secrets.length === 0 ? [] : [['Secrets', qualifiedNames(revision.secrets)] as [string, string]]),
    ...(revision.rollbackTo === undefined
      ? []
      : [['Rollback', `to generation ${revision.rollbackTo}`] as [string, string]]),
    ...mendedRow(revision),
  ];
  for (const [name, value] of rows) terminal.out(`${name.padEnd(12)}${escapeControls(value)}\n`);
  if (plan.changes.length > 0)
    terminal.out(`\n${renderPlan(plan, NOWHERE, { color: terminal.outColor, recorded: true })}`);
  else terminal.out(`\nIt changed no entity: ${besidesEntities(revision)}.\n`);
}

function besidesEntities({ secrets, summary: { mended } }: Revision): string {
  if (secrets.length === 0) return MENDED;
  return mended === undefined ? 'secrets alone' : `secrets, and ${MENDED}`;
}

/** That there was drift, and how much; what it was is kept nowhere. */
function mendedRow({ summary: { mended } }: Revision): [string, string][] {
  if (mended === undefined) return [];
  const what = mended === 0 ? '' : ` to ${count(mended, 'entity', 'entities')}`;
  return [['Drift', `what something else than Charter had written${what} was undone`]];
}

/** What is in no plan: a revision that changes neither entities nor secrets is made for this alone. */
const MENDED = 'what something else than Charter had written to the store was undone';

/** Where the entities were written is kept of the newest generation alone. */
const NOWHERE = { beforeOrigins: new Map(), afterOrigins: new Map() };

/** Of its risks those that were approved; without its tests, which are in no store. */
async function planOf(store: ConfigStore, revision: Revision): Promise<Plan> {
  const { generation, appliedAt } = revision;
  // Both sides are checked against what was recorded: a history that was changed tells nothing that never was.
  const before = generation === 1 ? EMPTY_STATE : await stateOf(store, await revisionOf(store, generation - 1));
  const plan = makePlan({
    base: { kind: 'store', generation: generation - 1, digest: digestState(before) },
    before,
    beforeOrigins: new Map(),
    after: await stateOf(store, revision),
    afterOrigins: new Map(),
    moves: await movesForth(store, generation),
    now: appliedAt,
  });
  return { ...plan, risks: approvedRisks(plan.risks, revision), ending: [] };
}

/** Live tokens and the history of the spec are not what they were: of such a risk only that it was approved is known. */
function approvedRisks(judged: readonly Risk[], { approvals: texts }: Revision): readonly Risk[] {
  return texts
    .flatMap((text) => parseApproval(text) ?? [])
    .map((approved): Risk => {
      const [found] = approve(judged, [approved]).filter((risk) => risk.approved !== undefined);
      const { risk: kind, subject, digest } = approved;
      const summary = 'It was approved; what it was made of is not recorded';
      return found ?? { kind, subject, digest, summary, items: [], approvable: true, approved };
    })
    .sort(compareRisks);
}

function instant({ appliedAt }: Revision): string {
  return formatInstant(appliedAt);
}

/** What a revision did, in a few words. */
function whatOf({ summary, secrets, rollbackTo }: Revision): string {
  const parts = [
    ...(rollbackTo === undefined ? [] : [`rollback to ${rollbackTo}`]),
    ...countsOf(summary),
    ...(secrets.length === 0 ? [] : [`new secrets of ${qualifiedNames(secrets)}`]),
  ];
  if (parts.length === 0) return MENDED;
  const { access_added, access_removed } = summary;
  const access = access_added + access_removed === 0 ? '' : `. Access: +${access_added} −${access_removed}`;
  const numbers = speakReleased(summary);
  const released = numbers === '' ? '' : `. Released: ${numbers}`;
  const some = speakPermissions(summary);
  const permissions = some === '' ? '' : `. Permissions: ${some}`;
  const mended = summary.mended === undefined ? '' : `. ${MENDED.replace(/^w/, 'W')}`;
  return `${parts.join(', ')}${access}${released}${permissions}${mended}`;
}

function countsOf({ add, change, move, delete: gone }: RevisionSummary): readonly string[] {
  const all: readonly (readonly [number, string])[] = [
    [add, 'added'],
    [change, 'changed'],
    [move, 'moved'],
    [gone, 'deleted'],
  ];
  return all.filter(([amount]) => amount > 0).map(([amount, word]) => `${amount} ${word}`);
}

function revisionToJson(revision: Revision): object {
  const { generation, digest, commit, author, secrets, summary, approvals, rollbackTo } = revision;
  return {
    generation,
    digest,
    applied_at: instant(revision),
    ...(commit === undefined ? {} : { commit }),
    ...(author === undefined ? {} : { author }),
    summary,
    ...(secrets.length === 0 ? {} : { secrets }),
    ...(approvals.length === 0 ? {} : { approvals }),
    ...(rollbackTo === undefined ? {} : { rollback_to: rollbackTo }),
  };
}
