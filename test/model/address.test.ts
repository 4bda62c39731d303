import { describe, expect, it } from 'vitest';
import {
  type Address,
  applicationAddress,
  compareText,
  everyoneOf,
  groupAddress,
  isEveryone,
  kindOf,
  methodAddress,
  NAME_PATTERN,
  nameOf,
  policyAddress,
  qualifiedName,
  SERVER,
  scopeAddress,
  siteAddress,
  siteOf,
  userAddress,
} from '../../src/model/address.ts';

describe('an address', () => {
  const rows: readonly (readonly [Address, string, string | undefined, string, string])[] = [
    [SERVER, 'server', undefined, 'server', 'server'],
    [methodAddress('client.credentials.1'), 'method', undefined, 'client.credentials.1', 'client.credentials.1'],
    [scopeAddress('https://a.example/b:c'), 'scope', undefined, 'https://a.example/b:c', 'https://a.example/b:c'],
    [siteAddress('Example'), 'site', 'Example', 'Example', 'Example'],
    [applicationAddress('Example', 'Client1'), 'application', 'Example', 'Client1', 'Example/Client1'],
    [groupAddress('Example', 'everyone@home'), 'group', 'Example', 'everyone@home', 'Example/everyone@home'],
    [policyAddress('Example', 'Staff'), 'policy', 'Example', 'Staff', 'Example/Staff'],
    [userAddress('Example', 'User1'), 'user', 'Example', 'User1', 'Example/User1'],
  ];

  it.each(rows)('%s has its kind, site and name', (address, kind, site, name, qualified) => {
    expect(kindOf(address)).toBe(kind);
    expect(siteOf(address)).toBe(site);
    expect(nameOf(address)).toBe(name);
    expect(qualifiedName(address)).toBe(qualified);
  });
});

describe('the group of all users of a site', () => {
  it('has the address of a group, and no other group or kind has its name', () => {
    expect(everyoneOf('Example')).toBe('group:Example/everyone');
    expect(isEveryone(everyoneOf('Example'))).toBe(true);
    for (const address of [
      groupAddress('everyone', 'Group1'),
      groupAddress('Example', 'Everyone'),
      groupAddress('Example', 'everyone@home'),
      userAddress('Example', 'everyone'),
      policyAddress('Example', 'everyone'),
      siteAddress('everyone'),
    ]) {
      expect(isEveryone(address), address).toBe(false);
    }
  });
});

describe('DESIGN 1: a name', () => {
  it.each(['Client1', '0', '_x', 'a.b-c+d@e~f', 'client.credentials.app'])('may be %s', (name) => {
    expect(NAME_PATTERN.test(name)).toBe(true);
  });

  it.each(['', '.a', '-a', 'a b', 'a/b', 'a:b', 'é', 'a\n', '@a', 'a*'])('may not be %j', (name) => {
    expect(NAME_PATTERN.test(name)).toBe(false);
  });
});

describe('the order of text', () => {
  it('is that of code units, in no language', () => {
    expect(['b', 'a', 'B', 'ä', 'a1', 'a', '\u{10000}', '\uffff'].sort(compareText)).toEqual([
      'B',
      'a',
      'a',
      'a1',
      'b',
      'ä',
      '\u{10000}',
      '\uffff',
    ]);
  });
});
