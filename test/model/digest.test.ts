import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Address } from '../../src/model/address.ts';
import { differences } from '../../src/model/differences.ts';
import {
  canonicalJson,
  digestBody,
  digestEntity,
  digestEntries,
  digestState,
  digestStateAfter,
  digestsAfter,
} from '../../src/model/digest.ts';
import type { Entity } from '../../src/model/entity.ts';
import { createState, EMPTY_STATE, pairUp } from '../../src/model/state.ts';
import { editedStates, madeWhole } from './edited-states.ts';
import { EX2 } from './example-state.ts';
import { statePairs, states } from './state-arbitrary.ts';

describe('canonical JSON', () => {
  it('sorts the keys of every object by code unit and keeps the order of lists', () => {
    expect(canonicalJson({ b: [{ d: 1, c: 2 }, 'x'], a: null, B: true })).toBe(
      '{"B":true,"a":null,"b":[{"c":2,"d":1},"x"]}',
    );
  });

  it('leaves a member out that is undefined: it is not written', () => {
    expect(canonicalJson({ a: undefined, b: 1 })).toBe('{"b":1}');
  });

  it('reads back as the value it was made of', () => {
    fc.assert(
      fc.property(fc.jsonValue({ noUnicodeString: false }), (value) => {
        // JSON has no negative zero.
        expect(JSON.parse(canonicalJson(value))).toEqual(JSON.parse(JSON.stringify(value)));
      }),
    );
  });

  it('writes a text, and the name of a member, as JSON does', () => {
    const texts = fc.oneof(
      fc.string({ unit: 'binary' }),
      fc.constantFrom('"', '\\', '\u0000', '\u001f', '\u007f', 'é', '\ud800'),
    );
    fc.assert(
      fc.property(texts, (text) => {
        expect(canonicalJson(text)).toBe(JSON.stringify(text));
        expect(canonicalJson({ [text]: text })).toBe(JSON.stringify({ [text]: text }));
      }),
    );
  });

  it('tells apart what differs in any key, value or order of a list', () => {
    const values = [
      { a: '1' },
      { a: 1 },
      { b: '1' },
      { a: ['1'] },
      { a: ['1', '2'] },
      { a: ['2', '1'] },
      {},
      { a: '' },
    ];
    expect(new Set(values.map(canonicalJson)).size).toBe(values.length);
  });
});

describe('digests', () => {
  it('are SHA-256 of the canonical JSON, the same in every version', () => {
    const entity: Entity = { kind: 'method', type: 'client_credentials' };
    const text = '{"kind":"method","type":"client_credentials"}';
    expect(digestEntity(entity)).toBe(`sha256:${createHash('sha256').update(text).digest('hex')}`);
    expect(digestEntity({ type: 'client_credentials', kind: 'method' })).toBe(digestEntity(entity));
    expect(digestState(EMPTY_STATE)).toBe('sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855');
  });

  it('of a body are the same of its text and of its UTF-8', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (body) => {
        expect(digestBody(Buffer.from(body))).toBe(digestBody(body));
      }),
    );
  });

  it('of a State are that of its entries, in any order', () => {
    fc.assert(
      fc.property(states, (state) => {
        const entries = [...state].map(([address, entity]) => [address, digestEntity(entity)] as const);
        expect(digestEntries(entries)).toBe(digestState(state));
        expect(digestEntries(entries.reverse())).toBe(digestState(state));
        expect(digestState(new Map([...state].reverse()))).toBe(digestState(state));
      }),
      { numRuns: 100 },
    );
  });

  it('of a State that another became are made of those of its entities that did not change', () => {
    fc.assert(
      fc.property(statePairs, ([before, after]) => {
        const digests = new Map([...before].map(([address, entity]) => [address, digestEntity(entity)]));
        const changed = [...new Set([...before.keys(), ...after.keys()])].filter(
          (at) => canonicalJson(before.get(at)) !== canonicalJson(after.get(at)),
        );
        expect(digestStateAfter(digests, changed, after)).toBe(digestState(after));
        const half = new Map([...digests].filter((_, at) => at % 2 === 0));
        expect(digestStateAfter(half, changed, after)).toBe(digestState(after));
        // What is at hand is taken as it is.
        const [first] = before.keys();
        const lying = new Map(digests).set(first as Address, 'sha256:0');
        expect(digestStateAfter(lying, [], before)).not.toBe(digestState(before));
        expect(digestStateAfter(lying, [first as Address], before)).toBe(digestState(before));
      }),
      { numRuns: 100 },
    );
  });

  it('change with any entity, and with the address it stands at', () => {
    const digests = new Set([digestState(EX2)]);
    for (const address of EX2.keys()) digests.add(digestState(new Map([...EX2].filter(([at]) => at !== address))));
    const moved = new Map<Address, Entity>(
      [...EX2].map(([at, entity]) => [at === 'scope:WS' ? 'scope:WT' : at, entity]),
    );
    digests.add(digestState(moved));
    expect(digests.size).toBe(EX2.size + 2);
  });

  it('take an address and a digest as two, not as one text', () => {
    expect(digestEntries([['scope:a', 'b']])).not.toBe(digestEntries([['scope:a\nb' as Address, '']]));
  });
});

describe('two tables by address', () => {
  it('are paired up: each address of either once, in address order, whatever order they are in', () => {
    fc.assert(
      fc.property(statePairs, fc.boolean(), ([first, second], turned) => {
        const other = turned ? new Map([...second].reverse()) : second;
        const addresses = [...new Set([...first.keys(), ...second.keys()])].sort();
        expect([...pairUp(first, other)]).toEqual(addresses.map((at) => [at, first.get(at), second.get(at)]));
      }),
      { numRuns: 100 },
    );
  });
});

describe('a State', () => {
  it('is in address order whatever order it was made in, and frozen throughout', () => {
    const state = createState([...EX2].reverse());
    expect([...state.keys()]).toEqual([...EX2.keys()]);
    const client = state.get('application:Example/Client1') as { metadata: { scope: string } };
    expect(() => {
      client.metadata.scope = 'Server3';
    }).toThrow(TypeError);
  });
});

it('the digest after several edits is that of the State, where each began with the digests that the one before left', () => {
  fc.assert(
    fc.property(editedStates, (chain) => {
      const [first = EMPTY_STATE, ...others] = chain;
      let digests: ReadonlyMap<Address, string> = new Map([...first].map(([at, entity]) => [at, digestEntity(entity)]));
      let last = first;
      for (const state of others) {
        const changed = [...differences(last, state)].map(([address]) => address);
        expect(digestStateAfter(digests, changed, state)).toBe(digestState(madeWhole(state)));
        digests = digestsAfter(digests, changed, state);
        expect([...digests]).toEqual([...state].map(([at, entity]) => [at, digestEntity(entity)]));
        last = state;
      }
    }),
    { numRuns: 30 },
  );
});
