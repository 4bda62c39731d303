import { describe, expect, it } from 'vitest';
import type { ApplicationEntity, ServerEntity, TokenSettings } from '../../src/model/entity.ts';
import { isEnabled, scopeValues, secretsOf, tokenSettings } from '../../src/model/settings.ts';
import { slotOf } from '../../src/model/verifier.ts';

const application = (tokens?: TokenSettings): ApplicationEntity => ({
  kind: 'application',
  client_id: 'a',
  ...(tokens === undefined ? {} : { tokens }),
});
const server = (tokens?: TokenSettings): ServerEntity => ({
  kind: 'server',
  issuer: 'https://a.example',
  ...(tokens === undefined ? {} : { tokens }),
});

describe('token settings', () => {
  it('S:X-20 are the engine’s own where nothing is written, with or without a server', () => {
    const defaults = { format: 'jwt', typ: 'at+jwt', alg: 'ES256', access_ttl: 3600, code_ttl: 60 };
    expect(tokenSettings(server(), application())).toEqual(defaults);
    expect(tokenSettings(undefined, application())).toEqual(defaults);
  });

  it('are the server’s, unless the application writes its own', () => {
    const written: TokenSettings = { format: 'opaque', typ: 'JWT', alg: 'RS256' };
    expect(tokenSettings(server(written), application())).toMatchObject(written);
    const own: TokenSettings = { format: 'jwt', typ: 'at+jwt', alg: 'EdDSA' };
    expect(tokenSettings(server(written), application(own))).toMatchObject(own);
  });

  it('S:U-50 of two lifetimes the smaller counts; one that is none is as if not written', () => {
    const ttl = (a: string | undefined, b: string | undefined) =>
      tokenSettings(
        server(a === undefined ? undefined : { access_ttl: a }),
        application(b === undefined ? undefined : { access_ttl: b }),
      ).access_ttl;
    expect(ttl('5m', '1h')).toBe(300);
    expect(ttl('2h', '1h')).toBe(3600);
    expect(ttl('2h', undefined)).toBe(7200);
    expect(ttl(undefined, '0s')).toBe(0);
    expect(ttl('soon', '10m')).toBe(600);
  });
});

describe('other settings', () => {
  it('what does not say enabled is enabled', () => {
    expect(isEnabled({})).toBe(true);
    expect(isEnabled({ enabled: true })).toBe(true);
    expect(isEnabled({ enabled: false })).toBe(false);
  });

  it('RFC 6749 3.3 scope values stand between single spaces; more of them make no empty value', () => {
    expect(scopeValues('a  b c')).toEqual(['a', 'b', 'c']);
    expect(scopeValues(' a ')).toEqual(['a']);
    expect(scopeValues('')).toEqual([]);
    expect(scopeValues(undefined)).toEqual([]);
  });
});

describe('the secrets of an application', () => {
  it('are those of the list, or the one, or none', () => {
    expect(secretsOf({})).toEqual([]);
    expect(secretsOf({ secret: { env: 'A' } })).toEqual([{ env: 'A' }]);
    expect(secretsOf({ secrets: [{ env: 'A', expires: '2027-01-31' }, { file: 'b' }] })).toHaveLength(2);
  });

  it('have a slot by their reference, so that it stays when others come and go', () => {
    expect(slotOf({ env: 'A' })).toBe('env:A');
    expect(slotOf({ file: 'a/b' })).toBe('file:a/b');
    expect(slotOf({ hash: '$argon2id$' })).toBeUndefined();
  });
});
