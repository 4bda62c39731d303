// Owns the ten changes that the benchmark of planning makes to the spec of spec.mjs, as somebody would make them: of
// every kind, in ten sites, all of them in States of any size. Never writes or reads a file.

/**
 * The entities after them, and the rename as a move. `entries` are those of the compiled spec, in address order, which may
 * be of any number of sites from ten on.
 */
export function editedState(entries) {
  const entities = new Map(entries);
  const sites = [...entities.keys()].filter((address) => address.startsWith('site:')).map((at) => at.slice(5));
  /** The address of the entity at a position among those of a kind in a site. Sites are spread over the whole spec. */
  const find = (kind, site, position) => {
    const prefix = `${kind}:${sites[Math.floor((site * sites.length) / 10)]}/`;
    return [...entities.keys()].filter((address) => address.startsWith(prefix))[position];
  };
  const edit = (address, change) =>
    entities.set(address, { ...entities.get(address), ...change(entities.get(address)) });

  edit(find('application', 0, 0), ({ tokens }) => ({ tokens: { ...tokens, access_ttl: '7m' } }));
  edit(find('application', 1, 3), () => ({ enabled: false }));
  edit(find('application', 2, 5), () => ({ allowed_to: [{ to: find('group', 2, 0) }] }));
  edit(find('application', 3, 0), ({ metadata }) => ({ metadata: { ...metadata, client_name: 'renamed' } }));
  edit(find('group', 4, 1), ({ members }) => ({ members: members.slice(1) }));
  edit(find('group', 5, 1), ({ members }) => ({ members: withLink(members, find('user', 5, 0)) }));
  edit(find('user', 6, 3), () => ({ enabled: false }));
  entities.delete(find('application', 7, 2));
  const group = find('group', 8, 0);
  entities.set(`application:${group.slice('group:'.length, group.indexOf('/'))}/zz-new`, {
    kind: 'application',
    client_id: 'zz-new',
    methods: ['machine'],
    allowed_to: [{ to: group }],
    metadata: { grant_types: [] },
  });
  const [{ to: client }] = entities.get(find('user', 9, 0)).impersonated_by;
  return { entities, moves: [rename(entities, client)] };
}

/** Under another name, with the links to it following. */
function rename(entities, from) {
  const to = `${from}-renamed`;
  entities.set(to, entities.get(from));
  entities.delete(from);
  for (const [address, entity] of entities) {
    const { impersonated_by = [] } = entity;
    if (!impersonated_by.some((link) => link.to === from)) continue;
    entities.set(address, { ...entity, impersonated_by: impersonated_by.map((link) => ({ ...link, to })) });
  }
  return { from, to, range: undefined };
}

function withLink(links, to) {
  return [...links.filter((link) => link.to !== to), { to }].sort((a, b) => (a.to < b.to ? -1 : 1));
}
