// Owns how a change of what is released reads: which claim, about whom, and from where its value comes. Never shows what a
// user has: an attribute is told by its name.

import { speakUsers } from './access-words.ts';
import { BRIEF, type Limits } from './limits.ts';
import type { Naming } from './naming.ts';
import { speakInstant } from './period-words.ts';
import type { ReleasedChange, ReleasedValue } from './plan.ts';
import { cut, escapeControls } from './style.ts';

/** `Portal learns ssn about Staff (12 users): user:ssn` */
export function speakRelease(change: ReleasedChange, naming: Naming): string {
  const { effect, application, name } = change;
  const verb = { add: 'learns', change: 'is told another', remove: 'no longer learns' }[effect];
  return `${naming.name(application)} ${verb} ${speakName(name, BRIEF)} ${speakAbout(change, naming)}`;
}

export function speakName(name: string, limits: Limits): string {
  return escapeControls(cut(name, limits.value));
}

/** `about Staff (12 users): text:guest → text:visitor`; of what is gone only about whom. */
export function speakAbout(change: ReleasedChange, naming: Naming, limits: Limits = BRIEF): string {
  const { effect, through, users, before, after } = change;
  const who = `about ${speakUsers({ through, users }, naming)}`;
  if (effect === 'remove') return who;
  const [was, is] = [before, after].map((values) => speakValues(values, limits));
  if (effect === 'add') return `${who}: ${is}`;
  return was === is ? `${who}: ${is}, with another value` : `${who}: ${was} → ${is}`;
}

function speakValues(values: readonly ReleasedValue[], limits: Limits): string {
  const shown = values.slice(0, limits.items).map((value) => speakValue(value, limits));
  const hidden = values.length - shown.length;
  return [...shown, ...(hidden > 0 ? [`… and ${hidden} more`] : [])].join('; ');
}

/** `user:level where WS or openid is asked for, by otp.1, until 2027-01-31` */
function speakValue({ value, scopes, methods, until }: ReleasedValue, limits: Limits): string {
  const either = (names: readonly string[]) =>
    names.map((name) => escapeControls(cut(name, limits.value))).join(' or ');
  return [
    `${escapeControls(cut(value, limits.value))}${scopes === undefined ? '' : ` where ${either(scopes)} is asked for`}`,
    ...(methods === undefined ? [] : [`by ${either(methods)}`]),
    ...(until === undefined ? [] : [`until ${speakInstant(until)}`]),
  ].join(', ');
}
