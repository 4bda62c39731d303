// Roles, customers and resources from a spec to a State and back: in overlays, by moves, and as entities.

import { describe, expect, it } from 'vitest';
import type { Address } from '../../src/model/address.ts';
import { compile } from '../../src/spec/compile.ts';
import { format } from '../../src/spec/format.ts';
import { renderDiagnostics } from '../../src/spec/frame.ts';
import type { SourceFile } from '../../src/spec/source.ts';

const BASE = `server: { issuer: "https://id.example.com" }
methods: { cc: { type: client_credentials } }
roles:
  Viewer: { functions: [view] }
  Editor: { functions: [edit], roles: [Viewer] }
customers: { group: {}, north: { parent: group } }
resources:
  orders:
    path: /orders
    access_rules:
      - { client: Client1 }
      - { group: Group1 }
---
site: Example
methods: [cc]
defaults: { applications: { required_role: Viewer, customer: north } }
applications:
  Client1:
    methods: [cc]
    secret: { env: CLIENT1_SECRET }
    allowed_to: [Group1]
    permission_scope: [Editor, view]
    roles: [{ role: Viewer, customer: north, expires: 2027-01-31 }, Editor]
    metadata: { grant_types: [client_credentials] }
groups: { Group1: { methods: [cc], roles: [Viewer] } }
users: { User1: { roles: [Editor, { role: Viewer }] } }
`;

function compiled(base: string, ...overlays: readonly string[]) {
  const laid = overlays.map((text, overlay): SourceFile => ({ path: `overlays/${overlay}/o.yaml`, text, overlay }));
  const all = [{ path: 'base.yaml', text: base }, ...laid];
  const checked = compile(all, { overlays: overlays.map((_, overlay) => `overlays/${overlay}`) });
  if (!checked.ok) throw new Error(renderDiagnostics(checked.diagnostics, all, { color: false }));
  const { state, origins, moves } = checked.value;
  const place = (address: Address, pointer: string) => {
    const range = origins.get(address)?.(pointer);
    return range === undefined ? 'nowhere' : `${range.file}:${range.start.line}`;
  };
  return { state, place, moves };
}

describe('roles, customers and resources', () => {
  it('are entities whose references are addresses, and whose links stand sorted with their places', () => {
    const { state, place } = compiled(BASE);
    expect(state.get('role:Editor')).toEqual({ kind: 'role', functions: ['edit'], roles: ['role:Viewer'] });
    expect(state.get('customer:north')).toEqual({ kind: 'customer', parent: 'customer:group' });
    expect(state.get('customer:group')).toEqual({ kind: 'customer' });
    expect(state.get('resource:orders')).toEqual({
      kind: 'resource',
      path: '/orders',
      access_rules: [{ client: 'application:Example/Client1' }, { group: 'group:Example/Group1' }],
    });
    expect(state.get('application:Example/Client1')).toMatchObject({
      required_role: 'Viewer',
      customer: 'customer:north',
      permission_scope: ['Editor', 'view'],
      roles: [{ role: 'role:Editor' }, { role: 'role:Viewer', customer: 'customer:north', expires: '2027-01-31' }],
    });
    expect(state.get('user:Example/User1')).toMatchObject({
      roles: [{ role: 'role:Editor' }, { role: 'role:Viewer' }],
    });
    expect(place('resource:orders', '/access_rules/1')).toBe('base.yaml:12');
    expect(place('application:Example/Client1', '/roles/1')).toBe('base.yaml:23');
    expect(place('application:Example/Client1', '/required_role')).toBe('base.yaml:16');
    expect(place('role:Editor', '/roles/0')).toBe('base.yaml:5');
  });

  it('are merged, replaced and removed by overlays', () => {
    const overlay = `roles: { Viewer: { functions: [view, list] } }
customers: { north: { parent: } }
resources:
  orders: { host: api.example.com, access_rules: [{ client: Client1 }] }
---
site: Example
applications: { Client1: { roles: , permission_scope: [view] } }
`;
    const { state, place } = compiled(BASE, overlay);
    expect(state.get('role:Viewer')).toMatchObject({ functions: ['view', 'list'] });
    expect(state.get('customer:north')).toEqual({ kind: 'customer' });
    expect(state.get('resource:orders')).toEqual({
      kind: 'resource',
      host: 'api.example.com',
      path: '/orders',
      access_rules: [{ client: 'application:Example/Client1' }],
    });
    expect(state.get('application:Example/Client1')).not.toHaveProperty('roles');
    expect(place('resource:orders', '/host')).toBe('overlays/0/o.yaml:4');
    expect(place('resource:orders', '/path')).toBe('base.yaml:9');
  });

  it('are moved by the kind of what is declared', () => {
    const renamed = `${BASE.replace('---', 'moved: [{ from: Reader, to: Viewer }, { from: "customer:south", to: north }, { from: r, to: orders }]\n---')}`;
    expect(compiled(renamed).moves.map(({ from, to }) => `${from} → ${to}`)).toEqual([
      'role:Reader → role:Viewer',
      'customer:south → customer:north',
      'resource:r → resource:orders',
    ]);
  });

  it('have their keys in one order', () => {
    const text =
      'resources:\n  a: { access_rules: [{ scopes: [WS], client: A }], methods: [GET], path: /, host: a.example }\n';
    expect(format({ path: 'a.yaml', text })).toEqual({
      ok: true,
      text: 'resources:\n  a: { host: a.example, path: /, methods: [GET], access_rules: [{ client: A, scopes: [WS] }] }\n',
    });
  });
});

describe('an empty allowed_to stays closed beside a role that is required', () => {
  it('so that the role alone lets nobody in', () => {
    const closed = BASE.replace('allowed_to: [Group1]', 'allowed_to: []').replace('    allowed_to', '    allowed_to');
    expect(compiled(closed).state.get('application:Example/Client1')).toMatchObject({ allowed_to: [] });
  });
});
