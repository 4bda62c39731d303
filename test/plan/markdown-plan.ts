// Owns plans for tests of comments: one that tells everything there is to tell, with a text of an author wherever one can
// stand, and ones of any size. Never decides what is expected.

import {
  type Address,
  applicationAddress,
  customerAddress,
  groupAddress,
  methodAddress,
  roleAddress,
  siteAddress,
  userAddress,
} from '../../src/model/address.ts';
import { digestState } from '../../src/model/digest.ts';
import type { ApplicationEntity, Entity } from '../../src/model/entity.ts';
import type { Origins, SourceRange } from '../../src/model/origin.ts';
import { createState, type State } from '../../src/model/state.ts';
import { makePlan } from '../../src/plan/make-plan.ts';
import type { MarkdownOptions } from '../../src/plan/markdown.ts';
import type { AccessChange, Change, Plan, Risk } from '../../src/plan/plan.ts';
import type { Places } from '../../src/plan/text-changes.ts';

export interface Shown {
  readonly plan: Plan;
  readonly places: Places;
  readonly options: MarkdownOptions;
}

const METHOD = 'cc';

function rangeIn(file: string): SourceRange {
  return { file, start: { line: 3, column: 5, offset: 40 }, end: { line: 3, column: 9, offset: 44 } };
}

function originsIn(state: State, file: string): Origins {
  return new Map([...state.keys()].map((address) => [address, () => rangeIn(file)]));
}

/** With the text as every name, value and path that an author or a caller writes. A slash divides a site from a name. */
export function tellingPlan(text: string): Shown {
  const name = text.replaceAll('/', '');
  const client = applicationAddress(name, `client${name}`);
  const server = applicationAddress(name, `server${name}`);
  const gone = applicationAddress(name, `gone${name}`);
  const group = groupAddress(name, `group${name}`);
  const user = userAddress(name, `user${name}`);
  const application = (more: Partial<ApplicationEntity>): Entity => ({
    kind: 'application',
    client_id: text,
    methods: [METHOD],
    ...more,
  });
  const metadata = { grant_types: ['client_credentials'], aud: [`server${text}`], client_name: `${text} before` };
  const entities = (
    members: readonly { readonly to: typeof user; readonly expires?: string }[],
    own: Partial<ApplicationEntity>,
  ) =>
    [
      ['server', { kind: 'server', issuer: `https://id.example/${text}` }],
      [methodAddress(METHOD), { kind: 'method', type: 'client_credentials' }],
      [siteAddress(name), { kind: 'site', methods: [METHOD] }],
      [client, application({ allowed_to: [{ to: group }], metadata, ...own })],
      [server, application({ client_id: `server${text}`, allowed_to: [{ to: group }], restricted: true })],
      [group, { kind: 'group', methods: [METHOD], members }],
      [user, { kind: 'user', sub: text, methods: [METHOD], impersonated_by: [{ to: client }] }],
    ] as const satisfies readonly (readonly [Address, Entity])[];
  const before = createState([
    ...entities([], { secret: { env: text } }),
    [gone, application({ client_id: `gone${text}` })],
  ]);
  const after = createState([
    ...entities([{ to: user, expires: '1970-01-03' }], {
      secret: { file: text },
      metadata: {
        ...metadata,
        client_name: text,
        redirect_uris: [{ uri: `https://x.example/${text}`, expires: '1970-01-04' }],
      },
    }),
    [`scope:${text}`, { kind: 'scope', descriptions: [{ key: 'en', value: text }] }],
  ]);
  const file = `${text}.yaml`;
  const places = { beforeOrigins: originsIn(before, file), afterOrigins: originsIn(after, file) };
  const made = makePlan({
    base: { kind: 'ref', ref: text, commit: text, digest: digestState(before) },
    before,
    after,
    ...places,
    now: 0,
  });
  const risk: Risk = {
    kind: 'restricted',
    subject: text,
    digest: '0123456789abcdef',
    summary: `${text} is restricted`,
    items: [{ address: client, text }, { text }],
    approvable: true,
    approved: undefined,
  };
  const claims = { sub: text, [text]: [text] };
  const request = { client, client_id: text, grant_type: text, scope: [text, text] };
  const plan: Plan = {
    ...made,
    released: [
      {
        effect: 'change',
        application: client,
        name: text,
        through: group,
        users: [user],
        before: [{ value: text }],
        after: [{ value: text, scopes: [text], methods: [text] }],
        cause: { place: { address: group, pointer: '/members/0' }, range: rangeIn(file), removed: true },
      },
    ],
    risks: [
      risk,
      { ...risk, kind: 'protected', approvable: false },
      { ...risk, approved: { risk: 'deletes', subject: text, digest: '', range: rangeIn(file) } },
    ],
    tests: [{ name: text, range: rangeIn(file), outcome: 'failed', before: 'passed', problems: [text, `${text}.`] }],
    tokens: [
      { ...request, before: { claims: {}, lifetime: 60 }, after: { claims, lifetime: 90 }, refused: undefined },
      { ...request, before: undefined, after: { claims, lifetime: 90 }, refused: text },
    ],
    drift: {
      recorded: 'sha256:a',
      found: 'sha256:b',
      changes: [{ action: 'delete', address: user, before: after.get(user) as Entity }],
    },
  };
  const options: MarkdownOptions = {
    key: [text, `overlay:${text}`],
    apply: `charter apply '${text}'`,
    notes: [true, false].map((isCaution) => ({ isCaution, say: (quote) => `Nothing is at ${quote(text)}.` })),
    testChanges: [
      { action: 'remove', name: text, was: rangeIn(file) },
      { action: 'change', name: text, was: rangeIn(file), range: rangeIn(file) },
    ],
    spec: {
      files: [],
      diagnostics: [{ severity: 'warning', code: 'x', summary: 'x', detail: text, range: rangeIn(file) }],
    },
  };
  return { plan, places, options };
}

/** Sizes of a plan, and how long its names are. */
export interface Size {
  readonly sites: number;
  readonly changes: number;
  readonly access: number;
  readonly released: number;
  readonly permissions: number;
  readonly risks: number;
  readonly tests: number;
  readonly tokens: number;
  readonly drift: number;
  readonly name: string;
}

/** Much of everything, by hand: what a real plan of this size would take long to compute. */
export function largePlan(size: Size): Shown {
  const siteOf = (position: number) => `site${position % Math.max(1, size.sites)}${size.name}`;
  const applicationOf = (position: number) => applicationAddress(siteOf(position), `app${position}${size.name}`);
  const groupOf = (position: number) => groupAddress(siteOf(position), `group${position}${size.name}`);
  const times = <T>(length: number, make: (position: number) => T) =>
    Array.from({ length }, (_, position) => make(position));
  const range = rangeIn(`${size.name}.yaml`);
  const entity: Entity = { kind: 'application', client_id: size.name, metadata: { client_name: size.name } };
  const changes = times(size.changes, (position): Change => {
    const address = applicationOf(position);
    if (position % 3 === 0) return { action: 'create', address, after: entity };
    if (position % 3 === 1) return { action: 'delete', address, before: entity };
    const paths = times(5, (path) => ({
      pointer: `/metadata/client_name${path}`,
      before: size.name,
      after: `${size.name}!`,
    }));
    return { action: 'update', address, before: entity, after: entity, paths, renews: true };
  });
  const access = times(size.access, (position): AccessChange => {
    const [client, application, group] = [applicationOf(position % 700), applicationOf(position), groupOf(position)];
    const open = {
      relation: 'open_to',
      from: application,
      to: group,
      at: { address: application, pointer: '/allowed_to/0' },
    } as const;
    return {
      effect: position % 4 === 0 ? 'revoke' : 'grant',
      client,
      client_id: size.name,
      ...(position % 5 === 0 ? { scope: `${position}${size.name}` } : { audience: `${position}${size.name}` }),
      held: { audience: size.name, application, until: undefined, granted: true, chain: [open] },
      other: undefined,
      cause: { place: open.at, range },
    };
  });
  const released = times(size.released, (position): Plan['released'][number] => ({
    effect: (['add', 'change', 'remove'] as const)[position % 3] ?? 'add',
    application: applicationOf(position),
    name: `${position}${size.name}`,
    users: [userAddress('East', size.name)],
    before: position % 3 === 0 ? [] : [{ value: `text:${size.name}` }],
    after: position % 3 === 2 ? [] : [{ value: `user:${size.name}`, scopes: [size.name] }],
    cause: { place: { address: applicationOf(position), pointer: '/policy' }, range },
  }));
  const permissions = times(size.permissions, (position): Plan['permissions'][number] => ({
    effect: position % 2 === 0 ? 'grant' : 'revoke',
    client: applicationOf(position),
    functions: times(9, (number) => `${number}${size.name}`),
    customer: customerAddress(size.name),
    role: roleAddress(size.name),
    users: { users: [userAddress('East', size.name)] },
    cause: { place: { address: applicationOf(position), pointer: '/permission_scope' }, range },
  }));
  const plan: Plan = {
    base: { kind: 'store', generation: 7, digest: 'sha256:0' },
    changes,
    access,
    released,
    permissions,
    tokens: times(size.tokens, (position) => ({
      client: applicationOf(position),
      client_id: size.name,
      grant_type: 'client_credentials',
      scope: [size.name],
      before: { claims: { aud: size.name }, lifetime: 60 },
      after: { claims: { aud: `${size.name}!`, [size.name]: 1 }, lifetime: 90 },
      refused: undefined,
    })),
    tests: times(size.tests, (position) => ({
      name: `${position}${size.name}`,
      range,
      outcome: 'failed',
      before: 'passed',
      problems: times(9, () => size.name),
    })),
    risks: times(size.risks, (position) => ({
      kind: 'deletes',
      subject: siteOf(position),
      digest: '0123456789abcdef',
      summary: `Site ${siteOf(position)} loses much`,
      items: times(40, (item) => ({ address: applicationOf(item), text: 'application' })),
      approvable: true,
      approved: undefined,
    })),
    impact: [],
    drift:
      size.drift === 0
        ? undefined
        : {
            recorded: 'sha256:a',
            found: 'sha256:b',
            changes: times(size.drift, (position) => ({
              action: 'delete',
              address: groupOf(position),
              before: entity,
            })),
          },
    ending: [],
    unchanged: 12,
    digest: 'sha256:0123456789abcdef0123',
    resultDigest: 'sha256:1',
  };
  const origins = new Map(changes.map(({ address }) => [address, () => range] as const));
  return {
    plan,
    places: { beforeOrigins: origins, afterOrigins: origins },
    options: { key: [size.name], apply: size.name },
  };
}
