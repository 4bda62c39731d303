// What charter approve makes of each answer of a server. That a real one goes on: test/e2e/hold.test.ts.

import { createServer } from 'node:http';
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import type { ApproveBody } from '../../src/cli/serve/operator-verbs.ts';
import { operatorSocketPath } from '../../src/http/operator-socket.ts';
import { type Answer, charterHere, workplace } from './case.ts';

const FIRST = 'deletes:A@0123456789abcdef';
const SECOND = 'restricted:A/S@fedcba9876543210';

/** A server that gives one answer after the other, and what it was asked. */
async function answering(...answers: readonly ApproveBody[]) {
  const cwd = workplace();
  const asked: unknown[] = [];
  const left = [...answers];
  const server = createServer((request, response) => {
    let body = '';
    request.setEncoding('utf8').on('data', (part) => {
      body += part;
    });
    request.on('end', () => {
      asked.push(JSON.parse(body).approval);
      response.writeHead(200, { 'content-type': 'application/json' });
      response.end(JSON.stringify(left.shift()));
    });
  });
  await new Promise<void>((resolve) => server.listen(operatorSocketPath(join(cwd, 'charter.db'), {}), resolve));
  onTestFinished(() => void server.close());
  const approve = (...risks: string[]): Promise<Answer> => charterHere(['approve', ...risks], cwd);
  return { asked, approve };
}

it('the last risk applies the plan: 0, with the generation that is served', async () => {
  const { asked, approve } = await answering({ outcome: 'applied', generation: 7 });
  const stdout = `Approved ${FIRST}. Generation 7 is applied and served.\n`;
  expect(await approve(FIRST)).toEqual({ code: 0, stdout, stderr: '' });
  expect(asked).toEqual([FIRST]);
});

it('several are given one after the other; what the last of them led to is how it ends', async () => {
  const held: ApproveBody = { outcome: 'held', open: [SECOND] };
  const { asked, approve } = await answering(held, { outcome: 'applied', generation: 7 });
  const { code, stdout } = await approve(FIRST, SECOND);
  expect([code, asked]).toEqual([0, [FIRST, SECOND]]);
  expect(stdout).toContain(`Still to be approved:\n  charter approve ${SECOND}\n`);
});

it('what is still held ends with 5, and says what is left', async () => {
  const { approve } = await answering({ outcome: 'held', open: [SECOND] }, { outcome: 'held', open: [] });
  expect(await approve(FIRST)).toMatchObject({ code: 5, stdout: expect.stringContaining(`charter approve ${SECOND}`) });
  const { code, stdout } = await approve(FIRST);
  expect([code, stdout]).toEqual([
    5,
    `Approved ${FIRST}. What stops the plan still has no approval; charter status tells it.\n`,
  ]);
});

it('an approval of no risk of the plan ends with 5 and approves nothing, and those behind it are not given', async () => {
  const { asked, approve } = await answering({ outcome: 'no-such-risk', open: [SECOND] });
  const { code, stdout, stderr } = await approve(FIRST, SECOND);
  expect([code, stdout, asked]).toEqual([5, '', [FIRST]]);
  expect(stderr).toContain('the plan that is held has no such risk');
  expect(stderr).toContain(`charter approve ${SECOND}`);
});

it('a plan that is stopped by something else ends with 1 and says by what', async () => {
  const { approve } = await answering({
    outcome: 'refused',
    problems: ['a.yaml:1:1 error[secret.missing] X is not set'],
  });
  const { code, stderr } = await approve(FIRST);
  expect([code, stderr]).toEqual([
    1,
    `Approved ${FIRST}, and the spec was not applied:\n  a.yaml:1:1 error[secret.missing] X is not set\n`,
  ]);
});

it('where nothing is held it ends with 1', async () => {
  const { approve } = await answering({ outcome: 'nothing-held' });
  expect(await approve(FIRST)).toMatchObject({ code: 1, stderr: expect.stringContaining('holds no plan') });
});

it('what is no approval is given to nobody: all are read before the first is sent', async () => {
  const { asked, approve } = await answering({ outcome: 'applied', generation: 7 });
  expect(await approve(FIRST, 'deletes:A')).toMatchObject({ code: 64 });
  expect(asked).toEqual([]);
});
