import { describe, expect, it } from 'vitest';
import { isAllowedTarget, isOutboundTarget } from '../../src/model/outbound-target.ts';

describe('what server.outbound.allow names', () => {
  it.each(['keys.example.com', 'localhost', 'Keys', 'a_b-c.example', '10.0.0.0/8', '10.0.0.1', '::1', 'fd00::/8'])(
    'is %s',
    (text) => expect(isOutboundTarget(text)).toBe(true),
  );
  it.each([
    ...['', '*', '*.example.com', 'https://a.example', 'a.example:443', 'a.example/path', 'a b', '-a.example', 'a..b'],
    ...['a.example.', '10.0.0', '10.0.0.256', '1', '0x7f.1.2.3.4', 'a@b', '[::1]', '10.0.0.0/33', 'x'.repeat(64)],
  ])('is not %s', (text) => expect(isOutboundTarget(text)).toBe(false));
});

describe('whether a host is among it', () => {
  const hostOf = (url: string) => new URL(url).hostname;
  it.each([
    ['http://keys.example.com/a', true],
    ['http://KEYS.example.com/a', true],
    ['http://sub.keys.example.com/', false],
    ['http://keys.example.com.evil.example/', false],
    ['http://10.20.3.4/', true],
    ['http://10.21.3.4/', false],
    // The URL parser writes what it takes for an address as one.
    ['http://0x0a140304/', true],
    ['http://[::1]:8080/', true],
    ['http://[::2]/', false],
    ['http://[::ffff:10.20.3.4]/', true],
  ])('%s: %s', (url, isAllowed) => {
    expect(isAllowedTarget(hostOf(url), ['Keys.example.com', '10.20.0.0/16', '::1'])).toBe(isAllowed);
  });
});
