import { describe, expect, it } from 'vitest';
import { ownPathAt } from '../../src/model/own-paths.ts';
import { isPathWithin, isResourceHost, isResourcePath } from '../../src/model/resource-path.ts';
import { PATHS } from '../../src/oauth/paths.ts';

describe('the path of a resource', () => {
  it.each([
    '/',
    '/a',
    '/a/b',
    '/a.b/c-d_e~f',
    '/caf%C3%A9',
    '/a=b,c',
    '/...',
    '/.well',
    '/%20x',
    "/it's",
    '/a:b',
    '/me@x+y',
  ])('is in normal form: %s', (path) => expect(isResourcePath(path)).toBe(true));

  it.each([
    ...['', 'a', '//', '/a/', '/a//b', '/./a', '/a/..', '/a/../b', '/a?b', '/a#b', '/a;b', '/a\\b', '/a b', '/é'],
    ...[
      '/%',
      '/%2',
      '/%2f',
      '/%2F',
      '/%2e',
      '/%2E',
      '/%5C',
      '/%61',
      '/a%3Ab',
      '/a%40b',
      '/a%3Bb',
      '/%2A',
      '/%7E',
      '/%25',
      '/%00',
      '/%0A',
      '/%7F',
      '/%c3',
      '/%80',
      '/%C3',
      '/%FF',
    ],
  ])('is not in normal form: %j', (path) => expect(isResourcePath(path)).toBe(false));

  it('covers itself and what is below it, step by step', () => {
    expect(isPathWithin('/api', '/api')).toBe(true);
    expect(isPathWithin('/api/x', '/api')).toBe(true);
    expect(isPathWithin('/apix', '/api')).toBe(false);
    expect(isPathWithin('/', '/api')).toBe(false);
    expect(isPathWithin('/api', '/')).toBe(true);
    expect(isPathWithin('/', '/')).toBe(true);
  });
});

describe('the host of a resource', () => {
  it.each(['api.example.com', 'localhost', 'xn--caf-dma.example', '10.0.0.1', '[::1]', '[2001:db8::1]', 'a_b.local'])(
    'is one spelling: %s',
    (host) => expect(isResourceHost(host)).toBe(true),
  );

  it.each([
    '',
    'A.example',
    'a.example.',
    'a.example:1',
    '*.example',
    'http://a',
    '::1',
    '[::01]',
    '256.1.1.1',
    'é.example',
    'a b',
  ])('is no host: %j', (host) => expect(isResourceHost(host)).toBe(false));
});

describe('what this server answers itself', () => {
  it('is every path of every family', () => {
    for (const [family, paths] of Object.entries(PATHS)) {
      const isAtRoot = family === 'nexus' || family === 'argus';
      for (const path of Object.values(paths)) {
        expect(ownPathAt('https://id.example.com', path), path).toBeDefined();
        if (isAtRoot) expect(ownPathAt('https://id.example.com/uas', path), path).toBeDefined();
        if (isAtRoot) continue;
        expect(ownPathAt('https://id.example.com/uas', `/uas${path}`), path).toBeDefined();
        expect(ownPathAt('https://id.example.com/uas', path), path).toBeUndefined();
      }
    }
  });

  it('is covered by what stands above it, and nothing beside it is', () => {
    expect(ownPathAt('https://id.example.com', '/')).toBe('/authorize');
    expect(ownPathAt('https://id.example.com/uas', '/uas')).toBe('/uas/authorize');
    expect(ownPathAt('https://id.example.com/uas', '/')).toBeDefined();
    expect(ownPathAt('https://id.example.com', '/.well-known/x')).toBe('/.well-known');
    expect(ownPathAt('https://id.example.com', '/readyz')).toBe('/readyz');
    expect(ownPathAt('https://id.example.com', '/api')).toBeUndefined();
    expect(ownPathAt('https://id.example.com', '/token/x')).toBeUndefined();
    expect(ownPathAt('https://id.example.com', '/tokens')).toBeUndefined();
  });
});
