// Owns the parts of a plan's comment, each in steps from all that there is to say to what always fits. What is told and how
// is the text's. Never shows text of a spec outside of code.

import { formatApproval } from '../model/approval.ts';
import { count } from '../model/count.ts';
import type { Findings } from '../spec/outputs/findings.ts';
import { framesMarkdown } from '../spec/outputs/markdown.ts';
import { fenced, folded } from '../spec/outputs/markdown-text.ts';
import { approvalOf, unapproved } from './approving.ts';
import { BRIEF, type Limits } from './limits.ts';
import { renderLogins } from './logins-words.ts';
import { changesMarkdown, flush } from './markdown-changes.ts';
import { namingOf } from './naming.ts';
import { WHOLE_PLAN } from './notes.ts';
import type { Plan, Risk } from './plan.ts';
import { type Style, styleFor } from './style.ts';
import type { Rendered, Telling } from './telling.ts';
import type { TestChange } from './test-changes.ts';
import { renderAccess } from './text-access.ts';
import type { Places } from './text-changes.ts';
import { renderDrift } from './text-drift.ts';
import { renderEnding } from './text-ending.ts';
import { renderPermissions } from './text-permitted.ts';
import { renderReleased } from './text-released.ts';
import { renderRisks } from './text-risks.ts';
import { renderTests } from './text-tests.ts';
import { renderTokens } from './text-tokens.ts';
import { renderUses } from './uses-words.ts';

/** In the order of the comment. */
export const PARTS = [
  ...(['access', 'released', 'uses', 'permissions', 'logins', 'risks', 'tests', 'names', 'tokens', 'drift'] as const),
  ...(['changes', 'ending', 'warnings'] as const),
] as const;

export type Part = (typeof PARTS)[number];

/** Which takes of the room first, and so gives way last. */
export const GRAVEST_FIRST: readonly Part[] = [
  ...(['access', 'risks', 'tests', 'uses', 'permissions', 'logins', 'released', 'drift', 'names', 'tokens'] as const),
  ...(['changes', 'ending', 'warnings'] as const),
];

/**
 * Of each part its text in so much room, in characters: all that there is to say, or as much as there is room for; at the
 * least what fits beside everything else. Empty where there is nothing to say.
 */
export type Parts = Readonly<Record<Part, (room: number) => string>>;

/** Headings are Markdown's here, and colours the reader's. */
const STYLE: Style = { ...styleFor({ color: false }), heading: () => '' };

/** What the plan does not hold. */
export interface Beside {
  readonly spec?: Pick<Findings, 'diagnostics' | 'files'> | undefined;
  readonly testChanges?: readonly TestChange[] | undefined;
}

export function partsOf(plan: Plan, places: Places, { spec, testChanges }: Beside): Parts {
  const naming = namingOf(plan);
  const telling = (limits: Partial<Limits> = {}): Telling => {
    return { places, naming, style: STYLE, limits: { ...BRIEF, ...limits } };
  };
  const access = (limits: Partial<Limits>) => () => accessPart(plan, telling(limits));
  const released = (limits: Partial<Limits>) => () => releasedPart(plan, telling(limits));
  const uses = (limits: Partial<Limits>) => () => usesPart(plan, telling(limits));
  const permissions = (limits: Partial<Limits>) => () => permissionsPart(plan, telling(limits));
  const logins = (limits: Partial<Limits>) => () => loginsPart(plan, telling(limits));
  const risks = (most: number, items: number) => () => risksPart(plan.risks, most, telling({ items }));
  const tests = (entries: number, items: number) => () => testsPart(plan, telling({ entries, items }), testChanges);
  const tokens = (entries: number) => () => tokensPart(plan, telling({ entries }));
  const drift = (entries: number) => () => driftPart(plan, telling({ entries }));
  const names = (most: number) => () => namesPart(plan, most, telling());
  const warnings = (most: number) => () => warningsPart(spec, most);
  return {
    access: stepped([
      access({}),
      access({ single: 30 }),
      access({ single: 20 }),
      access({ single: 10 }),
      access({ single: 5 }),
      access({ single: 0 }),
      access({ single: 0, groups: 10 }),
      access({ single: 0, groups: 5, named: 2 }),
      access({ single: 0, groups: 3, named: 1 }),
    ]),
    released: stepped([
      ...[released({}), released({ single: 20 }), released({ single: 10 }), released({ single: 5 })],
      ...[released({ single: 0 }), released({ single: 0, groups: 8 }), released({ single: 0, groups: 3, named: 1 })],
    ]),
    uses: stepped([uses({}), uses({ single: 20 }), uses({ single: 10 }), uses({ single: 5 }), uses({ single: 1 })]),
    permissions: stepped([
      ...[permissions({}), permissions({ single: 20 }), permissions({ single: 10 }), permissions({ single: 5 })],
      ...[permissions({ single: 0 }), permissions({ single: 0, groups: 8 }), permissions({ single: 0, groups: 3 })],
    ]),
    logins: stepped([
      ...[logins({}), logins({ single: 20 }), logins({ single: 10 }), logins({ single: 5 }), logins({ single: 1 })],
    ]),
    risks: stepped([
      ...[risks(100, 5), risks(70, 5), risks(50, 3), risks(35, 3), risks(25, 1)],
      ...[risks(20, 0), risks(12, 0), risks(8, 0), risks(5, 0)],
    ]),
    tests: stepped([tests(20, 5), tests(20, 2), tests(10, 2), tests(10, 0), tests(5, 0), tests(3, 0)]),
    names: stepped([...[300, 200, 130, 90, 60, 40, 25, 15].map(names), () => '']),
    tokens: stepped([20, 12, 8, 5, 3, 0].map(tokens)),
    drift: stepped([20, 12, 8, 5, 3, 0].map(drift)),
    changes: (room) => section('Changes', changesMarkdown(plan, telling(), room - heading('Changes').length)),
    ending: stepped([() => endingPart(plan, telling()), () => '']),
    warnings: stepped([...[20, 12, 8, 5, 3, 1].map(warnings), () => '']),
  };
}

/** The first that fits, else the last. */
function stepped(steps: readonly (() => string)[]): (room: number) => string {
  return (room) => {
    const [last, ...others] = [...steps].reverse();
    for (const step of room > 0 ? others.reverse() : []) {
      const text = step();
      if (text.length <= room) return text;
    }
    return last?.() ?? '';
  };
}

function accessPart(plan: Plan, telling: Telling): string {
  if (plan.access.length === 0) return '';
  const rendered = renderAccess(plan, telling);
  return section('Access', `${diff(rendered)}${restOf(rendered, plan.access.length)}`);
}

function releasedPart({ released }: Plan, telling: Telling): string {
  if (released.length === 0) return '';
  const rendered = renderReleased(released, telling);
  return section('Released', `${diff(rendered)}${restOf(rendered, released.length)}`);
}

function usesPart({ uses }: Plan, telling: Telling): string {
  return uses === undefined ? '' : section('Resources', diff(renderUses(uses, telling)));
}

function loginsPart({ logins }: Plan, telling: Telling): string {
  return logins === undefined ? '' : section('Logins', diff(renderLogins(logins, telling)));
}

function permissionsPart({ permissions }: Plan, telling: Telling): string {
  if (permissions.length === 0) return '';
  const rendered = renderPermissions(permissions, telling);
  return section('Permissions', `${diff(rendered)}${restOf(rendered, permissions.length)}`);
}

/** Where access is told in numbers, the names that there is room for. */
function namesPart({ access, impact }: Plan, most: number, telling: Telling): string {
  if (!renderAccess({ access, impact }, telling).cut) return '';
  const limits = { ...telling.limits, single: most };
  const { lines } = renderAccess({ access: access.slice(0, most), impact: [] }, { ...telling, limits });
  const which = most < access.length ? `The first ${most} of ${access.length}` : `All ${access.length}`;
  return folded(`${which} access changes by name`, fenced(lines.map(flush), 'diff'));
}

/** Those that stop the plan first; then, to be copied, the lines that approve them with the change. */
function risksPart(risks: readonly Risk[], most: number, telling: Telling): string {
  if (risks.length === 0) return '';
  const open = unapproved(risks);
  const shown = [...open, ...risks.filter((risk) => !open.includes(risk))].slice(0, most);
  const [, ...lines] = renderRisks({ risks: shown }, telling).lines;
  const hidden = risks.length - shown.length;
  const more = hidden === 0 ? '' : `\n\n… and ${count(hidden, 'more risk')}: see ${WHOLE_PLAN}.`;
  return section('Risks', `${fenced(lines.map(flush), 'text')}${more}${approvals(shown)}`);
}

/** A name may be as long as its file: what is no line any more is in the JSON alone. */
const LONGEST_APPROVAL = 1_000;

function approvals(risks: readonly Risk[]): string {
  const lines = unapproved(risks)
    .filter(({ approvable }) => approvable)
    .map((risk) => formatApproval(approvalOf(risk)))
    .filter(({ length }) => length <= LONGEST_APPROVAL);
  if (lines.length === 0) return '';
  return `\n\n${fenced(['approvals:', ...lines.map((line) => `  - ${yamlText(line)}`)], 'yaml')}`;
}

/** Bare where YAML reads it as the text that it is. */
function yamlText(text: string): string {
  return /^[a-z][\w./@+~:-]*$/.test(text) ? text : JSON.stringify(text);
}

function testsPart(plan: Plan, telling: Telling, changed: readonly TestChange[] = []): string {
  const [counts = '', ...lines] = renderTests(plan, telling, changed).lines;
  return lines.length === 0 ? '' : section('Tests', `${counts.trim()}\n\n${fenced(lines.map(flush), 'text')}`);
}

function tokensPart({ tokens }: Plan, telling: Telling): string {
  if (tokens.length === 0) return '';
  if (telling.limits.entries === 0) return section('Tokens', `${count(tokens.length, 'token')} of the tests differ.`);
  return section('Tokens', diff(renderTokens(tokens, telling)));
}

function driftPart(plan: Plan, telling: Telling): string {
  const [what = '', ...lines] = renderDrift(plan, telling).lines;
  if (what === '') return '';
  const told = `> [!WARNING]\n> **Drift:** ${what.trim()}.`;
  return telling.limits.entries === 0 ? told : `${told}\n\n${fenced(lines.map(flush), 'diff')}`;
}

function endingPart({ ending }: Plan, { naming, style, limits }: Telling): string {
  if (ending.length === 0) return '';
  const { lines } = renderEnding(ending, naming, style, limits);
  return folded(`Ends within 7 days: ${ending.length}`, fenced(lines.map(flush), 'text'));
}

function warningsPart(spec: Beside['spec'], most: number): string {
  if (spec === undefined || spec.diagnostics.length === 0) return '';
  return folded(`Warnings of the spec: ${spec.diagnostics.length}`, framesMarkdown(spec, most));
}

function diff({ lines }: Rendered): string {
  return fenced(lines.map(flush), 'diff');
}

function restOf({ cut }: Rendered, all: number): string {
  return cut ? `\n\nSome of it in numbers only: ${WHOLE_PLAN} has all ${all} by name.` : '';
}

function section(name: string, content: string): string {
  return content === '' ? '' : `${heading(name)}${content}`;
}

function heading(name: string): string {
  return `#### ${name}\n\n`;
}
