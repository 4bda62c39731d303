// What leaves when a request is refused; the parameters of a form; what the authorization endpoint tells a person and no client.

import { describe, expect, it } from 'vitest';
import { authorizationEndpoint } from '../../src/oauth/authorization.ts';
import { basicChallenge, bearerChallenge } from '../../src/oauth/challenge.ts';
import type { OAuthError } from '../../src/oauth/error.ts';
import {
  answerOf,
  bodyTooLarge,
  invalidRequest,
  methodNotAllowed,
  printable,
  serverError,
  temporarilyUnavailable,
  unsupportedContentType,
} from '../../src/oauth/error.ts';
import { readForm } from '../../src/oauth/form.ts';
import { AUTHORIZED, ask, contextOf, request } from './fixture.ts';

describe('answerOf', () => {
  const cases: [string, OAuthError, number, string, Record<string, string>][] = [
    ['P:O-060', methodNotAllowed('POST'), 405, 'invalid_request', { Allow: 'POST' }],
    ['P:O-061', unsupportedContentType(), 400, 'invalid_request', {}],
    ['P:O-052', bodyTooLarge(), 413, 'invalid_request', {}],
    ['DESIGN 7', serverError('an id'), 500, 'server_error', {}],
    ['P:V-015', temporarilyUnavailable(3, 'a secret detail'), 503, 'temporarily_unavailable', { 'Retry-After': '3' }],
    ['P:O-055', invalidRequest('GRANT_TYPE_MISSING'), 400, 'invalid_request', {}],
  ];
  it.each(cases)(
    '%s, P:O-054: status, headers, and a JSON body whose description begins with its code',
    (_, error, status, code, headers) => {
      const answer = answerOf(error);
      expect(answer.status).toBe(status);
      expect(answer.headers).toEqual({ 'Cache-Control': 'no-store', Pragma: 'no-cache', ...headers });
      expect(answer.body).toEqual({ error: code, error_description: expect.stringMatching(/^[A-Z_]+: \S/) });
      expect(JSON.stringify(answer)).not.toContain('secret detail');
    },
  );

  it('P:O-040: only %x20-21 / %x23-5B / %x5D-7E leave, whatever the request held', () => {
    const every = Array.from({ length: 0x180 }, (_, code) => String.fromCharCode(code)).join('');
    const { body } = answerOf(invalidRequest('PARAMETER_REPEATED', `${every}\u{1f600}\ud800`));
    expect((body as { error_description: string }).error_description).toMatch(/^[\x20-\x21\x23-\x5B\x5D-\x7E]+$/);
  });

  it('a description has an end, however long the request was', () => {
    expect(printable('x'.repeat(100_000)).length).toBeLessThan(1100);
  });

  it('the code of a refusal is what its description begins with', () => {
    expect(invalidRequest('PARAMETER_REPEATED', 'a: b').code).toBe('PARAMETER_REPEATED');
  });
});

describe('challenges', () => {
  it('P:B-009: values are quoted and hold neither quote nor backslash', () => {
    const description = 'CODE: "quoted" \\ and \r\nSet-Cookie: x';
    const challenge = bearerChallenge('https://a.test/"', { error: 'invalid_token', description, scope: 'a b' });
    expect(challenge).toBe(
      `Bearer realm="https://a.test/'", error="invalid_token", error_description="CODE: 'quoted' ? and ??Set-Cookie: x", scope="a b"`,
    );
    expect(basicChallenge('a"b')).toBe(`Basic realm="a'b", charset="UTF-8"`);
  });
});

describe('readForm', () => {
  it('P:O-059, P:O-020: an empty value is an absent one', () => {
    expect(readForm([['scope', '']]).has('scope')).toBe(false);
  });

  it('P:O-058: a repeated parameter is refused, also an unknown or an empty one', () => {
    for (const name of ['client_id', 'extra', 'scope']) {
      const pairs = [
        [name, ''],
        [name, 'x'],
      ] as const;
      expect(() => readForm(pairs)).toThrow(/PARAMETER_REPEATED/);
    }
  });

  it('RFC 8707 2, RFC 8693 2.1: resource and audience may be repeated, and are ignored', () => {
    const form = readForm([
      ['resource', 'https://a.test'],
      ['resource', 'https://b.test'],
      ['audience', 'a'],
      ['audience', 'b'],
      ['scope', 'x'],
    ]);
    expect([...form]).toEqual([['scope', 'x']]);
  });

  it('parameters named like members of an object are parameters', () => {
    expect(readForm([['__proto__', 'x']]).get('__proto__')).toBe('x');
  });
});

describe('the authorization endpoint', () => {
  const to = (form: Parameters<typeof request>[0]) => ask(authorizationEndpoint, request(form), contextOf(AUTHORIZED));
  const VALID = { response_type: 'code', redirect_uri: 'https://client.test/cb', state: 's' };

  it.each([
    ['Client1', 'invalid_request', 'REDIRECT_URI_NOT_REGISTERED'],
    ['Nobody', 'invalid_client', 'CLIENT_UNKNOWN'],
  ])('P:O-026, P:O-027: it sends nobody to an address that is not registered: %s', async (client_id, error, code) => {
    const { status, headers, body } = await to({ ...VALID, client_id });
    expect(status).toBe(400);
    expect(headers).not.toHaveProperty('Location');
    expect(body.error).toBe(error);
    expect(body.error_description).toMatch(new RegExp(`^${code}: `));
    expect(JSON.stringify(body)).not.toContain('client.test');
  });

  it('P:O-026: without client_id', async () => {
    const { status, body } = await to(VALID);
    expect(status).toBe(400);
    expect(body.error_description).toMatch(/^CLIENT_ID_MISSING: /);
  });

  it.each(['client_id', 'redirect_uri'])('P:O-022: %s sent twice', async (name) => {
    const { status, body } = await to([...Object.entries({ ...VALID, client_id: 'Client1' }), [name, 'x']]);
    expect(status).toBe(400);
    expect(body.error_description).toBe(`PARAMETER_REPEATED: ${name}`);
  });
});
