// Owns declarations → the model's entities: references resolved, defaults filled in, each link on its giving end.
// Never compares entities with each other; check-*.ts do.

import {
  type Address,
  type ApplicationAddress,
  customerAddress,
  type GroupAddress,
  isEveryone,
  methodAddress,
  resourceAddress,
  roleAddress,
  SERVER,
  scopeAddress,
  siteAddress,
  type UserAddress,
} from '../model/address.ts';
import type { Diagnostic } from '../model/diagnostic.ts';
import type { ApplicationEntity, Entity, GroupEntity, UserEntity } from '../model/entity.ts';
import { bindMetadata } from './bind-metadata.ts';
import { bindAccessRules, bindPolicy } from './bind-policy.ts';
import { bindResource } from './bind-resource.ts';
import { bindCustomer, bindRole, bindRoleGrants, bindRoleKeys } from './bind-role.ts';
import { bindPassword, bindSecrets } from './bind-secrets.ts';
import { bindServer } from './bind-server.ts';
import {
  applicationTokenSettings,
  attributeValues,
  descriptionKeys,
  linkEnd,
  neverActive,
  pick,
} from './bind-value.ts';
import { declaredAnew, joined } from './built-in-group.ts';
import { OWN_KEY_PREFIX } from './convert.ts';
import { EntryMap } from './entry-map.ts';
import { Links, type PlacedLink, type Relation, refuseConflicts } from './links.ts';
import {
  type ApplicationDeclaration,
  type Declaration,
  type Declarations,
  type DefaultedKind,
  declarationAt,
  type GroupDeclaration,
  type SiteDeclaration,
  type UserDeclaration,
} from './merge.ts';
import type { Moves } from './moves.ts';
import type { Suggestions } from './nearest.ts';
import type { Places } from './places.ts';
import { References } from './references.ts';
import { type Entry, itemsOf, spanOfEntry } from './tree.ts';

export interface Bound {
  readonly entities: ReadonlyMap<Address, Entity>;
  readonly places: ReadonlyMap<Address, Places>;
  readonly links: Links;
}

export interface BindOptions {
  readonly secretsDir: boolean;
  /** The directories of overlays, relative to the root. */
  readonly overlays: readonly string[];
  readonly suggestions: Suggestions;
  readonly moves: Moves;
  /** Names may be missing that no document could be read for: nothing is told to be unknown. */
  readonly incomplete: boolean;
}

/** An entity as far as it can be built before all links are known. */
interface Draft {
  readonly entity: Entity;
  readonly self: Entry;
  readonly entries: ReadonlyMap<string, Entry>;
  /** By key: where the items of what is sorted were written, in that order. */
  readonly sorted?: readonly (readonly [key: string, places: readonly PlacedLink[]])[];
}

/** Builds every entity that passed its schema; what is wrong in one is told, and the others are built all the same. */
export function bind(declarations: Declarations, options: BindOptions, problems: Diagnostic[]): Bound {
  const references = new References(declarations, problems, options);
  const links = new Links();
  const binder = new Binder({ declarations, references, links, problems, options });
  const drafts = binder.drafts();

  links.refuseTaken((address) => declarationAt(declarations, address), problems);
  links.refuseDifferentEnds(problems);
  refuseConflicts(links, problems);

  const entities = new Map<Address, Entity>();
  const places = new Map<Address, Places>();
  for (const [address, draft] of drafts) {
    const { entity, entries, sorted = [] } = draft;
    const relation = GIVES[entity.kind];
    const given = relation === undefined ? [] : links.of(relation, address);
    // A draft is nobody else's: what it gives is added to it.
    if (relation !== undefined && given.length > 0) (entity as Given)[relation] = given.map(linkOf);
    entities.set(address, entity);
    const { keySpan, value } = draft.self;
    const removed = value.type === 'map' ? value.overlaid?.removed : undefined;
    const lists = [...(relation === undefined ? [] : [[relation, given] as const]), ...sorted];
    // What is neither there nor written has no place: most entities share that they have none.
    const listed = lists.filter(([key, list]) => list.length > 0 || entries.has(key));
    const known = { self: keySpan, entries, links: listed.length === 0 ? NO_LINKS : new Map(listed) };
    places.set(address, removed === undefined ? known : { ...known, removed });
  }
  return { entities, places, links };
}

/** By what of a certificate a user can be known. */
const CERTIFICATE_FORMS = ['subject_dn', 'san_email', 'san_uri', 'san_dns', 'sha256'] as const;

const GIVES: { readonly [kind in Entity['kind']]?: Relation } = {
  application: 'allowed_to',
  group: 'members',
  user: 'impersonated_by',
};

type Given = { [relation in Relation]?: readonly ReturnType<typeof linkOf>[] };

const NO_LINKS: Places['links'] = new Map();

/** As State holds it. */
function linkOf({ to, expires }: PlacedLink): Pick<PlacedLink, 'to'> & { readonly expires?: string } {
  return expires === undefined ? { to } : { to, expires };
}

interface Context {
  readonly declarations: Declarations;
  readonly references: References;
  readonly links: Links;
  readonly problems: Diagnostic[];
  readonly options: BindOptions;
}

class Binder {
  readonly #context: Context;

  constructor(context: Context) {
    this.#context = context;
  }

  drafts(): Map<Address, Draft> {
    const { declarations } = this.#context;
    const drafts = new Map<Address, Draft>();
    const { server } = declarations;
    if (server?.sound === true) {
      const entity = bindServer(server, this.#context.problems);
      drafts.set(SERVER, { entity, self: server.entry, entries: entriesOf(server) });
    }
    for (const [name, declaration] of declarations.methods) {
      if (!declaration.sound) continue;
      const entity = {
        kind: 'method' as const,
        ...pick(declaration.value, ['type', 'certificate_authority', 'enabled']),
      };
      drafts.set(methodAddress(name), { entity, self: declaration.entry, entries: entriesOf(declaration) });
    }
    for (const [name, declaration] of declarations.scopes) {
      if (!declaration.sound) continue;
      descriptionKeys(declaration.entry, this.#context.problems);
      const descriptions = declaration.value.descriptions.map(({ key, value }) => ({ key, value }));
      const entity = { kind: 'scope' as const, descriptions };
      drafts.set(scopeAddress(name), { entity, self: declaration.entry, entries: entriesOf(declaration) });
    }
    for (const [name, declaration] of declarations.roles) {
      if (!declaration.sound) continue;
      const { entity, places } = bindRole(declaration, this.#context.references);
      const written = { self: declaration.entry, entries: entriesOf(declaration) };
      drafts.set(roleAddress(name), { entity, ...written, sorted: [['roles', places]] });
    }
    for (const [name, declaration] of declarations.customers) {
      if (!declaration.sound) continue;
      const entries = entriesOf(declaration);
      const entity = bindCustomer(entries.get('parent'), this.#context.references);
      drafts.set(customerAddress(name), { entity, self: declaration.entry, entries });
    }
    for (const [name, declaration] of declarations.resources) {
      if (!declaration.sound) continue;
      const entity = bindResource(declaration, this.#context.references);
      drafts.set(resourceAddress(name), { entity, self: declaration.entry, entries: entriesOf(declaration) });
    }
    for (const [name, site] of declarations.sites) drafts.set(siteAddress(name), this.#site(site));
    for (const [address, declaration] of declarations.applications) {
      if (declaration.sound) drafts.set(address, this.#application(address, declaration));
    }
    for (const [address, declaration] of declarations.groups) {
      if (declaration.sound) drafts.set(address, this.#group(address, declaration));
    }
    for (const [address, declaration] of declarations.users) {
      if (declaration.sound) drafts.set(address, this.#user(address, declaration));
    }
    for (const [address, declaration] of declarations.policies) {
      if (!declaration.sound) continue;
      const entity = bindPolicy(address, declaration, this.#context.references, this.#context.problems);
      drafts.set(address, { entity, self: declaration.entry, entries: entriesOf(declaration) });
    }
    return drafts;
  }

  #site(site: SiteDeclaration): Draft {
    const methods = site.methods?.sound === true ? site.methods : undefined;
    return {
      entity: { kind: 'site', ...this.#methods(methods?.entry) },
      self: { ...site.entry, keySpan: site.entry.value.span },
      entries: new Map(methods === undefined ? [] : [['methods', methods.entry]]),
    };
  }

  #application(address: ApplicationAddress, declaration: ApplicationDeclaration): Draft {
    const { references, links, problems, options } = this.#context;
    const { site, name } = declaration;
    const { value, entries } = this.#withDefaults('applications', declaration);
    for (const item of itemsOf(entries.get('allowed_to')?.value)) {
      const group = references.entity('group', site, item);
      const written = linkEnd(item);
      if (group !== undefined) links.add('allowed_to', address, group, 'giving', written, problems);
    }
    const impersonates = entries.get('impersonates');
    if (impersonates !== undefined) {
      const user = references.entity('user', site, impersonates.value);
      const written = { ...linkEnd(impersonates.value), span: spanOfEntry(impersonates) };
      if (user !== undefined) links.add('impersonated_by', user, address, 'taking', written, problems);
    }

    const policy = entries.get('policy');
    const named = policy === undefined ? undefined : references.entity('policy', site, policy.value);

    const roles = bindRoleGrants(entries.get('roles'), references, problems);

    const entity: ApplicationEntity = {
      kind: 'application',
      client_id: value.client_id ?? name,
      ...pick(value, ['enabled', 'expires']),
      ...bindSecrets(value, entries, { problems, ...pick(options, ['secretsDir', 'overlays']), address }),
      ...this.#methods(entries.get('methods')),
      ...(value.access_rules === undefined
        ? {}
        : { access_rules: bindAccessRules(site, value.access_rules, entries.get('access_rules'), references) }),
      // What an empty list closes, gates beside it do not open: of two gates both are written.
      ...((value.access_rules ?? value.required_role) === undefined || value.allowed_to === undefined
        ? {}
        : { allowed_to: [] }),
      ...(named === undefined ? {} : { policy: named }),
      ...bindRoleKeys(entries, references),
      ...(roles.items.length === 0 ? {} : { roles: roles.items }),
      ...(value.metadata === undefined
        ? {}
        : { metadata: bindMetadata(value.metadata, entries.get('metadata'), address, problems) }),
      ...(value.tokens === undefined ? {} : { tokens: applicationTokenSettings(value.tokens) }),
      ...(value.consent === undefined
        ? {}
        : { consent: pick(value.consent, ['required', 'remember', 'template', 'description_key', 'brands']) }),
      ...pick(value, [
        'certificate_authority',
        'assertion_audience',
        'audience_mode',
        'client_ip_range',
        'bind_token_ip',
        'restricted',
        'protected',
      ]),
    };
    return { entity, self: declaration.entry, entries, sorted: [['roles', roles.places]] };
  }

  #group(address: GroupAddress, declaration: GroupDeclaration): Draft {
    const { references, links, problems } = this.#context;
    const { site } = declaration;
    const { entries } = this.#withDefaults('groups', declaration);
    if (isEveryone(address)) problems.push(declaredAnew(address, declaration));
    for (const item of itemsOf(entries.get('members')?.value)) {
      const member = references.member(site, item);
      const written = linkEnd(item);
      if (member !== undefined) links.add('members', address, member, 'giving', written, problems);
    }
    for (const item of itemsOf(entries.get('access_to')?.value)) {
      const application = references.entity('application', site, item);
      const written = linkEnd(item);
      if (application !== undefined) links.add('allowed_to', application, address, 'taking', written, problems);
    }
    const roles = bindRoleGrants(entries.get('roles'), references, problems);
    const entity: GroupEntity = {
      kind: 'group',
      ...this.#methods(entries.get('methods')),
      ...(roles.items.length === 0 ? {} : { roles: roles.items }),
    };
    return { entity, self: declaration.entry, entries, sorted: [['roles', roles.places]] };
  }

  #user(address: UserAddress, declaration: UserDeclaration): Draft {
    const { references, links, problems, options } = this.#context;
    const { site, name } = declaration;
    const { value, entries } = this.#withDefaults('users', declaration);
    for (const item of itemsOf(entries.get('impersonated_by')?.value)) {
      const application = references.entity('application', site, item);
      const written = linkEnd(item);
      if (application !== undefined) links.add('impersonated_by', address, application, 'giving', written, problems);
    }
    for (const item of itemsOf(entries.get('member_of')?.value)) {
      const group = references.entity('group', site, item);
      const written = linkEnd(item);
      if (group === undefined) continue;
      if (isEveryone(group)) problems.push(joined(group, address, item));
      else links.add('members', group, address, 'taking', written, problems);
    }
    neverActive('user', entries, problems);
    const roles = bindRoleGrants(entries.get('roles'), references, problems);
    const entity: UserEntity = {
      kind: 'user',
      sub: value.sub ?? `${site}/${name}`,
      ...pick(value, ['enabled', 'not_before', 'expires']),
      ...this.#methods(entries.get('methods')),
      ...(value.attributes === undefined ? {} : { attributes: attributeValues(entries.get('attributes')) }),
      ...bindPassword(value.password, entries.get('password'), {
        problems,
        ...pick(options, ['secretsDir', 'overlays']),
        address,
      }),
      ...(value.certificate === undefined ? {} : { certificate: pick(value.certificate, CERTIFICATE_FORMS) }),
      ...(roles.items.length === 0 ? {} : { roles: roles.items }),
    };
    return { entity, self: declaration.entry, entries, sorted: [['roles', roles.places]] };
  }

  /** The names of the catalogue that a list of methods holds, in order. */
  #methods(entry: Entry | undefined): { methods?: readonly string[] } {
    if (entry === undefined) return {};
    const names = itemsOf(entry.value).map((item) => this.#context.references.named('method', item));
    return { methods: names.filter((name) => name !== undefined) };
  }

  /** The entity's own keys, and whole keys of its site's defaults for those that it does not write. */
  #withDefaults<T extends object>(
    kind: DefaultedKind,
    declaration: Declaration<T>,
  ): { value: T; entries: ReadonlyMap<string, Entry> } {
    const entries = entriesOf(declaration);
    const added: Entry[] = [];
    const filled: Record<string, unknown> = {};
    for (const [key, setting] of this.#context.declarations.sites.get(declaration.site)?.defaults[kind] ?? []) {
      if (!setting.sound || entries.has(key)) continue;
      added.push(setting.entry);
      filled[key] = setting.value;
    }
    if (added.length === 0) return { value: declaration.value, entries };
    return {
      // Names of methods are looked up where they stand: mostly nothing else is filled, and then nothing is copied.
      value: added.length === 1 && 'methods' in filled ? declaration.value : { ...filled, ...declaration.value },
      entries: new EntryMap([...entries.values(), ...added]),
    };
  }
}

function entriesOf(declaration: Declaration<unknown>): ReadonlyMap<string, Entry> {
  const { value } = declaration.entry;
  if (value.type !== 'map') return NO_ENTRIES;
  const written = [...value.entries.values()];
  const hasOwn = written.some(({ key }) => key.startsWith(OWN_KEY_PREFIX));
  return hasOwn ? new EntryMap(written.filter(({ key }) => !key.startsWith(OWN_KEY_PREFIX))) : value.entries;
}

const NO_ENTRIES: ReadonlyMap<string, Entry> = new EntryMap([]);
