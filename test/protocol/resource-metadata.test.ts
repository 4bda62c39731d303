// Metadata of protected resources (RFC 9728): where they stand, what they say, and that nothing stands elsewhere.

import { describe, expect, it } from 'vitest';
import { rawRequest } from './raw-request.ts';
import { HOST, withResources } from './resource-spec.ts';
import { serveForAll } from './world.ts';

const world = await serveForAll(
  withResources(undefined, ({ server }) => {
    server.resources.writing = {
      ...{ host: HOST, path: '/reading', methods: ['POST'], token_locations: ['header', 'body'] },
      access_rules: [{ client: 'Example/web', scopes: ['drafts', 'notes'] }, { client: 'Example/batch' }],
    };
    server.resources.root = { host: 'root.example', path: '/', access_rules: [{ audience: 'Example/api' }] };
    server.resources.wherever = { path: '/wherever', access_rules: [{ audience: 'Example/api' }] };
  }),
);

const WELL_KNOWN = '/.well-known/oauth-protected-resource';
const at = (path: string, host = HOST, method = 'GET') => rawRequest(world, `${WELL_KNOWN}${path}`, { host, method });

describe('metadata of a resource', () => {
  it('P:Z-001 stand at its host, with its path behind the well-known one, and name it and this server', async () => {
    const answer = await at('/api');
    expect(answer.status).toBe(200);
    expect(answer.headers.get('content-type')).toMatch(/^application\/json(;|$)/);
    expect(JSON.parse(answer.text)).toEqual({
      resource: `https://${HOST}/api`,
      authorization_servers: ['https://as.example'],
      bearer_methods_supported: ['header'],
    });
    expect(JSON.parse((await at('/api/admin')).text).resource).toBe(`https://${HOST}/api/admin`);
    expect(JSON.parse((await at('', 'root.example')).text).resource).toBe('https://root.example');
    expect(JSON.parse((await at('/wherever', 'any.example:8443')).text).resource).toBe(
      'https://any.example:8443/wherever',
    );
  });

  it('P:Z-002 say of all methods at a path which scopes and which places of the token there are, and nothing that is not so', async () => {
    expect(JSON.parse((await at('/reading')).text)).toEqual({
      resource: `https://${HOST}/reading`,
      authorization_servers: ['https://as.example'],
      scopes_supported: ['notes', 'drafts'],
      bearer_methods_supported: ['header', 'body'],
    });
    expect(JSON.parse((await at('/anywhere')).text).bearer_methods_supported).toEqual(['header', 'body', 'query']);
  });

  it('P:Z-003 are where the challenge of the resource says', async () => {
    const refused = await rawRequest(world, '/authz/ext-authz/reading/x', { host: HOST });
    const url = /resource_metadata="([^"]+)"/.exec(refused.headers.get('www-authenticate') ?? '')?.[1] ?? '';
    expect(refused.status).toBe(401);
    const { host, pathname } = new URL(url);
    const answer = await rawRequest(world, pathname, { host });
    expect(JSON.parse(answer.text).resource).toBe(`https://${HOST}/reading`);
  });

  it('P:Z-004 stand nowhere else', async () => {
    for (const [path, host] of [
      ...(['', '/', '/ap', '/api/', '/api/x', '/apix', '/API', '/..;/api'] as const).map((one) => [one, HOST] as const),
      ...([
        ['/api', 'other.example'],
        ['/', 'root.example'],
        ['/x', 'root.example'],
        ['/wherever', 'a b'],
      ] as const),
    ]) {
      expect([path, host, (await at(path, host)).status]).toEqual([path, host, 404]);
    }
    const twice = await rawRequest(world, `${WELL_KNOWN}/api`, { host: HOST, headers: [['Host', HOST]] });
    expect(twice.status).toBe(404);
  });

  it('may be read by scripts of every origin, and be kept for a moment', async () => {
    const answer = await at('/api');
    expect(answer.headers.get('access-control-allow-origin')).toBe('*');
    expect(answer.headers.get('cache-control')).toContain('max-age=60');
    expect((await at('/nothing')).headers.get('cache-control')).toBe('no-store');
    expect((await at('/api', HOST, 'POST')).status).toBe(405);
    expect((await at('/api', HOST, 'HEAD')).text).toBe('');
  });
});
