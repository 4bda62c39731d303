import { describe, expect, it } from 'vitest';
import { METHOD_ATTRIBUTES, parsePolicyValue, RESERVED_CLAIMS } from '../../src/model/policy-value.ts';

describe('S:U-62 the value of an item', () => {
  it.each([
    ['text:', { from: 'text', text: '' }],
    ['text: a:b;binary', { from: 'text', text: ' a:b;binary' }],
    [`text:\${user.mail}`, { from: 'text', text: `\${user.mail}` }],
    ['user:mail', { from: 'user', attribute: 'mail', binary: false }],
    ['user:a.b-c+d@e~f', { from: 'user', attribute: 'a.b-c+d@e~f', binary: false }],
    ['user:photo;binary', { from: 'user', attribute: 'photo', binary: true }],
    ['method:issuer', { from: 'method', attribute: 'issuer' }],
    [`\${user.mail}`, { from: 'user', attribute: 'mail', binary: false }],
    [`\${method["dn"]}`, { from: 'method', attribute: 'dn' }],
    [`\${user['mail']}`, { from: 'user', attribute: 'mail', binary: false }],
  ])('%s says where it comes from', (text, value) => {
    expect(parsePolicyValue(text)).toEqual(value);
  });

  it.each([
    ...[
      '',
      'mail',
      'user:',
      'User:mail',
      'user:a b',
      'user:mail;Binary',
      'user:mail;binary;binary',
      'method:dn;binary',
    ],
    ...[
      `\${user}`,
      `\${user.}`,
      `\${user['x'][0]}`,
      `\${user['x"]}`,
      `\${user.mail} `,
      `a \${user.mail}`,
      `\${user.mail}x`,
    ],
    ...[`\${group.name}`, `\${user['mail'].toLowerCase()}`, 'user:mail\n', '.text:a'],
  ])('%j does not', (text) => {
    expect(parsePolicyValue(text)).toBeUndefined();
  });

  it('U-65: no name of a token is given another value', () => {
    for (const name of [
      'active',
      'aud',
      'client_id',
      'expires_in',
      'iat',
      'scope',
      'token_type',
      'sub',
      'iss',
      'exp',
    ]) {
      expect(RESERVED_CLAIMS).toContain(name);
    }
    expect(new Set(RESERVED_CLAIMS).size).toBe(RESERVED_CLAIMS.length);
    expect(METHOD_ATTRIBUTES.length).toBe(5);
  });
});
