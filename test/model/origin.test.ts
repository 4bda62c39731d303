import { describe, expect, it } from 'vitest';
import { sortDiagnostics } from '../../src/model/diagnostic.ts';
import type { ApplicationEntity } from '../../src/model/entity.ts';
import {
  formatPlace,
  type Origin,
  originFrom,
  originWhenAsked,
  type SourceRange,
  storedOrigin,
} from '../../src/model/origin.ts';

const range = (line: number, file = 'a.yaml'): SourceRange => ({
  file,
  start: { line, column: 3, offset: line * 10 },
  end: { line, column: 9, offset: line * 10 + 6 },
});

describe('an origin that is read when it is asked', () => {
  it('is not read before, once for all questions in a row, and again after another', () => {
    const read: string[] = [];
    const named = (name: string) =>
      originWhenAsked(() => {
        read.push(name);
        return { '': range(1, name), '/members': range(2, name) };
      });
    const [one, other] = [named('one.yaml'), named('other.yaml')];
    expect(read).toEqual([]);
    expect([one(''), one('/members/0'), other('/members'), one('')]).toEqual([
      range(1, 'one.yaml'),
      range(2, 'one.yaml'),
      range(2, 'other.yaml'),
      range(1, 'one.yaml'),
    ]);
    expect(read).toEqual(['one.yaml', 'other.yaml', 'one.yaml']);
  });
});

describe('a stored origin', () => {
  const origin = originFrom({
    '': range(1),
    '/metadata': range(2),
    '/metadata/scope': range(3),
    '/members/1': range(4),
  });

  it('answers with the place of the pointer, else of its nearest parent', () => {
    const lines = [
      '',
      '/metadata',
      '/metadata/scope',
      '/metadata/aud',
      '/members/1',
      '/members/1/to',
      '/members/10',
      '/x/y/z',
    ];
    expect(lines.map((pointer) => origin(pointer).start.line)).toEqual([1, 2, 3, 2, 4, 4, 1, 1]);
  });
});

describe('an origin made data', () => {
  const application: ApplicationEntity = {
    kind: 'application',
    client_id: 'Client1',
    secret: { env: 'CLIENT1_SECRET' },
    methods: ['m1', 'm2'],
    allowed_to: [{ to: 'group:A/G' }, { to: 'group:A/H' }],
    metadata: { grant_types: ['client_credentials'], scope: 'Server1', client_name: 'Client' },
    client_ip_range: ['10.0.0.0/8'],
  };
  const lines: Readonly<Record<string, number>> = {
    '': 1,
    '/secret': 2,
    '/secret/env': 3,
    '/methods': 4,
    '/methods/0': 4,
    '/methods/1': 5,
    '/allowed_to/1': 6,
    '/metadata': 7,
    '/metadata/grant_types': 7,
    '/metadata/scope': 8,
    '/metadata/grant_types/0': 9,
    '/client_ip_range': 1,
    '/client_ip_range/0': 9,
  };
  const origin: Origin = (pointer) => {
    for (let at = pointer; at !== ''; at = at.slice(0, at.lastIndexOf('/'))) {
      const line = lines[at];
      if (line !== undefined) return range(line);
    }
    return range(1);
  };

  it('keeps keys, metadata, links and methods, without those that stand where their parent does', () => {
    expect(storedOrigin(application, origin)).toStrictEqual({
      '': range(1),
      '/secret': range(2),
      '/methods': range(4),
      '/methods/1': range(5),
      '/allowed_to/1': range(6),
      '/metadata': range(7),
      '/metadata/scope': range(8),
    });
  });

  it('answers as the origin did, for every pointer that is kept', () => {
    const stored = originFrom(storedOrigin(application, origin));
    const kept = ['', '/secret', '/methods/0', '/methods/1', '/allowed_to/0', '/allowed_to/1', '/metadata/scope'];
    for (const pointer of kept) expect(stored(pointer), pointer).toStrictEqual(origin(pointer));
  });

  it('keeps each rule, item, name and attribute that answers tell of', () => {
    const each: Origin = (pointer) => range([...pointer].length + 1);
    const pointers = (...args: Parameters<typeof storedOrigin>) => Object.keys(storedOrigin(...args));
    const access_rules = { any: [{ method: 'm1' }, { ip: ['10.0.0.0/8'] }] } as const;
    expect(pointers({ kind: 'application', client_id: 'a', access_rules, policy: 'policy:A/P' }, each)).toEqual([
      ...[
        '',
        '/client_id',
        '/access_rules',
        '/access_rules/any',
        '/access_rules/any/0',
        '/access_rules/any/1',
        '/policy',
      ],
    ]);
    const items = [{ name: 'a', value: 'text:a' }];
    expect(pointers({ kind: 'policy', items, single_value: ['a'], required: ['a', 'b'] }, each)).toEqual([
      ...['', '/items', '/items/0', '/single_value', '/single_value/0', '/required', '/required/0', '/required/1'],
    ]);
    expect(pointers({ kind: 'user', sub: 'u', attributes: { mail: 'x', 'a/b~c': ['y'] } }, each)).toEqual([
      ...['', '/sub', '/attributes', '/attributes/mail', '/attributes/a~1b~0c'],
    ]);
  });

  it('keeps another file of the same offsets', () => {
    const elsewhere: Origin = (pointer) => (pointer === '/members/0' ? range(1, 'b.yaml') : range(1));
    expect(storedOrigin({ kind: 'group', members: [{ to: 'user:A/U' }] }, elsewhere)).toStrictEqual({
      '': range(1),
      '/members/0': range(1, 'b.yaml'),
    });
  });
});

describe('a place', () => {
  it('is told as file, line and column', () => {
    expect(formatPlace(range(7, 'sites/example/client1.yaml'))).toBe('sites/example/client1.yaml:7:3');
  });
});

describe('diagnostics', () => {
  it('DESIGN 7 are sorted by file and position, severities mixed, those without a file first', () => {
    const diagnostic = (code: string, severity: 'error' | 'warning', at?: SourceRange) => ({
      severity,
      code,
      summary: '',
      detail: '',
      ...(at === undefined ? {} : { range: at }),
    });
    const sorted = sortDiagnostics([
      diagnostic('d', 'error', range(10)),
      diagnostic('c', 'warning', range(9)),
      diagnostic('e', 'error', range(1, 'b.yaml')),
      diagnostic('a', 'error'),
      diagnostic('b', 'error', range(9)),
    ]);
    expect(sorted.map(({ code }) => code)).toEqual(['a', 'b', 'c', 'd', 'e']);
  });
});
