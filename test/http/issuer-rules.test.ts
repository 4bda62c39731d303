import { describe, expect, it } from 'vitest';
import { checkListener, type ListenerRequest } from '../../src/http/issuer-rules.ts';
import { Failure } from '../../src/model/failure.ts';

const HTTPS = 'https://as.test/uas';
const HTTP = 'http://localhost:8080/uas';

function check(issuer: string, others: Partial<ListenerRequest> = {}): Failure | undefined {
  try {
    checkListener({ issuer, host: undefined, tls: false, behindProxy: [], ...others });
    return undefined;
  } catch (error) {
    if (error instanceof Failure) return error;
    throw error;
  }
}

describe('P:O-091 where an issuer may be served', () => {
  it.each<[string, Partial<ListenerRequest>]>([
    [HTTPS, {}],
    [HTTPS, { host: 'localhost' }],
    [HTTPS, { host: '127.8.8.8' }],
    [HTTPS, { host: '::1' }],
    [HTTPS, { host: '[::1]' }],
    [HTTPS, { host: '0.0.0.0', tls: true }],
    [HTTPS, { host: '0.0.0.0', behindProxy: ['10.0.0.0/8', '::1'] }],
    [HTTP, {}],
    ['http://127.0.0.1:8080', { host: '127.0.0.1' }],
    ['http://[::1]:8080', { host: 'localhost' }],
  ])('%s with %j', (issuer, others) => {
    expect(check(issuer, others)).toBeUndefined();
  });

  it.each<[string, Partial<ListenerRequest>, RegExp]>([
    [HTTPS, { host: '0.0.0.0' }, /--tls-cert.*--behind-proxy/],
    [HTTPS, { host: '::' }, /--behind-proxy/],
    [HTTPS, { host: 'as.test' }, /listener on as\.test is plain/],
    [HTTPS, { host: '192.0.2.1', behindProxy: ['10.0.0.0/33'] }, /"10\.0\.0\.0\/33" is no IP address or CIDR block/],
    ['http://as.test', {}, /Use an https issuer/],
    ['http://127.0.0.1.as.test', {}, /Use an https issuer/],
    ['http://as.test', { behindProxy: ['10.0.0.0/8'] }, /Use an https issuer/],
    [HTTP, { host: '0.0.0.0' }, /Leave --host out/],
    [HTTP, { host: '192.0.2.1', behindProxy: ['10.0.0.0/8'] }, /only loopback may be listened on/],
    [HTTP, { tls: true }, /make the listener speak TLS/],
    ['nonsense', {}, /no http or https URL/],
    ['ftp://localhost', {}, /no http or https URL/],
  ])('not %s with %j', (issuer, others, message) => {
    const failure = check(issuer, others);
    expect(failure?.code).toBe('usage');
    expect(failure?.message).toMatch(message);
  });
});
