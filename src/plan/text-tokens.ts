// Owns the token diff of a plan's text: for each request of the spec's tests what its token says otherwise. Never issues
// one.

import { canonicalJson } from '../model/digest.ts';
import { sameValue } from '../model/same-value.ts';
import { type Line, layOut, plainLine } from './columns.ts';
import type { Limits } from './limits.ts';
import type { Naming } from './naming.ts';
import { speakSeconds } from './period-words.ts';
import type { TokenChange, TokenContent } from './plan.ts';
import { columnWidth, cut, escapeControls, pad } from './style.ts';
import type { Rendered, Telling } from './telling.ts';
import { speakTexts } from './values.ts';

const WIDEST_CLAIM = 40;

export function renderTokens(tokens: readonly TokenChange[], { naming, style, limits }: Telling): Rendered {
  const shown = tokens.slice(0, limits.entries);
  const lines = shown.flatMap((token) => tokenLines(token, naming, limits));
  const hidden = tokens.length - shown.length;
  const more = hidden > 0 ? [plainLine(`… and ${hidden} more`)] : [];
  return { lines: layOut([...lines, ...more], style), cut: hidden > 0 };
}

function tokenLines(token: TokenChange, naming: Naming, limits: Limits): readonly Line[] {
  const { before, after, refused } = token;
  const request = speakRequest(token, naming, limits);
  if (before === undefined) {
    const was = refused === undefined ? '' : ` (was ${escapeControls(refused)})`;
    return [{ indent: 2, sign: '+', text: `${request}   gets a token now${was}` }];
  }
  if (after === undefined) {
    const why = refused === undefined ? '' : `: ${escapeControls(refused)}`;
    return [{ indent: 2, sign: '-', text: `${request}   gets none any more${why}` }];
  }
  const claims = claimsOf(before, after, limits);
  const width = columnWidth(
    claims.map(([name]) => name),
    WIDEST_CLAIM,
  );
  return [
    { indent: 2, sign: '~', text: request },
    ...claims.map(([name, what]) => plainLine(`${pad(name, width)}   ${what}`, 6)),
  ];
}

/** `Client1 (client_credentials, scope=Server1 Server2)`, `Portal (password for User1)` */
function speakRequest({ client, grant_type, user, scope }: TokenChange, naming: Naming, limits: Limits): string {
  const who = user === undefined ? '' : ` for ${naming.name(user)}`;
  const asked = scope === undefined ? '' : `, scope=${escapeControls(cut(scope.join(' '), limits.line))}`;
  return `${naming.name(client)} (${escapeControls(grant_type)}${who}${asked})`;
}

/** Each claim that differs, by its name, and how long the token lives. */
function claimsOf(before: TokenContent, after: TokenContent, limits: Limits): readonly (readonly [string, string])[] {
  const names = [...new Set([...Object.keys(before.claims), ...Object.keys(after.claims)])].sort();
  const claims = names.flatMap((name): (readonly [string, string])[] => {
    const [was, is] = [before.claims[name], after.claims[name]];
    return sameValue(was, is) ? [] : [[escapeControls(name), speakClaim(was, is, limits)]];
  });
  const [was, is] = [before.lifetime, after.lifetime];
  return was === is ? claims : [...claims, ['exp in', `${speakSeconds(was)} → ${speakSeconds(is)}`]];
}

function speakClaim(was: unknown, is: unknown, limits: Limits): string {
  const speak = (text: string) => escapeControls(cut(text, limits.value));
  if (was === undefined) return `+ ${speak(canonicalJson(is))}`;
  if (is === undefined) return `- ${speak(canonicalJson(was))}`;
  return speakTexts(canonicalJson(was), canonicalJson(is), limits, speak);
}
