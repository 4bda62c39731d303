// What is exported leads back to what it came from, and holds nothing that goes without saying.

import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { digestState } from '../../src/model/digest.ts';
import { compile } from '../../src/spec/compile.ts';
import { format } from '../../src/spec/format.ts';
import type { SourceFile } from '../../src/spec/source.ts';
import { writeSpec } from '../../src/spec/write-spec.ts';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));

function specAt(directory: string): readonly SourceFile[] {
  return readdirSync(directory, { recursive: true, encoding: 'utf8' })
    .map((name) => join(directory, name))
    .filter((path) => /\.ya?ml$/.test(path) && !path.includes('/overlays/') && statSync(path).isFile())
    .map((path) => ({ path: relative(directory, path), text: readFileSync(path, 'utf8') }));
}

function compiled(files: readonly SourceFile[]) {
  const answer = compile(files);
  if (!answer.ok) throw new Error(answer.diagnostics.map(({ code, detail }) => `${code}: ${detail}`).join('\n'));
  return answer.value;
}

const cases = join(ROOT, 'test/plan/cases');
const specs = [
  ...['quickstart', 'authorized-access'].map((name) => join(ROOT, 'examples', name)),
  ...readdirSync(cases).map((name) => join(cases, name, 'after')),
];

describe.each(specs.map((path) => [relative(ROOT, path), path] as const))('%s, exported', (_, path) => {
  const { state, waivers } = compiled(specAt(path));
  const files = writeSpec(state, waivers);

  it('compiles to the State that it came from', () => {
    expect(digestState(compiled(files).state)).toBe(digestState(state));
  });

  it('is as fmt leaves it', () => {
    for (const file of files) expect(format(file)).toEqual({ ok: true, text: file.text });
  });

  it('exported again is the same text', () => {
    expect(writeSpec(compiled(files).state, waivers)).toEqual(files);
  });
});

describe('an export', () => {
  const spec = `
server: { issuer: http://localhost:8080, safety: { deletes: { percent: 0, at_least: 1 } } }
methods: { "no": { type: client_credentials }, "1.0": { type: password, enabled: false } }
roles: { "1.0": { functions: ["no", view] }, Editor: { functions: [edit], roles: ["1.0"] } }
customers: { group: {}, north: { parent: group } }
resources:
  orders:
    host: api.example.com
    path: /orders
    methods: [GET]
    upstream: http://127.0.0.1:9000
    forward_token: true
    token_locations: [header, query]
    access_rules:
      - { name: "no", client: X, scopes: [Y] }
      - { audience: Y }
      - { group: H }
      - { group: A/everyone }
      - { method: "1.0" }
      - { ip: [10.0.0.0/8] }
scopes: { "a:b": { descriptions: [{ key: en, value: "yes" }, { key: sv, value: " # " }] } }
---
site: A
methods: ["no", "1.0"]
applications:
  X:
    client_id: "0x1F"
    secrets: [{ env: X_1, expires: 2027-01-01 }, { file: secrets/x }]
    methods: ["no"]
    required_role: view
    customer: north
    permission_scope: [Editor, view]
    roles: [Editor]
    allowed_to: [G, { group: B/H, expires: 2027-01-31T08:00:00Z }]
    metadata:
      grant_types: [client_credentials]
      scope: Y
      redirect_uris: [https://x.example/cb, { uri: "https://x.example/old", expires: 2027-01-01 }]
      client_name: "true"
      "client_name#de": "~"
  Y: { methods: ["no"], allowed_to: [G] }
groups:
  G: { members: [U, group:B/H, { group: K, expires: 2027-05-05 }] }
  K: { methods: [], roles: [{ role: Editor, customer: north, expires: 2027-05-05 }, "1.0"] }
users:
  U: { sub: "007", roles: [{ role: "1.0", expires: 2027-05-05 }], impersonated_by: [X], attributes: { n: ["1", "null"], "no": "on" } }
  V:
---
site: B
groups: { H: { members: [A/U] } }
---
site: C
`;

  it('keeps words that YAML would read as something else, ends of links, and what is empty', () => {
    const { state } = compiled([{ path: 'a.yaml', text: spec }]);
    const files = writeSpec(state);
    expect(digestState(compiled(files).state)).toBe(digestState(state));
    expect(files.map(({ path }) => path)).toEqual(['server.yaml', 'site.A.yaml', 'site.B.yaml', 'site.C.yaml']);
  });

  it('writes no name twice and no default', () => {
    const { state } = compiled([
      {
        path: 'a.yaml',
        text: 'server: { issuer: http://localhost }\n---\nsite: A\napplications: { X: {} }\nusers: { U: { member_of: [G] } }\ngroups: { G: {} }\n',
      },
    ]);
    expect(writeSpec(state).map(({ text }) => text)).toEqual([
      'server:\n  issuer: http://localhost\n',
      'site: A\n\napplications:\n  X: {}\n\ngroups:\n  G:\n    members: [U]\n\nusers:\n  U: {}\n',
    ]);
  });
});
