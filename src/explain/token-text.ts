// Owns the text of a token that would be issued: what it says, decoded, and nothing that could be sent. Never signs.

import { EMPTY_LINE, type Line, plainLine } from '../plan/columns.ts';
import { speakSeconds } from '../plan/period-words.ts';
import { escapeControls } from '../plan/style.ts';
import { chainLines, explainLines } from './explain-text.ts';
import type { Telling } from './telling.ts';
import type { TokenAnswer } from './token.ts';

export function tokenAnswerLines(answer: TokenAnswer, telling: Telling): readonly Line[] {
  const { question, told } = answer;
  const { world } = telling;
  if (!told.allowed) {
    if (!('explanation' in answer)) return [];
    const { client, grant_type, scope, user, method, ip } = question;
    const asked = { client, grant_type, scope, user, method, ip };
    const client_id = world.index.application(client)?.client_id ?? '';
    return explainLines({ asked, client_id, grants: [answer.explanation] }, telling);
  }
  const { decision, format, header, claims, introspection, released, dropped } = told;
  const lasts = speakSeconds(decision.lifetime);
  return [
    {
      indent: 0,
      text:
        format === 'jwt'
          ? `A JWT for ${lasts}, decoded and not signed`
          : `An opaque token for ${lasts}: a random text that says nothing`,
      tone: 'heading',
    },
    ...(header === undefined ? [] : [EMPTY_LINE, plainLine('header'), ...jsonLines(header)]),
    ...(claims === undefined ? [] : [EMPTY_LINE, plainLine('claims'), ...jsonLines(claims)]),
    ...(claims === undefined ? [EMPTY_LINE, plainLine('introspection tells'), ...jsonLines(introspection)] : []),
    ...released.flatMap(({ audience, attributes }) => [
      EMPTY_LINE,
      plainLine(`introspection tells ${escapeControls(audience)} besides`),
      ...jsonLines(attributes),
    ]),
    ...dropped.flatMap((target) => [
      EMPTY_LINE,
      plainLine(`not in it: ${escapeControls(target.value)} (${target.obstacle?.code ?? ''})`),
      ...chainLines(target, question, telling),
    ]),
  ];
}

/** As JSON, a member in each line. */
function jsonLines(value: object): readonly Line[] {
  const members = Object.entries(value).map(([name, member]) => `  ${JSON.stringify(name)}: ${inOneLine(member)}`);
  return ['{', ...members.map((line, at) => (at === members.length - 1 ? line : `${line},`)), '}'].map((line) =>
    plainLine(escapeControls(line), 4),
  );
}

function inOneLine(value: unknown): string {
  return Array.isArray(value) ? `[${value.map((item) => JSON.stringify(item)).join(', ')}]` : JSON.stringify(value);
}
