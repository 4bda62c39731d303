// Owns the text of an answer about one client: yes and no, the links below, and what would allow it. Never finds out.

import type { Question } from '../access/decision.ts';
import { networksOf } from '../access/reach.ts';
import { bindsAddress } from '../access/token-address.ts';
import { tokenClaims } from '../access/token-content.ts';
import { kindOf } from '../model/address.ts';
import { speakNetworks } from '../plan/access-words.ts';
import { EMPTY_LINE, type Line, plainLine } from '../plan/columns.ts';
import { speakInstant, speakSeconds } from '../plan/period-words.ts';
import { speakPermission } from '../plan/role-links.ts';
import { escapeControls, pad, widthOf } from '../plan/style.ts';
import type { Explanation, GrantAnswer, TargetAnswer } from './explain.ts';
import { helpLines } from './help-text.ts';
import { laterWords } from './later.ts';
import { type LinkLine, missingLines, stepLine } from './link-words.ts';
import { askedOf, circumstancesOf, clientWords, linkLines, missingPart, placed, type Telling } from './telling.ts';
import { usersLines } from './users-text.ts';
import { BOUND, throughWords, untilWords } from './via.ts';

const INDENT = 4;

export function explainLines(explanation: Explanation, telling: Telling): readonly Line[] {
  const { grants } = explanation;
  return grants.flatMap((grant, position) => [
    ...(position === 0 ? [] : [EMPTY_LINE]),
    ...(grant.kind === 'users' ? usersLines(grant, explanation, telling) : requestLines(grant, explanation, telling)),
  ]);
}

function requestLines(grant: GrantAnswer, explanation: Explanation, telling: Telling): readonly Line[] {
  const { question } = grant;
  if (question.scope !== undefined || !grant.granted) return namedLines(grant, explanation, telling);
  const acts = actorOf(grant);
  const as = acts === undefined ? '' : ` as ${telling.naming.name(acts)}`;
  const text = `${clientWords(explanation, telling)} gets a token${circumstancesOf(question, telling)}${as}`;
  return [
    { indent: 0, sign: '✓', text, tone: 'heading' },
    EMPTY_LINE,
    ...targetLines(grant, telling),
    EMPTY_LINE,
    ...tokenLines(grant, 'A request that names no scope is given', telling),
  ];
}

/** The user as whom the client acts by client_credentials. */
function actorOf({ answer, question }: GrantAnswer): Question['user'] {
  return answer.allowed && question.user === undefined ? answer.user : undefined;
}

/** An answer about what the request names: each value with its links. */
function namedLines(grant: GrantAnswer, explanation: Explanation, telling: Telling): readonly Line[] {
  const { question, granted } = grant;
  const client = clientWords(explanation, telling);
  const circumstances = circumstancesOf(question, telling);
  const values = question.scope ?? [];
  const [only] = grant.targets;
  if (values.length === 0) return refusedLines(grant, client, telling);
  const what = values.map(escapeControls).join(' ');
  const verb = granted ? 'may get' : 'may not get';
  const code = !granted && grant.targets.length === 1 && only?.obstacle ? ` (${only.obstacle.code})` : '';
  return [
    { indent: 0, sign: granted ? '✓' : '✗', text: `${client} ${verb} ${what}${circumstances}${code}`, tone: 'heading' },
    ...grant.targets.flatMap((target) => [
      ...(grant.targets.length === 1 ? [] : [EMPTY_LINE, headOf(target, question)]),
      ...chainLines(target, question, telling),
    ]),
    ...(grant.answer.allowed
      ? [EMPTY_LINE, ...tokenLines(grant, granted ? 'The token says' : 'The token that is given says', telling)]
      : []),
    ...laterLines(grant),
    ...helpLines(grant.help, question, telling),
  ];
}

/** A no that time alone makes a yes. */
function laterLines({ from }: GrantAnswer): readonly Line[] {
  return laterWords(from).flatMap((words) => [EMPTY_LINE, plainLine(`As the spec is, it is given ${words}`)]);
}

/** No token at all, whatever is asked for. */
function refusedLines(grant: GrantAnswer, client: string, telling: Telling): readonly Line[] {
  const { question, answer } = grant;
  const obstacle = grant.targets.find((target) => target.obstacle !== undefined)?.obstacle;
  const code = answer.allowed ? '' : ` (${answer.code})`;
  const isForAll = !answer.allowed && answer.code !== 'NO_AUDIENCE';
  const text = `${client} gets no token${circumstancesOf(question, telling)}${code}`;
  return [
    { indent: 0, sign: '✗', text, tone: 'heading' },
    ...(isForAll && obstacle
      ? missingPart(missingLines(obstacle, askedOf(question, telling), telling.world, telling.naming), telling)
      : [EMPTY_LINE, ...targetLines(grant, telling)]),
    ...laterLines(grant),
    ...helpLines(grant.help, question, telling),
  ];
}

/** What stands in the way is about another server of the request: the client takes all of what it asks for, or nothing. */
function isOfAnother({ address, obstacle }: TargetAnswer, { client }: Question): boolean {
  if (address === undefined || kindOf(address) !== 'application' || obstacle === undefined) return false;
  return obstacle.about !== address && obstacle.about !== client;
}

function headOf(target: TargetAnswer, question: Question): Line {
  const { value, granted } = target;
  const obstacle = isOfAnother(target, question) ? undefined : target.obstacle;
  return {
    indent: 2,
    sign: granted ? '✓' : '✗',
    text: `${escapeControls(value)}${obstacle === undefined ? '' : ` (${obstacle.code})`}`,
  };
}

export function chainLines(target: TargetAnswer, question: Question, telling: Telling): readonly Line[] {
  if (isOfAnother(target, question)) {
    return [plainLine('not without the others: audience_mode of the client is strict', INDENT)];
  }
  const { world, naming } = telling;
  const steps = target.chain.map((step) => ({ step, line: stepLine(step, world, naming) }));
  // Whom a client acts as and what it is open to first; by which method is the same for all of them.
  const methods = steps.filter(({ step }) => step.relation === 'has_method');
  const isTold = target.obstacle?.code === 'ROLE_MISSING' || target.obstacle?.code === 'CUSTOMER_NOT_COVERED';
  // What is missing says itself what is required.
  const others = steps.filter(
    ({ step: { relation } }) => relation !== 'has_method' && !(isTold && relation === 'requires'),
  );
  // One site may be asked about several times.
  const there = linesOnce([...others, ...methods]);
  const { obstacle } = target;
  const shown = obstacle === undefined || methods.length === 0 ? there : linesOnce(others);
  const notes = target.onlyByDefault
    ? [plainLine('only where the request names no scope: its policy looks at what else is asked for', INDENT)]
    : [];
  const missing = obstacle && missingLines(obstacle, askedOf(question, telling), world, naming);
  return [...linkLines(shown, telling), ...notes, ...(missing === undefined ? [] : missingPart(missing, telling))];
}

function linesOnce(steps: readonly { readonly line: LinkLine }[]): readonly LinkLine[] {
  return [...new Map(steps.map(({ line }) => [line.text, line])).values()];
}

/** Each that the client could name in one line. */
function targetLines(grant: GrantAnswer, telling: Telling): readonly Line[] {
  const { world, naming } = telling;
  const width = Math.max(...grant.targets.map(({ value }) => widthOf(escapeControls(value))), 0);
  return grant.targets.map((target): Line => {
    const { granted, chain, obstacle, until, from } = target;
    const name = pad(escapeControls(target.value), Math.min(width, 24));
    const via = [...throughWords(chain, naming), ...untilWords(until)].join(', ');
    if (granted) {
      const note = target.onlyByDefault ? ', only where nothing is named' : '';
      const at = chain.findLast(({ relation }) => relation === 'open_to')?.at;
      return placed({ indent: 2, sign: '✓', text: `${name}  ${via}${note}` }, at, world);
    }
    const lines =
      obstacle && missingLines(obstacle, askedOf({ ...grant.question, scope: [target.value] }, telling), world, naming);
    const last = lines?.at(-1);
    const told = [`${last?.text ?? ''} (${obstacle?.code ?? ''})`, ...laterWords(from)].join('; given ');
    return placed({ indent: 2, sign: '✗', text: `${name}  ${told}` }, last?.at, world);
  });
}

/** What the token says of who holds it and for whom it is. */
function tokenLines({ answer, question }: GrantAnswer, heading: string, { world }: Telling): readonly Line[] {
  if (!answer.allowed) return [];
  const { sub, aud, scope, permissions, ...claims } = tokenClaims(answer);
  const { until, lifetime } = answer;
  const networks = networksOf(answer);
  const released = answer.reasons.flatMap((reason) =>
    reason.granted && reason.attributes !== undefined && Object.keys(reason.attributes).length > 0
      ? [[`to ${reason.audience}`, spokenClaims(reason.attributes)] as const]
      : [],
  );
  const told: readonly (readonly [string, string])[] = [
    ['aud', aud.join(', ')],
    ['scope', scope ?? 'none'],
    ['sub', sub],
    ...(permissions === undefined
      ? []
      : [['permissions', permissions.map(speakPermission).join(', ') || 'none'] as const]),
    ...Object.entries(claims).flatMap(([name, value]) =>
      name === 'client_id' ? [] : [[name, spoken(value)] as const],
    ),
    [
      'lasts',
      `${speakSeconds(lifetime)}${until === undefined ? '' : `; what it rests on ends ${speakInstant(until)}`}`,
    ],
    ...(networks === undefined ? [] : [['only from', speakNetworks(networks).replace(/^from /, '')] as const]),
    ...(bindsAddress(world.index, question) ? [['only for', BOUND.replace(/^only for /, '')] as const] : []),
    ...released.map(([who, values]) => [`released ${who}`, values] as const),
  ];
  const width = Math.max(...told.map(([name]) => widthOf(escapeControls(name))));
  return [
    plainLine(heading),
    ...told.map(([name, value]) => plainLine(`${pad(escapeControls(name), width)}  ${escapeControls(value)}`, INDENT)),
  ];
}

function spokenClaims(claims: Readonly<Record<string, unknown>>): string {
  return Object.entries(claims)
    .map(([name, value]) => `${name} ${spoken(value)}`)
    .join('; ');
}

function spoken(value: unknown): string {
  return Array.isArray(value) ? value.join(', ') : String(value);
}
