import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import type { Address, Kind } from '../../src/model/address.ts';
import {
  CHANGE_KINDS,
  describeChanges,
  MEANING_WORDS,
  meaningsOf,
  speakMeanings,
  speakNoEffect,
} from '../../src/plan/semantics.ts';

const link = (name: string, expires?: string) => ({
  to: `group:S/${name}`,
  ...(expires === undefined ? {} : { expires }),
});
const uri = (text: string, expires?: string) => ({ uri: text, ...(expires === undefined ? {} : { expires }) });

const item = (name: string) => ({ name, value: 'user:x' });
const ip = (...blocks: readonly string[]) => ({ ip: blocks });
const grant = (name: string, more: object = {}) => ({ role: `role:${name}`, ...more });
const north = { customer: 'customer:north' };
const token = (client: string, ...scopes: readonly string[]) => ({
  client: `application:S/${client}`,
  ...(scopes.length === 0 ? {} : { scopes }),
});
const group = (name: string) => ({ group: `group:S/${name}` });

function meanings(kind: Kind, pointer: string, before: unknown, after: unknown): string {
  const sides = { ...(before === undefined ? {} : { before }), ...(after === undefined ? {} : { after }) };
  return meaningsOf(kind, { pointer, ...sides }).join(' ');
}

type Row = readonly [pointer: string, before: unknown, after: unknown, meanings: string];

const APPLICATION: readonly Row[] = [
  ['/client_id', 'a', 'b', 'breaking'],
  ['/enabled', undefined, false, 'narrowing breaking'],
  ['/enabled', false, undefined, 'widening'],
  ['/enabled', undefined, true, 'neutral'],
  ['/expires', undefined, '2027-01-31', 'narrowing'],
  ['/expires', '2027-01-31', '2027-02-01T00:00:00Z', 'widening'],
  ['/expires', '2027-01-31', '2027-01-31T00:00:00Z', 'neutral'],
  ['/expires', '2027-01-31', undefined, 'widening'],
  ['/secret', { env: 'A' }, { hash: '$argon2id$' }, 'neutral'],
  ['/secrets', undefined, [{ env: 'A' }], 'neutral'],
  ['/methods', ['a'], ['a', 'b'], 'widening'],
  ['/methods', ['a', 'b'], ['b', 'a'], 'neutral'],
  ['/methods', ['a', 'b'], ['c'], 'widening narrowing'],
  ['/allowed_to', undefined, [link('A')], 'widening'],
  ['/allowed_to', [link('A')], [], 'narrowing'],
  ['/allowed_to', [link('A')], [link('A', '2027-01-31')], 'narrowing'],
  ['/allowed_to', [link('A', '2027-01-31')], [link('A'), link('B')], 'widening'],
  ['/metadata/grant_types', [], ['client_credentials'], 'widening'],
  ['/metadata/grant_types', undefined, ['password'], 'widening weakening'],
  ['/metadata/grant_types', ['authorization_code'], ['authorization_code', 'implicit'], 'widening weakening'],
  ['/metadata/grant_types', ['password'], [], 'breaking'],
  ['/metadata/response_types', undefined, ['code'], 'neutral'],
  ['/metadata/response_types', undefined, ['code', 'token'], 'widening weakening'],
  ['/metadata/response_types', undefined, ['code', 'id_token'], 'widening'],
  ['/metadata/redirect_uris', [uri('https://a')], [uri('https://a'), uri('https://b')], 'widening'],
  ['/metadata/redirect_uris', [uri('https://a')], [uri('https://b')], 'widening breaking'],
  ['/metadata/redirect_uris', [uri('https://a')], [uri('https://a', '2027-01-31')], 'narrowing'],
  ['/metadata/token_endpoint_auth_method', 'private_key_jwt', 'client_secret_jwt', 'weakening breaking'],
  ['/metadata/token_endpoint_auth_method', 'client_secret_jwt', 'client_secret_post', 'weakening breaking'],
  ['/metadata/token_endpoint_auth_method', 'client_secret_basic', 'private_key_jwt', 'breaking'],
  ['/metadata/token_endpoint_auth_signing_alg', undefined, 'ES256', 'breaking'],
  ['/metadata/token_endpoint_auth_signing_alg', 'ES256', undefined, 'widening'],
  ['/metadata/jwks', { keys: [{ kid: 'a' }] }, { keys: [{ kid: 'a' }, { kid: 'b' }] }, 'widening'],
  ['/metadata/jwks', { keys: [{ kid: 'a' }] }, { keys: [{ kid: 'b' }] }, 'widening breaking'],
  ['/metadata/jwks_uri', 'https://a', 'https://b', 'widening narrowing'],
  ['/metadata/id_token_signed_response_alg', undefined, 'ES256', 'breaking'],
  ['/metadata/id_token_signed_response_alg', undefined, 'RS256', 'neutral'],
  ['/metadata/default_max_age', 60, 3600, 'weakening'],
  ['/metadata/default_max_age', 60, undefined, 'weakening'],
  ['/metadata/default_max_age', undefined, 60, 'narrowing'],
  ['/metadata/require_auth_time', true, undefined, 'breaking'],
  ['/metadata/post_logout_redirect_uris', ['https://a'], ['https://a', 'https://b'], 'widening'],
  ['/metadata/post_logout_redirect_uris', ['https://a'], [], 'breaking'],
  ['/metadata/backchannel_logout_uri', 'https://a', undefined, 'weakening'],
  ['/metadata/backchannel_logout_uri', 'https://a', 'https://b', 'neutral'],
  ['/tokens/code_ttl', undefined, '2m', 'widening'],
  ['/tokens/code_ttl', undefined, '60s', 'neutral'],
  ['/tokens/refresh', undefined, { enabled: true, ttl: '60d' }, 'widening'],
  ['/tokens/refresh/enabled', true, false, 'narrowing'],
  ['/tokens/refresh/type', undefined, 'none', 'widening'],
  ['/tokens/refresh/type', undefined, 'fixed', 'neutral'],
  ['/tokens/refresh/type', 'fixed', 'dynamic', 'narrowing'],
  ['/tokens/refresh/ttl', '30d', '60d', 'widening'],
  ['/tokens/refresh/ttl', '60d', undefined, 'narrowing'],
  ['/tokens/refresh/idle', undefined, '7d', 'narrowing'],
  ['/tokens/refresh/grace', undefined, '10s', 'weakening'],
  ['/tokens/refresh/grace', '10s', undefined, 'neutral'],
  ['/tokens/refresh/for_client_credentials', undefined, true, 'widening'],
  ['/tokens/refresh/require_live_session', true, undefined, 'weakening'],
  ['/tokens/id_token_claims', ['email'], [], 'breaking'],
  ['/consent/required', true, false, 'weakening'],
  ['/consent/required', true, undefined, 'weakening'],
  ['/consent/required', undefined, true, 'narrowing'],
  ['/consent/remember', undefined, true, 'widening'],
  ['/metadata/application_type', undefined, 'web', 'neutral'],
  ['/metadata/application_type', undefined, 'native', 'widening'],
  ['/metadata/application_type', 'native', 'web', 'breaking'],
  ['/metadata/code_challenge_method', 'S256', 'plain', 'weakening'],
  ['/metadata/code_challenge_method', 'S256', undefined, 'weakening'],
  ['/metadata/code_challenge_method', undefined, 'plain', 'weakening'],
  ['/metadata/code_challenge_method', undefined, 'S256', 'breaking'],
  ['/metadata/code_challenge_method', 'plain', 'S256', 'breaking'],
  ['/metadata/code_challenge_method', 'plain', undefined, 'breaking'],
  ['/metadata/scope', 'A B', 'B A', 'neutral'],
  ['/metadata/scope', 'A', 'A B', 'widening'],
  ['/metadata/scope', 'A B', 'C', 'widening narrowing'],
  ['/metadata/aud', undefined, ['A'], 'widening'],
  ['/metadata/token_endpoint_auth_method', 'private_key_jwt', 'client_secret_post', 'weakening breaking'],
  ['/metadata/token_endpoint_auth_method', 'private_key_jwt', undefined, 'weakening breaking'],
  ['/metadata/token_endpoint_auth_method', 'client_secret_jwt', 'client_secret_basic', 'weakening breaking'],
  ['/metadata/token_endpoint_auth_method', undefined, 'none', 'weakening breaking'],
  ['/metadata/token_endpoint_auth_method', 'client_secret_basic', 'none', 'weakening breaking'],
  ['/metadata/token_endpoint_auth_method', 'client_secret_basic', 'client_secret_post', 'breaking'],
  ['/metadata/token_endpoint_auth_method', undefined, 'client_secret_post', 'breaking'],
  ['/metadata/token_endpoint_auth_method', 'client_secret_post', undefined, 'widening'],
  ['/metadata/token_endpoint_auth_method', 'none', 'client_secret_basic', 'breaking'],
  ['/metadata/token_endpoint_auth_method', 'none', undefined, 'breaking'],
  ['/metadata/client_name', 'a', 'b', 'neutral'],
  ['/metadata/client_name#de', undefined, 'b', 'neutral'],
  ['/metadata/contacts', ['a'], [], 'neutral'],
  ['/metadata', undefined, {}, 'neutral'],
  ['/metadata', undefined, { grant_types: ['implicit'], scope: 'A' }, 'widening weakening'],
  ['/tokens/format', undefined, 'jwt', 'neutral'],
  ['/tokens/format', undefined, 'opaque', 'breaking'],
  ['/tokens/typ', 'at+jwt', 'JWT', 'breaking'],
  ['/tokens/alg', undefined, 'ES256', 'neutral'],
  ['/tokens/alg', 'ES256', 'RS256', 'breaking'],
  ['/tokens/access_ttl', undefined, '1h', 'neutral'],
  ['/tokens/access_ttl', '60m', '1h', 'neutral'],
  ['/tokens/access_ttl', undefined, '90m', 'widening'],
  ['/tokens/access_ttl', '2h', undefined, 'narrowing'],
  ['/audience_mode', undefined, 'strict', 'narrowing'],
  ['/audience_mode', 'strict', 'narrow', 'widening'],
  ['/client_ip_range', undefined, ['10.0.0.0/8'], 'narrowing'],
  ['/client_ip_range', ['10.0.0.0/8'], [], 'widening'],
  ['/client_ip_range', undefined, [], 'neutral'],
  ['/client_ip_range', ['10.0.0.0/8'], ['10.0.0.0/8', '192.168.0.1'], 'widening'],
  ['/client_ip_range', ['10.0.0.0/8', '192.168.0.1'], ['192.168.0.1'], 'narrowing'],
  ['/client_ip_range', ['10.0.0.0/8'], ['10.1.0.0/16', '10.2.3.4'], 'narrowing'],
  ['/client_ip_range', ['2001:db8::1'], ['2001:db8::/32'], 'widening'],
  ['/client_ip_range', ['10.0.0.0/8'], ['11.0.0.0/8'], 'widening narrowing'],
  ['/policy', undefined, 'policy:S/P', 'widening narrowing'],
  ['/policy', 'policy:S/P', undefined, 'widening narrowing'],
  ['/policy', 'policy:S/P', 'policy:S/Q', 'widening narrowing'],
  ['/access_rules', undefined, { all: [ip('10.0.0.0/8')] }, 'narrowing'],
  ['/access_rules', { all: [ip('10.0.0.0/8')] }, undefined, 'widening'],
  ['/access_rules', { all: [group('A')] }, { all: [group('A'), ip('10.0.0.0/8')] }, 'narrowing'],
  ['/access_rules', { all: [group('A'), { method: 'm' }] }, { all: [{ method: 'm' }] }, 'widening'],
  ['/access_rules', { any: [group('A')] }, { any: [group('A'), { method: 'm' }] }, 'widening'],
  ['/access_rules', { any: [group('A'), group('B')] }, { any: [group('B')] }, 'narrowing'],
  ['/access_rules', { all: [group('A'), group('B')] }, { any: [group('A'), group('B')] }, 'widening'],
  ['/access_rules', { any: [group('A'), group('B')] }, { all: [group('A'), group('B')] }, 'narrowing'],
  ['/access_rules', { all: [group('A')] }, { any: [group('A')] }, 'neutral'],
  ['/access_rules', { all: [group('A')] }, { all: [group('B')] }, 'widening narrowing'],
  ['/access_rules', { any: [group('A')] }, { all: [group('B')] }, 'widening narrowing'],
  ['/access_rules', { all: [ip('10.0.0.0/8')] }, { all: [ip('10.1.0.0/16', '10.2.3.4')] }, 'narrowing'],
  ['/access_rules', { any: [ip('10.1.0.0/16')] }, { any: [ip('10.0.0.0/8')] }, 'widening'],
  ['/access_rules', { all: [ip('10.0.0.0/8')] }, { all: [ip('11.0.0.0/8')] }, 'widening narrowing'],
  ['/access_rules', { any: [group('A'), group('B')] }, { any: [group('B'), group('A')] }, 'neutral'],
  ['/required_role', undefined, 'Viewer', 'widening'],
  ['/required_role', 'Viewer', undefined, 'narrowing'],
  ['/required_role', 'Viewer', 'view', 'widening narrowing'],
  ['/customer', undefined, 'customer:c', 'narrowing'],
  ['/customer', 'customer:c', undefined, 'widening'],
  ['/customer', 'customer:c', 'customer:d', 'widening narrowing'],
  ['/permission_scope', undefined, ['Viewer'], 'widening'],
  ['/permission_scope', ['Viewer', 'edit'], ['edit'], 'narrowing'],
  ['/permission_scope', ['Viewer', 'edit'], ['edit', 'Viewer'], 'neutral'],
  ['/roles', undefined, [grant('Viewer')], 'widening'],
  ['/bind_token_ip', undefined, true, 'narrowing breaking'],
  ['/bind_token_ip', true, undefined, 'weakening'],
  ['/bind_token_ip', false, undefined, 'neutral'],
  ['/restricted', undefined, true, 'neutral'],
  ['/restricted', true, undefined, 'weakening'],
  ['/protected', true, false, 'weakening'],
  ['/protected', false, undefined, 'neutral'],
];

const OTHERS: readonly (readonly [Kind, ...Row])[] = [
  ['server', '/issuer', 'https://a', 'https://b', 'breaking'],
  ['server', '/profiles', [], ['ubisecure'], 'widening'],
  ['server', '/profiles', ['ubisecure'], undefined, 'breaking'],
  ['server', '/directory/base_dn', 'dc=a', 'dc=b', 'breaking'],
  ['server', '/tokens/access_ttl', '1h', '2h', 'widening'],
  ['server', '/tokens/code_ttl', '30s', '10s', 'narrowing'],
  ['server', '/sessions/ttl', undefined, '24h', 'widening'],
  ['server', '/sessions/ttl', undefined, '10h', 'neutral'],
  ['server', '/sessions/idle', undefined, '30m', 'narrowing'],
  ['server', '/outbound/allow', undefined, ['10.0.0.0/8'], 'weakening'],
  ['server', '/outbound/allow', ['10.0.0.0/8'], [], 'narrowing'],
  ['user', '/password', undefined, { env: 'A' }, 'widening'],
  ['user', '/password', { env: 'A' }, { hash: '$argon2id$' }, 'neutral'],
  ['user', '/password', { env: 'A' }, undefined, 'narrowing'],
  ['server', '/trusted_proxies', undefined, ['10.0.0.1'], 'weakening'],
  ['server', '/trusted_proxies', ['10.0.0.1'], [], 'narrowing'],
  ['server', '/safety/deletes', undefined, { percent: 10, at_least: 3 }, 'neutral'],
  ['server', '/safety/deletes', undefined, { percent: 50 }, 'weakening'],
  ['server', '/safety', { deletes: { at_least: 3 } }, { deletes: { at_least: 9 } }, 'weakening'],
  ['server', '/safety', { deletes: { percent: 100 } }, undefined, 'neutral'],
  ['method', '/type', 'client_credentials', 'password', 'breaking'],
  ['method', '/enabled', undefined, false, 'narrowing'],
  ['method', '/enabled', false, true, 'widening'],
  ['scope', '/descriptions', [{ key: 'en', value: 'a' }], [], 'neutral'],
  ['site', '/methods', undefined, ['a'], 'widening'],
  ['site', '/methods', ['a'], ['b'], 'widening narrowing'],
  ['group', '/members', [], [{ to: 'user:S/U' }], 'widening'],
  ['group', '/members', [{ to: 'user:S/U' }], [{ to: 'user:S/V' }], 'widening narrowing'],
  ['group', '/methods', undefined, ['a'], 'widening narrowing'],
  ['group', '/methods', ['a'], undefined, 'widening narrowing'],
  ['group', '/methods', ['a'], ['a', 'b'], 'widening'],
  ['user', '/sub', 'a', 'b', 'breaking'],
  ['user', '/enabled', true, false, 'narrowing'],
  ['user', '/not_before', undefined, '2026-01-01', 'narrowing'],
  ['user', '/not_before', '2026-01-01', '2025-01-01', 'widening'],
  ['user', '/expires', '2026-01-01', '2025-01-01', 'narrowing'],
  ['user', '/methods', ['a'], [], 'narrowing'],
  ['user', '/attributes/mail', 'a@b', 'c@d', 'neutral'],
  ['user', '/impersonated_by', [], [{ to: 'application:S/C' }], 'widening'],
  ['policy', '/items', [item('a')], [item('a'), item('b')], 'widening'],
  ['policy', '/items', [item('a'), item('b')], [item('a')], 'narrowing'],
  ['policy', '/items', [item('a'), item('b')], [item('b'), item('a')], 'neutral'],
  ['policy', '/items', [item('a')], [{ ...item('a'), group: 'group:S/G' }], 'widening narrowing'],
  ['policy', '/single_value', undefined, ['a'], 'narrowing breaking'],
  ['policy', '/single_value', ['a'], [], 'widening breaking'],
  ['policy', '/required', [], ['a'], 'narrowing'],
  ['policy', '/required', ['a'], undefined, 'widening'],
  ['role', '/functions', ['view'], ['view', 'edit'], 'widening'],
  ['role', '/roles', ['role:A'], undefined, 'narrowing'],
  ['customer', '/parent', undefined, 'customer:a', 'widening'],
  ['customer', '/parent', 'customer:a', undefined, 'narrowing'],
  ['customer', '/parent', 'customer:a', 'customer:b', 'widening narrowing'],
  ['user', '/roles', [grant('A')], [grant('A'), grant('B', north)], 'widening'],
  ['user', '/roles', [grant('A', north)], [grant('A')], 'widening'],
  ['user', '/roles', [grant('A')], [grant('A', north)], 'narrowing'],
  ['user', '/roles', [grant('A')], [grant('A', { expires: '2027-01-31' })], 'narrowing'],
  ['group', '/roles', [grant('A')], [], 'narrowing'],
  ['resource', '/host', 'a', undefined, 'widening narrowing'],
  ['resource', '/path', '/a', '/', 'widening narrowing'],
  ['resource', '/methods', undefined, ['GET'], 'narrowing'],
  ['resource', '/methods', ['GET'], ['GET', 'POST'], 'widening'],
  ['resource', '/upstream', undefined, 'http://a', 'widening'],
  ['resource', '/upstream', 'http://a', undefined, 'breaking'],
  ['resource', '/upstream', 'http://a', 'http://b', 'neutral'],
  ['resource', '/access_rules', [token('A')], [token('A'), token('B')], 'widening'],
  ['resource', '/access_rules', [token('A'), token('B')], [token('B')], 'narrowing'],
  ['resource', '/access_rules', [token('A')], [token('A', 'WS')], 'narrowing'],
  ['resource', '/access_rules', [token('A', 'WS', 'X')], [token('A', 'WS')], 'widening'],
  ['resource', '/access_rules', [token('A', 'WS')], [token('A', 'X')], 'widening narrowing'],
  ['resource', '/access_rules', [token('A')], [token('A'), group('G')], 'narrowing'],
  ['resource', '/access_rules', [token('A'), group('G')], [token('A')], 'widening'],
  ['resource', '/access_rules', [token('A'), ip('10.0.0.0/8')], [token('A'), ip('10.1.0.0/16')], 'narrowing'],
  ['resource', '/access_rules', [token('A')], [{ name: 'a', ...token('A') }], 'neutral'],
  ['resource', '/access_rules', [token('A')], [token('A'), { ...token('A'), audience: 'application:S/B' }], 'neutral'],
  ['resource', '/forward_token', undefined, true, 'weakening'],
  ['resource', '/forward_token', true, undefined, 'breaking'],
  ['resource', '/token_locations', undefined, ['header', 'query'], 'widening weakening'],
  ['resource', '/token_locations', undefined, ['header'], 'neutral'],
  ['resource', '/token_locations', ['header', 'body'], ['header'], 'breaking'],
];

describe('DESIGN 3: what a change means', () => {
  it.each(APPLICATION)('of an application, %s: %j → %j', (pointer, before, after, means) => {
    expect(meanings('application', pointer, before, after)).toBe(means);
  });

  it.each(OTHERS)('of a %s, %s: %j → %j', (kind, pointer, before, after, means) => {
    expect(meanings(kind, pointer, before, after)).toBe(means);
  });

  it('N-46: of a gate is judged beside the other gate and the grants, as without any nobody gets in', () => {
    const rules = { any: [group('A')] };
    const judged = (pointer: '/allowed_to' | '/access_rules', before: object, after: object, ...grants: string[]) => {
      const side = (written: object) => ({ kind: 'application', metadata: { grant_types: grants }, ...written });
      const key = pointer.slice(1);
      const values = [before, after].map((one) => (one as Record<string, unknown>)[key]);
      const path = {
        pointer,
        ...(values[0] === undefined ? {} : { before: values[0] }),
        ...(values[1] === undefined ? {} : { after: values[1] }),
      };
      const about = { before: side(before), after: side(after) };
      return `${meaningsOf('application', path, about).join(' ')} ${speakNoEffect('application', path, about)}`.trim();
    };
    const [none, open, gated] = [{}, { access_rules: rules }, { access_rules: rules, allowed_to: [link('A')] }];
    const [shut, closed] = [{ access_rules: rules, allowed_to: [] }, { allowed_to: [link('A')] }];
    // Rules alone let users in, and no client that acts as itself.
    expect(judged('/access_rules', none, open, 'authorization_code')).toBe('widening');
    expect(judged('/access_rules', open, none, 'password')).toBe('narrowing');
    expect(judged('/access_rules', none, open, 'client_credentials', 'password')).toBe('widening');
    // of a client that acts as itself only the addresses are looked at.
    const near = { access_rules: { any: [group('A'), ip('10.0.0.0/8')] } };
    expect(judged('/access_rules', none, open, 'client_credentials')).toBe('neutral');
    expect(judged('/access_rules', none, near, 'client_credentials')).toBe('narrowing');
    expect(judged('/access_rules', open, near, 'client_credentials')).toBe('narrowing');
    expect(judged('/access_rules', near, open, 'client_credentials')).toBe('widening');
    expect(judged('/access_rules', open, near, 'authorization_code')).toBe('widening');
    expect(judged('/access_rules', open, near, 'client_credentials', 'password')).toBe('widening narrowing');
    expect(judged('/access_rules', closed, gated, 'authorization_code')).toBe('narrowing');
    expect(judged('/access_rules', gated, closed, 'authorization_code')).toBe('widening');
    // Beside them groups are one gate more; without them one less.
    expect(judged('/allowed_to', open, gated, 'authorization_code')).toBe('widening narrowing');
    expect(judged('/allowed_to', gated, open, 'authorization_code')).toBe('widening narrowing');
    expect(judged('/allowed_to', open, gated, 'client_credentials')).toBe('widening');
    expect(judged('/allowed_to', gated, shut, 'authorization_code')).toBe('narrowing');
    expect(judged('/allowed_to', open, shut, 'authorization_code')).toBe('narrowing');
    expect(judged('/allowed_to', shut, open, 'authorization_code')).toBe('widening');
    expect(judged('/allowed_to', shut, open, 'client_credentials')).toBe('neutral no effect: the default');
  });

  it('U-63: of an item is judged beside the names that may have one value only', () => {
    const side = (items: readonly object[], single_value: readonly string[]) => ({
      kind: 'policy',
      items,
      single_value,
    });
    const judged = (before: readonly object[], after: readonly object[]) =>
      meaningsOf(
        'policy',
        { pointer: '/items', before, after },
        { before: side(before, ['a']), after: side(after, ['a']) },
      );
    const second = { name: 'a', value: 'text:second' };
    expect(judged([item('a')], [item('a'), second])).toEqual(['widening', 'narrowing']);
    expect(judged([item('a'), second], [item('a')])).toEqual(['widening', 'narrowing']);
    expect(judged([item('a')], [item('a'), item('b')])).toEqual(['widening']);
  });

  it('is told in words, of neutral none', () => {
    expect(speakMeanings(['widening', 'weakening', 'breaking'])).toBe('widens, weakens, breaks clients');
    expect(speakMeanings(['narrowing'])).toBe('narrows');
    expect(speakMeanings(['neutral'])).toBe('');
  });

  it('is none where a link only follows what was moved', () => {
    const renames = new Map([['group:S/Old', 'group:S/New']] as const);
    const path = { pointer: '/allowed_to', before: [link('A'), link('Old')], after: [link('A'), link('New')] };
    expect(meaningsOf('application', path)).toEqual(['widening', 'narrowing']);
    expect(meaningsOf('application', path, { renames })).toEqual(['neutral']);
    const methods = { pointer: '/methods', before: ['a.1'], after: ['b.1'] };
    expect(meaningsOf('site', methods, { renames: new Map([['method:a.1', 'method:b.1']]) })).toEqual(['neutral']);
    const all = new Map([
      ['group:S/Old', 'group:S/New'],
      ['policy:S/Old', 'policy:S/New'],
      ['method:a.1', 'method:b.1'],
    ] as const);
    const named = (pointer: string, before: unknown, after: unknown, kind: Kind = 'application') =>
      meaningsOf(kind, { pointer, before, after }, { renames: all }).join(' ');
    expect(named('/policy', 'policy:S/Old', 'policy:S/New')).toBe('neutral');
    expect(named('/policy', 'policy:S/Old', 'policy:S/Other')).toBe('widening narrowing');
    const [was, is] = [{ any: [group('Old'), { method: 'a.1' }] }, { any: [group('New'), { method: 'b.1' }] }];
    expect(named('/access_rules', was, is)).toBe('neutral');
    const items = (name: string) => [{ ...item('a'), ...group(name) }];
    expect(named('/items', items('Old'), items('New'), 'policy')).toBe('neutral');
  });

  it('of response types is judged beside the grants that they follow from where none are written', () => {
    const judged = (grant_types: readonly string[], before: unknown, after: unknown) => {
      const side = (response_types: unknown) => ({
        kind: 'application',
        metadata: { grant_types, ...(response_types === undefined ? {} : { response_types }) },
      });
      const path = {
        pointer: '/metadata/response_types',
        ...(before === undefined ? {} : { before }),
        ...(after === undefined ? {} : { after }),
      };
      return meaningsOf('application', path, { before: side(before), after: side(after) }).join(' ');
    };
    expect(judged(['client_credentials'], undefined, [])).toBe('neutral');
    expect(judged(['client_credentials'], [], undefined)).toBe('neutral');
    expect(judged(['authorization_code'], undefined, ['code'])).toBe('neutral');
    expect(judged(['authorization_code'], undefined, [])).toBe('breaking');
    expect(judged(['authorization_code'], [], undefined)).toBe('widening');
    expect(judged(['authorization_code', 'implicit'], undefined, ['code', 'token'])).toBe('breaking');
    expect(judged(['implicit'], ['id_token'], undefined)).toBe('widening weakening');
    expect(
      meaningsOf('application', { pointer: '/metadata/response_types', after: [] }, { before: {}, after: {} }),
    ).toEqual(['neutral']);
  });

  it('of audiences is judged beside the scope that names them where none are written', () => {
    const judged = (scope: string, before: unknown, after: unknown) => {
      const side = (aud: unknown) => ({ metadata: { scope, ...(aud === undefined ? {} : { aud }) } });
      const path = {
        pointer: '/metadata/aud',
        ...(before === undefined ? {} : { before }),
        ...(after === undefined ? {} : { after }),
      };
      const about = { before: side(before), after: side(after) };
      return `${meaningsOf('application', path, about).join(' ')} ${speakNoEffect('application', path, about)}`.trim();
    };
    expect(judged('A B', undefined, [])).toBe('narrowing');
    expect(judged('A B', ['A'], undefined)).toBe('widening');
    expect(judged('A openid', undefined, ['A'])).toBe('neutral no effect: the default');
    expect(judged('openid', undefined, ['A'])).toBe('widening');
  });

  it('of what had ended by the instant of the plan is none', () => {
    const now = Date.UTC(2026, 0, 1);
    const at = (kind: Kind, pointer: string, before: unknown, after: unknown) =>
      meaningsOf(
        kind,
        { pointer, ...(before === undefined ? {} : { before }), ...(after === undefined ? {} : { after }) },
        { now },
      ).join(' ');
    const [past, exactly, later] = ['2025-12-31', '2026-01-01', '2026-01-02'].map((end) => link('A', end));
    expect(at('application', '/allowed_to', undefined, [past])).toBe('neutral');
    expect(at('application', '/allowed_to', [exactly], undefined)).toBe('neutral');
    expect(at('application', '/allowed_to', undefined, [later])).toBe('widening');
    expect(at('application', '/allowed_to', [later], [past])).toBe('narrowing');
    expect(at('application', '/allowed_to', [past], [link('A')])).toBe('widening');
    expect(at('application', '/metadata/redirect_uris', [uri('https://a')], [uri('https://a', '2025-01-01')])).toBe(
      'breaking',
    );
    expect(at('user', '/expires', '2025-06-01', '2025-12-31')).toBe('neutral');
    expect(at('user', '/expires', '2025-06-01', '2026-06-01')).toBe('widening');
    expect(at('user', '/not_before', undefined, '2025-06-01')).toBe('neutral');
    expect(at('user', '/not_before', '2025-06-01', '2026-06-01')).toBe('narrowing');
  });

  it('of no list is disarmed by an item that is not new', () => {
    const before = [{ to: 'user:S/U', expires: '2026-01-01' }];
    const after = [{ to: 'user:S/U', expires: '2027-01-01' }, { to: 'user:S/V' }];
    expect(meanings('group', '/members', before, after)).toBe('widening');
    expect(meanings('group', '/members', after, before)).toBe('narrowing');
  });
});

describe('a change that changes nothing says so', () => {
  const told = (
    kind: Kind,
    pointer: string,
    before: unknown,
    after: unknown,
    about: Parameters<typeof speakNoEffect>[2] = {},
  ) => {
    const sides = { ...(before === undefined ? {} : { before }), ...(after === undefined ? {} : { after }) };
    return speakNoEffect(kind, { pointer, ...sides }, about);
  };

  it.each<readonly [Kind, string, unknown, unknown]>([
    ['application', '/enabled', undefined, true],
    ['application', '/enabled', true, undefined],
    ['application', '/audience_mode', undefined, 'narrow'],
    ['application', '/restricted', false, undefined],
    ['application', '/bind_token_ip', undefined, false],
    ['application', '/tokens', undefined, {}],
    ['application', '/metadata', {}, undefined],
    ['application', '/metadata/grant_types', undefined, []],
    ['application', '/metadata/application_type', undefined, 'web'],
    ['application', '/client_ip_range', undefined, []],
    ['server', '/tokens/format', undefined, 'jwt'],
    ['server', '/tokens/access_ttl', '60m', undefined],
    ['server', '/safety/deletes', undefined, { percent: 10 }],
    ['group', '/methods', undefined, []],
  ])('of a %s, %s: %j → %j is the default', (kind, pointer, before, after) => {
    expect(told(kind, pointer, before, after)).toBe('no effect: the default');
    expect(meanings(kind, pointer, before, after)).toBe('neutral');
  });

  it('in another notation', () => {
    expect(told('user', '/expires', '2027-01-31', '2027-01-31T01:00:00+01:00')).toBe('no effect');
    expect(told('application', '/tokens/access_ttl', '1h', '60m')).toBe('no effect');
    expect(told('group', '/members', [link('A', '2027-01-31')], [link('A', '2027-01-31T00:00:00Z')])).toBe('no effect');
  });

  it('that has passed, as far as it is known when', () => {
    const now = Date.UTC(2026, 0, 1);
    expect(told('group', '/members', [link('A')], [link('A'), link('B', '2025-12-31')], { now })).toBe(
      'no effect: in the past',
    );
    expect(told('group', '/members', [link('A')], [link('A'), link('B', '2026-12-31')], { now })).toBe('');
    expect(told('group', '/members', [link('A')], [link('A'), link('B', '2025-12-31')])).toBe('');
  });

  it.each<readonly [string, Kind, string, unknown, unknown]>([
    ['an application leaves to its server what it does not write', 'application', '/tokens/format', undefined, 'jwt'],
    ['order may matter', 'application', '/methods', ['a', 'b'], ['b', 'a']],
    ['what only people read is a change', 'application', '/metadata/client_name', undefined, ''],
    ['a password is one', 'user', '/password', { env: 'A' }, { env: 'B' }],
    ['a secret is one', 'application', '/secret', { env: 'A' }, { env: 'B' }],
    ['an attribute is one', 'user', '/attributes/mail', 'a', 'b'],
    ['a member without a rule', 'user', '/later', undefined, true],
    ['an issuer is one', 'server', '/issuer', 'https://a', 'https://b'],
  ])('and not where %s', (_, kind, pointer, before, after) => {
    expect(told(kind, pointer, before, after)).toBe('');
  });

  it('and not of links that follow what was moved', () => {
    const renames = new Map([['group:S/Old', 'group:S/New']] as const);
    expect(told('application', '/allowed_to', [link('Old')], [link('New')], { renames })).toBe('');
    expect(
      told('application', '/allowed_to', [link('A', '2027-01-31')], [link('A', '2027-01-31T00:00:00Z')], { renames }),
    ).toBe('no effect');
  });

  it.each<readonly [Kind, string, unknown, unknown]>([
    ['user', '/roles', [grant('Old', { customer: 'customer:old' })], [grant('New', { customer: 'customer:new' })]],
    ['role', '/roles', ['role:Old'], ['role:New']],
    ['customer', '/parent', 'customer:old', 'customer:new'],
    ['application', '/customer', 'customer:old', 'customer:new'],
    ['application', '/required_role', 'Old', 'New'],
    ['application', '/permission_scope', ['view', 'Old'], ['view', 'New']],
    ['resource', '/access_rules', [token('Old'), group('Old')], [token('New'), group('New')]],
  ])('nor of what follows a moved role, customer, client or group: of a %s, %s', (kind, pointer, before, after) => {
    const renames = new Map<Address, Address>([
      ['role:Old', 'role:New'],
      ['customer:old', 'customer:new'],
      ['application:S/Old', 'application:S/New'],
      ['group:S/Old', 'group:S/New'],
    ]);
    expect(told(kind, pointer, before, after, { renames })).toBe('');
    expect(meaningsOf(kind, { pointer, before, after }, { renames })).toEqual(['neutral']);
  });
});

interface Schema {
  readonly $ref?: string;
  readonly properties?: { readonly [key: string]: Schema };
  readonly patternProperties?: { readonly [key: string]: Schema | true };
  readonly additionalProperties?: Schema | boolean;
  readonly $defs?: { readonly [key: string]: Schema };
}

function readSchema(name: string): Schema {
  return JSON.parse(readFileSync(new URL(`../../schema/${name}.schema.json`, import.meta.url), 'utf8'));
}

/** Of a site document what is no key of the site itself: its name, the maps of entities, and what declares none. */
const NO_KEYS_OF_SITE = new Set(['site', 'applications', 'groups', 'users', 'policies', 'moved', 'tests']);

/** The keys of a part of a schema by the names that rules have, as deep as `isTold` does not know them. */
function keysOf(root: Schema, part: Schema, isTold: (key: string) => boolean, prefix = ''): readonly string[] {
  const resolved = part.$ref === undefined ? part : { ...part, ...root.$defs?.[part.$ref.replace('#/$defs/', '')] };
  const patterns = Object.entries(resolved.patternProperties ?? {})
    .filter(([pattern]) => pattern !== '^x-')
    .flatMap(([pattern, inner]) => namesIn(pattern).map((name) => [name, inner] as const));
  const any = typeof resolved.additionalProperties === 'object' ? [['*', resolved.additionalProperties] as const] : [];
  // Where one rule is that of every name, what the schema says of one of them beside is no key of its own.
  const named = isTold(`${prefix}*`) ? [] : Object.entries(resolved.properties ?? {});
  return [...named, ...patterns, ...any].flatMap(([name, inner]) => {
    const key = `${prefix}${name}`;
    const deeper = isTold(key) || typeof inner !== 'object' ? [] : keysOf(root, inner, isTold, `${key}.`);
    return deeper.length > 0 ? deeper : [key];
  });
}

/** `^(a|b)#…$` is the names `a#*` and `b#*`. */
function namesIn(pattern: string): readonly string[] {
  const [, names = pattern] = /^\^\(?([a-z_|]+)\)?#/.exec(pattern) ?? [];
  return names.split('|').map((name) => `${name}#*`);
}

describe('every key of the schemas', () => {
  const [site, server] = [readSchema('site'), readSchema('server')];
  const parts: Readonly<Record<Kind, readonly [Schema, Schema | undefined]>> = {
    server: [server, server.properties?.server],
    method: [server, server.$defs?.method],
    scope: [server, server.$defs?.scope],
    role: [server, server.$defs?.role],
    customer: [server, server.$defs?.customer],
    resource: [server, server.$defs?.resource],
    site: [
      site,
      {
        properties: Object.fromEntries(
          Object.entries(site.properties ?? {}).filter(([key]) => !NO_KEYS_OF_SITE.has(key)),
        ),
      },
    ],
    application: [site, site.$defs?.application],
    group: [site, site.$defs?.group],
    user: [site, site.$defs?.user],
    policy: [site, site.$defs?.policy],
  };
  const told = (kind: Kind) => new Set(describeChanges(kind).map(({ field }) => field));
  const found = (kind: Kind, root: Schema, part: Schema | undefined) =>
    keysOf(root, part ?? {}, (key) => told(kind).has(key));

  it.each(CHANGE_KINDS)('of a %s has a meaning, and no other key has', (kind) => {
    const [root, part] = parts[kind];
    expect([...found(kind, root, part)].sort()).toEqual([...told(kind)].sort());
  });

  it('that is new is seen', () => {
    const part: Schema = { properties: { enabled: {}, metadata: { properties: { brand: {}, scope: {} } } } };
    const missing = found('application', {}, part).filter((key) => !told('application').has(key));
    expect(missing).toEqual(['metadata.brand']);
  });
});

describe('docs/changes.md', () => {
  const page = readFileSync(new URL('../../docs/changes.md', import.meta.url), 'utf8');

  it('has a heading for each kind, a row for each key and every word', () => {
    const headings = [...page.matchAll(/^## (.+)$/gm)].map(([, heading]) => heading?.toLowerCase());
    expect(headings).toEqual(CHANGE_KINDS);
    for (const kind of CHANGE_KINDS) {
      const section = page.slice(page.toLowerCase().indexOf(`## ${kind}\n`)).split('\n## ')[0];
      const rows = [...(section ?? '').matchAll(/^\| `(.+?)` \|/gm)].map(([, key]) => key);
      expect(rows).toEqual(describeChanges(kind).map(({ field }) => field));
    }
    for (const [name, { said }] of Object.entries(MEANING_WORDS))
      expect(page).toContain(`| ${said || '(nothing)'} | \`${name}\` |`);
    expect(page).toContain('| `metadata.redirect_uris` | added: widens · removed: breaks clients');
  });
});
