import { describe, expect, it } from 'vitest';
import { refusalOfAddresses, refusalOfUrl } from '../../src/outbound/permission.ts';

const secure = { protocol: 'https:', hostname: 'client.test' };
const plain = { protocol: 'http:', hostname: 'client.test' };

describe('what may be called', () => {
  it.each(['127.0.0.1', '10.0.0.1', '169.254.169.254', '100.64.0.1', '::1', 'fd00::1', '::ffff:10.0.0.1', '0.0.0.0'])(
    '%s may not, and the refusal says what would permit it',
    (address) => {
      expect(refusalOfAddresses(secure, [address], [])).toBe(
        `client.test (${address}) is no public address: server.outbound.allow would permit it, by "client.test" or "${address}"`,
      );
    },
  );

  it('a public address may, by TLS alone', () => {
    expect(refusalOfAddresses(secure, ['8.8.8.8', '2606:4700::1111'], [])).toBeUndefined();
    expect(refusalOfAddresses(plain, ['8.8.8.8'], [])).toContain('would be called without TLS');
  });

  it('one address of several that may not is enough', () => {
    expect(refusalOfAddresses(secure, ['8.8.8.8', '10.0.0.1'], [])).toContain('10.0.0.1');
  });

  it('a host that is named may, in any case, with and without TLS; no other host by it', () => {
    const allow = ['Client.TEST'];
    expect(refusalOfAddresses(secure, ['10.0.0.1'], allow)).toBeUndefined();
    expect(refusalOfAddresses(plain, ['10.0.0.1'], allow)).toBeUndefined();
    for (const hostname of ['a.client.test', 'client.test.evil.test', 'xclient.test', 'client.test.']) {
      expect(refusalOfAddresses({ ...secure, hostname }, ['10.0.0.1'], allow)).toBeDefined();
    }
  });

  it('a block permits the addresses in it, also as IPv4 in IPv6', () => {
    const allow = ['10.1.0.0/16', 'fd00::/8'];
    expect(refusalOfAddresses(secure, ['10.1.2.3', '::ffff:10.1.2.3', 'fd00::1'], allow)).toBeUndefined();
    expect(refusalOfAddresses({ ...plain, hostname: '10.1.2.3' }, ['10.1.2.3'], allow)).toBeUndefined();
    expect(refusalOfAddresses(plain, ['10.1.2.3'], allow)).toBe(
      'client.test would be called without TLS: server.outbound.allow would permit it, by "client.test"',
    );
    expect(refusalOfAddresses(secure, ['10.1.2.3', '10.2.0.1'], allow)).toContain('10.2.0.1');
  });

  it('an address that is written as the host is permitted as the host, an IPv6 one without its brackets', () => {
    const hostname = '[::1]';
    expect(refusalOfAddresses({ ...plain, hostname }, ['::1'], ['::1'])).toBeUndefined();
    expect(refusalOfAddresses({ ...plain, hostname }, ['::1'], [])).toBe(
      '::1 would be called without TLS: server.outbound.allow would permit it, by "::1"',
    );
  });

  it('nothing but http and https, and no credentials in a URL', () => {
    expect(refusalOfUrl(new URL('ftp://client.test/'))).toBe('ftp: is not https');
    expect(refusalOfUrl(new URL('https://me:secret@client.test/'))).toContain('username or a password');
    expect(refusalOfUrl(new URL('https://me:secret@client.test/'))).not.toContain('secret');
    expect(refusalOfUrl(new URL('https://client.test/'))).toBeUndefined();
  });
});
