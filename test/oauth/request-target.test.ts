// Targets and hosts of requests: one normal form for all ways of writing one, and nothing that two servers could read as two.

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { normalPath, readHost, readingsOf, readTarget } from '../../src/oauth/request-target.ts';

const why = (answer: unknown) => (answer as { unreadable?: string }).unreadable;

describe('the normal form of a path', () => {
  it.each([
    ['/api', '/api'],
    ['/', '/'],
    ['//', '/'],
    ['//api///x', '/api/x'],
    ['/api/./x', '/api/x'],
    ['/api/.', '/api/'],
    ['/api/x/..', '/api/'],
    ['/api/x/../y', '/api/y'],
    ['/api/%2e/x', '/api/x'],
    ['/api/x/%2E%2e/y', '/api/y'],
    ['/api/.%2e', '/'],
    ['/%61%70%69', '/api'],
    ['/a%7Eb', '/a~b'],
    ['/a%3ab', '/a%3Ab'],
    ['/a:b;c=1', '/a:b;c=1'],
    ['/a%20b', '/a%20b'],
    ['/a"b|c', '/a%22b%7Cc'],
    ['/%c3%a5', '/%C3%A5'],
    ['/100%25', '/100%25'],
    ['/api.', '/api.'],
    ['/...', '/...'],
    ['/api/', '/api/'],
    ['/x//y/../z', '/x/z'],
  ])('%s is %s', (path, normal) => {
    expect(normalPath(path)).toBe(normal);
  });

  it.each([
    ['/api%2fx', 'an encoded slash'],
    ['/api%2Fx', 'an encoded slash'],
    ['/api/%5c..', 'a backslash'],
    ['/api\\..\\admin', 'a backslash'],
    ['/api/..;/admin', 'a dot segment with parameters'],
    ['/api/.;x/admin', 'a dot segment with parameters'],
    ['/api/..%3b/admin', 'a dot segment with parameters'],
    ['/api/%2e%2e;a=1/admin', 'a dot segment with parameters'],
    ['/api/..%20/admin', 'a dot segment with parameters'],
    ['/api/%252e%252e/admin', 'encoded twice'],
    ['/api/%25%32%65', 'encoded twice'],
    ['/api/%252f', 'encoded twice'],
    ['/api%00', 'a control character'],
    ['/api%0d%0ax', 'a control character'],
    ['/api%7f', 'a control character'],
    ['/api\u0001', 'a control character'],
    ['/api%', 'a percent sign'],
    ['/api%2', 'a percent sign'],
    ['/api%zz', 'a percent sign'],
    ['/api%u002f', 'a percent sign'],
    ['/%c0%af', 'not encoded as UTF-8'],
    ['/%c0%ae%c0%ae/', 'not encoded as UTF-8'],
    ['/%e0%80%af', 'not encoded as UTF-8'],
    ['/%ed%a0%80', 'not encoded as UTF-8'],
    ['/%ff', 'not encoded as UTF-8'],
    ['/%c3/%a5', 'not encoded as UTF-8'],
    ['/%c2%85', 'not encoded as UTF-8'],
    ['/å', 'has to be encoded'],
    ['/a b', 'has to be encoded'],
    ['/..', 'above its root'],
    ['/api/../..', 'above its root'],
    ['/%2e%2e/admin', 'above its root'],
    ['/api//../admin', 'not plain'],
    ['/api//x/../../admin', 'not plain'],
    ['/api/;/../admin', 'not plain'],
    ['/api;x/../admin', 'not plain'],
    ['/api%3bx/../admin', 'not plain'],
  ])('%s is refused: %s', (path, reason) => {
    expect(why(normalPath(path))).toContain(reason);
  });
});

describe('the target of a request', () => {
  it('keeps the query as it came', () => {
    expect(readTarget('/a/../b?x=%2e%2e//&y', 'h')).toEqual({ path: '/b', query: '?x=%2e%2e//&y' });
    expect(readTarget('/a?', 'h')).toEqual({ path: '/a', query: '?' });
  });

  it('is read in absolute-form where it names the same host, and refused where it does not', () => {
    expect(readTarget('http://API.example:8080/a?b', 'api.example')).toEqual({ path: '/a', query: '?b' });
    expect(readTarget('https://api.example', 'api.example')).toEqual({ path: '/', query: '' });
    for (const other of ['http://other.example/a', 'http://api.example@other/a', 'http:///a', 'http://a b/']) {
      expect(why(readTarget(other, 'api.example'))).toContain('another host');
    }
  });

  it.each(['*', 'api', '', 'ftp://h/a', 'h:443', '/a#b', '/a?b#c', '/a?b c', '/a?\u0000'])('%j is none', (target) => {
    expect(why(readTarget(target, 'h'))).toEqual(expect.any(String));
  });
});

describe('the host of a request', () => {
  it.each([
    ['API.Example', 'api.example', 'api.example'],
    ['api.example.', 'api.example', 'api.example'],
    ['api.example.:8443', 'api.example', 'api.example:8443'],
    ['127.0.0.1:80', '127.0.0.1', '127.0.0.1:80'],
    ['[::0001]:9', '[::1]', '[::1]:9'],
  ])('%s is %s', (text, host, authority) => {
    expect(readHost(text)).toEqual({ host, authority });
  });

  it.each([
    '',
    ' ',
    'a b',
    'a,b',
    'a/b',
    'user@a',
    'a..b',
    '.a',
    'a:',
    'a:b',
    'a:123456',
    '[::1',
    '[zz]',
    'å',
    'a%2eb',
    'a\\b',
  ])('%j is none', (text) => {
    expect(why(readHost(text))).toContain('host');
  });
});

/** Paths of what attacks are made of. */
const pieces = fc.constantFrom(
  ...[
    '/',
    '/',
    '/',
    'a',
    'b',
    'api',
    '.',
    '..',
    '%2e',
    '%2E',
    '%2f',
    '%5c',
    '\\',
    ';',
    '%3b',
    '%',
    '%25',
    '25',
    '2e',
    '2f',
    'c0',
    'af',
  ],
  ...[
    '%00',
    '%20',
    ' ',
    '%c3%a5',
    '%61',
    '~',
    '%7e',
    '=',
    '%41',
    '//',
    '/./',
    '/../',
    ';x=1',
    '%c0%ae',
    ':',
    '@',
    '%3a',
    '%40',
    '%2B',
    '*',
  ],
);
const paths = fc.array(pieces, { maxLength: 12 }).map((parts) => `/${parts.join('')}`);

/** An upstream that decodes once, then drops empty segments, then resolves dots: most do. */
function collapsingUpstream(path: string): readonly string[] {
  const kept: string[] = [];
  for (const segment of decodeURIComponent(path).split('/')) {
    if (segment === '..') kept.pop();
    else if (segment !== '' && segment !== '.') kept.push(segment);
  }
  return kept;
}

/** One that resolves dots as RFC 3986 says, over empty segments too, and drops those afterwards. */
function strictUpstream(path: string): readonly string[] {
  const kept: string[] = [];
  for (const segment of decodeURIComponent(path).split('/').slice(1)) {
    if (segment === '..') kept.pop();
    else if (segment !== '.') kept.push(segment);
  }
  return kept.filter((segment) => segment !== '');
}

/** One that cuts off parameters first, as servlet containers do. */
function servletUpstream(path: string): readonly string[] {
  return collapsingUpstream(path.replace(/;[^/]*/g, ''));
}

/** One that decodes, then cuts off parameters. */
function lateServletUpstream(path: string): readonly string[] {
  return collapsingUpstream(encodeURI(decodeURIComponent(path).replace(/;[^/]*/g, '')));
}

const asRead = (normal: string): string => decodeURIComponent(normal);

describe('laws of the normal form', () => {
  it('a normal path is its own normal form', () => {
    fc.assert(
      fc.property(paths, (path) => {
        const normal = normalPath(path);
        if (typeof normal === 'string') expect(normalPath(normal)).toBe(normal);
      }),
      { numRuns: 2000 },
    );
  });

  it('an upstream that decodes once sees the path that was judged, whether it is sent that one or the one that came', () => {
    fc.assert(
      fc.property(paths, (path) => {
        const normal = normalPath(path);
        if (typeof normal !== 'string') return;
        const judged = asRead(normal)
          .split('/')
          .filter((segment) => segment !== '');
        for (const sent of [normal, path]) {
          for (const upstream of [collapsingUpstream, strictUpstream]) expect(upstream(sent)).toEqual(judged);
        }
      }),
      { numRuns: 3000 },
    );
  });

  it('what an upstream sees is one of the readings as a resource would be written', () => {
    const written = (segments: readonly string[]): string =>
      segments
        .map((segment) =>
          encodeURIComponent(segment).replace(/%(?:2[146-9A-C]|3[ABD]|40)/g, (triplet) => decodeURIComponent(triplet)),
        )
        .join('/');
    fc.assert(
      fc.property(paths, (path) => {
        const normal = normalPath(path);
        if (typeof normal !== 'string') return;
        const readings = readingsOf(normal).map((one) => one.replace(/^\/|\/$/g, '').replaceAll('%3B', ';'));
        for (const sent of [normal, path]) expect(readings).toContain(written(collapsingUpstream(sent)));
      }),
      { numRuns: 3000 },
    );
  });

  it('what an upstream sees that knows parameters is one of the readings', () => {
    fc.assert(
      fc.property(paths, (path) => {
        const normal = normalPath(path);
        if (typeof normal !== 'string') return;
        const judged = readingsOf(normal).map((one) =>
          asRead(one)
            .split('/')
            .filter((segment) => segment !== ''),
        );
        for (const sent of [normal, path]) {
          for (const upstream of [collapsingUpstream, servletUpstream, lateServletUpstream]) {
            expect(judged).toContainEqual(upstream(sent));
          }
        }
      }),
      { numRuns: 3000 },
    );
  });

  it('any text has an answer', () => {
    fc.assert(
      fc.property(fc.oneof(fc.string({ unit: 'binary' }), paths), fc.string(), (target, host) => {
        expect(readTarget(target, host)).toBeTypeOf('object');
        expect(readHost(host)).toBeTypeOf('object');
      }),
      { numRuns: 2000 },
    );
  });
});
