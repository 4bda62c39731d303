// Owns the text of who obtains something. Never finds out.

import { count } from '../model/count.ts';
import { EMPTY_LINE, type Line, plainLine } from '../plan/columns.ts';
import { escapeControls, pad, widthOf } from '../plan/style.ts';
import { groupWords } from './edit.ts';
import { stepLine } from './link-words.ts';
import { linkLines, placed, type Telling } from './telling.ts';
import { fromWords, viaWords } from './via.ts';
import type { Obtaining, WhoCan } from './who-can.ts';

/** As many are told link by link, and so many users or clients by name. */
const MOST_EXPLAINED = 3;
const MOST_NAMED = 5;

export function whoCanLines(answer: WhoCan, telling: Telling): readonly Line[] {
  const { value, clients, refused } = answer;
  const what = `${answer.target.scope === undefined ? '' : 'scope '}${escapeControls(value)}`;
  if (clients.length === 0) return nobodyLines(answer, what, telling);
  const width = Math.min(32, Math.max(...clients.map(({ client }) => widthOf(telling.naming.name(client)))));
  const isShort = clients.length <= MOST_EXPLAINED || telling.full;
  const others = refused.reduce((sum, one) => sum + one.clients.length, 0);
  return [
    {
      indent: 0,
      sign: '✓',
      text: `${what} may be had by ${count(new Set(clients.map(({ client }) => client)).size, 'client')}`,
      tone: 'heading',
    },
    ...clients.flatMap((one) => [
      ...clientLines(one, width, isShort, telling),
      ...(isShort ? causeLines(one, telling) : []),
    ]),
    ...(others === 0
      ? []
      : [
          EMPTY_LINE,
          plainLine(`${count(others, 'more client')} may name it and ${others === 1 ? 'does' : 'do'} not get it`),
        ]),
    ...refused.map((one) => plainLine(refusedWords(one, telling), 4)),
    ...(isShort ? [] : [EMPTY_LINE, plainLine('--full tells every client link by link')]),
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

function nobodyLines({ refused, target }: WhoCan, what: string, telling: Telling): readonly Line[] {
  const at = target.scope === undefined ? { address: target.audience, pointer: '' } : undefined;
  const heading: Line = { indent: 0, sign: '✗', text: `Nobody may get ${what}`, tone: 'heading' };
  if (refused.length === 0) {
    return [heading, placed(plainLine('no client may ask for it: it is in no metadata.scope', 4), at, telling.world)];
  }
  return [
    heading,
    ...refused.flatMap((one) => [plainLine(refusedWords(one, telling), 4)]),
    EMPTY_LINE,
    plainLine(
      `charter explain ${telling.naming.name(refused[0]?.clients[0] ?? 'server')} --scope ${what.replace(/^scope /, '')} tells what would allow it`,
    ),
  ];
}

function refusedWords({ code, clients }: WhoCan['refused'][number], { naming, full }: Telling): string {
  const shown = full ? clients : clients.slice(0, MOST_NAMED);
  const more = clients.length > shown.length ? ` and ${clients.length - shown.length} more` : '';
  return `${code}: ${shown.map((client) => naming.name(client)).join(', ')}${more}`;
}
