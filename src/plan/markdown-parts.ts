// Owns the parts of a plan's comment, each in steps from all that there is to say to what always fits. What is told and how
// is the text's. Never shows text of a spec outside of code.

import { formatApproval } from '../model/approval.ts';
import { count } from '../model/count.ts';
import type { Findings } from '../spec/outputs/findings.ts';
import { framesMarkdown } from '../spec/outputs/markdown.ts';
import { fenced, folded } from '../spec/outputs/markdown-text.ts';
import { BRIEF, type Limits } from './limits.ts';
import { type ChangeDetail, changesMarkdown, flush } from './markdown-changes.ts';
import { namingOf } from './naming.ts';
import type { Plan, Risk } from './plan.ts';
import { approvalOf, unapproved } from './risks.ts';
import { type Style, styleFor } from './style.ts';
import type { Rendered, Telling } from './telling.ts';
import { renderAccess } from './text-access.ts';
import type { Places } from './text-changes.ts';
import { renderDrift } from './text-drift.ts';
import { renderEnding } from './text-ending.ts';
import { renderRisks } from './text-risks.ts';
import { renderTests } from './text-tests.ts';
import { renderTokens } from './text-tokens.ts';

/** In the order of the comment. */
export const PARTS = ['access', 'risks', 'tests', 'tokens', 'drift', 'changes', 'ending', 'warnings'] as const;

export type Part = (typeof PARTS)[number];

/** What gives way when there is too much, step by step: access and risks last. */
export const LESS: readonly Part[] = [
  ...(['changes', 'warnings', 'ending', 'changes', 'changes', 'drift', 'tokens', 'tests'] as const),
  ...(['tokens', 'tests', 'drift', 'changes'] as const),
  ...(['access', 'risks', 'access', 'risks', 'access', 'risks'] as const),
];

/** Of each part the texts of its steps, each empty where there is nothing to say. */
export type Steps = Readonly<Record<Part, readonly (() => string)[]>>;

/** Headings are Markdown's here, and colours the reader's. */
const STYLE: Style = { ...styleFor({ color: false }), heading: () => '' };

/** What is folded may be long; of more than would fit nothing is laid out in vain. */
const MOST_LISTED = 2_000;
const ROOMY: Partial<Limits> = { sites: 500, kind: MOST_LISTED, action: MOST_LISTED };

export function stepsOf(plan: Plan, places: Places, spec?: Pick<Findings, 'diagnostics' | 'files'>): Steps {
  const naming = namingOf(plan);
  const telling = (limits: Partial<Limits> = {}): Telling => {
    return { places, naming, style: STYLE, limits: { ...BRIEF, ...limits } };
  };
  const access = (limits: Partial<Limits>) => () => accessPart(plan, telling(limits));
  const risks = (most: number, items: number) => () => risksPart(plan.risks, most, telling({ items }));
  const tests = (entries: number, items: number) => () => testsPart(plan, telling({ entries, items }));
  const tokens = (entries: number) => () => tokensPart(plan, telling({ entries }));
  const drift = (entries: number) => () => driftPart(plan, telling({ entries }));
  const roomy = plan.changes.length <= MOST_LISTED ? ROOMY : {};
  const changes = (detail: ChangeDetail, limits?: Partial<Limits>) => () =>
    section('Changes', changesMarkdown(plan, detail, telling(limits)));
  return {
    access: [
      access({}),
      access({ single: 10 }),
      access({ single: 0, groups: 10 }),
      access({ single: 0, groups: 3, named: 1 }),
    ],
    risks: [risks(100, 5), risks(50, 3), risks(20, 0), risks(5, 0)],
    tests: [tests(20, 5), tests(10, 2), tests(3, 0)],
    tokens: [tokens(20), tokens(5), tokens(0)],
    drift: [drift(20), drift(5), drift(0)],
    changes: [
      changes('members', roomy),
      changes('entities', roomy),
      changes('entities'),
      changes('counts'),
      changes('totals'),
    ],
    ending: [() => endingPart(plan, telling()), () => ''],
    warnings: [() => warningsPart(spec), () => ''],
  };
}

function accessPart(plan: Plan, telling: Telling): string {
  if (plan.access.length === 0) return '';
  const rendered = renderAccess(plan, telling);
  return section('Access', `${diff(rendered)}${restOf(rendered, plan.access.length)}`);
}

/** Those that stop the plan first; then, to be copied, the lines that approve them with the change. */
function risksPart(risks: readonly Risk[], most: number, telling: Telling): string {
  if (risks.length === 0) return '';
  const open = unapproved(risks);
  const shown = [...open, ...risks.filter((risk) => !open.includes(risk))].slice(0, most);
  const [, ...lines] = renderRisks({ risks: shown }, telling).lines;
  const hidden = risks.length - shown.length;
  const more = hidden === 0 ? '' : `\n\n… and ${count(hidden, 'more risk')}: see the artefact \`plan.json\`.`;
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

function testsPart(plan: Plan, telling: Telling): string {
  const [counts = '', ...lines] = renderTests(plan, telling).lines;
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

const MOST_WARNINGS = 20;

function warningsPart(spec: Parameters<typeof stepsOf>[2]): string {
  if (spec === undefined || spec.diagnostics.length === 0) return '';
  return folded(`Warnings of the spec: ${spec.diagnostics.length}`, framesMarkdown(spec, MOST_WARNINGS));
}

function diff({ lines }: Rendered): string {
  return fenced(lines.map(flush), 'diff');
}

function restOf({ cut }: Rendered, all: number): string {
  return cut ? `\n\nSome of it in numbers only: the artefact \`plan.json\` has all ${all} by name.` : '';
}

function section(heading: string, content: string): string {
  return content === '' ? '' : `#### ${heading}\n\n${content}`;
}
