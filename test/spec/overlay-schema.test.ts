import { Ajv2020 } from 'ajv/dist/2020.js';
import { describe, expect, it } from 'vitest';
import { overlaySchema } from '../../src/spec/overlay-schema.ts';
import { serverSchema, siteSchema, testsSchema } from '../../src/spec/schemas.gen.ts';

const ajv = new Ajv2020({ strict: true, strictRequired: false, allowUnionTypes: true, validateFormats: false });
const site = ajv.compile(overlaySchema(siteSchema));
const server = ajv.compile(overlaySchema(serverSchema));
const tests = ajv.compile(overlaySchema(testsSchema));

/** Every map of keys in a document, with each of its keys nulled in turn. */
function* nulled(document: unknown): Generator<unknown> {
  if (typeof document !== 'object' || document === null || Array.isArray(document)) return;
  for (const [key, value] of Object.entries(document)) {
    if (key !== 'site') yield { ...document, [key]: null };
    if (key === 'secret' || key === 'impersonates') continue;
    for (const inner of nulled(value)) yield { ...document, [key]: inner };
  }
}

const SITE = {
  site: 'Example',
  methods: ['m'],
  defaults: { applications: { methods: ['m'], tokens: { access_ttl: '15m' } } },
  applications: {
    Client1: {
      enabled: true,
      secret: { env: 'A' },
      impersonates: { user: 'U', expires: '2027-01-31' },
      allowed_to: ['G', { group: 'H', expires: '2027-01-31' }],
      audience_mode: 'strict',
      tokens: { alg: 'ES256' },
      metadata: { grant_types: ['client_credentials'], scope: 'a', 'client_name#de': 'B' },
    },
  },
  groups: { G: { members: ['U', { group: 'H' }] } },
  users: { U: { expires: '2027-01-31', attributes: { mail: 'u@example.com' } } },
};
const SERVER = {
  server: { issuer: 'https://a.example', directory: { base_dn: 'cn=a' }, lint: { allow: [] }, tokens: { typ: 'JWT' } },
  methods: { m: { type: 'client_credentials', enabled: false } },
  scopes: { s: { descriptions: [{ key: 'en', value: 'S' }] } },
};

describe('the schema of an overlay', () => {
  it('takes what the schema of a spec takes', () => {
    expect(site(SITE), JSON.stringify(site.errors)).toBe(true);
    expect(server(SERVER), JSON.stringify(server.errors)).toBe(true);
  });

  it('takes null at every key but the site, to remove it', () => {
    const documents = [...nulled(SITE)].filter((one) => JSON.stringify(one).includes('null'));
    expect(documents.length).toBeGreaterThan(25);
    for (const one of documents) expect(site(one), `${JSON.stringify(one)} ${JSON.stringify(site.errors)}`).toBe(true);
    for (const one of nulled(SERVER)) expect(server(one), JSON.stringify(one)).toBe(true);
    expect(site({ ...SITE, site: null })).toBe(false);
  });

  it('asks for nothing that stands below it', () => {
    expect(server({ server: { tokens: { access_ttl: '5m' } } })).toBe(true);
    expect(server({ methods: { m: { enabled: false } } })).toBe(true);
    expect(site({ applications: {} })).toBe(false);
  });

  it.each([
    { server: { isuer: 'https://a.example' } },
    { server: { tokens: { access_ttl: '5 minutes' } } },
    { server: { lint: { allow: [null] } } },
    { methods: { m: { type: 'client_credentails' } } },
  ])('still refuses %j', (document) => {
    expect(server(document)).toBe(false);
  });

  it.each([
    { secret: { env: 'A', file: 'b' } },
    { secret: 'literal' },
    { allowed_to: [null] },
    { impersonates: { expires: '2027-01-31' } },
    { metadata: { grant_types: ['client_credential'] } },
    { metadta: {} },
  ])('still refuses an application with %j', (application) => {
    expect(site({ site: 'A', applications: { Client1: application } })).toBe(false);
  });

  it('takes tests whole, in a site and in none, and null for those below', () => {
    const allow = { allow: { client: 'Client1', scope: 'Server1' } };
    for (const list of [[allow], [], null]) {
      expect(tests({ tests: list }), JSON.stringify(tests.errors)).toBe(true);
      expect(site({ site: 'A', tests: list }), JSON.stringify(site.errors)).toBe(true);
    }
    for (const list of [[null], [{ ...allow, deny: allow.allow }], [{ allow: {} }], [{ request: allow.allow }]]) {
      expect(tests({ tests: list })).toBe(false);
      expect(site({ site: 'A', tests: list })).toBe(false);
    }
  });
});
