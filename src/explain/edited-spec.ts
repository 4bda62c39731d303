// Owns whether a spec still compiles after an edit (U-80…U-83, one impersonation, no moment without a secret): the entities
// around it are written as a spec and compiled, before and after. Never holds a rule of its own.

import type { AccessIndex } from '../access/access-index.ts';
import type { Address, ApplicationAddress } from '../model/address.ts';
import { kindOf } from '../model/address.ts';
import type { Diagnostic } from '../model/diagnostic.ts';
import type { ApplicationEntity, Entity, Link } from '../model/entity.ts';
import { accessRulesOf, scopeValues } from '../model/settings.ts';
import { createState, entitiesOf, type State } from '../model/state.ts';
import { compile } from '../spec/compile.ts';
import { writeSpec } from '../spec/write-spec.ts';
import type { Edit } from './edit.ts';
import type { World } from './world.ts';

/** The first error that edits bring into the spec; undefined where they bring none. */
export type Compiler = (edits: readonly Edit[], after: State) => Diagnostic | undefined;

/** Asks about edits of one State. What is wrong with that already is looked up once for each neighbourhood. */
export function compilerOf({ index, waivers, now }: World): Compiler {
  const known = new Map<string, ReadonlySet<string>>();
  const errorsOf = (state: State, around: ReadonlySet<Address>) =>
    compile(writeSpec(cutOut(state, around), waivers), { now }).diagnostics.filter(
      ({ severity }) => severity === 'error',
    );
  const keyOf = ({ code, address, detail }: Diagnostic) => `${code}\n${address}\n${detail}`;
  return (edits, after) => {
    const around = neighbourhood(index, after, edits);
    const errors = errorsOf(after, around);
    if (errors.length === 0) return undefined;
    const name = [...around].sort().join('\n');
    const before = known.get(name) ?? new Set(errorsOf(index.state, around).map(keyOf));
    known.set(name, before);
    return errors.find((error) => !before.has(keyOf(error)));
  };
}

/** What the rules between entities look at: who is edited, whom a client names or acts as, and who names it. */
function neighbourhood(index: AccessIndex, after: State, edits: readonly Edit[]): ReadonlySet<Address> {
  const edited = new Set<Address>(edits.map(({ address }) => address));
  for (const edit of edits) {
    if (edit.op === 'add' && typeof edit.value !== 'string' && 'to' in edit.value) edited.add(edit.value.to);
  }
  const around = new Set(edited);
  const applications = new Set<string>();
  for (const address of edited) {
    if (kindOf(address) !== 'application') continue;
    const client = address as ApplicationAddress;
    applications.add(index.application(client)?.client_id ?? '');
    for (const entity of [index.state.get(address), after.get(address)]) {
      for (const value of namesOf(entity)) {
        const audience = index.client(value);
        if (audience !== undefined) around.add(audience);
      }
    }
    const impersonation = index.impersonates(client);
    if (impersonation !== undefined) around.add(impersonation.user);
  }
  for (const [address, entity] of entitiesOf(index.state, 'application')) {
    if (namesOf(entity).some((value) => applications.has(value))) around.add(address);
  }
  return around;
}

function namesOf(entity: Entity | undefined): readonly string[] {
  if (entity?.kind !== 'application') return [];
  return entity.metadata?.aud ?? scopeValues(entity.metadata?.scope);
}

/** These entities and what has no links, without what leads out of them. */
function cutOut(state: State, around: ReadonlySet<Address>): State {
  const isThere = (address: Address) =>
    around.has(address) || ['server', 'method', 'scope', 'role', 'customer', 'site'].includes(kindOf(address));
  const within = <L extends Link>(links: readonly L[] | undefined) => links?.filter(({ to }) => isThere(to));
  const beyond = new Set(
    [...entitiesOf(state, 'application')].flatMap(([address, { client_id }]) =>
      around.has(address) ? [] : [client_id],
    ),
  );
  const isKnown = (value: string) => !beyond.has(value);
  const cut = (entity: Entity): Entity => {
    switch (entity.kind) {
      case 'group':
        return withMembers(entity, { members: within(entity.members)?.filter(({ to }) => kindOf(to) === 'user') });
      case 'user':
        return withMembers(entity, { impersonated_by: within(entity.impersonated_by) });
      case 'application':
        return cutApplication(entity, within(entity.allowed_to), isThere, isKnown);
      default:
        return entity;
    }
  };
  return createState(
    [...state].flatMap(([address, entity]): (readonly [Address, Entity])[] =>
      isThere(address) ? [[address, cut(entity)]] : [],
    ),
  );
}

function cutApplication(
  { policy: _policy, access_rules, metadata, ...entity }: ApplicationEntity,
  allowed_to: ApplicationEntity['allowed_to'],
  isThere: (address: Address) => boolean,
  isKnown: (value: string) => boolean,
): ApplicationEntity {
  const rules = accessRulesOf(access_rules === undefined ? {} : { access_rules }).filter(
    (rule) => !('group' in rule) || isThere(rule.group),
  );
  const aud = metadata?.aud?.filter(isKnown);
  const scope = metadata?.scope === undefined ? undefined : scopeValues(metadata.scope).filter(isKnown).join(' ');
  return withMembers<ApplicationEntity>(
    { ...entity, ...(rules.length === 0 ? {} : { access_rules: { all: rules } }) },
    { allowed_to, metadata: metadata && withMembers(metadata, { aud, scope }) },
  );
}

/** With members that are written only where they have a value. */
function withMembers<T extends object>(entity: T, members: object): T {
  const written = Object.entries(members).filter(([, value]) => value !== undefined);
  return { ...entity, ...Object.fromEntries(written) };
}
