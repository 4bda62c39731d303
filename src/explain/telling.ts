// Owns what the texts of answers share: how a client and a request are called, and lines with their places. Never finds out.

import type { Place, Question } from '../access/decision.ts';
import { GRANT_TYPES_WITH_USER } from '../model/grant-type.ts';
import type { Line } from '../plan/columns.ts';
import type { Naming } from '../plan/naming.ts';
import { escapeControls } from '../plan/style.ts';
import { strangerOf } from './asking.ts';
import { placeWords } from './edits.ts';
import type { Explanation } from './explain.ts';
import type { Asked, LinkLine } from './link-words.ts';
import { rangeOfPlace, type World } from './world.ts';

const INDENT = 4;

export interface Telling {
  readonly world: World;
  readonly naming: Naming;
  /** Everything by name and link by link. */
  readonly full: boolean;
}

/** `Client1`, `client-1 (Example/Client1)` where its client_id is not its name. */
export function clientWords({ asked, client_id }: Explanation, { naming }: Telling): string {
  const name = naming.name(asked.client);
  const told = escapeControls(client_id);
  return name === told || name.endsWith(`/${told}`) ? name : `${told} (${name})`;
}

/** ` by password for User1 from 10.0.0.1`: what the question says, and a grant that is not the client's only one. */
export function circumstancesOf(
  { client, grant_type, user, method, ip }: Question,
  { naming, world }: Telling,
): string {
  const [only, ...others] = world.index.application(client)?.metadata?.grant_types ?? [];
  const isUsual = grant_type === only && others.length === 0 && !GRANT_TYPES_WITH_USER.includes(grant_type);
  return [
    ...(isUsual ? [] : [` by ${escapeControls(grant_type)}`]),
    ...(user === undefined ? [] : [` for ${naming.name(user)}`]),
    ...(method === undefined ? [] : [` who logged in by ${escapeControls(method)}`]),
    ...(ip === undefined ? [] : [` from ${escapeControls(ip)}`]),
  ].join('');
}

/** What matters and is there, and the last line: what is not. */
export function missingPart(lines: readonly LinkLine[], telling: Telling): readonly Line[] {
  return linkLines(lines, telling).map((line, position) => ({
    ...line,
    ...(position === lines.length - 1 ? { indent: INDENT - 2, sign: '✗' as const } : {}),
  }));
}

export function linkLines(lines: readonly LinkLine[], { world }: Telling): readonly Line[] {
  return lines.map(({ text, at }) => placed({ indent: INDENT, text }, at, world));
}

export function placed(line: Line, at: Place | undefined, world: World): Line {
  const place = placeWords(rangeOfPlace(world, at));
  return place === undefined ? line : { ...line, place };
}

export function askedOf(question: Question, { world }: Telling): Asked {
  return {
    grant_type: question.grant_type,
    ip: question.ip,
    method: question.method,
    stranger: strangerOf(world.index, question),
  };
}
