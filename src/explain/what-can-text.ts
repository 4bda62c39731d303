// Owns the text of what a client, a user or a group can. Never finds out.

import { type Address, isEveryone } from '../model/address.ts';
import { count } from '../model/count.ts';
import { EMPTY_LINE, type Line, plainLine } from '../plan/columns.ts';
import { speakPermission } from '../plan/role-links.ts';
import { escapeControls, pad, widthOf } from '../plan/style.ts';
import { groupWords } from './edit.ts';
import { codeOf } from './explain-resource.ts';
import { explainLines } from './explain-text.ts';
import { laterWords } from './later.ts';
import { placed, type Telling } from './telling.ts';
import { fromWords, untilWords, viaWords } from './via.ts';
import type { GroupCan, Reached, UserCan, WhatCan } from './what-can.ts';
import { passes } from './what-can-resources.ts';

const MOST_NAMED = 8;
const MOST_OPENED = 20;
const MOST_LOST = 10;

export function whatCanLines(answer: WhatCan, telling: Telling): readonly Line[] {
  switch (answer.kind) {
    case 'client':
      return [...explainLines(answer.explanation, telling), ...clientResources(answer, telling)];
    case 'user':
      return userLines(answer, telling);
    case 'group':
      return groupLines(answer, telling);
  }
}

/** Below what is said besides; nothing where there is none. */
function section(heading: string, lines: readonly Line[]): readonly Line[] {
  return lines.length === 0 ? [] : [EMPTY_LINE, plainLine(heading), ...lines];
}

function clientResources({ resources }: Extract<WhatCan, { kind: 'client' }>, telling: Telling): readonly Line[] {
  const { naming, world } = telling;
  const width = Math.min(24, Math.max(0, ...resources.map(({ resource }) => widthOf(naming.name(resource)))));
  const lines = resources.map(({ resource, grant }): Line => {
    const { users, answer, networks } = grant;
    const isYes = passes(grant);
    const told = [
      ...(users === undefined ? [] : [`${users.passed} of ${count(users.total, 'user')}`]),
      ...(isYes
        ? [...untilWords(users === undefined ? answer?.until : undefined), ...fromWords(networks)]
        : [codeOf(grant)]),
    ];
    const text = `${pad(naming.name(resource), told.length === 0 ? 0 : width)}${told.length === 0 ? '' : `  ${told.join(', ')}`}`;
    return placed({ indent: 2, sign: isYes ? '✓' : '✗', text }, { address: resource, pointer: '' }, world);
  });
  return section('Resources that a rule may let it through to', lines);
}

function userLines({ user, groups, actors, logins, closed, resources }: UserCan, telling: Telling): readonly Line[] {
  const { naming } = telling;
  const name = naming.name(user);
  const width = Math.min(24, Math.max(0, ...[...actors, ...logins].map(({ client }) => widthOf(naming.name(client)))));
  const member = groups.length === 0 ? 'in no group' : `in ${namesOf(groups, telling)}`;
  return [
    placed(
      { indent: 0, text: `user ${name}, ${member}`, tone: 'heading' },
      { address: user, pointer: '' },
      telling.world,
    ),
    EMPTY_LINE,
    plainLine(actors.length === 0 ? `No client acts as ${name}` : `Clients that act as ${name}`),
    ...actors.map((actor): Line => {
      const called = pad(naming.name(actor.client), width);
      if ('code' in actor) return { indent: 2, sign: '✗', text: `${called}  gets no token (${actor.code})` };
      return { indent: 2, sign: '✓', text: `${called}  ${reachedWords(actor)}` };
    }),
    EMPTY_LINE,
    plainLine(logins.length === 0 ? `${name} may log in to no client` : `Clients that ${name} may log in to`),
    ...logins.map((login): Line => {
      const text = `${pad(naming.name(login.client), width)}  by ${escapeControls(login.grant_type)}: ${reachedWords(login)}`;
      return { indent: 2, sign: '✓', text };
    }),
    ...(closed === 0 || logins.length === 0
      ? []
      : [plainLine(`${count(closed, 'more way')} to log in ${closed === 1 ? 'is' : 'are'} closed to ${name}`)]),
    ...section(
      `Resources that ${name} gets through to`,
      resources.map(({ resource, client, until, networks }): Line => {
        const told = [`by way of ${naming.name(client)}`, ...untilWords(until), ...fromWords(networks)].join(', ');
        const line: Line = { indent: 2, sign: '✓', text: `${naming.name(resource)}  ${told}` };
        return placed(line, { address: resource, pointer: '' }, telling.world);
      }),
    ),
  ];
}

/** The client itself stands last among the audiences. */
function reachedWords({ audiences, scopes, permissions, from, until, networks, client_id }: Reached): string {
  const servers = audiences.filter((audience) => audience !== client_id);
  const others = scopes.filter((scope) => !audiences.includes(scope));
  const what = [
    ...(servers.length === 0 ? ['itself alone'] : [servers.map(escapeControls).join(', ')]),
    ...(others.length === 0 ? [] : [`scope ${others.map(escapeControls).join(' ')}`]),
    ...(permissions === undefined
      ? []
      : [`may use ${permissions.map((one) => escapeControls(speakPermission(one))).join(', ') || 'no function'}`]),
    ...laterWords(from),
    ...untilWords(until),
    ...fromWords(networks),
  ];
  return what.join('; ');
}

function groupLines(answer: GroupCan, telling: Telling): readonly Line[] {
  const { group, members, memberGroups, within, opens, lost, resources } = answer;
  const { naming, world, full } = telling;
  const at = isEveryone(group) ? undefined : { address: group, pointer: '' };
  const nested = memberGroups.length === 0 ? '' : `, with ${namesOf(memberGroups, telling)} in it`;
  const inside = within.length === 0 ? '' : `, in ${namesOf(within, telling)}`;
  const width = Math.min(24, Math.max(0, ...opens.map(({ application }) => widthOf(naming.name(application)))));
  const shown = full ? lost.access : lost.access.slice(0, MOST_LOST);
  const title = `group ${groupWords(group, naming)}: ${count(members.length, 'member')}${nested}${inside}`;
  return [
    placed({ indent: 0, text: title, tone: 'heading' }, at, world),
    ...(members.length === 0
      ? []
      : [plainLine(full ? members.map((user) => naming.name(user)).join(', ') : namesOf(members, telling), 4)]),
    EMPTY_LINE,
    plainLine(opens.length === 0 ? 'It opens no application' : 'It opens'),
    ...(full ? opens : opens.slice(0, MOST_OPENED)).map(({ application, group: by, pointer, until }): Line => {
      const through = by === group ? [] : [`through ${groupWords(by, naming)}`];
      const rule = pointer.startsWith('/access_rules') ? ['by an access rule'] : [];
      const told = [...through, ...rule, ...untilWords(until)].join(', ');
      const text = `${pad(naming.name(application), told === '' ? 0 : width)}${told === '' ? '' : `  ${told}`}`;
      return placed({ indent: 2, sign: '✓', text }, { address: application, pointer }, world);
    }),
    ...(full || opens.length <= MOST_OPENED ? [] : [plainLine(`and ${opens.length - MOST_OPENED} more`, 4)]),
    ...section(
      'Resources that are for its members alone',
      resources.map(({ resource, group: by, pointer }): Line => {
        const text = `${naming.name(resource)}${by === group ? '' : `  through ${groupWords(by, naming)}`}`;
        return placed({ indent: 2, sign: '✓', text }, { address: resource, pointer }, world);
      }),
    ),
    EMPTY_LINE,
    plainLine(lostWords(answer)),
    ...shown.map(({ client, audience, chain }): Line => {
      const text = `${naming.name(client)} → ${escapeControls(audience)}  ${viaWords(chain, undefined, undefined, naming)}`;
      return { indent: 2, sign: '-', text };
    }),
    ...(lost.access.length > shown.length
      ? [plainLine(`and ${lost.access.length - shown.length} more (--full tells all)`, 4)]
      : []),
  ];
}

function lostWords({ lost: { access, logins, obtained } }: GroupCan): string {
  const parts = [
    ...(access.length === 0 ? [] : [`${count(access.length, 'audience')} of clients`]),
    ...(logins === 0 ? [] : [`${count(logins, 'login')} of users`]),
    ...(obtained === 0 ? [] : [`${count(obtained, 'audience')} of their tokens`]),
  ];
  return parts.length === 0 ? 'Nothing rests on it alone' : `Without it would be lost: ${parts.join(', ')}`;
}

function namesOf(addresses: readonly Address[], { naming, full }: Telling): string {
  const shown = full ? addresses : addresses.slice(0, MOST_NAMED);
  const more = addresses.length > shown.length ? ` and ${addresses.length - shown.length} more` : '';
  return `${shown.map((address) => groupWords(address, naming)).join(', ')}${more}`;
}
