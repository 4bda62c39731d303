import { describe, expect, it } from 'vitest';
import { formatApproval, parseApproval, RISK_KINDS } from '../../src/model/approval.ts';

const digest = '0123456789abcdef';

describe('an approval', () => {
  it.each(RISK_KINDS)('of %s reads as it is written', (risk) => {
    for (const subject of ['Example', 'Example/Client1', 'server', 'a.b@c', 'A:B/c~d+e', '0123456789ab']) {
      const approval = { risk, subject, digest };
      expect(parseApproval(formatApproval(approval))).toEqual(approval);
    }
  });

  it('keeps the place at which it is written out of its text', () => {
    const position = { line: 1, column: 1, offset: 0 };
    const range = { file: 'a.yaml', start: position, end: position };
    expect(formatApproval({ risk: 'deletes', subject: 'Example', digest, range })).toBe(`deletes:Example@${digest}`);
  });

  it.each([
    ['a risk that does not exist', `delete:Example@${digest}`],
    ['a member of every object', `constructor:Example@${digest}`],
    ['no risk', `Example@${digest}`],
    ['no subject', `deletes:@${digest}`],
    ['no digest', 'deletes:Example'],
    ['a digest that is too short', 'deletes:Example@0123456789abcde'],
    ['a digest that is too long', `deletes:Example@${digest}0`],
    ['capitals in the digest', `deletes:Example@${digest.toUpperCase()}`],
    ['white space before it', ` deletes:Example@${digest}`],
    ['white space after it', `deletes:Example@${digest}\n`],
    ['nothing', ''],
  ])('is not %s', (_, text) => {
    expect(parseApproval(text)).toBeUndefined();
  });
});
