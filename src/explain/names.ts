// Owns how the names in a question are read: a client_id, else Site/Name, else a name that only one has. Never decides what
// is asked.

import { isProtocolScope } from '../access/access-index.ts';
import {
  type Address,
  type ApplicationAddress,
  type CustomerAddress,
  compareText,
  customerAddress,
  EVERYONE,
  everyoneOf,
  type GroupAddress,
  kindOf,
  nameOf,
  qualifiedName,
  type ResourceAddress,
  resourceAddress,
  scopeAddress,
  type UserAddress,
} from '../model/address.ts';
import type { ApplicationEntity } from '../model/entity.ts';
import { GRANT_TYPES } from '../model/grant-type.ts';
import { isStandardScope } from '../model/registered-scope.ts';
import { entitiesOf, entityAt, type State } from '../model/state.ts';
import { nearest } from '../spec/nearest.ts';

/** What a name stands for, or a sentence that says why it stands for nothing. */
export type Found<T> = { readonly ok: true; readonly value: T } | { readonly ok: false; readonly message: string };

/** The kinds that a question names, as it calls them. */
const NOUNS = { application: 'client', user: 'user', group: 'group' } as const;
type NamedKind = keyof typeof NOUNS;
type NamedAddress = ApplicationAddress | UserAddress | GroupAddress;

export function findClient(state: State, text: string): Found<ApplicationAddress> {
  return find(state, ['application'], text) as Found<ApplicationAddress>;
}

export function findUser(state: State, text: string): Found<UserAddress> {
  return find(state, ['user'], text) as Found<UserAddress>;
}

/** A client, a user or a group: `client:`, `user:` or `group:` before the name says which of them. */
export function findSubject(state: State, text: string): Found<NamedAddress> {
  const kinds = Object.keys(NOUNS) as NamedKind[];
  const meant = kinds.find((kind) => text.startsWith(`${NOUNS[kind]}:`));
  if (meant !== undefined) return find(state, [meant], text.slice(NOUNS[meant].length + 1));
  return find(state, kinds, text);
}

/** An audience, or a scope of the catalogue or of OpenID Connect. */
export type NamedTarget = { readonly audience: ApplicationAddress } | { readonly scope: string };

/** What may be asked for by name. A client_id and a scope are never the same word (U-80). */
export function findTarget(state: State, text: string): Found<NamedTarget> {
  if (entityAt(state, 'scope', scopeAddress(text)) !== undefined || isStandardScope(text)) {
    return { ok: true, value: { scope: text } };
  }
  if (isProtocolScope(text)) {
    return {
      ok: false,
      message: `"${text}" is a scope of the protocol: it comes with any token that is asked for with it.`,
    };
  }
  const found = find(state, ['application'], text, { names: scopeNames(state), noun: 'application and no scope' });
  return found.ok ? { ok: true, value: { audience: found.value as ApplicationAddress } } : found;
}

/** What somebody may get, or a resource as `resource:NAME`. */
export function findWhat(state: State, text: string): Found<NamedTarget | { readonly resource: ResourceAddress }> {
  if (text.startsWith(RESOURCE_PREFIX)) {
    const found = findResource(state, text.slice(RESOURCE_PREFIX.length));
    return found.ok ? { ok: true, value: { resource: found.value } } : found;
  }
  const found = findTarget(state, text);
  if (found.ok || entityAt(state, 'resource', resourceAddress(text)) === undefined) return found;
  return { ok: false, message: `"${text}" is a resource: write ${RESOURCE_PREFIX}${text}.` };
}

const RESOURCE_PREFIX = 'resource:';

export function findResource(state: State, text: string): Found<ResourceAddress> {
  const address = resourceAddress(text);
  if (entityAt(state, 'resource', address) !== undefined) return { ok: true, value: address };
  const names = [...entitiesOf(state, 'resource')].map(([one]) => nameOf(one));
  return { ok: false, message: `No resource is called "${text}".${didYouMean(text, names)}` };
}

/** A function that some role lists. */
export function findFunction(state: State, text: string): Found<string> {
  const names = [...new Set([...entitiesOf(state, 'role')].flatMap(([, { functions = [] }]) => functions))];
  if (names.includes(text)) return { ok: true, value: text };
  return { ok: false, message: `No role has a function called "${text}".${didYouMean(text, names)}` };
}

export function findCustomer(state: State, text: string): Found<CustomerAddress> {
  const address = customerAddress(text);
  if (entityAt(state, 'customer', address) !== undefined) return { ok: true, value: address };
  const names = [...entitiesOf(state, 'customer')].map(([one]) => nameOf(one));
  return { ok: false, message: `No customer is called "${text}".${didYouMean(text, names)}` };
}

/** The values of a requested scope: scopes as they are, applications by the client_id that a request says. */
export function findScopes(state: State, words: readonly string[]): Found<readonly string[]> {
  const values: string[] = [];
  for (const word of words.flatMap((text) => text.split(' ')).filter((text) => text !== '')) {
    if (isProtocolScope(word)) {
      values.push(word);
      continue;
    }
    const found = findTarget(state, word);
    if (!found.ok) return found;
    const { value } = found;
    const client_id = 'scope' in value ? undefined : entityAt(state, 'application', value.audience)?.client_id;
    values.push(client_id ?? word);
  }
  return { ok: true, value: [...new Set(values)] };
}

/** A grant that Charter knows, or that some client of the spec has. */
export function findGrant(state: State, text: string): Found<string> {
  const written = [...entitiesOf(state, 'application')].flatMap(([, { metadata }]) => metadata?.grant_types ?? []);
  const names = [...new Set([...GRANT_TYPES, ...written])];
  if (names.includes(text)) return { ok: true, value: text };
  return { ok: false, message: `No grant is called "${text}".${didYouMean(text, names)}` };
}

export function findMethod(state: State, text: string): Found<string> {
  const names = [...entitiesOf(state, 'method')].map(([address]) => nameOf(address));
  if (names.includes(text)) return { ok: true, value: text };
  return { ok: false, message: `No method is called "${text}".${didYouMean(text, names)}` };
}

function find(
  state: State,
  kinds: readonly NamedKind[],
  text: string,
  others?: { readonly names: readonly string[]; readonly noun: string },
): Found<NamedAddress> {
  const candidates = candidatesOf(state, kinds);
  const spoken = (test: (address: Address) => boolean) => candidates.filter(({ address }) => test(address));
  const identified = candidates.filter(({ client_id }) => client_id === text);
  const qualified = spoken((address) => qualifiedName(address) === text);
  const byName = spoken((address) => nameOf(address) === text);
  const exact = [...new Set([...identified, ...qualified])];
  // One that has the client_id is meant by it, unless something of another kind has the name.
  const namesakes = byName.filter(({ address }) => kindOf(address) !== 'application');
  const named = exact.length > 0 ? [...new Set([...exact, ...namesakes])] : byName;
  const [first, second] = named;
  if (first !== undefined && second === undefined) return { ok: true, value: first.address };
  if (first !== undefined) return { ok: false, message: speakSeveral(text, named) };
  const noun = others?.noun ?? kinds.map((kind) => NOUNS[kind]).join(' and no ');
  const near = [
    ...candidates.flatMap(({ address, client_id }) => [
      ...(client_id === undefined ? [] : [client_id]),
      nameOf(address),
      qualifiedName(address),
    ]),
    ...(others?.names ?? []),
  ];
  return { ok: false, message: `No ${noun} is called "${text}".${didYouMean(text, near)}` };
}

interface Candidate {
  readonly address: NamedAddress;
  readonly client_id?: string;
}

function candidatesOf(state: State, kinds: readonly NamedKind[]): readonly Candidate[] {
  const declared = [...state].flatMap(([address, entity]): readonly Candidate[] => {
    if (!(kinds as readonly string[]).includes(entity.kind)) return [];
    const client_id = entity.kind === 'application' ? (entity as ApplicationEntity).client_id : undefined;
    return [{ address: address as NamedAddress, ...(client_id === undefined ? {} : { client_id }) }];
  });
  if (!kinds.includes('group')) return declared;
  // Nobody declares it, and every site has it.
  return [...declared, ...[...entitiesOf(state, 'site')].map(([site]) => ({ address: everyoneOf(nameOf(site)) }))];
}

function speakSeveral(text: string, named: readonly Candidate[]): string {
  const kinds = new Set(named.map(({ address }) => kindOf(address)));
  const speak = ({ address }: Candidate) => {
    const noun = NOUNS[kindOf(address) as NamedKind];
    return kinds.size > 1 ? `${noun}:${qualifiedName(address)}` : qualifiedName(address);
  };
  const names = named.map(speak).sort(compareText);
  const [noun] = kinds;
  const what =
    kinds.size > 1
      ? 'the name of several'
      : text === EVERYONE
        ? 'a group of every site'
        : `the name of several ${NOUNS[noun as NamedKind]}s`;
  return `"${text}" is ${what}. Write which one: ${names.join(', ')}.`;
}

function scopeNames(state: State): readonly string[] {
  return [...entitiesOf(state, 'scope')].map(([address]) => nameOf(address));
}

function didYouMean(text: string, names: readonly string[]): string {
  const near = nearest(text, names);
  return near === undefined ? '' : ` Did you mean "${near}"?`;
}
