// Owns the ten edits that the benchmark of planning makes of the spec of spec.mjs, as somebody would make them: of every
// kind, each in a site of its own, in a spec of any size from ten sites on. Never writes or reads a file.

/** What the edits come to: a client that goes or is renamed is told at its user as well. */
export const CHANGES = 12;

/** The entities after the edits, and the rename as a move. `entries` are those of the compiled spec, in address order. */
export function editedState(entries) {
  const entities = new Map(entries);
  const sites = [...entities.keys()]
    .filter((address) => address.startsWith('site:'))
    .map((at) => at.slice('site:'.length));
  /** The entity at a position among those of a kind in a site. Sites are spread over the whole spec. */
  const find = (kind, site, position) => {
    const prefix = `${kind}:${sites[Math.floor((site * sites.length) / 10)]}/`;
    return [...entities.keys()].filter((address) => address.startsWith(prefix))[position];
  };
  const edit = (address, change) =>
    entities.set(address, { ...entities.get(address), ...change(entities.get(address)) });
  const clientOf = (user) => entities.get(user).impersonated_by[0].to;

  edit(find('application', 0, 0), ({ tokens }) => ({ tokens: { ...tokens, access_ttl: '7m' } }));
  edit(find('application', 1, 3), () => ({ enabled: false }));
  edit(find('application', 2, 5), () => ({ allowed_to: [{ to: find('group', 2, 0) }] }));
  edit(find('group', 3, 1), ({ members }) => ({ members: members.slice(1) }));
  edit(find('group', 4, 1), ({ members }) => ({ members: withLink(members, find('user', 4, 0)) }));
  edit(find('user', 5, 3), () => ({ enabled: false }));

  const leaving = find('user', 6, 0);
  entities.delete(clientOf(leaving));
  const { impersonated_by: _, ...alone } = entities.get(leaving);
  entities.set(leaving, alone);

  const group = find('group', 7, 0);
  entities.set(group.replace('group:', 'application:').replace(/\/.*/, '/new'), {
    kind: 'application',
    client_id: 'new',
    methods: ['machine'],
    allowed_to: [{ to: group }],
    metadata: { grant_types: [] },
  });
  edit(clientOf(find('user', 7, 0)), ({ metadata }) => ({ metadata: { ...metadata, scope: `${metadata.scope} new` } }));

  const renamed = find('user', 8, 0);
  const from = clientOf(renamed);
  const to = `${from}-renamed`;
  entities.set(to, entities.get(from));
  entities.delete(from);
  edit(renamed, () => ({ impersonated_by: [{ to }] }));
  return { entities, moves: [{ from, to, range: undefined }] };
}

function withLink(links, to) {
  return [...links.filter((link) => link.to !== to), { to }].sort((a, b) => (a.to < b.to ? -1 : 1));
}
