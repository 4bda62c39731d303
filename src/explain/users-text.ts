// Owns the text of a grant with a user where nobody says which: counts by group. Never counts.

import { bindsAddress } from '../access/token-address.ts';
import { isEveryone, siteOf } from '../model/address.ts';
import { count } from '../model/count.ts';
import { EMPTY_LINE, type Line, plainLine } from '../plan/columns.ts';
import { escapeControls, pad, widthOf } from '../plan/style.ts';
import { groupWords } from './edit.ts';
import type { Explanation } from './explain.ts';
import type { Refused, UsersAnswer } from './explain-users.ts';
import { missingLines } from './link-words.ts';
import { askedOf, circumstancesOf, clientWords, missingPart, placed, type Telling } from './telling.ts';
import { BOUND } from './via.ts';

const INDENT = 4;

export function usersLines(answer: UsersAnswer, explanation: Explanation, telling: Telling): readonly Line[] {
  const { question, refusal, obstacle, users, passed, limited } = answer;
  const { world, naming } = telling;
  const client = clientWords(explanation, telling);
  const by = circumstancesOf(question, telling);
  if (refusal !== undefined) {
    const lines = obstacle && missingLines(obstacle, askedOf(question, telling), world, naming);
    return [
      { indent: 0, sign: '✗', text: `${client} gets no token${by} (${refusal.code})`, tone: 'heading' },
      ...(lines === undefined ? [] : missingPart(lines, telling)),
    ];
  }
  const who =
    passed === 0 ? 'nobody' : passed === users ? `all ${count(users, 'user')}` : `${passed} of ${count(users, 'user')}`;
  const names = answer.targets.map(({ value }) => widthOf(escapeControls(value)));
  const width = Math.min(24, Math.max(...names, 0));
  return [
    {
      indent: 0,
      sign: passed === 0 ? '✗' : '✓',
      text: `${client} may be used${by}, by ${who}${limitWords(limited, passed)}${bindsAddress(world.index, question) ? `, ${BOUND}` : ''}`,
      tone: 'heading',
    },
    ...answer.groups.map(({ group, pointer, ...counts }): Line => {
      const whose =
        group === undefined
          ? 'users'
          : isEveryone(group)
            ? `users of ${escapeControls(siteOf(group) ?? '')}`
            : `members of ${groupWords(group, naming)}`;
      const text = `${counts.passed} of ${counts.users} ${whose}${refusedWords(counts.refused)}`;
      return placed({ indent: INDENT, text }, { address: question.client, pointer }, world);
    }),
    ...(answer.groups.length === 0 ? [plainLine(`${client} is open to no group and has no access rule`, INDENT)] : []),
    ...(passed === 0
      ? []
      : [
          EMPTY_LINE,
          plainLine(`What they obtain through it`),
          ...answer.targets.map((target): Line => {
            const through = target.through.map(({ group, users: some }) => `${groupWords(group, naming)} ${some}`);
            const told = [
              `${target.passed} of ${count(passed, 'user')}`,
              ...(through.length === 0 ? [] : [`through ${through.join(', ')}`]),
            ];
            const text = `${pad(escapeControls(target.value), width)}  ${told.join(', ')}${refusedWords(target.refused)}`;
            return { indent: 2, sign: target.passed === 0 ? '✗' : '✓', text };
          }),
        ]),
    EMPTY_LINE,
    plainLine('--user NAME tells of one user, link by link, and what would allow it'),
  ];
}

/** `; METHOD_NOT_ON_USER 2, USER_NOT_ACTIVE 1` */
function refusedWords(refused: readonly Refused[]): string {
  if (refused.length === 0) return '';
  return `; not: ${refused.map(({ code, users }) => `${code} ${users}`).join(', ')}`;
}

function limitWords(limited: number, passed: number): string {
  if (limited === 0) return '';
  return limited === passed ? ', only from some addresses' : `, ${limited} of them only from some addresses`;
}
