import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parsePairs } from '../../src/http/form.ts';
import { FORM, GRANT, serve, TOKEN } from './serving.ts';

async function send(headers: Record<string, string>, payload: string | Buffer) {
  const response = await serve().inject({ method: 'POST', url: TOKEN, headers, payload });
  return { status: response.statusCode, ...response.json<{ error?: string; error_description?: string }>() };
}

describe('form bodies', () => {
  it.each([
    'application/x-www-form-urlencoded;charset=UTF-8',
    'application/x-www-form-urlencoded; charset=utf-8',
    'Application/X-WWW-Form-Urlencoded',
    'APPLICATION/X-WWW-FORM-URLENCODED ; CHARSET="UTF-8"',
  ])('are known by %s', async (type) => {
    expect(await send({ 'content-type': type }, GRANT)).toMatchObject({ status: 200 });
  });

  it.each([
    ['JSON', { 'content-type': 'application/json' }, '{"grant_type":"client_credentials"}'],
    ['broken JSON', { 'content-type': 'application/json' }, '{'],
    ['multipart', { 'content-type': 'multipart/form-data; boundary=x' }, '--x--'],
    ['text', { 'content-type': 'text/plain' }, GRANT],
    ['a content type that is none', { 'content-type': 'form' }, GRANT],
    ['an empty content type', { 'content-type': '' }, GRANT],
    ['a compressed form', { ...FORM, 'content-encoding': 'gzip' }, GRANT],
  ])('P:O-061 are all there is: %s is 400 invalid_request', async (_name, headers, payload) => {
    expect(await send(headers, payload)).toMatchObject({ status: 400, error: 'invalid_request' });
  });

  it('P:O-061 need a content type', async () => {
    // inject adds a content type of its own for a text, not for a buffer
    expect(await send({}, Buffer.from(GRANT))).toMatchObject({
      status: 400,
      error: 'invalid_request',
      error_description: expect.stringContaining('CONTENT_TYPE_UNSUPPORTED'),
    });
  });

  it.each([
    ['without a content type', {}],
    ['as a form', FORM],
    ['as JSON', { 'content-type': 'application/json' }],
  ])('may be empty, %s: the endpoint then says what is missing', async (_name, headers) => {
    expect(await send(headers, Buffer.alloc(0))).toMatchObject({
      status: 400,
      error_description: expect.stringContaining('GRANT_TYPE_MISSING'),
    });
  });

  it.each([
    ['a broken percent sequence', `${GRANT}&x=%zz&%=%`],
    ['invalid UTF-8 in percent sequences', `${GRANT}&x=%ff%fe`],
    ['invalid UTF-8 in bytes', Buffer.concat([Buffer.from(`${GRANT}&x=`), Buffer.from([0xff, 0xfe, 0x00])])],
    ['names alone', `${GRANT}&&x&=`],
  ])('P:O-059 with %s in an unknown parameter are read all the same', async (_name, payload) => {
    expect(await send(FORM, payload)).toMatchObject({ status: 200 });
  });

  it.each(['%', '%ff', '%00', '%ef%bf%bd', '\u0000'])(
    'P:O-040 never end in 500, or in an echo, for the secret %j',
    async (broken) => {
      const answer = await send(FORM, `grant_type=client_credentials&client_id=Client1&client_secret=${broken}`);
      expect(answer).toMatchObject({ status: 401, error: 'invalid_client' });
      expect(answer.error_description).toMatch(/^[\x20-\x21\x23-\x5B\x5D-\x7E]*$/);
    },
  );

  it('P:O-052 may hold 64 KiB: more is 413', async () => {
    expect(await send(FORM, `${GRANT}&x=${'a'.repeat(65_536 - GRANT.length - 3)}`)).toMatchObject({ status: 200 });
    expect(await send(FORM, `${GRANT}&x=${'a'.repeat(65_536 - GRANT.length - 2)}`)).toMatchObject({
      status: 413,
      error: 'invalid_request',
    });
    expect(await send(FORM, `${GRANT}&code=${'a'.repeat(100_000)}`)).toMatchObject({ status: 413 });
  });

  it('may hold 256 parameters: more is 400', async () => {
    const parameters = (count: number) => [...Array(count).keys()].map((key) => `&p${key}=`).join('');
    expect(await send(FORM, GRANT + parameters(252))).toMatchObject({ status: 200 });
    expect(await send(FORM, GRANT + parameters(253))).toMatchObject({ status: 400, error: 'invalid_request' });
  });
});

describe('parsePairs', () => {
  it('answers of any text what URLSearchParams does', () => {
    const piece = fc.oneof(
      fc.constantFrom(
        '&',
        '=',
        '+',
        '%',
        '%2',
        '%3D',
        '%26',
        '%ff',
        '%E2%82%AC',
        '?',
        '#',
        ' ',
        ';',
        '\u0000',
        'ÿ',
        '€',
      ),
      fc.constantFrom('token', 'chs_', 'a.b-c', '='),
      fc.string({ unit: 'binary', maxLength: 3 }),
    );
    let plain = 0;
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 12 }), (pieces) => {
        // As it comes out of UTF-8: without lone surrogates.
        const text = Buffer.from(pieces.join('')).toString('utf8');
        expect(parsePairs(text)).toEqual([...new URLSearchParams(text)]);
        if (/^[a-z.=&_-]+$/.test(text)) plain++;
      }),
      { numRuns: 2000 },
    );
    expect(plain).toBeGreaterThan(50);
  });
});
