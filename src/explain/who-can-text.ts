// Owns the text of who obtains something. Never finds out.

import { count } from '../model/count.ts';
import { EMPTY_LINE, type Line, plainLine } from '../plan/columns.ts';
import { escapeControls, pad, widthOf } from '../plan/style.ts';
import { groupWords } from './edit.ts';
import { stepLine } from './link-words.ts';
import { linkLines, placed, type Telling } from './telling.ts';
import { fromWords, viaWords } from './via.ts';
import type { Obtaining, WhoCan } from './who-can.ts';
import type { WhoMay } from './who-may.ts';

/** As many are told link by link, and so many users or clients by name. */
const MOST_EXPLAINED = 3;
const MOST_NAMED = 5;

export function whoCanLines(answer: WhoCan, telling: Telling): readonly Line[] {
  const { value, clients, refused, target } = answer;
  const kind = target.resource !== undefined ? 'resource ' : target.scope === undefined ? '' : 'scope ';
  const what = `${kind}${escapeControls(value)}`;
  if (clients.length === 0) return nobodyLines(answer, what, telling);
  const width = Math.min(32, Math.max(...clients.map(({ client }) => widthOf(telling.naming.name(client)))));
  const isShort = clients.length <= MOST_EXPLAINED || telling.full;
  const others = refused.reduce((sum, one) => sum + one.clients.length, 0);
  return [
    {
      indent: 0,
      sign: '✓',
      text: `${what} may be ${target.resource === undefined ? 'had' : 'used'} by ${count(new Set(clients.map(({ client }) => client)).size, 'client')}`,
      tone: 'heading',
    },
    ...clients.flatMap((one) => [
      ...clientLines(one, width, isShort, telling),
      ...(isShort ? causeLines(one, telling) : []),
    ]),
    ...(others === 0 ? [] : [EMPTY_LINE, plainLine(othersWords(others, target))]),
    ...refused.map((one) => plainLine(refusedWords(one, telling), 4)),
    ...(isShort ? [] : [EMPTY_LINE, plainLine('--full tells every client link by link')]),
  ];
}

function othersWords(others: number, { resource }: WhoCan['target']): string {
  const [may, does] = [count(others, 'more client'), others === 1 ? 'does' : 'do'];
  return resource === undefined
    ? `${may} may name it and ${does} not get it`
    : `${may} may hold a token that a rule is about, and ${does} not get through`;
}

/** The same of a function. */
export function whoMayLines({ target, clients }: WhoMay, telling: Telling): readonly Line[] {
  const { naming, world } = telling;
  const of = target.customer === undefined ? '' : ` for ${naming.name(target.customer)}`;
  const what = `${escapeControls(target.function)}${of}`;
  if (clients.length === 0) {
    return [
      { indent: 0, sign: '✗', text: `No client may use ${what}`, tone: 'heading' },
      plainLine(
        'that takes a client with it in its permission_scope, and a user, or the client itself, with a role that has it',
        4,
      ),
    ];
  }
  const width = Math.min(32, Math.max(...clients.map(({ client }) => widthOf(naming.name(client)))));
  const amount = count(new Set(clients.map(({ client }) => client)).size, 'client');
  const isShort = clients.length <= MOST_EXPLAINED || telling.full;
  return [
    { indent: 0, sign: '✓', text: `${what} may be used by ${amount}`, tone: 'heading' },
    ...clients.flatMap((one) => [
      ...clientLines(one, width, false, telling).map((line, position) =>
        position === 0 ? placed(line, { address: one.client, pointer: '/permission_scope' }, world) : line,
      ),
      ...(isShort ? causeLines(one, telling) : []),
    ]),
  ];
}

function clientLines(
  { client, grant_type, chain, until, networks, limited, users, through }: Obtaining,
  width: number,
  isExplained: boolean,
  telling: Telling,
): readonly Line[] {
  const { naming, world, full } = telling;
  const name = pad(naming.name(client), width);
  const at = chain.findLast(({ relation }) => relation === 'member_of' || relation === 'open_to')?.at;
  if (users === undefined) {
    const line: Line = { indent: 2, sign: '✓', text: `${name}  ${viaWords(chain, until, networks, naming)}` };
    return [isExplained ? line : placed(line, at, world)];
  }
  const groups = through.map(({ group, users: some }) => `${groupWords(group, naming)} ${some}`);
  const by = [
    count(users.length, 'user'),
    `by ${escapeControls(grant_type)}`,
    ...(groups.length === 0 ? [] : [`through ${groups.join(', ')}`]),
    ...fromWords(networks),
    ...(networks === undefined && limited > 0 ? [`${limited} of them only from some addresses`] : []),
  ];
  const names = full ? users.map((user) => plainLine(naming.name(user), 6)) : [];
  return [placed({ indent: 2, sign: '✓', text: `${name}  ${by.join(', ')}` }, at, world), ...names];
}

/** The links, but for the methods, which are the same for most. */
function causeLines({ chain, users }: Obtaining, telling: Telling): readonly Line[] {
  if (users !== undefined) return [];
  const steps = chain.filter(({ relation }) => telling.full || relation !== 'has_method');
  return linkLines(
    steps.map((step) => stepLine(step, telling.world, telling.naming)),
    telling,
  ).map((line) => ({ ...line, indent: 6 }));
}

function nobodyLines({ refused, target, value }: WhoCan, what: string, telling: Telling): readonly Line[] {
  const about = target.audience ?? target.resource;
  const at = about === undefined ? undefined : { address: about, pointer: '' };
  const verb = target.resource === undefined ? 'get' : 'use';
  const heading: Line = { indent: 0, sign: '✗', text: `Nobody may ${verb} ${what}`, tone: 'heading' };
  if (refused.length === 0 && target.resource !== undefined) {
    return [
      heading,
      placed(plainLine('no rule of it is about a client that could hold such a token', 4), at, telling.world),
    ];
  }
  if (refused.length === 0) {
    return [heading, placed(plainLine('no client may ask for it: it is in no metadata.scope', 4), at, telling.world)];
  }
  return [
    heading,
    ...refused.flatMap((one) => [plainLine(refusedWords(one, telling), 4)]),
    EMPTY_LINE,
    plainLine(
      `charter explain ${telling.naming.name(refused[0]?.clients[0] ?? 'server')} ${target.resource === undefined ? `--scope ${what.replace(/^scope /, '')}` : `--resource ${escapeControls(value)}`} tells what ${target.resource === undefined ? 'would allow it' : 'is missing'}`,
    ),
  ];
}

function refusedWords({ code, clients }: WhoCan['refused'][number], { naming, full }: Telling): string {
  const shown = full ? clients : clients.slice(0, MOST_NAMED);
  const more = clients.length > shown.length ? ` and ${clients.length - shown.length} more` : '';
  return `${code}: ${shown.map((client) => naming.name(client)).join(', ')}${more}`;
}
