// Owns what a plan changes of logins beside who may: which users are asked for consent otherwise, whose remembered consent counts no
// more, who reads other words, and whose tokens are bound to an address or no more. Never decides who may use a client.

import { asksForConsent } from '../access/consent.ts';
import { decide } from '../access/decide.ts';
import type { Place, Step } from '../access/decision.ts';
import { isInReach, userGrantsOf } from '../access/reach.ts';
import {
  type Address,
  type ApplicationAddress,
  compareText,
  type GroupAddress,
  kindOf,
  type UserAddress,
} from '../model/address.ts';
import { canonicalJson } from '../model/digest.ts';
import { entitiesOf } from '../model/state.ts';
import type { Compared, ComparedSide } from './compared.ts';
import { valueAt } from './paths.ts';
import type { LoginChange, LoginEffect } from './plan.ts';
import { rangeAt } from './side-links.ts';
import { userClasses } from './user-classes.ts';

/** Undefined where nothing changes. `now` in milliseconds since the epoch. */
export function diffLogins(compared: Compared, now: number): readonly LoginChange[] | undefined {
  const { before, after } = compared;
  if (before.state.size === 0) return undefined;
  const renewed = new Set<string>(compared.changes.filter(renews).map(({ address }) => address));
  const changed = new Set(compared.changes.map(({ address }) => address));
  // What a client has of the catalogue, and who its users are, may be of any of them.
  const isForAll =
    [...changed].some((one) => one.startsWith('scope:')) || [...renewed].some((one) => one.startsWith('user:'));
  const asked = isForAll ? [...entitiesOf(after.state, 'application')].map(([address]) => address) : [...changed];
  const clients = asked.sort(compareText).flatMap((address) => {
    const client = address as ApplicationAddress;
    if (kindOf(client) !== 'application') return [];
    const was = practiceOf(before, before.own(client));
    const is = practiceOf(after, client);
    if (was === undefined || is === undefined) return [];
    // Of who is somebody else by now nothing is remembered.
    const forgets = was.remembers && is.remembers ? renewed : NOBODY;
    const always = effectsOf(was, is);
    const mayForget =
      is.asks && was.asks && (forgets.has(client) || [...forgets].some((one) => one.startsWith('user:')));
    return always.length === 0 && !mayForget ? [] : [{ client, always, forgets }];
  });
  if (clients.length === 0) return undefined;

  const rows = new Map<string, { readonly change: Omit<LoginChange, 'users'>; readonly users: UserAddress[] }>();
  const classes = userClasses(compared);
  for (const { client, always, forgets } of clients) {
    for (const { users } of classes) {
      const through = letIn(compared, client, users[0], now);
      if (through === undefined) continue;
      const tell = (effect: LoginEffect, some: readonly UserAddress[], whose: Address = client) => {
        const key = canonicalJson([client, effect, through.group ?? null]);
        const change = {
          ...{ effect, client, ...(through.group === undefined ? {} : { through: through.group }) },
          cause: causeOf(compared, whose, effect),
        };
        const row = rows.get(key) ?? { change, users: [] };
        rows.set(key, row);
        row.users.push(...some);
      };
      for (const effect of always) tell(effect, users);
      const forgotten = forgets.has(client) ? users : users.filter((user) => forgets.has(user));
      if (!always.some((effect) => OF_CONSENT.has(effect)) && forgotten.length > 0) {
        tell('forgotten', forgotten, forgets.has(client) ? client : forgotten[0]);
      }
    }
  }
  if (rows.size === 0) return undefined;
  return [...rows.values()]
    .map(({ change, users }) => ({ ...change, users: users.sort(compareText) }))
    .sort((a, b) => compareText(orderOf(a), orderOf(b)));
}

const NOBODY: ReadonlySet<string> = new Set();

function renews(change: Compared['changes'][number]): boolean {
  if (change.action !== 'update' && change.action !== 'move') return false;
  const kind = kindOf(change.address);
  return change.renews && (kind === 'application' || kind === 'user');
}

function orderOf({ client, effect, through, users }: LoginChange): string {
  return [client, effect, through ?? '', users[0] ?? ''].join('\n');
}

/** How a client has its users let it act. */
interface Practice {
  readonly asks: boolean;
  readonly remembers: boolean;
  /** By which keys descriptions are chosen. */
  readonly words: string;
  readonly binds: boolean;
}

/** Undefined of what is no client of users. */
function practiceOf(side: ComparedSide, client: ApplicationAddress): Practice | undefined {
  const index = side.index();
  const application = index.application(client);
  if (application === undefined || userGrantsOf(index, client).length === 0) return undefined;
  const { consent = {}, bind_token_ip, metadata = {} } = application;
  const { template, description_key, brands } = consent;
  // By password no page is shown.
  const hasPage = (metadata.grant_types ?? []).some((grant) => grant === 'authorization_code' || grant === 'implicit');
  return {
    asks: hasPage && asksForConsent(index, client),
    remembers: consent.remember === true,
    words: template === 'localized' ? canonicalJson([description_key ?? null, brands ?? []]) : '',
    binds: bind_token_ip === true,
  };
}

const OF_CONSENT: ReadonlySet<LoginEffect> = new Set([
  'asked',
  'asked_once',
  'not_asked',
  'remembered',
  'not_remembered',
]);

function effectsOf(was: Practice, is: Practice): readonly LoginEffect[] {
  const effects: LoginEffect[] = [];
  if (!was.asks && is.asks) effects.push(is.remembers ? 'asked_once' : 'asked');
  if (was.asks && !is.asks) effects.push('not_asked');
  if (was.asks && is.asks) {
    if (!was.remembers && is.remembers) effects.push('remembered');
    if (was.remembers && !is.remembers) effects.push('not_remembered');
    if (was.words !== is.words) effects.push('worded');
  }
  if (was.binds !== is.binds) effects.push(is.binds ? 'bound' : 'unbound');
  return effects;
}

/** By which group after the plan, where the client lets the user in on both sides; undefined where it does not. */
function letIn(
  { before, after }: Compared,
  client: ApplicationAddress,
  user: UserAddress,
  now: number,
): { readonly group: GroupAddress | undefined } | undefined {
  if (chainOn(before, client, user, now) === undefined) return undefined;
  const chain = chainOn(after, client, user, now);
  if (chain === undefined) return undefined;
  const opening = chain.find(({ relation, from }) => relation === 'open_to' && from === client);
  const giving = chain.find(({ relation, from }) => relation === 'has_role' && kindOf(from) === 'group');
  return { group: (opening?.to ?? giving?.from) as GroupAddress | undefined };
}

/** By the first grant that lets the user in. A policy may look at what is asked for, so openid alone is asked for as well. */
function chainOn(
  side: ComparedSide,
  called: ApplicationAddress,
  calledUser: UserAddress,
  now: number,
): readonly Step[] | undefined {
  const index = side.index();
  const [client, user] = [side.own(called), side.own(calledUser)];
  if (!isInReach(index, client, user)) return undefined;
  for (const grant_type of userGrantsOf(index, client)) {
    for (const scope of [undefined, ['openid']]) {
      const answer = decide(index, { client, user, grant_type, scope }, now);
      if (!answer.allowed) continue;
      const self = answer.reasons.find((one) => one.application === client);
      return self?.granted === true ? self.chain : [];
    }
  }
  return undefined;
}

/** What is looked at, in this order. */
const POINTERS: Readonly<Record<LoginEffect, readonly string[]>> = {
  asked: ['/consent/required', '/metadata/scope'],
  asked_once: ['/consent/required', '/metadata/scope'],
  not_asked: ['/consent/required', '/metadata/scope'],
  remembered: ['/consent/remember'],
  not_remembered: ['/consent/remember'],
  forgotten: ['/client_id', '/sub', '/enabled'],
  worded: ['/consent/template', '/consent/description_key', '/consent/brands'],
  bound: ['/bind_token_ip'],
  unbound: ['/bind_token_ip'],
};

/** The line that changed, of the client or of the user who is somebody else; of what came by something else the client. */
function causeOf({ before, after }: Compared, address: Address, effect: LoginEffect): LoginChange['cause'] {
  const valueOn = (side: ComparedSide, pointer: string) => valueAt(side.state.get(side.own(address)), pointer);
  const pointer = POINTERS[effect].find(
    (one) => canonicalJson(valueOn(before, one) ?? null) !== canonicalJson(valueOn(after, one) ?? null),
  );
  const place: Place = { address, pointer: pointer ?? '' };
  const isGone = pointer !== undefined && valueOn(after, pointer) === undefined;
  return { place, range: rangeAt(isGone ? before : after, place), ...(isGone ? { removed: true as const } : {}) };
}
