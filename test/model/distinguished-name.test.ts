import { describe, expect, it } from 'vitest';
import { applicationAddress, userAddress } from '../../src/model/address.ts';
import { distinguishedName, escapeDn } from '../../src/model/distinguished-name.ts';

describe('S:U-42: distinguished names', () => {
  it('are the name, the site and the base', () => {
    expect(distinguishedName(applicationAddress('Example', 'Client1'), 'cn=Ubilogin,dc=test')).toBe(
      'cn=Client1,ou=Example,cn=Ubilogin,dc=test',
    );
  });

  it('escape what a name may hold', () => {
    expect(distinguishedName(userAddress('A+B', 'a.user+x@example.test'), 'dc=test')).toBe(
      'cn=a.user\\+x@example.test,ou=A\\+B,dc=test',
    );
  });

  it('end with the site when no directory is written', () => {
    expect(distinguishedName(userAddress('Example', 'User1'), undefined)).toBe('cn=User1,ou=Example');
  });

  it.each([
    ['plain', 'plain'],
    ['a,b+c"d\\e<f>g;h', 'a\\,b\\+c\\"d\\\\e\\<f\\>g\\;h'],
    ['#first', '\\#first'],
    ['not#first', 'not#first'],
    [' both ends ', '\\ both ends\\ '],
    [' ', '\\ '],
    ['  ', '\\ \\ '],
    ['a\0b', 'a\\00b'],
    ['a=b', 'a=b'],
    ['Lučić', 'Lučić'],
    ['', ''],
  ])('RFC 4514 2.4: %j is written %j', (value, written) => {
    expect(escapeDn(value)).toBe(written);
  });
});
