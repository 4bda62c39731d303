// Owns the section of a plan's text that tells for whom logins are otherwise: who is asked, who no more, and whose tokens are bound.
// Never finds it out.

import { formatPlace } from '../model/origin.ts';
import { speakUsers } from './access-words.ts';
import { type Line, layOut } from './columns.ts';
import type { Naming } from './naming.ts';
import type { LoginChange, LoginEffect } from './plan.ts';
import { columnWidth, escapeControls, pad } from './style.ts';
import type { Rendered, Telling } from './telling.ts';
import { formerPlace } from './text-change.ts';

const WIDEST_NAME = 40;

const WORDS: Readonly<Record<LoginEffect, string>> = {
  asked: 'asked for consent each time (was not asked)',
  asked_once: 'asked for consent once (was not asked)',
  not_asked: 'not asked for consent any more',
  remembered: 'asked for consent once (was each time)',
  not_remembered: 'asked for consent each time (was once): what was remembered counts no more',
  forgotten: 'asked for consent again: what was remembered counts no more',
  worded: 'asked for consent in other words',
  bound: "tokens only for each user's own address; those of before count no more",
  unbound: 'tokens for any address',
};

/** The lines below the heading `Logins`; none where nothing changes. */
export function renderLogins(logins: readonly LoginChange[] | undefined, { naming, style, limits }: Telling): Rendered {
  const all = logins ?? [];
  const shown = all.slice(0, limits.single);
  const names = shown.map(({ client }) => naming.name(client));
  const width = columnWidth(names, WIDEST_NAME);
  const lines = shown.map((change, position): Line => {
    const text = `${pad(names[position] ?? '', width)}     ${speakLogin(change, naming)}`;
    return { indent: 2, sign: '~', text, place: speakLoginCause(change) };
  });
  const hidden = all.length - shown.length;
  const more: readonly Line[] = hidden === 0 ? [] : [{ indent: 2, text: `… and ${hidden} more` }];
  return { lines: layOut([...lines, ...more], style, 4), cut: hidden > 0 };
}

/** `Staff (3 users): asked for consent each time (was not asked)` */
export function speakLogin({ effect, through, users }: LoginChange, naming: Naming): string {
  return `${speakUsers({ through, users }, naming)}: ${WORDS[effect]}`;
}

/** Where the line is that did it; of one that is gone, where it was. */
function speakLoginCause({ cause: { range, removed } }: LoginChange): string {
  if (range === undefined) return '';
  return removed === true ? formerPlace(range) : escapeControls(formatPlace(range));
}
