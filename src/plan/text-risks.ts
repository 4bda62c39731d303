// Owns how the risks of a plan read: what is risked, and the line that approves it, which is never cut. Never judges one.

import { kindOf, qualifiedName } from '../model/address.ts';
import { type Approval, formatApproval } from '../model/approval.ts';
import { formatPlace } from '../model/origin.ts';
import { approvalOf, unapproved } from './approving.ts';
import { type Line, layOut, plainLine } from './columns.ts';
import { type Naming, speakEntity } from './naming.ts';
import type { Plan, Risk } from './plan.ts';
import { columnWidth, cut, escapeControls, pad } from './style.ts';
import type { Rendered, Telling } from './telling.ts';

const WIDEST_NAME = 40;

export interface RiskTextOptions {
  /** Whether there is a spec to write an approval into; true where it is not said. */
  readonly hasSpec?: boolean | undefined;
  /** Whether the plan was applied once: of an approval is kept what was approved, and not where that was said. */
  readonly recorded?: boolean | undefined;
}

/** The first line says how many, or that there is none. Every risk is told: each of them stops the plan. */
export function renderRisks(
  { risks }: Pick<Plan, 'risks'>,
  telling: Telling,
  { hasSpec = true, recorded = false }: RiskTextOptions = {},
): Rendered {
  const { style } = telling;
  const heading = style.heading('Risks');
  if (risks.length === 0) return { lines: [`${heading}   none`], cut: false };
  const open = unapproved(risks);
  const counts = [
    ...(open.length > 0 ? [`${open.length} not approved`] : []),
    ...(open.length < risks.length ? [`${risks.length - open.length} approved`] : []),
  ].join(', ');
  const width = columnWidth(risks.map(nameOf), WIDEST_NAME);
  const lines = risks.flatMap((risk) => riskLines(risk, { width, recorded }, telling));
  const hint =
    hasSpec && open.some(({ approvable }) => approvable)
      ? [plainLine('Or commit it with the change, in approvals: of a server document.')]
      : [];
  return {
    lines: [
      `${heading}   ${counts}`,
      ...layOut([...lines, ...hint.map((line) => ({ ...line, tone: 'aside' as const }))], style),
    ],
    cut: risks.some((risk) => itemsOf(risk, telling.naming).length > telling.limits.items),
  };
}

function riskLines(
  risk: Risk,
  { width, recorded }: { readonly width: number; readonly recorded: boolean },
  { naming, limits }: Telling,
): readonly Line[] {
  const { approved, approvable, summary } = risk;
  const items = itemsOf(risk, naming);
  const shown = items.slice(0, limits.items);
  const hidden = items.length - shown.length;
  const told = [...shown, ...(hidden > 0 ? [`… and ${hidden} more`] : [])].join(', ');
  return [
    {
      indent: 2,
      sign: approved === undefined ? '✗' : '✓',
      text: `${pad(nameOf(risk), width)}   ${escapeControls(summary)}`,
    },
    ...(told === '' ? [] : [plainLine(told, 6)]),
    ...(approved !== undefined
      ? [{ indent: 6, text: recorded ? 'approved' : `approved (${speakOrigin(approved)})`, tone: 'good' as const }]
      : approvable
        ? [plainLine('approve with:', 6), plainLine(`--approve ${speakApproval(risk)}`, 10)]
        : [plainLine('no approval lifts this', 6)]),
  ];
}

/** `deletes:Example@0123456789abcdef` */
export function speakApproval(risk: Risk): string {
  return escapeControls(formatApproval(approvalOf(risk)));
}

function nameOf({ kind, subject }: Risk): string {
  return escapeControls(`${kind}:${subject}`);
}

/** What it is made of; of the one thing that the risk is named after only what its first line does not say. */
function itemsOf({ kind, subject, items, summary }: Risk, naming: Naming): readonly string[] {
  const [only] = items;
  if (items.length === 1 && only?.address !== undefined && qualifiedName(only.address) === subject) {
    const { address, text } = only;
    const isSaid = text === kind || text === kindOf(address) || summary.includes(text);
    return isSaid ? [] : [escapeControls(cut(text, LONGEST_ITEM))];
  }
  // What the items are is said in the summary where they are all one.
  const kinds = new Set(items.map(({ address }) => address && kindOf(address)));
  return items.map(({ address, text }) => {
    if (address === undefined) return escapeControls(cut(text, LONGEST_ITEM));
    const entity = kinds.size === 1 ? naming.name(address) : speakEntity(address, naming);
    return text === kindOf(address) ? entity : `${entity} ${escapeControls(text)}`;
  });
}

const LONGEST_ITEM = 200;

/** Where the approval comes from: the spec, with its place, or who applies. */
function speakOrigin({ range }: Approval): string {
  return range === undefined ? '--approve' : escapeControls(`approvals, ${formatPlace(range)}`);
}
