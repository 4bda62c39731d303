// Owns how links read that are there, and what is missing, one line each. Never looks for them: the engine has.

import type { Place, Step } from '../access/decision.ts';
import { isEveryone, kindOf, methodAddress, nameOf, siteOf } from '../model/address.ts';
import { periodOf } from '../model/duration.ts';
import type { ApplicationEntity, Entity } from '../model/entity.ts';
import { methodServes } from '../model/grant-type.ts';
import { accessRulesOf } from '../model/settings.ts';
import { entityAt } from '../model/state.ts';
import { speakNoMethod } from '../plan/access-words.ts';
import type { Naming } from '../plan/naming.ts';
import { speakHeld } from '../plan/role-links.ts';
import { escapeControls } from '../plan/style.ts';
import type { Obstacle } from './asking.ts';
import { groupWords, linkAt, valueAt } from './edit.ts';
import type { World } from './world.ts';

/** A sentence, ready for a terminal, about what stands or should stand at a place. */
export interface LinkLine {
  readonly text: string;
  readonly at: Place | undefined;
}

/** `User1 is a member of Group2 until 2027-01-31` */
export function stepLine(step: Step, { index }: World, naming: Naming): LinkLine {
  const { expires } = linkAt(index.state.get(step.at.address), step.at.pointer) ?? {};
  const end = expires === undefined ? '' : ` until ${escapeControls(expires)}`;
  // A rule of the client: the user logged in as it asks.
  const isRule = step.relation === 'has_method' && step.at.pointer.startsWith('/access_rules');
  const words = isRule ? `${naming.name(step.from)} asks for ${naming.name(step.to)}` : stepWords(step, naming);
  return { text: `${words}${end}`, at: step.at };
}

/** The sentence alone, without an end. */
export function stepWords(step: Step, naming: Naming): string {
  const { relation, from, to, value } = step;
  const who = naming.name(from);
  switch (relation) {
    case 'may_ask_for':
      return `${who} may ask for ${naming.name(to)}`;
    case 'may_use':
      return kindOf(from) === 'resource'
        ? `resource ${who} takes tokens for ${naming.name(to)}`
        : `resource ${naming.name(to)} takes tokens of ${who}`;
    case 'impersonates':
      return `${who} acts as ${naming.name(to)}`;
    case 'member_of':
      return isEveryone(to) ? `${who} is a user of ${siteName(to)}` : `${who} is a member of ${naming.name(to)}`;
    case 'open_to':
      return kindOf(from) === 'resource'
        ? `resource ${who} is for members of ${groupWords(to, naming)}`
        : `${who} is open to ${groupWords(to, naming)}`;
    case 'has_method':
      return `${kindOf(from) === 'site' ? `site ${who}` : who} lists ${naming.name(to)}`;
    case 'has_role':
      return `${who} has the role ${speakHeld(step, naming)}`;
    case 'contains':
      return `role ${who} contains ${naming.name(to)}`;
    case 'has_function':
      return `role ${who} has the function ${speakHeld(step, naming)}`;
    case 'below':
      return `customer ${who} is below ${naming.name(to)}`;
    case 'requires':
      return `${who} requires ${speakHeld(step, naming)}`;
    case 'has_value':
      return value === undefined
        ? `${who} has what policy ${naming.name(to)} requires`
        : `${who} has ${escapeControls(value.name)} = ${escapeControls(value.text)} by policy ${naming.name(to)}`;
  }
}

/** As many groups are told one by one to which an application is open. */
const MOST_GROUPS = 3;

/** What is there beside the chain and matters, and last what is missing. Never empty. */
export function missingLines(obstacle: Obstacle, asked: Asked, world: World, naming: Naming): readonly LinkLine[] {
  const { missing } = obstacle;
  const entity = missing === undefined ? undefined : world.index.state.get(missing.address);
  const ended = missing === undefined ? undefined : boundWords(missing, entity, naming);
  if (ended !== undefined) return [{ text: ended, at: missing }];
  if (obstacle.code === 'NOT_IN_ALLOWED_GROUP') return groupLines(obstacle, world, naming);
  const other = otherGrantWords(obstacle, asked, world);
  if (other !== undefined) return [{ text: other, at: methodPlace(obstacle) }];
  return [{ text: missingWords(obstacle, asked, world, naming), at: missing }];
}

/** What the words of a missing link repeat of the question. */
export interface Asked {
  readonly grant_type: string;
  readonly ip: string | undefined;
  /** The method that is asked about. */
  readonly method: string | undefined;
  /** The value that the client may not ask for. */
  readonly stranger: string | undefined;
}

/** What is off, has ended or has not begun: an entity, or a link. */
function boundWords({ address, pointer }: Place, entity: Entity | undefined, naming: Naming): string | undefined {
  const who = `${kindOf(address) === 'method' ? 'method ' : ''}${naming.name(address)}`;
  const written = () => escapeControls(String(valueAt(entity, pointer)));
  if (pointer === '/enabled') return `${who} is disabled`;
  if (pointer === '/expires') return `${who} ended on ${written()}`;
  if (pointer === '/not_before') return `${who} begins on ${written()}`;
  const link = linkAt(entity, pointer);
  if (link?.expires === undefined) return undefined;
  const [to, until] = [naming.name(link.to), `until ${escapeControls(link.expires)}, and no longer`];
  if (pointer.startsWith('/members')) return `${to} was a member of ${who} ${until}`;
  if (pointer.startsWith('/roles')) return `${who} had the role ${to} ${until}`;
  if (pointer.startsWith('/allowed_to')) return `${who} was open to ${groupWords(link.to, naming)} ${until}`;
  return `${to} acted as ${who} ${until}`;
}

function groupLines({ about, user, missing }: Obstacle, { index, now }: World, naming: Naming): readonly LinkLine[] {
  const application = naming.name(about);
  const isRule = missing?.pointer.startsWith('/access_rules') === true;
  const links = [...(index.application(about)?.allowed_to ?? []).entries()].filter(
    ([, link]) => now < periodOf(link).end,
  );
  if (links.length === 0 || isRule) return [{ text: `${application} is open to no group`, at: missing }];
  const at = (position: number): Place => ({ address: about, pointer: `/allowed_to/${position}` });
  if (user === undefined) {
    return [
      ...links.slice(0, MOST_GROUPS).map(([position, { to }]) => ({
        text: `${application} is open to ${groupWords(to, naming)}`,
        at: at(position),
      })),
      { text: `no group that it is open to lists the method, and ${application} acts as itself`, at: missing },
    ];
  }
  const who = naming.name(user);
  if (links.length > MOST_GROUPS) {
    return [
      { text: `${application} is open to ${links.length} groups`, at: missing },
      { text: `${who} is a member of none of them`, at: missing },
    ];
  }
  return links.flatMap(([position, { to }]) => [
    { text: `${application} is open to ${groupWords(to, naming)}`, at: at(position) },
    {
      text: isEveryone(to) ? `${who} is no user of ${siteName(to)}` : `${who} is not a member of ${naming.name(to)}`,
      at: isEveryone(to) ? at(position) : { address: to, pointer: '/members' },
    },
  ]);
}

function missingWords(obstacle: Obstacle, asked: Asked, world: World, naming: Naming): string {
  const { code, missing, about, user } = obstacle;
  const { index } = world;
  const application = naming.name(about);
  const grant = escapeControls(asked.grant_type);
  const method = obstacle.method === undefined ? 'the method' : escapeControls(obstacle.method);
  switch (code) {
    case 'CLIENT_IP_NOT_ALLOWED': {
      const range = index.application(about)?.client_ip_range ?? [];
      return `${application} may not call from ${escapeControls(asked.ip ?? '')}, only from ${escapeControls(range.join(', '))}`;
    }
    case 'GRANT_UNKNOWN':
      return `no grant is called ${grant}`;
    case 'GRANT_NOT_ALLOWED': {
      const grants = index.application(about)?.metadata?.grant_types ?? [];
      return `${application} has ${grants.length === 0 ? 'no grant' : `the grant ${grants.join(', ')}, not ${grant}`}`;
    }
    case 'CLIENT_IS_PUBLIC':
      return `${application} is public, and ${grant} is for clients that prove who they are`;
    case 'METHOD_NOT_ON_APPLICATION':
      return `${application} lists ${lackingMethod(obstacle, asked, world)}`;
    case 'METHOD_NOT_ON_SITE':
      return `site ${siteName(missing?.address ?? about)} does not list ${siteMethod(obstacle, asked, world)}`;
    case 'METHOD_NOT_ON_USER':
      return asked.method !== undefined || user === undefined
        ? `${user === undefined ? 'the user' : naming.name(user)} does not list ${method}`
        : speakNoMethod(about, { users: [user], grant_type: asked.grant_type }, naming);
    case 'METHOD_NOT_ON_GROUP':
      return `${missing === undefined ? 'the group' : naming.name(missing.address)} does not list ${method}`;
    case 'SCOPE_NOT_ALLOWED':
      return `${application} may not ask for ${escapeControls(asked.stranger ?? 'it')}`;
    case 'USER_MISSING':
      return `${grant} needs a user who lets ${application} act`;
    case 'NO_IMPERSONATION':
      return `${application} acts as itself: it impersonates no user`;
    case 'ACCESS_RULE_NOT_MET':
      return `${application} has a rule that is not met: ${ruleWords(index.application(about), missing, naming)}`;
    case 'ROLE_MISSING':
    case 'CUSTOMER_NOT_COVERED': {
      const required = obstacle.chain.find(({ relation }) => relation === 'requires');
      const who = user === undefined ? 'the user' : naming.name(user);
      const has = code === 'ROLE_MISSING' ? 'does not have it' : 'has it for other customers only';
      return `${application} requires ${required === undefined ? 'a role' : speakHeld(required, naming)}, and ${who} ${has}`;
    }
    case 'POLICY_NOT_MET':
      return policyWords(obstacle, world, naming);
    default:
      return `${application}: ${code}`;
  }
}

/** Of a method that was asked about: its type serves another grant, whatever the application lists. */
export function otherGrantWords(
  { code, method }: Obstacle,
  { grant_type }: Pick<Asked, 'grant_type'>,
  { index }: World,
): string | undefined {
  const type = method === undefined ? undefined : index.method(method)?.type;
  if (code !== 'METHOD_NOT_ON_APPLICATION' || type === undefined || methodServes(type, grant_type)) return undefined;
  const use = grant_type === 'client_credentials' || grant_type === 'password' ? `for ${grant_type}` : 'to log in with';
  return `${escapeControls(method ?? '')} is no method ${use}: its type ${type} serves another grant`;
}

function methodPlace({ method, missing }: Obstacle): Place | undefined {
  return method === undefined ? missing : { address: methodAddress(method), pointer: '/type' };
}

function lackingMethod({ about, method }: Obstacle, asked: Asked, { index }: World): string {
  if (method !== undefined) return `other methods than ${escapeControls(method)}`;
  const own = index.application(about)?.methods ?? [];
  return own.length === 0 ? 'no method' : `no method that serves ${escapeControls(asked.grant_type)}`;
}

/** Of the client the first of its methods that would serve. */
function siteMethod({ about, chain, method }: Obstacle, { grant_type }: Asked, { index }: World): string {
  const own = (index.application(about)?.methods ?? []).find((name) => {
    const type = index.method(name)?.type;
    return type !== undefined && methodServes(type, grant_type);
  });
  return escapeControls((chain.length > 0 ? method : own) ?? 'the method');
}

function ruleWords(application: ApplicationEntity | undefined, missing: Place | undefined, naming: Naming): string {
  const [, position] = /\/(\d+)$/.exec(missing?.pointer ?? '') ?? [];
  const rules = accessRulesOf(application ?? {});
  const told = position === undefined ? rules : rules.filter((_, at) => at === Number(position));
  return told
    .map((rule) => {
      if ('method' in rule) return `log in by ${escapeControls(rule.method)}`;
      if ('group' in rule) return `be a member of ${groupWords(rule.group, naming)}`;
      return `come from ${escapeControls(rule.ip.join(', '))}`;
    })
    .join(' or ');
}

function policyWords({ about, user, missing, chain }: Obstacle, { index }: World, naming: Naming): string {
  const policy = index.application(about)?.policy;
  const called = policy === undefined ? 'its policy' : `policy ${naming.name(policy)}`;
  const who = user === undefined ? 'the user' : naming.name(user);
  const { address, pointer = '' } = missing ?? {};
  if (pointer.startsWith('/attributes/')) {
    return `${who} has no attribute ${escapeControls(pointer.slice('/attributes/'.length))}, which ${called} requires`;
  }
  const entity = address === undefined ? undefined : entityAt(index.state, 'policy', address);
  const name = escapeControls(String(valueAt(entity, pointer) ?? 'a value'));
  const several = chain.filter(({ value }) => value !== undefined).length;
  const times = several === 2 ? 'two' : 'several';
  if (pointer.startsWith('/single_value/')) return `${who} has ${times} values for ${name}, and ${called} allows one`;
  return `${who} has no value for ${name}, which ${called} requires`;
}

function siteName(address: Place['address']): string {
  return escapeControls(siteOf(address) ?? nameOf(address));
}
